//! Writing JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::joined_text::JoinedText;
use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::options::Offsets;

#[derive(Serialize)]
struct Row<'a> {
    tokens: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
}

/// Writes a sentence as one line, `{"tokens": [...], "tags": [...]}`, without `tags` if it is
/// unlabelled. The line is written in small pieces, so `writer` should be buffered.
///
/// # Errors
/// The writer fails.
pub fn write(writer: &mut impl Write, sentence: &Sentence) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, &Row { tokens: &sentence.words, tags: &sentence.tags })?;
    writer.write_all(b"\n")
}

/// Writes sentences as one array of the objects that [`write()`] writes.
///
/// # Errors
/// The writer fails.
pub fn write_array(writer: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    array(writer, sentences, |sentence| {
        let mut row = Map::new();
        row.insert("tokens".to_owned(), json!(sentence.words));
        if !sentence.tags.is_empty() {
            row.insert("tags".to_owned(), json!(sentence.tags));
        }
        Ok(Value::Object(row))
    })
}

/// Writes sentences as texts for doccano. The key `words` keeps the words; doccano stores it as metadata.
///
/// # Errors
/// The writer fails, or a word is empty.
pub fn write_doccano(
    writer: &mut impl Write,
    sentences: &[Sentence],
    offsets: Offsets,
) -> Result<(), WriteError> {
    for sentence in sentences {
        let joined = JoinedText::new(sentence, offsets)?;
        let mut row = json!({ "text": joined.text });
        if let Some(entities) = &joined.entities {
            let spans =
                entities.iter().map(|entity| json!([entity.start, entity.end, entity.entity_type]));
            row["label"] = spans.collect();
        }
        keep_words(&mut row, &joined);
        line(writer, &row)?;
    }
    Ok(())
}

/// Writes sentences as tasks for Prodigy, accepted if they are labelled.
///
/// # Errors
/// The writer fails, or a word is empty or white space: tokens of white space are ignored when Prodigy's files are
/// read.
pub fn write_prodigy(
    writer: &mut impl Write,
    sentences: &[Sentence],
    offsets: Offsets,
) -> Result<(), WriteError> {
    for sentence in sentences {
        if sentence.words.iter().any(|word| word.trim().is_empty()) {
            return Err(WriteError::WhiteSpace { line: sentence.line });
        }
        let joined = JoinedText::new(sentence, offsets)?;
        let last = joined.words.len().saturating_sub(1);
        let tokens = joined.words.iter().enumerate().map(|(id, word)| {
            json!({ "text": word.text, "start": word.start, "end": word.end, "id": id, "ws": id < last })
        });
        let mut row = json!({ "text": joined.text, "tokens": tokens.collect::<Value>() });
        if let Some(entities) = &joined.entities {
            let spans = entities.iter().map(|entity| {
                json!({
                    "start": entity.start,
                    "end": entity.end,
                    "token_start": entity.first,
                    "token_end": entity.last,
                    "label": entity.entity_type,
                })
            });
            row["spans"] = spans.collect();
            row["answer"] = json!("accept");
        }
        row["sentences"] = json!([0]);
        line(writer, &row)?;
    }
    Ok(())
}

/// Writes sentences as tasks for Label Studio, annotated if they are labelled, for a project whose control tag is
/// `label` and whose text is `text`. The field `words` of the data keeps the words. Label Studio counts offsets in
/// Unicode scalar values; its early versions counted UTF-16 units.
///
/// # Errors
/// The writer fails, or a word is empty.
pub fn write_label_studio(
    writer: &mut impl Write,
    sentences: &[Sentence],
    offsets: Offsets,
) -> Result<(), WriteError> {
    array(writer, sentences, |sentence| {
        let joined = JoinedText::new(sentence, offsets)?;
        let mut data = json!({ "text": joined.text });
        keep_words(&mut data, &joined);
        let mut task = json!({ "data": data });
        if let Some(regions) = regions(&joined) {
            let results = regions.into_iter().enumerate().map(|(at, value)| {
                let id = at.to_string();
                json!({ "id": id, "from_name": "label", "to_name": "text", "type": "labels", "value": value })
            });
            task["annotations"] = json!([{ "result": results.collect::<Value>() }]);
        }
        Ok(task)
    })
}

/// Writes sentences as Label Studio's JSON-MIN.
///
/// # Errors
/// As [`write_label_studio`].
pub fn write_label_studio_min(
    writer: &mut impl Write,
    sentences: &[Sentence],
    offsets: Offsets,
) -> Result<(), WriteError> {
    let mut id = 0;
    array(writer, sentences, |sentence| {
        let joined = JoinedText::new(sentence, offsets)?;
        id += 1;
        let mut row = json!({ "text": joined.text, "id": id });
        if let Some(regions) = regions(&joined) {
            row["label"] = Value::Array(regions);
            row["annotation_id"] = json!(id);
        }
        keep_words(&mut row, &joined);
        Ok(row)
    })
}

/// The entities as Label Studio's regions; `None` if the sentence is unlabelled.
fn regions(joined: &JoinedText<'_>) -> Option<Vec<Value>> {
    let region = |entity: &super::joined_text::JoinedEntity| {
        json!({
            "start": entity.start,
            "end": entity.end,
            "text": entity.text,
            "labels": [entity.entity_type],
        })
    };
    Some(joined.entities.as_ref()?.iter().map(region).collect())
}

fn keep_words(row: &mut Value, joined: &JoinedText<'_>) {
    row["words"] = json!(joined.offsets());
    row["sentences"] = json!([0]);
}

fn line(writer: &mut impl Write, row: &Value) -> Result<(), WriteError> {
    serde_json::to_writer(&mut *writer, row).map_err(io::Error::from)?;
    writer.write_all(b"\n")?;
    Ok(())
}

/// Writes an array with one element a line.
fn array(
    writer: &mut impl Write,
    sentences: &[Sentence],
    mut row: impl FnMut(&Sentence) -> Result<Value, WriteError>,
) -> Result<(), WriteError> {
    writer.write_all(b"[")?;
    for (at, sentence) in sentences.iter().enumerate() {
        writer.write_all(if at == 0 { "\n" } else { ",\n" }.as_bytes())?;
        serde_json::to_writer(&mut *writer, &row(sentence)?).map_err(io::Error::from)?;
    }
    writer.write_all(b"\n]\n")?;
    Ok(())
}
