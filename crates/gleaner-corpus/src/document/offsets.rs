//! Units of character offsets.
//!
//! Python counts Unicode scalar values, JavaScript and Java count units of UTF-16. The two differ after a character
//! beyond U+FFFF, such as an emoji. A file in the other unit would give wrong spans, so it is refused.

use std::ops::Range;

use crate::document::place::Characters;
use crate::document::{Document, Offsets};
use crate::error::Problem;
use crate::text;

/// The scalar offset of each offset in a unit; `None` inside a character.
struct Units(Vec<Option<usize>>);

impl Units {
    fn new(text: &str, unit: Offsets) -> Self {
        let mut scalars = Vec::new();
        let mut count = 0;
        for character in text.chars() {
            scalars.push(Some(count));
            if unit == Offsets::Utf16 {
                scalars.extend((1..character.len_utf16()).map(|_| None));
            }
            count += 1;
        }
        scalars.push(Some(count));
        Self(scalars)
    }

    fn scalar(&self, offset: usize) -> Option<usize> {
        self.0.get(offset).copied().flatten()
    }

    fn range(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(self.scalar(range.start)?..self.scalar(range.end)?)
    }
}

impl Offsets {
    fn other(self) -> Self {
        match self {
            Self::Scalar => Self::Utf16,
            Self::Utf16 => Self::Scalar,
        }
    }

    /// What the file seems to have instead, and the option for it.
    fn advice(self) -> &'static str {
        match self {
            Self::Scalar => {
                "the offsets seem to count UTF-16 units; read the file with --offsets utf16"
            }
            Self::Utf16 => {
                "the offsets seem to count characters; read the file with --offsets scalar"
            }
        }
    }
}

impl Document {
    /// Converts the offsets of spans and words from `unit` to Unicode scalar values.
    ///
    /// # Errors
    /// An offset is inside a character, or the other unit fits the words better.
    pub(crate) fn convert_offsets(&mut self, unit: Offsets) -> Result<(), Problem> {
        if self.text.chars().all(|character| character <= '\u{ffff}') {
            return Ok(());
        }
        let units = Units::new(&self.text, unit);
        let other = Units::new(&self.text, unit.other());
        if let Some(range) = self.misfit(&units, &other) {
            return Err(bad(&range, unit.advice()));
        }
        if unit == Offsets::Scalar {
            return Ok(());
        }
        let convert = |range: Range<usize>| {
            units.range(&range).ok_or_else(|| {
                bad(&range, "is not at the borders of characters; check the offsets")
            })
        };
        for span in &mut self.spans {
            let range = convert(span.start..span.end)?;
            (span.start, span.end) = (range.start, range.end);
        }
        if let Some(words) = &mut self.words {
            for word in words {
                *word = convert(word.clone())?;
            }
        }
        Ok(())
    }

    /// A span or word that shows that the offsets count another unit; `None` if nothing does.
    fn misfit(&self, units: &Units, other: &Units) -> Option<Range<usize>> {
        if let Some(words) = &self.words {
            let worse = gaps(&self.text, words, units) > gaps(&self.text, words, other);
            return worse.then(|| words.last().cloned()).flatten();
        }
        let words = text::words(&self.text, 0);
        let faults = |range: &Range<usize>, units: &Units| {
            let start = units.scalar(range.start);
            let end = units.scalar(range.end);
            let starts =
                start.is_some_and(|at| words.binary_search_by_key(&at, |word| word.start).is_ok());
            let ends =
                end.is_some_and(|at| words.binary_search_by_key(&at, |word| word.end).is_ok());
            usize::from(!starts) + usize::from(!ends)
        };
        let ranges: Vec<Range<usize>> =
            self.spans.iter().map(|span| span.start..span.end).collect();
        let total = |units: &Units| ranges.iter().map(|range| faults(range, units)).sum::<usize>();
        let worse = total(units) > total(other);
        worse.then(|| ranges.into_iter().find(|range| faults(range, units) > 0)).flatten()
    }
}

/// The number of characters, other than white space, that no word has. Words at invalid offsets cover nothing.
fn gaps(text: &str, words: &[Range<usize>], units: &Units) -> usize {
    let mut words = words.iter().filter_map(|word| units.range(word)).peekable();
    let mut uncovered = 0;
    for (at, character) in text.chars().enumerate() {
        while words.next_if(|word| word.end <= at).is_some() {}
        let covered = words.peek().is_some_and(|word| word.contains(&at));
        uncovered += usize::from(!covered && !character.is_whitespace());
    }
    uncovered
}

/// Checks that ranges, whose offsets count `unit`, cover the texts that the file states for them.
pub(crate) fn check_covered<'a>(
    text: &str,
    stated: impl IntoIterator<Item = (&'a Range<usize>, &'a str)>,
    unit: Offsets,
) -> Result<(), Problem> {
    let characters = Characters::new(text);
    let (units, other) = (Units::new(text, unit), Units::new(text, unit.other()));
    let slice = |range: &Range<usize>, units: &Units| {
        let range = units.range(range)?;
        (range.start <= range.end).then(|| characters.slice(&range))
    };
    for (range, covered) in stated {
        let found = slice(range, &units);
        // A range that is empty or outside of the text has its own message.
        if range.start >= range.end || found.is_some_and(|found| solid(found) == solid(covered)) {
            continue;
        }
        if slice(range, &other).is_some_and(|found| solid(found) == solid(covered)) {
            return Err(bad(range, unit.advice()));
        }
        if let Some(found) = found {
            let (found, covered) = (clipped(found), clipped(covered));
            let reason =
                format!("covers {found:?}, but its `text` is {covered:?}; check the offsets");
            return Err(bad(range, &reason));
        }
    }
    Ok(())
}

/// A text without white space. Tools write line ends as `\n` in the text of a span, or as spaces.
fn solid(text: &str) -> String {
    text.replace("\\n", "").split_whitespace().collect()
}

/// The start of a text, for messages.
fn clipped(text: &str) -> String {
    const SHOWN: usize = 40;
    text.chars().take(SHOWN).collect()
}

fn bad(range: &Range<usize>, reason: &str) -> Problem {
    Problem::Span { start: range.start, end: range.end, reason: reason.to_owned() }
}
