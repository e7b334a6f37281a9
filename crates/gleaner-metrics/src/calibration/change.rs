//! The change of calibration errors through recalibration.

use super::{ScoredSpans, mean_of_known};
use crate::bootstrap::{Bootstrap, Interval, draws, reflected};
use serde::{Deserialize, Serialize};

/// The change of expected calibration errors through recalibration; means over groups, such as languages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationChange {
    /// The error before.
    pub before: f64,
    /// The error after.
    pub after: f64,
    /// `after` − `before`; negative where recalibration helped.
    pub change: f64,
    /// The interval of the change over the sentences of every group (the basic bootstrap).
    pub interval: Interval,
}

impl CalibrationChange {
    /// Compares the confidences of the same spans before and after. A group, such as a language, holds the pair of each
    /// of its taggers; all of them have labelled the same sentences in the same order. Errors are averaged over the
    /// taggers of a group, then over groups. Sentences are resampled in each group, the same for all its taggers.
    /// `None` where a group has no span.
    pub fn of(
        groups: &[Vec<[&ScoredSpans; 2]>],
        bins: usize,
        bootstrap: &Bootstrap,
    ) -> Option<Self> {
        let of_group = |taggers: &[[&ScoredSpans; 2]],
                        error: &dyn Fn(&ScoredSpans) -> Option<f64>| {
            let of = |side: usize| mean_of_known(taggers.iter().map(|pair| error(pair[side])));
            Some([of(0)?, of(1)?])
        };
        let observed: Option<Vec<[f64; 2]>> =
            groups.iter().map(|taggers| of_group(taggers, &|spans| spans.ece(bins))).collect();
        let [before, after] = mean(&observed.filter(|errors| !errors.is_empty())?);
        let changes = (0..bootstrap.resamples).filter_map(|resample| {
            let drawn = groups.iter().enumerate().map(|(group, taggers)| {
                let number = (resample * groups.len() + group) as u64;
                let draws = || draws(bootstrap.seed, number);
                of_group(taggers, &|spans| spans.resampled_error(bins, &mut draws()))
            });
            let [before, after] = mean(&drawn.collect::<Option<Vec<_>>>()?);
            Some(after - before)
        });
        let change = after - before;
        let interval = reflected(changes.collect(), change, bootstrap.level)?;
        Some(Self { before, after, change, interval })
    }
}

/// The mean error of each side over groups, of which there is one or more.
fn mean(errors: &[[f64; 2]]) -> [f64; 2] {
    let sum = errors.iter().fold([0.0, 0.0], |sum, e| [sum[0] + e[0], sum[1] + e[1]]);
    sum.map(|sum| sum / errors.len() as f64)
}
