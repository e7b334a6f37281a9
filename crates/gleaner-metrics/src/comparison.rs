//! Whether one tagger is better than another.
//!
//! Both label the same sentences, each trained under several seeds. A difference can arise by chance in three ways:
//! through the sentences that the test set happens to have, through the seeds, and through the number of comparisons
//! that were made. The interval of the gain covers the first two, the permutation test the first, almost stochastic
//! order the second, and [`holm`](crate::holm) the third.

mod aso;
mod interval;
mod permutation;
mod runs;

pub use aso::{ASO_SEEDS, almost_stochastic_order};
pub use runs::Runs;

pub(crate) use interval::{f1_of_resample, resampled_seeds};

use crate::bootstrap::{Bootstrap, Interval};
use gleaner_base::summary::{self, deviation};
use serde::{Deserialize, Serialize};

/// Why taggers cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ComparisonError {
    /// There is nothing to compare.
    #[error("no run to compare; give one seed or more")]
    NoRun,
    /// Two runs labelled different texts.
    #[error("one run has {one} sentences, another {other}; compare runs on the same sentences")]
    Sentences {
        /// Number of sentences of the first run.
        one: usize,
        /// Number of sentences of the second run.
        other: usize,
    },
}

/// The runs of a baseline and of a system on the same sentences, in this order.
type Sides<'a> = [&'a Runs; 2];

/// The gain of a system over a baseline, in entity micro F1 from 0 to 1; over several sets of sentences, the mean of
/// the gains on each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// F1 of the baseline: the mean over its seeds.
    pub baseline: f64,
    /// Standard deviation of the baseline's F1 over seeds (divisor n − 1); `None` with one seed.
    pub baseline_deviation: Option<f64>,
    /// F1 of the system: the mean over its seeds.
    pub system: f64,
    /// Standard deviation of the system's F1 over seeds (divisor n − 1); `None` with one seed.
    pub system_deviation: Option<f64>,
    /// `system` − `baseline`.
    pub gain: f64,
    /// Interval of the gain: the percentile bootstrap over sentences and, where there are several, over seeds. Of n
    /// seeds n − 1 are drawn; otherwise a few seeds would seem to vary too little (Rao and Wu 1988). Where five seeds
    /// cause most of the difference, a 95 % interval covers the true gain in 87 of 100 simulated cases. With one
    /// seed the interval says nothing about what another training would give.
    pub interval: Interval,
    /// Two-sided p-value of the paired permutation test over sentences: how often an equal or larger difference
    /// arises if both sides label equally well.
    pub p_value: f64,
    /// ε_min of [`almost_stochastic_order`] of the system's F1s over the baseline's; `None` where a side has fewer than
    /// [`ASO_SEEDS`] seeds.
    #[serde(alias = "order")] // the name in older files
    pub aso: Option<f64>,
}

impl Comparison {
    /// Compares `system` with `baseline`. Runs are paired by position. If one side has a multiple of the other's runs,
    /// as when a training is repeated from one baseline, each round of them is paired with the other's.
    /// `bootstrap` sets the number of resamples of sentences and seeds, the number of permutations, and the level of
    /// the interval and of ASO.
    ///
    /// # Errors
    /// The two sides have different numbers of sentences.
    pub fn of(
        baseline: &Runs,
        system: &Runs,
        bootstrap: &Bootstrap,
    ) -> Result<Self, ComparisonError> {
        Self::of_means(&[[baseline, system]], bootstrap)
    }

    /// Compares the means over several sets of sentences, such as languages; each set is a baseline and a system and
    /// has the same weight. Sentences are resampled within their set, so the result holds for these sets, not for
    /// others like them. Seeds are resampled for all sets at once, because several sets may depend on one seed's
    /// source model. Deviations and ASO are of each seed's mean; `None` where the sets differ in their number of seeds.
    ///
    /// # Errors
    /// There is no set, or the sides of a set have different numbers of sentences.
    pub fn of_means(sets: &[[&Runs; 2]], bootstrap: &Bootstrap) -> Result<Self, ComparisonError> {
        if sets.is_empty() {
            return Err(ComparisonError::NoRun);
        }
        for [baseline, system] in sets {
            baseline.expect_sentences_of(system)?;
        }
        let [before, after] = [0, 1].map(|side| mean(sets.iter().map(|set| set[side].mean_f1())));
        let by_seed = [0, 1].map(|side| f1s_by_seed(sets, side));
        let [baseline_deviation, system_deviation] =
            by_seed.each_ref().map(|f1s| deviation(f1s.as_deref()?));
        let aso = match &by_seed {
            [Some(before), Some(after)] if before.len().min(after.len()) >= ASO_SEEDS => {
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
            interval: interval::interval(sets, bootstrap),
            p_value: permutation::p_value(sets, bootstrap),
            aso,
        })
    }
}

/// For each seed of a side, the mean F1 over the sets; `None` where the sets differ in their number of seeds.
fn f1s_by_seed(sets: &[Sides], side: usize) -> Option<Vec<f64>> {
    let f1s: Vec<Vec<f64>> = sets.iter().map(|set| set[side].f1s()).collect();
    let seeds = f1s.first()?.len();
    let of_seed = |seed: usize| mean(f1s.iter().map(|of_set| of_set[seed]));
    f1s.iter().all(|of_set| of_set.len() == seeds).then(|| (0..seeds).map(of_seed).collect())
}

/// The mean of runs, pairs or sets, of which there is always one.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    summary::mean(&values.collect::<Vec<_>>()).expect("one value or more")
}
