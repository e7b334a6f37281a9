//! A sentence as a text with offsets, as annotation tools store it.

use std::ops::Range;

use crate::corpus::Sentence;
use crate::document::exactly_in_unit;
use crate::error::WriteError;
use crate::options::Offsets;

/// A sentence as a text: its words, joined by single spaces.
pub(super) struct JoinedText<'a> {
    pub(super) text: String,
    pub(super) words: Vec<JoinedWord<'a>>,
    /// The entities; `None` if the sentence is unlabelled.
    pub(super) entities: Option<Vec<JoinedEntity>>,
}

/// A word and its offsets.
pub(super) struct JoinedWord<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An entity, its offsets, and its first and last word.
pub(super) struct JoinedEntity {
    pub(super) entity_type: String,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) text: String,
}

impl<'a> JoinedText<'a> {
    /// The error is about words or tags that cannot be read back.
    pub(super) fn new(sentence: &'a Sentence, offsets: Offsets) -> Result<Self, WriteError> {
        let Sentence { words, tags, line, .. } = sentence;
        if !tags.is_empty() && tags.len() != words.len() {
            return Err(WriteError::TagCount { line: *line, words: words.len(), tags: tags.len() });
        }
        if words.iter().any(String::is_empty) {
            return Err(WriteError::WhiteSpace { line: *line });
        }
        let joined = words.join(" ");
        let mut at = 0;
        let place = |word: &String| {
            let start = at;
            at += word.chars().count() + 1;
            start..at - 1
        };
        let ranges: Vec<Range<usize>> = words.iter().map(place).collect();
        let places = exactly_in_unit(&joined, &ranges, offsets).map_err(|position| {
            let what = format!("the word {:?}", words[position]);
            WriteError::Unrepresentable { format: "offsets in graphemes", what, line: *line }
        })?;
        let place =
            |(text, (start, end)): (&'a String, (usize, usize))| JoinedWord { text, start, end };
        let placed: Vec<JoinedWord<'a>> = words.iter().zip(places).map(place).collect();
        let entities = (!tags.is_empty()).then(|| {
            let entities = sentence.entities().into_iter();
            let entity = |entity: crate::Entity| JoinedEntity {
                start: placed[entity.start].start,
                end: placed[entity.end - 1].end,
                first: entity.start,
                last: entity.end - 1,
                text: words[entity.words()].join(" "),
                entity_type: entity.entity_type,
            };
            entities.map(entity).collect()
        });
        Ok(Self { text: joined, words: placed, entities })
    }

    /// The offsets of the words, `[start, end]`. Tools keep this key of ours, so that words are read back unchanged.
    pub(super) fn offsets(&self) -> Vec<[usize; 2]> {
        self.words.iter().map(|word| [word.start, word.end]).collect()
    }
}
