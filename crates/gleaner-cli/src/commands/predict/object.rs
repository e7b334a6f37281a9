//! Labelled sentences as JSON.

use super::sentence::{Kept, Waiting};
use gleaner::Tagged;
use serde_json::{Map, Value, json};

/// Keys that labels replace, or that would contradict them.
const REPLACED: [&str; 8] =
    ["tokens", "words", "tags", "ner_tags", "spans", "offsets", "gold", "sentences"];

/// A labelled sentence. Spans count words (`first`, `last`) and, for text, characters of the input (`start`, `end`).
pub fn of_sentence(sentence: &Waiting, tagged: &Tagged) -> Value {
    let mut object = json!({"line": sentence.line, "tokens": sentence.words, "tags": tagged.tags});
    object["spans"] = spans(sentence, tagged, 0).into();
    if let Some(offsets) = &sentence.offsets {
        object["offsets"] = json!(offsets);
    }
    if let Some(gold) = &sentence.gold {
        object["gold"] = json!(gold);
    }
    if let Kept::Columns { comments, columns, .. } = &sentence.kept {
        if !comments.is_empty() {
            object["comments"] = json!(comments);
        }
        if columns.iter().any(|row| row.len() > 1) {
            object["columns"] = json!(columns);
        }
    }
    object
}

/// An object of the input with the labels of its sentences. Its other fields stay.
pub fn of_object(fields: &Map<String, Value>, labelled: &[(Waiting, Tagged)]) -> Value {
    let mut object = Map::new();
    let line = labelled.first().map_or(0, |(sentence, _)| sentence.line);
    if !fields.contains_key("line") {
        object.insert("line".to_owned(), line.into());
    }
    let kept = fields.iter().filter(|(key, _)| !REPLACED.contains(&key.as_str()));
    object.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
    let (mut tokens, mut tags, mut found, mut starts) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut offsets: Vec<(usize, usize)> = Vec::new();
    let mut gold: Vec<&String> = Vec::new();
    for (sentence, tagged) in labelled {
        starts.push(tokens.len());
        found.extend(spans(sentence, tagged, tokens.len()));
        offsets.extend(sentence.offsets.iter().flatten());
        gold.extend(sentence.gold.iter().flatten());
        tags.extend(&tagged.tags);
        tokens.extend(&sentence.words);
    }
    let n = tokens.len();
    object.insert("tokens".to_owned(), json!(tokens));
    object.insert("tags".to_owned(), json!(tags));
    object.insert("spans".to_owned(), found.into());
    if n > 0 && offsets.len() == n {
        object.insert("offsets".to_owned(), json!(offsets));
    }
    if starts.len() > 1 {
        object.insert("sentences".to_owned(), json!(starts));
    }
    if n > 0 && gold.len() == n {
        object.insert("gold".to_owned(), json!(gold));
    }
    Value::Object(object)
}

/// The entities of a sentence whose first word has the number `first`.
fn spans(sentence: &Waiting, tagged: &Tagged, first: usize) -> Vec<Value> {
    let span = |s: &gleaner::TaggedSpan| {
        let confidence = (s.confidence * 1e4).round() / 1e4;
        let mut span = json!({"label": s.label, "first": first + s.start, "last": first + s.end - 1, "confidence": confidence});
        if let Some(offsets) = &sentence.offsets {
            span["start"] = offsets[s.start].0.into();
            span["end"] = offsets[s.end - 1].1.into();
        }
        span
    };
    tagged.spans.iter().map(span).collect()
}
