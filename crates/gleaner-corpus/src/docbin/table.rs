//! The table of spaCy's files, whose rows are tokens.

use super::{
    NAME, column,
    fields::{Fields, missing},
    iob,
    message::{Value, damaged},
    sentence_start, strings,
};
use crate::{
    document::{Document, Span},
    error::Problem,
};
use std::{collections::HashMap, ops::Range};

/// The table of a file: a row of numbers per token.
pub(super) struct Table<'a> {
    strings: HashMap<u64, &'a str>,
    /// The width of a row in numbers.
    pub(super) width: usize,
    orth: usize,
    /// The columns ENT_IOB and ENT_TYPE.
    entities: Option<(usize, usize)>,
    sentence_start: Option<usize>,
}

impl<'a> Table<'a> {
    pub(super) fn of(fields: &Fields<'a>, unlabelled: bool) -> Result<Self, Problem> {
        let (Some(attributes), Some(strings)) = (fields.list("attrs"), fields.list("strings"))
        else {
            return Err(missing("attrs` or `strings"));
        };
        let position = |wanted: u64| {
            attributes.iter().position(|attribute| *attribute == Value::Number(wanted))
        };
        let entities = position(column::ENT_IOB).zip(position(column::ENT_TYPE));
        let table = Self {
            strings: strings
                .iter()
                .filter_map(Value::text)
                .map(|text| (strings::number(text), text))
                .collect(),
            width: attributes.len(),
            orth: position(column::ORTH)
                .ok_or_else(|| damaged("it has no words (no attribute ORTH)"))?,
            entities: entities.filter(|_| !unlabelled),
            sentence_start: position(column::SENT_START),
        };
        if table.entities.is_none() && !unlabelled {
            let reason = "it has no entities; store the attributes ENT_IOB and ENT_TYPE".to_owned();
            return Err(Problem::Malformed { format: NAME, reason });
        }
        Ok(table)
    }

    /// The document of these rows. Without `spaces`, one follows each token. `left` is the number of bytes that texts
    /// may still have.
    pub(super) fn document(
        &self,
        rows: &[[u8; 8]],
        spaces: Option<&[u8]>,
        line: usize,
        left: &mut usize,
    ) -> Result<Document, Problem> {
        let mut document = Document { line, ..Document::default() };
        let (mut words, mut starts) = (Vec::new(), Vec::new());
        let (mut sentences_known, mut starts_sentence) = (false, true);
        let mut entities = Entities::default();
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
            pay(left, word.len() + 1)?;
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
                    iob::OUTSIDE => entities.end(),
                    // A token that must not be part of an entity (`blocked` in spaCy).
                    iob::BEGIN if number(entity_type) == 0 => entities.end(),
                    iob::BEGIN => {
                        let entity_type = string(entity_type)?;
                        pay(left, entity_type.len())?;
                        entities.begin(words.len(), entity_type);
                    }
                    iob::INSIDE if entities.goes_on(string(entity_type)?) => {}
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
            entities.reach(words.len());
        }
        document.spans = entities.spans(&words)?;
        document.sentences = sentences_known.then_some(starts);
        document.words = Some(words);
        Ok(document)
    }
}

/// The entities of a document, in words.
#[derive(Default)]
struct Entities {
    found: Vec<(Range<usize>, String)>,
    /// Whether the next token may continue the last one.
    is_open: bool,
}

impl Entities {
    /// Begins an entity before this word.
    fn begin(&mut self, word: usize, entity_type: &str) {
        self.found.push((word..word, entity_type.to_owned()));
        self.is_open = true;
    }

    fn end(&mut self) {
        self.is_open = false;
    }

    /// Whether a token of this type continues the last entity.
    fn goes_on(&self, entity_type: &str) -> bool {
        self.is_open && self.found.last().is_some_and(|last| last.1 == entity_type)
    }

    /// Extends the open entity, if there is one, to this end.
    fn reach(&mut self, end: usize) {
        if let Some((words, _)) = self.found.last_mut().filter(|_| self.is_open) {
            words.end = end;
        }
    }

    /// The spans of the entities; `words` are the places of words in the text.
    fn spans(self, words: &[Range<usize>]) -> Result<Vec<Span>, Problem> {
        let span = |(range, entity_type): (Range<usize>, String)| match range.is_empty() {
            true => {
                Err(malformed(format!("an entity of type {entity_type} has no word; remove it")))
            }
            false => {
                let (start, end) = (words[range.start].start, words[range.end - 1].end);
                Ok(Span { start, end, entity_type })
            }
        };
        self.found.into_iter().map(span).collect()
    }
}

/// Takes bytes of text from those that may still be read.
fn pay(left: &mut usize, bytes: usize) -> Result<(), Problem> {
    let rest = left.checked_sub(bytes);
    *left = rest.ok_or_else(|| damaged("its texts are far longer than a file of its length"))?;
    Ok(())
}

/// What is wrong with a token, whose position counts from 0.
fn bad(token: usize, reason: &str) -> Problem {
    malformed(format!("token {} {reason}; annotate the document again, or remove it", token + 1))
}

fn malformed(reason: String) -> Problem {
    Problem::MalformedSentence { format: NAME, reason }
}
