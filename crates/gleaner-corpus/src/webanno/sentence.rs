//! The sentence that is being read.

use std::collections::HashMap;
use std::ops::Range;

use super::malformed;
use super::values::Value;
use crate::document::{Document, Span};
use crate::error::Problem;

/// The sentence of each number of an annotation, which must not be used in two of them.
pub(super) type Numbers = HashMap<u64, usize>;

/// A sentence with the tokens so far.
pub(super) struct Open {
    /// Line of its first token.
    pub(super) line: usize,
    /// Its number in the file.
    pub(super) number: usize,
    text: String,
    /// Length of the text, in Unicode scalar values.
    end: usize,
    words: Vec<Range<usize>>,
    /// Where the last word is in the file's text, in the file's units.
    last: Range<usize>,
    mentions: Vec<(Option<u64>, Span)>,
}

impl Open {
    pub(super) fn new(line: usize, number: usize) -> Self {
        let (text, words, mentions) = Default::default();
        Self { line, number, text, end: 0, words, last: 0..0, mentions }
    }

    /// Adds a token and returns its place in the text.
    pub(super) fn token(
        &mut self,
        word: &str,
        place: Range<usize>,
    ) -> Result<Range<usize>, Problem> {
        if !self.words.is_empty() {
            if place.start < self.last.end {
                return Err(malformed(format!(
                    "token {word:?} overlaps the one before; export the document again"
                )));
            }
            if place.start > self.last.end {
                self.text.push(' ');
                self.end += 1;
            }
        }
        self.last = place;
        let start = self.end;
        self.text.push_str(word);
        self.end += word.chars().count();
        self.words.push(start..self.end);
        Ok(start..self.end)
    }

    /// The place of a part of the last token. Places in the file count units of UTF-16.
    pub(super) fn part(&self, text: &str, place: Range<usize>) -> Result<Range<usize>, Problem> {
        let bad = || {
            malformed(format!(
                "{text:?} is not part of the token before; export the document again"
            ))
        };
        let word = self.words.last().ok_or_else(bad)?;
        let skip = place.start.checked_sub(self.last.start).ok_or_else(bad)?;
        let scalars: Vec<char> = self.text.chars().skip(word.start).collect();
        let (mut start, mut units) = (0, 0);
        while units < skip && start < scalars.len() {
            units += scalars[start].len_utf16();
            start += 1;
        }
        let length = text.chars().count();
        let same = scalars
            .get(start..start + length)
            .is_some_and(|part| part.iter().copied().eq(text.chars()));
        match same && units == skip && length > 0 {
            true => Ok(word.start + start..word.start + start + length),
            false => Err(bad()),
        }
    }

    /// Adds the annotations of a token or a part of it.
    pub(super) fn annotate(
        &mut self,
        values: Vec<Value>,
        place: &Range<usize>,
        used: &mut Numbers,
    ) -> Result<(), Problem> {
        for Value { text, number } in values {
            let entity_type = text.ok_or_else(|| {
                let word: String = self.text.chars().skip(place.start).take(place.len()).collect();
                malformed(format!(
                    "the annotation of {word:?} has no value; choose one, or delete the annotation"
                ))
            })?;
            if let Some(number) = number
                && *used.entry(number).or_insert(self.number) != self.number
            {
                let reason = format!("annotation {number} is in two sentences; keep it inside one");
                return Err(malformed(reason));
            }
            let earlier =
                self.mentions.iter_mut().find(|(other, _)| number.is_some() && *other == number);
            let Some((_, span)) = earlier else {
                self.mentions
                    .push((number, Span { start: place.start, end: place.end, entity_type }));
                continue;
            };
            let mut gap =
                self.text.chars().skip(span.end).take(place.start.saturating_sub(span.end));
            if span.entity_type != entity_type
                || place.start < span.end
                || !gap.all(char::is_whitespace)
            {
                let number = number.unwrap_or_default();
                let reason = format!(
                    "annotation {number} changes its value or leaves out a token; annotate it again"
                );
                return Err(malformed(reason));
            }
            span.end = place.end;
        }
        Ok(())
    }

    pub(super) fn into_document(self) -> Document {
        Document {
            text: self.text,
            spans: self.mentions.into_iter().map(|(_, span)| span).collect(),
            words: Some(self.words),
            sentences: Some(vec![0]),
            line: self.line,
            ..Document::default()
        }
    }
}
