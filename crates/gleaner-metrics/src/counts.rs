//! Counts of entities by sentence and type, from which all scores and intervals are computed.

use gleaner_base::tags::Entity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Number of entities or tokens in the gold standard, in the prediction, and in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// In the gold standard.
    pub gold: usize,
    /// In the prediction.
    pub predicted: usize,
    /// In both.
    pub correct: usize,
}

impl Counts {
    /// correct / predicted, from 0 to 1; `None` without predictions.
    pub fn precision(self) -> Option<f64> {
        self.share(self.predicted)
    }

    /// correct / gold, from 0 to 1; `None` where the gold standard has nothing.
    pub fn recall(self) -> Option<f64> {
        self.share(self.gold)
    }

    fn share(self, of: usize) -> Option<f64> {
        (of > 0).then(|| self.correct as f64 / of as f64)
    }

    /// 2 correct / (gold + predicted), the harmonic mean of precision and recall. `None` where there is neither a
    /// gold nor a predicted item, so that nothing was measured.
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

/// The counts of one type in one sentence. Smaller than [`Counts`], because texts have thousands of sentences.
#[derive(Clone, Copy, Debug)]
struct Row {
    entity_type: u32,
    gold: u32,
    predicted: u32,
    correct: u32,
}

/// Whether an entity is one of `entities`, which are in order and do not overlap.
pub(crate) fn is_among(entities: &[Entity], entity: &Entity) -> bool {
    let at = entities.binary_search_by_key(&entity.start, |other| other.start);
    at.is_ok_and(|at| entities[at] == *entity)
}

/// The counts of every sentence by type, in one mode. A sentence stores only the types that occur in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SentenceCounts {
    /// Numbers of the types, in order of first appearance.
    types: BTreeMap<String, u32>,
    rows: Vec<Row>,
    /// For every sentence, the end of its part of `rows`.
    ends: Vec<usize>,
}

impl SentenceCounts {
    pub(crate) fn add(&mut self, gold: &[Entity], predicted: &[Entity]) {
        let first = self.rows.len();
        for entity in gold {
            let row = self.row(first, &entity.entity_type);
            row.gold += 1;
            row.correct += u32::from(is_among(predicted, entity));
        }
        for entity in predicted {
            self.row(first, &entity.entity_type).predicted += 1;
        }
        self.ends.push(self.rows.len());
    }

    /// The row of a type among those from `first` on; adds one if there is none.
    fn row(&mut self, first: usize, name: &str) -> &mut Row {
        let entity_type = match self.types.get(name) {
            Some(&number) => number,
            None => {
                let number = self.types.len() as u32;
                self.types.insert(name.to_owned(), number);
                number
            }
        };
        let at = match self.rows[first..].iter().position(|row| row.entity_type == entity_type) {
            Some(at) => first + at,
            None => {
                self.rows.push(Row { entity_type, gold: 0, predicted: 0, correct: 0 });
                self.rows.len() - 1
            }
        };
        &mut self.rows[at]
    }

    /// The counts of every sentence, summed over types.
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

    /// Every type that occurs in gold or prediction, sorted by name, with its index in the result of [`Self::sum`].
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, usize)> {
        self.types.iter().map(|(name, &number)| (name.as_str(), number as usize))
    }

    /// The counts of each type over `sentences`, which may repeat an index.
    pub(crate) fn sum(&self, sentences: impl Iterator<Item = usize>) -> Vec<Counts> {
        let mut sums = vec![Counts::default(); self.types.len()];
        for sentence in sentences {
            let start = if sentence == 0 { 0 } else { self.ends[sentence - 1] };
            for row in &self.rows[start..self.ends[sentence]] {
                sums[row.entity_type as usize] += Counts {
                    gold: row.gold as usize,
                    predicted: row.predicted as usize,
                    correct: row.correct as usize,
                };
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_nothing_are_undefined() {
        let counts = Counts { gold: 4, predicted: 0, correct: 0 };
        assert_eq!((counts.precision(), counts.recall()), (None, Some(0.0)));
        let counts = Counts { gold: 0, predicted: 2, correct: 0 };
        assert_eq!((counts.precision(), counts.recall()), (Some(0.0), None));
        let counts = Counts { gold: 4, predicted: 2, correct: 1 };
        assert_eq!((counts.precision(), counts.recall()), (Some(0.5), Some(0.25)));
    }
}
