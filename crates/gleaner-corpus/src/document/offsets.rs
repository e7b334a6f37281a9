//! Units of character offsets.
//!
//! Python counts Unicode scalar values, JavaScript and Java count units of UTF-16, and doccano counts grapheme clusters
//! if its project says so. They differ after an emoji or a combining mark. A file in another unit would give wrong
//! spans, so it is refused.

use std::ops::Range;

use super::graphemes;
use crate::document::place::Characters;
use crate::document::{Document, Offsets};
use crate::error::Problem;
use crate::text;

/// The offsets of a text in a unit.
pub(crate) struct Units {
    unit: Offsets,
    /// The Unicode scalar value at each offset. Inside a character, it is that of the offset before.
    scalars: Vec<usize>,
}

impl Units {
    pub(crate) fn new(text: &str, unit: Offsets) -> Self {
        let mut scalars = Vec::with_capacity(text.len() + 1);
        let mut count = 0;
        if unit == Offsets::Graphemes {
            for length in graphemes::lengths(text) {
                scalars.push(count);
                count += length;
            }
        } else {
            for character in text.chars() {
                let units = if unit == Offsets::Utf16 { character.len_utf16() } else { 1 };
                scalars.extend(std::iter::repeat_n(count, units));
                count += 1;
            }
        }
        scalars.push(count);
        Self { unit, scalars }
    }

    /// The units other than `unit`.
    fn others(text: &str, unit: Offsets) -> Vec<Self> {
        let all = [Offsets::Scalar, Offsets::Utf16, Offsets::Graphemes];
        all.into_iter().filter(|other| *other != unit).map(|other| Self::new(text, other)).collect()
    }

    /// The offset in Unicode scalar values; `None` inside a character and after the text.
    fn scalar(&self, offset: usize) -> Option<usize> {
        let inside = offset > 0 && self.scalars.get(offset) == self.scalars.get(offset - 1);
        self.scalars.get(offset).filter(|_| !inside).copied()
    }

    /// A range in Unicode scalar values; `None` if it is not at the borders of characters, or ends after the text.
    pub(crate) fn range(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(self.scalar(range.start)?..self.scalar(range.end)?)
    }

    /// The text of a range.
    fn slice<'a>(&self, range: &Range<usize>, text: &Characters<'a>) -> Option<&'a str> {
        let range = self.range(range)?;
        (range.start <= range.end).then(|| text.slice(&range))
    }

    /// The first offset that is not before a Unicode scalar value of the text, and whether it is at that value.
    fn place(&self, scalar: usize) -> (usize, bool) {
        let offset = self.scalars.partition_point(|at| *at < scalar);
        (offset, self.scalars.get(offset) == Some(&scalar))
    }

    /// What the file seems to have instead of the chosen unit, and the option for it.
    fn advice(&self) -> &'static str {
        match self.unit {
            Offsets::Scalar => {
                "the offsets seem to count characters; read the file with --offsets scalar"
            }
            Offsets::Utf16 => {
                "the offsets seem to count UTF-16 units; read the file with --offsets utf16"
            }
            Offsets::Graphemes => {
                "the offsets seem to count grapheme clusters; read the file with --offsets graphemes"
            }
        }
    }
}

/// Ranges of Unicode scalar values of `text`, converted to a unit. Inside a grapheme cluster, a range starts or ends
/// where the cluster does.
pub(crate) fn in_unit(text: &str, ranges: &[Range<usize>], unit: Offsets) -> Vec<(usize, usize)> {
    if unit == Offsets::Scalar {
        return ranges.iter().map(|range| (range.start, range.end)).collect();
    }
    let units = Units::new(text, unit);
    let start = |scalar| match units.place(scalar) {
        (offset, true) => offset,
        (offset, false) => offset - 1,
    };
    ranges.iter().map(|range| (start(range.start), units.place(range.end).0)).collect()
}

/// As [`in_unit`], but the error is the position of the first range that starts or ends inside a grapheme cluster.
pub(crate) fn exactly_in_unit(
    text: &str,
    ranges: &[Range<usize>],
    unit: Offsets,
) -> Result<Vec<(usize, usize)>, usize> {
    if unit == Offsets::Graphemes {
        let units = Units::new(text, unit);
        let is_border = |scalar| units.place(scalar).1;
        let cuts = |range: &Range<usize>| !is_border(range.start) || !is_border(range.end);
        if let Some(position) = ranges.iter().position(cuts) {
            return Err(position);
        }
    }
    Ok(in_unit(text, ranges, unit))
}

