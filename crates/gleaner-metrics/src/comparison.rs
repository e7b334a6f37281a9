//! Whether one recogniser is better than another, or only luckier.
//!
//! Both label the same sentences, trained under several seeds each. Three things can make a difference
//! without being one: which sentences happened to be in the test set, which seeds were drawn, and how
//! many comparisons were made before one looked good. The interval of the difference takes the first
//! two into account, the permutation test the first, stochastic order the second, and
//! [`holm`](crate::holm) the third.

mod bootstrap;
mod growth;
mod order;
mod permutation;

pub use growth::{Growth, PowerLaw};
pub use order::almost_stochastic_order;

use crate::bootstrap::{Bootstrap, Interval};
use crate::counts::Counts;
use serde::{Deserialize, Serialize};

/// A recogniser on a set of sentences, under several seeds. A sentence here is what stands and falls as a
/// whole: sentences with the same words, which a recogniser labels alike, are to be counted together.
#[derive(Clone, Debug)]
pub struct Runs {
    /// `[seeds][sentences]`.
    counts: Vec<Vec<Counts>>,
    sentences: usize,
}

/// Why recognisers cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComparisonError {
    /// There is nothing to compare.
    #[error("no run to compare; give one seed or more")]
    NoRun,
    /// Two runs labelled different texts.
    #[error("one run has {one} sentences, another {other}; compare runs on the same sentences")]
    Sentences {
        /// Of the one.
        one: usize,
        /// Of the other.
        other: usize,
    },
}

impl Runs {
    /// The runs of a recogniser: for each seed the counts of all sentences, in the same order.
    ///
    /// # Errors
    /// There is no run, or the runs have not as many sentences.
    pub fn new(counts: Vec<Vec<Counts>>) -> Result<Self, ComparisonError> {
        let sentences = counts.first().ok_or(ComparisonError::NoRun)?.len();
        match counts.iter().find(|run| run.len() != sentences) {
            Some(run) => Err(ComparisonError::Sentences { one: sentences, other: run.len() }),
            None => Ok(Self { counts, sentences }),
        }
    }

    /// Those of the runs, counted from 0, that are `wanted`.
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

    /// The run in a place, counted round.
    fn round(&self, place: usize) -> &[Counts] {
        &self.counts[place % self.counts.len()]
    }

    fn mean_f1(&self) -> f64 {
        mean(&self.f1s())
    }
}

/// A baseline and a system on the same sentences, in this order.
type Sides<'a> = [&'a Runs; 2];

/// What a system gains over a baseline, in entity micro F1 from 0 to 1; over several sets of sentences, in the
/// mean of their F1s.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// The baseline's F1: the mean over its seeds.
    pub baseline: f64,
    /// The standard deviation of the baseline's F1 over seeds (divisor n − 1); `None` of one seed.
    pub baseline_deviation: Option<f64>,
    /// The system's F1: the mean over its seeds.
    pub system: f64,
    /// The standard deviation of the system's F1 over seeds (divisor n − 1); `None` of one seed.
    pub system_deviation: Option<f64>,
    /// What the system gains.
    pub gain: f64,
    /// Where the gain may lie: the percentile bootstrap over sentences and, where there are several,
    /// over seeds. Of n seeds n − 1 are drawn, without which few seeds would seem to vary too little (Rao
    /// and Wu 1988); where five seeds make most of the difference it still holds the truth in 87 of 100 cases
    /// rather than 95 (simulated). With one seed nothing is known of what another training would bring.
    pub interval: Interval,
    /// How often a gain or loss as large would come about if it made no difference which of the two
    /// labelled a sentence.
    pub p_value: f64,
    /// ε_min of [`almost_stochastic_order`] of the system's F1s over the baseline's; `None` where
    /// either has a single seed.
    pub order: Option<f64>,
}

impl Comparison {
    /// Compares `system` with `baseline`. A run stands against the one in the same place; where the system
    /// has several times as many, as when a training is repeated from one baseline, they stand round by
    /// round against the baseline's. `bootstrap` says how often sentences and seeds are drawn
    /// and how often the two are exchanged, and the level of the interval and of the order.
    ///
    /// # Errors
    /// The two have not as many sentences.
    pub fn of(
        baseline: &Runs,
        system: &Runs,
        bootstrap: &Bootstrap,
    ) -> Result<Self, ComparisonError> {
        Self::of_means(&[[baseline, system]], bootstrap)
    }

    /// Compares the means over several sets of sentences, say of languages, each a baseline and a
    /// system; every set has the same weight. Sentences are drawn within their set, so that what is said is
    /// said of these sets, not of others like them. Seeds are drawn for all sets at once: a seed's source
    /// model may stand behind several of them. Deviations and order are of the means of each seed, `None`
    /// where the sets have not as many.
    ///
    /// # Errors
    /// There is no set, or the sides of one have not as many sentences.
    pub fn of_means(sets: &[[&Runs; 2]], bootstrap: &Bootstrap) -> Result<Self, ComparisonError> {
        if sets.is_empty() {
            return Err(ComparisonError::NoRun);
        }
        if let Some([one, other]) = sets.iter().find(|[a, b]| a.sentences != b.sentences) {
            let (one, other) = (one.sentences, other.sentences);
            return Err(ComparisonError::Sentences { one, other });
        }
        let [before, after] = [0, 1]
            .map(|side| mean(&sets.iter().map(|set| set[side].mean_f1()).collect::<Vec<_>>()));
        let by_seed = [0, 1].map(|side| f1s_by_seed(sets, side));
        let [baseline_deviation, system_deviation] =
            by_seed.each_ref().map(|f1s| deviation(f1s.as_deref()?));
        let order = match &by_seed {
            [Some(before), Some(after)] if before.len() > 1 && after.len() > 1 => {
                Some(almost_stochastic_order(after, before, bootstrap))
            }
            _ => None,
        };
        Ok(Self {
            baseline: before,
            baseline_deviation,
            system: after,
            system_deviation,
            gain: after - before,
            interval: bootstrap::interval(sets, bootstrap),
            p_value: permutation::p_value(sets, bootstrap),
            order,
        })
    }
}

/// For each seed of a side the mean F1 over the sets; nothing where they have not as many seeds.
fn f1s_by_seed(sets: &[Sides], side: usize) -> Option<Vec<f64>> {
    let f1s: Vec<Vec<f64>> = sets.iter().map(|set| set[side].f1s()).collect();
    let seeds = f1s.first()?.len();
    let of_seed = |seed: usize| mean(&f1s.iter().map(|of_set| of_set[seed]).collect::<Vec<_>>());
    f1s.iter().all(|of_set| of_set.len() == seeds).then(|| (0..seeds).map(of_seed).collect())
}

/// The standard deviation of a sample (divisor n − 1).
fn deviation(values: &[f64]) -> Option<f64> {
    let around = mean(values);
    let squares = values.iter().map(|v| (v - around).powi(2)).sum::<f64>();
    (values.len() > 1).then(|| (squares / (values.len() as f64 - 1.0)).sqrt())
}

fn micro_f1(counts: impl Iterator<Item = Counts>) -> f64 {
    let mut sum = Counts::default();
    counts.for_each(|c| sum += c);
    sum.f1().unwrap_or(0.0)
}

/// Pairs of runs that give each run of either side the same weight.
fn pairs(baseline: &Runs, system: &Runs) -> usize {
    let [n, m] = [baseline.counts.len(), system.counts.len()];
    (1..=n).map(|times| times * m).find(|pairs| pairs % n == 0).unwrap_or(n * m)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
