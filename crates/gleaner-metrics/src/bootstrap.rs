//! The bootstrap over sentences (Efron 1979): how resamples are drawn, and the interval between two of their quantiles.

use gleaner_base::random::{SplitMix64, finalise};
use gleaner_base::summary::quantile;
use serde::{Deserialize, Serialize};

/// How intervals are computed. The same values over the same sentences in the same order give the same intervals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// Number of resamples; 1000 by default.
    pub resamples: usize,
    /// Share of the resampled values that lies between the ends; 0.95 by default, clamped to 0 and 1.
    pub level: f64,
    /// Seed of the draws; 42 by default.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { resamples: 1000, level: 0.95, seed: 42 }
    }
}

/// The interval of a score, from 0 to 1, or of a difference of scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The percentile interval: the middle part of the values that holds `level` of them. `None` of no values.
pub(crate) fn percentiles(mut values: Vec<f64>, level: f64) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - level.clamp(0.0, 1.0)) / 2.0;
    Some(Interval { low: quantile(&values, tail)?, high: quantile(&values, 1.0 - tail)? })
}

/// The basic interval (Davison and Hinkley 1997, section 5.2): the percentile interval reflected at `observed`. It
/// removes the bias of statistics that grow under resampling, such as an absolute error.
pub(crate) fn reflected(values: Vec<f64>, observed: f64, level: f64) -> Option<Interval> {
    let Interval { low, high } = percentiles(values, level)?;
    Some(Interval { low: 2.0 * observed - high, high: 2.0 * observed - low })
}

/// The draws of one resample. The n-th is a function of the seed, the resample's number and n alone.
pub(crate) fn draws(seed: u64, resample: u64) -> SplitMix64 {
    SplitMix64::new(finalise(finalise(seed).wrapping_add(resample)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_within_and_between_resamples() {
        let mut seen = [0_u32; 10];
        for resample in 0..2000 {
            let mut draws = draws(7, resample);
            (0..10).for_each(|_| seen[draws.below(10)] += 1);
        }
        // 20,000 draws: 2000 each, with a standard deviation of 42.
        assert!(seen.iter().all(|&n| (1800..2200).contains(&n)), "{seen:?}");
    }

    #[test]
    fn percentiles_interpolate() {
        let values = vec![4.0, 0.0, 1.0, 3.0, 2.0];
        assert_eq!(percentiles(values.clone(), 0.5), Some(Interval { low: 1.0, high: 3.0 }));
        assert_eq!(percentiles(values.clone(), 0.75), Some(Interval { low: 0.5, high: 3.5 }));
        assert_eq!(percentiles(values.clone(), 0.0), Some(Interval { low: 2.0, high: 2.0 }));
        assert_eq!(percentiles(values, 7.0), Some(Interval { low: 0.0, high: 4.0 }));
        assert_eq!(percentiles(Vec::new(), 0.95), None);
    }
}
