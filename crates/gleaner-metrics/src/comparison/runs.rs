//! The runs of one tagger.

use super::{ComparisonError, mean};
use crate::counts::Counts;

/// A tagger's results on a set of sentences, under several seeds.
///
/// A sentence here is a unit of evidence: sum the counts of sentences with the same words, which one tagger labels
/// alike, into one.
#[derive(Clone, Debug)]
pub struct Runs {
    /// `[seeds][sentences]`.
    pub(super) counts: Vec<Vec<Counts>>,
    pub(super) sentences: usize,
}

impl Runs {
    /// The runs of a tagger: for each seed the counts of all sentences, `[seeds][sentences]`, in the same order.
    ///
    /// # Errors
    /// There is no run, or two runs have different numbers of sentences.
    pub fn new(counts: Vec<Vec<Counts>>) -> Result<Self, ComparisonError> {
        let sentences = counts.first().ok_or(ComparisonError::NoRun)?.len();
        match counts.iter().find(|run| run.len() != sentences) {
            Some(run) => Err(ComparisonError::Sentences { one: sentences, other: run.len() }),
            None => Ok(Self { counts, sentences }),
        }
    }

    /// The runs whose index, from 0, is `wanted`.
    ///
    /// # Errors
    /// No run is wanted.
    pub fn select(&self, wanted: impl Fn(usize) -> bool) -> Result<Self, ComparisonError> {
        let places = (0..self.counts.len()).filter(|&run| wanted(run));
        Self::new(places.map(|run| self.counts[run].clone()).collect())
    }

    /// The entity micro F1 of every seed; 0 where there is no entity.
    pub fn f1s(&self) -> Vec<f64> {
        self.counts.iter().map(|run| micro_f1(run.iter().copied())).collect()
    }

    /// The mean of [`f1s`](Self::f1s).
    pub(crate) fn mean_f1(&self) -> f64 {
        mean(self.f1s().into_iter())
    }

    /// Number of seeds.
    pub(crate) fn seeds(&self) -> usize {
        self.counts.len()
    }

    /// Number of sentences.
    pub(crate) fn sentences(&self) -> usize {
        self.sentences
    }

    /// An error where the other runs have a different number of sentences.
    pub(crate) fn expect_sentences_of(&self, other: &Self) -> Result<(), ComparisonError> {
        let (one, other) = (self.sentences, other.sentences);
        if one == other { Ok(()) } else { Err(ComparisonError::Sentences { one, other }) }
    }

    /// The run of a pair: the indices of pairs run several times through the runs.
    pub(super) fn of_pair(&self, pair: usize) -> &[Counts] {
        &self.counts[pair % self.counts.len()]
    }
}

/// The micro F1 of summed counts; 0 where there is no entity.
pub(super) fn micro_f1(counts: impl Iterator<Item = Counts>) -> f64 {
    let mut sum = Counts::default();
    counts.for_each(|c| sum += c);
    sum.f1().unwrap_or(0.0)
}
