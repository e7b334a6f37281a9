//! Counts of entities by sentence and type: all that scores and intervals are computed from.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::entity::Entity;

/// How many entities or tokens of one type there are in the gold standard, in the prediction, and
/// in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the gold standard.
    pub gold: usize,
    /// In the prediction.
    pub predicted: usize,
    /// In both.
    pub correct: usize,
}

impl Counts {
    /// 2 correct / (gold + predicted), the harmonic mean of precision and recall; `None` where
    /// there is neither a gold nor a predicted one, and so nothing was measured.
    pub fn f1(self) -> Option<f64> {
        let all = self.gold + self.predicted;
        (all > 0).then(|| 2.0 * self.correct as f64 / all as f64)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.gold += other.gold;
        self.predicted += other.predicted;
        self.correct += other.correct;
    }
}

/// A count that is kept for every sentence: many thousand of them, so in less space than
/// [`Counts`].
#[derive(Clone, Copy, Debug)]
struct Row {
    kind: u32,
    gold: u32,
    predicted: u32,
    correct: u32,
}

/// The counts of every sentence by type, in one mode; only types that occur in a sentence take
/// space in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentenceCounts {
    /// Numbers of the types, in order of first appearance.
    kinds: BTreeMap<String, u32>,
    rows: Vec<Row>,
    /// For every sentence, the end of its part of `rows`.
    ends: Vec<usize>,
}

impl SentenceCounts {
    pub(crate) fn add(&mut self, gold: &[Entity], predicted: &[Entity]) {
        let first = self.rows.len();
        for entity in gold {
            let row = self.row(first, &entity.kind);
            row.gold += 1;
            let same_start = predicted.binary_search_by_key(&entity.start, |p| p.start);
            row.correct += u32::from(same_start.is_ok_and(|at| predicted[at] == *entity));
        }
        for entity in predicted {
            self.row(first, &entity.kind).predicted += 1;
        }
        self.ends.push(self.rows.len());
    }

    /// The row of a type among those from `first` on, made if there is none.
    fn row(&mut self, first: usize, kind: &str) -> &mut Row {
        let number = match self.kinds.get(kind) {
            Some(&number) => number,
            None => {
                let number = self.kinds.len() as u32;
                self.kinds.insert(kind.to_owned(), number);
                number
            }
        };
        let at = match self.rows[first..].iter().position(|row| row.kind == number) {
            Some(at) => first + at,
            None => {
                self.rows.push(Row { kind: number, gold: 0, predicted: 0, correct: 0 });
                self.rows.len() - 1
            }
        };
        &mut self.rows[at]
    }

    /// The counts of every sentence over all types.
    pub(crate) fn totals(&self) -> Vec<Counts> {
        (0..self.sentences())
            .map(|sentence| {
                let mut total = Counts::default();
                self.sum(std::iter::once(sentence)).into_iter().for_each(|c| total += c);
                total
            })
            .collect()
    }

    pub(crate) fn sentences(&self) -> usize {
        self.ends.len()
    }

    /// Every type that occurs in gold or prediction, by name, with its place in what [`Self::sum`]
    /// returns.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (&str, usize)> {
        self.kinds.iter().map(|(name, &number)| (name.as_str(), number as usize))
    }

    /// The counts of each type over some sentences, where a sentence may come more than once.
    pub(crate) fn sum(&self, sentences: impl Iterator<Item = usize>) -> Vec<Counts> {
        let mut sums = vec![Counts::default(); self.kinds.len()];
        for sentence in sentences {
            let start = if sentence == 0 { 0 } else { self.ends[sentence - 1] };
            for row in &self.rows[start..self.ends[sentence]] {
                sums[row.kind as usize] += Counts {
                    gold: row.gold as usize,
                    predicted: row.predicted as usize,
                    correct: row.correct as usize,
                };
            }
        }
        sums
    }
}
