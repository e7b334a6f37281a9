//! Reading spaCy's files.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::message::{Value, damaged, parse};
use super::{NAME, column, iob, sentence_start, strings};
use crate::document::{Document, Span};
use crate::error::{CorpusError, Problem};
use crate::flate::{Corrupt, from_zlib};
use crate::options::ReadOptions;

/// Reads the documents of a file. Their lines are their numbers, from 1.
pub(crate) fn read(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Vec<Result<Document, CorpusError>>, CorpusError> {
    let documents = documents(bytes, options.unlabelled)
        .map_err(|problem| CorpusError::in_file(name, problem))?;
    let placed = |(line, document): (usize, Result<Document, Problem>)| {
        document.map_err(|problem| CorpusError::at_line(name, line, problem))
    };
    Ok((1..).zip(documents).map(placed).collect())
}

/// The table of a file: a row of numbers per token.
struct Table<'a> {
    strings: HashMap<u64, &'a str>,
    /// The width of a row in numbers.
    width: usize,
    orth: usize,
    /// The columns ENT_IOB and ENT_TYPE.
    entities: Option<(usize, usize)>,
    sentence_start: Option<usize>,
}

fn documents(bytes: &[u8], unlabelled: bool) -> Result<Vec<Result<Document, Problem>>, Problem> {
    // DEFLATE repeats at most 258 bytes with two bits.
    let limit = bytes.len().saturating_mul(1032).min(u32::MAX as usize);
    let message = from_zlib(bytes, limit).map_err(|Corrupt(reason)| damaged(reason))?;
    let Value::Map(pairs) = parse(&message)? else { return Err(damaged("it does not hold a map")) };
    let find = |key: &str| {
        pairs.iter().find(|(name, _)| *name == Value::Text(key)).map(|(_, value)| value)
    };
    let missing = |key: &str| damaged(format!("it has no usable `{key}`"));
    let bytes_of = |key: &str| match find(key) {
        Some(Value::Bytes(bytes)) => Ok(*bytes),
        _ => Err(missing(key)),
    };
    let (Some(Value::List(attributes)), Some(Value::List(strings))) =
        (find("attrs"), find("strings"))
    else {
        return Err(missing("attrs` or `strings"));
    };
    let position =
        |wanted: u64| attributes.iter().position(|attribute| *attribute == Value::Number(wanted));
    let table = Table {
        strings: strings
            .iter()
            .filter_map(Value::text)
            .map(|text| (strings::number(text), text))
            .collect(),
        width: attributes.len(),
        orth: position(column::ORTH)
            .ok_or_else(|| damaged("it has no words (no attribute ORTH)"))?,
        entities: position(column::ENT_IOB).zip(position(column::ENT_TYPE)).filter(|_| !unlabelled),
        sentence_start: position(column::SENT_START),
    };
    if table.entities.is_none() && !unlabelled {
        let reason = "it has no entities; store the attributes ENT_IOB and ENT_TYPE".to_owned();
        return Err(Problem::Malformed { format: NAME, reason });
    }
    let (lengths, rest) = bytes_of("lengths")?.as_chunks::<4>();
    let (numbers, more) = bytes_of("tokens")?.as_chunks::<8>();
    let spaces = bytes_of("spaces")?;
    let lengths: Option<Vec<usize>> =
        lengths.iter().map(|length| usize::try_from(i32::from_le_bytes(*length)).ok()).collect();
    let lengths =
        lengths.filter(|_| rest.is_empty() && more.is_empty()).ok_or_else(|| missing("lengths"))?;
    let tokens: usize = lengths.iter().sum();
    if spaces.len() != tokens || tokens.checked_mul(table.width) != Some(numbers.len()) {
        return Err(damaged("its numbers of tokens contradict each other"));
    }
    let flags = match find("flags") {
        Some(Value::List(flags)) => &flags[..],
        _ => &[],
    };
    let has_groups = match find("span_groups") {
        // Without groups, spaCy writes an empty list in MessagePack, or nothing.
        Some(Value::List(all)) => {
            all.iter().any(|groups| !matches!(groups, Value::Bytes([] | [0x90])))
        }
        _ => false,
    };
    let mut first = 0;
    let mut documents: Vec<Result<Document, Problem>> = Vec::new();
    for (at, length) in lengths.into_iter().enumerate() {
        let rows = &numbers[first * table.width..(first + length) * table.width];
        let spaces = match flags.get(at) {
            Some(flags) if unknown_spaces(flags) => None,
            _ => Some(&spaces[first..first + length]),
        };
        documents.push(table.document(rows, spaces, at + 1));
        first += length;
    }
    let is_empty = |document: &Result<Document, Problem>| {
        document.as_ref().is_ok_and(|document| document.spans.is_empty())
    };
    if has_groups && !unlabelled && documents.iter().all(is_empty) {
        let reason =
            "no document has entities, but some have groups of spans; store these as `doc.ents`"
                .to_owned();
        return Err(Problem::Malformed { format: NAME, reason });
    }
    Ok(documents)
}

