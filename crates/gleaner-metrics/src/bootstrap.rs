//! Intervals of F1 by the percentile bootstrap over sentences (Efron 1979).
//!
//! Entities of one sentence stand and fall together, so sentences are what is drawn anew, with
//! replacement, as many as there are. So do sentences with the same words, which are drawn together: ten
//! copies tell no more than one. The interval runs between two quantiles of the F1s of the
//! resamples. With a few dozen sentences it covers slightly less often than its level says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::counts::{Counts, SentenceCounts};

/// How intervals are computed. The same values over the same sentences in the same order give the
/// same intervals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// How often the sentences are drawn anew; 1000 by default.
    pub resamples: usize,
    /// How much of the resamples' F1s lies between the ends; 0.95 by default. Taken as 0 below 0
    /// and as 1 above 1.
    pub level: f64,
    /// The seed of the draws; 42 by default.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Bootstrap { resamples: 1000, level: 0.95, seed: 42 }
    }
}

/// Where a score, from 0 to 1, or a difference of scores may lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Intervals of the F1s of a [`Report`](crate::Report), with all that says how they came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Intervals {
    /// How they were computed.
    pub bootstrap: Bootstrap,
    /// How many different sentences were drawn from, and in each resample.
    pub sentences: usize,
    /// Of the micro F1.
    #[serde(alias = "micro_f1")] // as model folders of earlier builds have it
    pub micro_f1: Interval,
    /// Of the macro F1: in each resample the mean over the types that occur in it.
    #[serde(alias = "macro_f1")]
    pub macro_f1: Interval,
    /// Of the F1 of each type, over those resamples in which it occurs. A type that stands in very
    /// few sentences has an interval that is too narrow: look at its counts.
    pub types: BTreeMap<String, Interval>,
}

impl Intervals {
    /// `alike` has the numbers of the sentences that are drawn together. `None` where no resample holds an
    /// entity, gold or predicted.
    pub(crate) fn of(
        counts: &SentenceCounts,
        alike: &[Vec<usize>],
        bootstrap: &Bootstrap,
    ) -> Option<Self> {
        let sentences = alike.len();
        let kinds: Vec<(&str, usize)> = counts.kinds().collect();
        let mut micro_f1s = Vec::with_capacity(bootstrap.resamples);
        let mut macro_f1s = Vec::with_capacity(bootstrap.resamples);
        let mut type_f1s = vec![Vec::new(); kinds.len()];
        for resample in 0..bootstrap.resamples {
            let mut draws = Draws::new(bootstrap.seed, resample as u64);
            let drawn = (0..sentences).flat_map(|_| &alike[draws.below(sentences)]);
            let sums = counts.sum(drawn.copied());
            let mut all = Counts::default();
            let (mut sum_of_f1s, mut occurring) = (0.0, 0);
            for (sum, f1s) in sums.iter().zip(&mut type_f1s) {
                all += *sum;
                if let Some(f1) = sum.f1() {
                    f1s.push(f1);
                    sum_of_f1s += f1;
                    occurring += 1;
                }
            }
            if let Some(f1) = all.f1() {
                micro_f1s.push(f1);
                macro_f1s.push(sum_of_f1s / f64::from(occurring));
            }
        }
        Some(Intervals {
            bootstrap: *bootstrap,
            sentences,
            micro_f1: percentiles(micro_f1s, bootstrap.level)?,
            macro_f1: percentiles(macro_f1s, bootstrap.level)?,
            types: kinds
                .into_iter()
                .filter_map(|(name, at)| {
                    let f1s = std::mem::take(&mut type_f1s[at]);
                    Some((name.to_owned(), percentiles(f1s, bootstrap.level)?))
                })
                .collect(),
        })
    }
}

/// The middle part of the values that holds `level` of them, by linear interpolation between
/// neighbours (numpy's default quantile); `None` of no values.
pub(crate) fn percentiles(mut values: Vec<f64>, level: f64) -> Option<Interval> {
    let last = values.len().checked_sub(1)?;
    values.sort_unstable_by(f64::total_cmp);
    let quantile = |q: f64| {
        let position = q * last as f64;
        let below = values[position.floor() as usize];
        let above = values[position.ceil() as usize];
        below + (above - below) * position.fract()
    };
    let tail = (1.0 - level.clamp(0.0, 1.0)) / 2.0;
    Some(Interval { low: quantile(tail), high: quantile(1.0 - tail) })
}

/// The basic interval (Davison and Hinkley 1997, section 5.2): `observed` less what the resamples are
/// beyond it. It takes out that a statistic such as an absolute error grows when it is drawn anew.
pub(crate) fn reflected(values: Vec<f64>, observed: f64, level: f64) -> Option<Interval> {
    let Interval { low, high } = percentiles(values, level)?;
    Some(Interval { low: 2.0 * observed - high, high: 2.0 * observed - low })
}

/// The draws of one resample: SplitMix64 (Steele, Lea and Flood 2014), whose n-th value is a
/// function of seed, resample and n alone.
pub(crate) struct Draws {
    state: u64,
}

impl Draws {
    pub(crate) fn new(seed: u64, resample: u64) -> Self {
        Draws { state: mix(mix(seed).wrapping_add(resample)) }
    }

    /// A number below `bound`: the high half of a product, whose bias (`bound` / 2⁶⁴) is far below
    /// what can be seen.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        ((u128::from(mix(self.state)) * bound as u128) >> 64) as usize
    }
}

/// SplitMix64's finaliser: a bijection that spreads every bit over all.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_splitmix64() {
        // The first values of the reference implementation from the state 1234567.
        let mut state = 1_234_567_u64;
        for expected in
            [6_457_827_717_110_365_317_u64, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            assert_eq!(mix(state), expected);
        }
    }

    #[test]
    fn draws_are_even_within_and_between_resamples() {
        let mut seen = [0_u32; 10];
        for resample in 0..2000 {
            let mut draws = Draws::new(7, resample);
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
