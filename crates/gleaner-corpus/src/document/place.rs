//! The places of words and spans in a text.

use std::ops::Range;

use crate::document::Span;
use crate::error::Problem;
use crate::invisible::{is_blank, is_invisible};
use crate::labels::LONGEST_LABEL;

/// A text that can be sliced by offsets in Unicode scalar values.
pub(super) struct Characters<'a> {
    text: &'a str,
    /// The first byte of each character, and the length of the text.
    bytes: Vec<usize>,
}

impl<'a> Characters<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        Self { text, bytes }
    }

    /// The number of characters.
    pub(super) fn len(&self) -> usize {
        self.bytes.len() - 1
    }

    /// The text of a range, which must not end after the text.
    pub(super) fn slice(&self, range: &Range<usize>) -> &'a str {
        &self.text[self.bytes[range.start]..self.bytes[range.end]]
    }

    /// The range without white space at its ends; `None` if nothing remains.
    pub(super) fn trim(&self, range: Range<usize>) -> Option<Range<usize>> {
        let text = self.slice(&range);
        let before = text.chars().take_while(|c| c.is_whitespace()).count();
        let after = text.chars().rev().take_while(|c| c.is_whitespace()).count();
        (before < range.len()).then(|| range.start + before..range.end - after)
    }
}

/// Checks that words are in the text, not empty, and in order without overlaps.
pub(super) fn check_words(words: &[Range<usize>], text: &Characters<'_>) -> Result<(), Problem> {
    let mut end = 0;
    for (at, word) in words.iter().enumerate() {
        let reason = if word.start >= word.end {
            "its end must be greater than its start"
        } else if word.end > text.len() {
            "it ends after the text; check the offsets"
        } else if word.start < end {
            "it starts before the end of the word before it; write the words in their order"
        } else {
            end = word.end;
            continue;
        };
        return Err(Problem::Word { position: at + 1, reason: reason.to_owned() });
    }
    Ok(())
}

/// Checks a span, and leaves out white space and marks that cannot be seen at its ends, unless a word has them. Returns
/// whether there was white space.
pub(super) fn placed(
    span: &Span,
    text: &Characters<'_>,
    words: &[Range<usize>],
) -> Result<(Span, bool), Problem> {
    let &Span { start, end, .. } = span;
    let bad = |reason: String| Problem::Span { start, end, reason };
    let entity_type = span.entity_type.trim().to_owned();
    if entity_type.is_empty() || entity_type == "O" || entity_type.contains(char::is_control) {
        return Err(bad(format!(
            "invalid entity type {:?}; use a name such as \"PER\"",
            span.entity_type
        )));
    }
    if entity_type.len() > LONGEST_LABEL {
        let bytes = entity_type.len();
        return Err(bad(format!(
            "has an entity type of {bytes} bytes; use names of at most {LONGEST_LABEL} bytes"
        )));
    }
    if start >= end {
        return Err(bad("is empty; the end must be greater than the start".to_owned()));
    }
    if end > text.len() {
        return Err(bad(format!(
            "ends after the text, which has {} characters; check the offsets",
            text.len()
        )));
    }
    let of_words = words.binary_search_by_key(&start, |word| word.start).is_ok()
        && words.binary_search_by_key(&end, |word| word.end).is_ok();
    if of_words {
        return Ok((Span { start, end, entity_type }, false));
    }
    let solid = text
        .trim(start..end)
        .filter(|solid| !is_blank(text.slice(solid)))
        .ok_or_else(|| bad(NO_WORD.to_owned()))?;
    let trimmed = solid != (start..end);
    // A word, and with it a sentence, can start after marks that cannot be seen, and marks at the end of a span can be
    // the start of the next word.
    let unseen = |c: &char| c.is_whitespace() || is_invisible(*c);
    let before = text.slice(&solid).chars().take_while(unseen).count();
    let after = text.slice(&solid).chars().rev().take_while(unseen).count();
    Ok((Span { start: solid.start + before, end: solid.end - after, entity_type }, trimmed))
}

const NO_WORD: &str = "contains no word; check the offsets, which count characters from 0";

/// Splits words where a span starts or ends inside them, unless one part is invisible. Returns the number of words that
/// were split.
pub(super) fn split(
    words: Vec<Range<usize>>,
    spans: &[Span],
    text: &Characters<'_>,
) -> (Vec<Range<usize>>, usize) {
    let mut borders: Vec<usize> = spans.iter().flat_map(|span| [span.start, span.end]).collect();
    borders.sort_unstable();
    let mut pieces = Vec::with_capacity(words.len());
    let mut split = 0;
    for word in words {
        let first = borders.partition_point(|&border| border <= word.start);
        let last = borders.partition_point(|&border| border < word.end);
        let is_empty = |range| text.slice(&range).chars().all(is_invisible);
        let inside = borders.get(first..last).unwrap_or_default().iter().copied();
        let mut inside: Vec<usize> =
            inside.filter(|&at| !is_empty(word.start..at) && !is_empty(at..word.end)).collect();
        if inside.is_empty() {
            pieces.push(word);
            continue;
        }
        split += 1;
        inside.push(word.end);
        let mut start = word.start;
        for border in inside {
            // Two spans can share a border.
            if border > start {
                pieces.extend(text.trim(start..border));
            }
            start = border;
        }
    }
    (pieces, split)
}

/// The IOB2 tags of words. Spans neither overlap nor end inside words.
pub(super) fn tags(words: &[Range<usize>], spans: &[Span]) -> Result<Vec<String>, Problem> {
    let mut tags = vec!["O".to_owned(); words.len()];
    for span in spans {
        let first = words.partition_point(|word| word.end <= span.start);
        let last = words.partition_point(|word| word.start < span.end);
        if first >= last {
            return Err(Problem::Span {
                start: span.start,
                end: span.end,
                reason: NO_WORD.to_owned(),
            });
        }
        tags[first] = format!("B-{}", span.entity_type);
        tags[first + 1..last].fill(format!("I-{}", span.entity_type));
    }
    Ok(tags)
}

/// Whether an offset is inside one of the spans, which are in order and do not overlap.
pub(super) fn is_inside(offset: usize, spans: &[Span]) -> bool {
    let next = spans.partition_point(|span| span.end <= offset);
    spans.get(next).is_some_and(|span| span.start < offset)
}