/// Whether the flags of a document say that its spaces are unknown.
fn unknown_spaces(flags: &Value<'_>) -> bool {
    let wanted = (Value::Text("has_unknown_spaces"), Value::Bool(true));
    matches!(flags, Value::Map(pairs) if pairs.contains(&wanted))
}

impl<'a> Value<'a> {
    fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(*text),
            _ => None,
        }
    }
}

/// The entity that the next token may continue, by its first and last word.
struct Open {
    words: Range<usize>,
    entity_type: String,
}

impl Table<'_> {
    /// The document of these rows. Without `spaces`, one follows each token.
    fn document(
        &self,
        rows: &[[u8; 8]],
        spaces: Option<&[u8]>,
        line: usize,
    ) -> Result<Document, Problem> {
        let mut document = Document { line, ..Document::default() };
        let (mut words, mut starts) = (Vec::new(), Vec::new());
        let (mut sentences_known, mut starts_sentence) = (false, true);
        let mut entities: Vec<Open> = Vec::new();
        let mut open = false;
        let mut end = 0;
        for (at, row) in rows.chunks(self.width).enumerate() {
            let number = |column: usize| u64::from_le_bytes(row[column]);
            let string = |column: usize| {
                self.strings
                    .get(&number(column))
                    .copied()
                    .ok_or_else(|| bad(at, "is not in the list of strings"))
            };
            let word = string(self.orth)?;
            let start = end;
            end += word.chars().count();
            document.text.push_str(word);
            if spaces.is_none_or(|spaces| spaces[at] != 0) {
                document.text.push(' ');
                end += 1;
            }
            if let Some(column) = self.sentence_start {
                starts_sentence |= number(column) == sentence_start::YES;
                // spaCy marks the first token of every document.
                sentences_known |=
                    at > 0 && matches!(number(column), sentence_start::YES | sentence_start::NO);
            }
            if let Some((tag, entity_type)) = self.entities {
                match number(tag) {
                    iob::OUTSIDE => open = false,
                    // A token that must not be part of an entity (`blocked` in spaCy).
                    iob::BEGIN if number(entity_type) == 0 => open = false,
                    iob::BEGIN => {
                        let entity_type = string(entity_type)?.to_owned();
                        entities.push(Open { words: words.len()..words.len(), entity_type });
                        open = true;
                    }
                    iob::INSIDE if open && continues(&entities, string(entity_type)?) => {}
                    iob::INSIDE => {
                        return Err(bad(at, "continues an entity that does not precede it"));
                    }
                    0 => return Err(bad(at, "has no annotation (ENT_IOB is 0)")),
                    _ => return Err(bad(at, "has an unknown ENT_IOB")),
                }
            }
            if word.trim().is_empty() {
                continue;
            }
            if starts_sentence {
                starts.push(words.len());
                starts_sentence = false;
            }
            words.push(start..start + word.chars().count());
            if let Some(entity) = entities.last_mut().filter(|_| open) {
                entity.words.end = words.len();
            }
        }
        for Open { words: range, entity_type } in entities {
            if range.is_empty() {
                return Err(malformed(format!(
                    "an entity of type {entity_type} has no word; remove it"
                )));
            }
            let (start, end) = (words[range.start].start, words[range.end - 1].end);
            document.spans.push(Span { start, end, entity_type });
        }
        document.sentences = sentences_known.then_some(starts);
        document.words = Some(words);
        Ok(document)
    }
}

/// Whether a token of this type continues the last entity.
fn continues(entities: &[Open], entity_type: &str) -> bool {
    entities.last().is_some_and(|entity| entity.entity_type == entity_type)
}

/// What is wrong with a token, whose position counts from 0.
fn bad(token: usize, reason: &str) -> Problem {
    malformed(format!("token {} {reason}; annotate the document again, or remove it", token + 1))
}

fn malformed(reason: String) -> Problem {
    Problem::MalformedSentence { format: NAME, reason }
}
