//! Sentences that no blank lines separate: a column that numbers them, or the words in each of them, does.

use super::cell::{can_be_words, numbering};
use super::head::{HeadRow, INDEXES};
use crate::column_names::is_sentences;

/// How a column shows where a sentence starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// Its cell changes. Empty cells repeat the one above, as in the tables of Kaggle.
    Changes(usize),
    /// Its numbers start again, with this one.
    Restarts(usize, u64),
}

impl Break {
    /// The column that separates the sentences of a file: the one that the header names, or in a file without blank
    /// lines one of numbers.
    pub(super) fn of(rows: &[HeadRow<'_>], names: Option<&[String]>) -> Option<Self> {
        let named = names.into_iter().flatten().position(|name| is_sentences(name));
        if let Some(column) = named {
            return Some(Self::Changes(column));
        }
        let is_flat = rows.iter().skip(1).all(|row| !row.opens);
        if !is_flat || rows.len() < 3 {
            return None;
        }
        let before_words = rows[0].cells.len().saturating_sub(2);
        (0..before_words.min(INDEXES)).find_map(|column| Self::of_numbers(rows, column))
    }

    fn of_numbers(rows: &[HeadRow<'_>], column: usize) -> Option<Self> {
        let numbers: Option<Vec<u64>> =
            rows.iter().map(|row| numbering(row.cells[column])).collect();
        let numbers = numbers.filter(|numbers| numbers[0] < 2)?;
        let next = |at: usize| rows.iter().map(|row| row.cells[at]).collect::<Vec<_>>();
        if !(column + 1..rows[0].cells.len() - 1).any(|at| can_be_words(&next(at))) {
            return None;
        }
        let steps = || numbers.windows(2).map(|pair| (pair[0], pair[1]));
        let one_more = steps().filter(|(before, after)| *after == before + 1).count();
        let same = steps().filter(|(before, after)| before == after).count();
        let again = steps().filter(|(_, after)| *after == numbers[0]).count();
        if one_more > 0 && same > 0 && one_more + same == numbers.len() - 1 {
            return Some(Self::Changes(column));
        }
        (one_more > 0 && again > 0 && one_more + again == numbers.len() - 1)
            .then_some(Self::Restarts(column, numbers[0]))
    }

    /// Whether a row starts a sentence, after the rows of the current one.
    pub(super) fn starts<'a>(self, mut before: impl Iterator<Item = &'a str>, cell: &str) -> bool {
        let is_new = |last: &str| match self {
            Self::Changes(_) => !cell.is_empty() && cell != last,
            Self::Restarts(..) => {
                numbering(cell).zip(numbering(last)).is_some_and(|(new, last)| new <= last)
            }
        };
        before.find(|last| !last.is_empty()).is_some_and(is_new)
    }

    /// Whether a row that starts a sentence is its first one, although the row before it cannot be read.
    pub(super) fn is_first<'a>(
        self,
        mut before: impl Iterator<Item = &'a str>,
        cell: &str,
    ) -> bool {
        match self {
            // Where the first row alone has a cell.
            Self::Changes(_) => before.any(str::is_empty),
            Self::Restarts(_, first) => numbering(cell) == Some(first),
        }
    }

    /// The column, from 0.
    pub(super) fn column(self) -> usize {
        match self {
            Self::Changes(column) | Self::Restarts(column, _) => column,
        }
    }

    /// Marks the first rows of sentences.
    pub(super) fn mark(self, rows: &mut [HeadRow<'_>]) {
        let column = self.column();
        for at in 1..rows.len() {
            let (before, after) = rows.split_at_mut(at);
            // The rows of a sentence have the same cell or none, so the last one with a cell suffices.
            let last = before.iter().rev().map(|row| row.cells[column]);
            after[0].opens |= self.starts(last, after[0].cells[column]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The break of rows and the rows that start a sentence. `|` is a blank line.
    fn found(text: &str) -> (Option<Break>, Vec<usize>) {
        let mut rows: Vec<HeadRow<'_>> = Vec::new();
        for sentence in text.split('|') {
            for (at, line) in sentence.split(',').enumerate() {
                rows.push(HeadRow {
                    line: rows.len() + 1,
                    opens: at == 0,
                    cells: line.split(' ').collect(),
                });
            }
        }
        let found = Break::of(&rows, None);
        if let Some(found) = found {
            found.mark(&mut rows);
        }
        let starts = rows.iter().filter(|row| row.opens).map(|row| row.line).collect();
        (found, starts)
    }

    #[test]
    fn columns_of_numbers_separate_sentences() {
        assert_eq!(found("1 Anna O,1 sings O,2 Oslo O"), (Some(Break::Changes(0)), vec![1, 3]));
        assert_eq!(found("0 1 Anna O,0 2 sings O,1 1 Oslo O").0, Some(Break::Changes(0)));
        assert_eq!(
            found("d 1 Anna O,d 2 sings O,d 1 Oslo O"),
            (Some(Break::Restarts(1, 1)), vec![1, 3])
        );
        for other in [
            "1 Anna O,2 sings O,3 . O",
            "1 Anna O,1 sings O|2 Oslo O",
            "1 N O,1 V O,2 P O",
            "5 a O,5 b O,6 c O",
            "1 a O,3 b O,1 c O",
        ] {
            assert_eq!(found(other).0, None, "{other}");
        }
    }

    #[test]
    fn a_named_column_separates_sentences() {
        let names = ["Sentence #", "Word", "Tag"].map(str::to_owned);
        assert_eq!(Break::of(&[], Some(&names)), Some(Break::Changes(0)));
        let starts = |before: &[&str], cell| Break::Changes(0).starts(before.iter().copied(), cell);
        assert!(
            starts(&["", "S: 1"], "S: 2")
                && !starts(&["", "S: 1"], "")
                && !starts(&["S: 1"], "S: 1")
        );
        assert!(!starts(&[], "S: 1"));
    }
}