impl Document {
    /// Converts the offsets of spans and words from `unit` to Unicode scalar values.
    ///
    /// # Errors
    /// An offset is inside a character, or another unit fits the words better.
    pub(crate) fn convert_offsets(&mut self, unit: Offsets) -> Result<(), Problem> {
        let has_offsets = !self.spans.is_empty() || self.words.is_some();
        // All units are the same in ASCII, but a line end of two characters is one cluster.
        if !has_offsets || (self.text.is_ascii() && !self.text.contains('\r')) {
            return Ok(());
        }
        let units = Units::new(&self.text, unit);
        let others = Units::others(&self.text, unit);
        if let Some((range, better)) = self.misfit(&units, &others) {
            return Err(bad(&range, better.advice()));
        }
        if unit == Offsets::Scalar {
            return Ok(());
        }
        let convert = |range: Range<usize>| {
            units.range(&range).ok_or_else(|| {
                bad(
                    &range,
                    match units.scalars.len() <= range.end {
                        true => "ends after the text; check the offsets",
                        false => "is not at the borders of characters; check the offsets",
                    },
                )
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

    /// A span or word that shows that the offsets count another unit, and that unit; `None` if nothing does.
    fn misfit<'a>(&self, units: &Units, others: &'a [Units]) -> Option<(Range<usize>, &'a Units)> {
        if let Some(words) = &self.words {
            let missed = |units: &Units| gaps(&self.text, words, units);
            let better = others.iter().min_by_key(|other| missed(other))?;
            let worse = missed(units) > missed(better);
            return worse.then(|| Some((words.last().cloned()?, better))).flatten();
        }
        let words = text::words(&self.text, 0);
        let starts = |at: usize| words.binary_search_by_key(&at, |word| word.start).is_ok();
        let ends = |at: usize| words.binary_search_by_key(&at, |word| word.end).is_ok();
        let faults = |range: &Range<usize>, units: &Units| {
            usize::from(!units.scalar(range.start).is_some_and(starts))
                + usize::from(!units.scalar(range.end).is_some_and(ends))
        };
        let ranges: Vec<Range<usize>> =
            self.spans.iter().map(|span| span.start..span.end).collect();
        let total = |units: &Units| ranges.iter().map(|range| faults(range, units)).sum::<usize>();
        let (found, cut) = (total(units), cuts(&self.text, &ranges, units));
        let fits_better = |other: &&Units| {
            // In many languages, combining marks are everywhere and names have suffixes, so that one span more or less
            // at the end of a word shows nothing. Between the other two units, only emoji make a difference.
            let unsure = [units.unit, other.unit].contains(&Offsets::Graphemes) && !cut;
            found > total(other) + usize::from(unsure)
        };
        let better = others.iter().filter(fits_better).min_by_key(|other| total(other))?;
        Some((ranges.into_iter().find(|range| faults(range, units) > 0)?, better))
    }
}

/// Whether a range starts or ends inside a grapheme cluster, which no annotator sees as a border.
fn cuts(text: &str, ranges: &[Range<usize>], units: &Units) -> bool {
    let clusters = Units::new(text, Offsets::Graphemes);
    let inside =
        |offset: usize| units.scalar(offset).is_some_and(|scalar| !clusters.place(scalar).1);
    ranges.iter().any(|range| inside(range.start) || inside(range.end))
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
    let units = Units::new(text, unit);
    for (range, covered) in stated {
        let found = units.slice(range, &characters);
        // A range that is empty or outside of the text has its own message.
        if range.start >= range.end || found.is_some_and(|found| solid(found) == solid(covered)) {
            continue;
        }
        if let Some(advice) = other_unit(text, range, covered, unit) {
            return Err(bad(range, advice));
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

/// The advice to read offsets in another unit than `unit`, if a range covers its stated text only there.
pub(crate) fn other_unit(
    text: &str,
    range: &Range<usize>,
    covered: &str,
    unit: Offsets,
) -> Option<&'static str> {
    let characters = Characters::new(text);
    let fits = |other: &Units| {
        other.slice(range, &characters).is_some_and(|found| solid(found) == solid(covered))
    };
    Units::others(text, unit).into_iter().find(fits).map(|other| other.advice())
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
