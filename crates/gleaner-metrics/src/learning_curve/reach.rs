//! How many training sentences one way to choose them needs to reach the score of another.

use super::resampled;
use crate::bootstrap::{Bootstrap, Interval, percentiles};
use crate::comparison::{ComparisonError, Runs};
use serde::{Deserialize, Serialize};

/// Differences of F1 up to this are rounding of means.
const ROUNDING: f64 = 1e-12;

/// The share of another learning curve's sentences with which a learning curve reaches the last F1 of the other. It
/// tells what an order of annotation saves beside random order.
///
/// A curve rises and falls by chance, and would otherwise reach any score too early: it is made monotone by least
/// squares (isotonic regression; Barlow et al. 1972, chapter 1), and is linear between its sizes. The score to reach is
/// the other curve's mean F1 as it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// The F1 to reach: the other curve's mean at its last size.
    pub f1: f64,
    /// The share, which is 1 if as many sentences are needed; `None` if the F1 is not reached.
    pub share: Option<f64>,
    /// Lower end of the interval of the share over test sentences and seeds, by the percentile bootstrap: the nearest
    /// resample outwards. `None` if the F1 is not reached there.
    pub low: Option<f64>,
    /// Upper end of the interval; `None` if the F1 is not reached there.
    pub high: Option<f64>,
}

impl Reach {
    /// Compares mean F1s by number of training sentences, ascending, with `other` ones. All are on the same test
    /// sentences. The same seeds, in the same order, are drawn together.
    ///
    /// # Errors
    /// A curve has no size, or two runs have different numbers of test sentences.
    pub fn of(
        sizes: &[(f64, Runs)],
        other: &[(f64, Runs)],
        bootstrap: &Bootstrap,
    ) -> Result<Self, ComparisonError> {
        let (Some((_, first)), Some((last, _))) = (sizes.first(), other.last()) else {
            return Err(ComparisonError::NoRun);
        };
        let all = || sizes.iter().chain(other);
        all().try_for_each(|(_, runs)| first.expect_sentences_of(runs))?;
        let means = |sizes: &[(f64, Runs)]| -> Vec<(f64, f64)> {
            sizes.iter().map(|(n, runs)| (*n, runs.mean_f1())).collect()
        };
        let f1 = last_f1(&means(other));
        let share = |sizes: &[(f64, f64)], f1: f64| reached(sizes, f1) / last;
        // Both curves draw the same sentences and seeds, because draws depend on the number of the resample alone.
        let of_resample = |resample: usize| {
            let drawn = |sizes| resampled(sizes, first, bootstrap, resample);
            share(&drawn(sizes), last_f1(&drawn(other)))
        };
        let mut shares: Vec<f64> = (0..bootstrap.resamples).map(of_resample).collect();
        shares.sort_unstable_by(f64::total_cmp);
        let observed = share(&means(sizes), f1);
        let tail = (1.0 - bootstrap.level.clamp(0.0, 1.0)) / 2.0;
        // Not interpolated: there is nothing between a share and infinity.
        let place = tail * shares.len().saturating_sub(1) as f64;
        let low = shares.get(place.floor() as usize).copied().unwrap_or(observed);
        let high = shares.iter().rev().nth(place.floor() as usize).copied().unwrap_or(observed);
        let known = |share: f64| share.is_finite().then_some(share);
        Ok(Self { f1, share: known(observed), low: known(low), high: known(high) })
    }
}

/// Intervals of the mean F1 at each size, over test sentences and seeds: the percentile bootstrap.
///
/// # Errors
/// There is no size, or two runs have different numbers of test sentences.
pub fn mean_intervals(
    sizes: &[(f64, Runs)],
    bootstrap: &Bootstrap,
) -> Result<Vec<Interval>, ComparisonError> {
    let Some((_, first)) = sizes.first() else { return Err(ComparisonError::NoRun) };
    sizes.iter().try_for_each(|(_, runs)| first.expect_sentences_of(runs))?;
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(bootstrap.resamples); sizes.len()];
    for resample in 0..bootstrap.resamples {
        let points = resampled(sizes, first, bootstrap, resample);
        drawn.iter_mut().zip(points).for_each(|(f1s, (_, f1))| f1s.push(f1));
    }
    let of_size = |(f1s, (_, runs)): (Vec<f64>, &(f64, Runs))| {
        let mean = runs.mean_f1();
        percentiles(f1s, bootstrap.level).unwrap_or(Interval { low: mean, high: mean })
    };
    Ok(drawn.into_iter().zip(sizes).map(of_size).collect())
}

fn last_f1(points: &[(f64, f64)]) -> f64 {
    points.last().map_or(f64::INFINITY, |point| point.1)
}

/// The number of sentences with which the monotone curve through some points reaches an F1; infinity if it does not.
fn reached(points: &[(f64, f64)], f1: f64) -> f64 {
    let fitted = monotone(points.iter().map(|point| point.1));
    let reaches = |y: &f64| *y >= f1 - ROUNDING;
    let Some(at) = fitted.iter().position(reaches) else { return f64::INFINITY };
    let (n, y) = (points[at].0, fitted[at]);
    match at.checked_sub(1) {
        None => n,
        Some(before) => {
            let (from, low) = (points[before].0, fitted[before]);
            from + (n - from) * ((f1 - low) / (y - low)).min(1.0)
        }
    }
}

/// The ascending sequence with the least sum of squared distances, by pooling adjacent violators.
fn monotone(values: impl Iterator<Item = f64>) -> Vec<f64> {
    // Blocks of equal values: sum and number.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    let mean = |(sum, count): (f64, usize)| sum / count as f64;
    for value in values {
        blocks.push((value, 1));
        while let [.., a, b] = blocks[..]
            && mean(a) > mean(b)
        {
            blocks.truncate(blocks.len() - 2);
            blocks.push((a.0 + b.0, a.1 + b.1));
        }
    }
    blocks.into_iter().flat_map(|block| std::iter::repeat_n(mean(block), block.1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::Counts;
    use proptest::prelude::*;

    /// Runs that find `found` of every hundred entities, in sentences of one.
    fn runs(found: usize) -> Runs {
        let run = |shift: usize| {
            let count = |i: usize| Counts {
                gold: 1,
                predicted: 1,
                correct: usize::from((i * 37 + shift) % 100 < found),
            };
            (0..200).map(count).collect()
        };
        Runs::new(vec![run(0), run(11), run(23)]).unwrap()
    }

    fn curve(found: &[usize]) -> Vec<(f64, Runs)> {
        found.iter().zip(1..).map(|(&found, n)| (10.0 * f64::from(n), runs(found))).collect()
    }

    #[test]
    fn the_share_is_where_the_curve_crosses() {
        let random = curve(&[30, 40, 50, 60]);
        let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
        let of = |found: &[usize]| Reach::of(&curve(found), &random, &bootstrap).unwrap();
        let faster = of(&[30, 55, 65, 70]);
        assert!((faster.f1 - 0.6).abs() < 1e-12);
        // Halfway between 20 and 30 of 40 sentences.
        assert!((faster.share.unwrap() - 0.625).abs() < 1e-9, "{faster:?}");
        let (low, high) = (faster.low.unwrap(), faster.high.unwrap());
        assert!(low < 0.625 && 0.625 < high && low > 0.25 && high < 1.0, "{faster:?}");
        assert_eq!(of(&[30, 55, 65, 70]), faster);
        // Random order reaches its own F1 with all of its sentences, in every resample.
        let own = Reach::of(&random, &random, &bootstrap).unwrap();
        assert!((own.share.unwrap() - 1.0).abs() < 1e-12 && own.high.unwrap() < 1.0 + 1e-9);
        let slower = of(&[20, 30, 40, 45]);
        assert_eq!((slower.share, slower.low, slower.high), (None, None, None));
        let at_once = of(&[80, 85, 90, 95]);
        assert_eq!((at_once.share, at_once.high), (Some(0.25), Some(0.25)));
        // Reached in some resamples only.
        let nearly = of(&[30, 40, 50, 59]);
        assert!(nearly.share.is_none() && nearly.low.is_some() && nearly.high.is_none());
    }

    #[test]
    fn a_lucky_point_does_not_count() {
        // The third size is high by chance: with the fourth it is at 0.55.
        let random = curve(&[30, 40, 50, 60]);
        let bootstrap = Bootstrap { resamples: 0, ..Bootstrap::default() };
        let lucky = Reach::of(&curve(&[30, 40, 62, 48]), &random, &bootstrap).unwrap();
        assert_eq!((lucky.share, lucky.low), (None, None));
    }

    #[test]
    fn curves_on_other_sentences_are_refused() {
        let bootstrap = Bootstrap::default();
        let short = Runs::new(vec![vec![Counts::default(); 9]]).unwrap();
        let error = Reach::of(&curve(&[30]), &[(10.0, short.clone())], &bootstrap).unwrap_err();
        assert!(error.to_string().starts_with("one run has 200 sentences, another 9"), "{error}");
        let mixed = [curve(&[30]), vec![(20.0, short)]].concat();
        assert!(mean_intervals(&mixed, &bootstrap).is_err());
        assert!(Reach::of(&[], &curve(&[30]), &bootstrap).is_err());
        assert!(Reach::of(&curve(&[30]), &[], &bootstrap).is_err());
        assert!(mean_intervals(&[], &bootstrap).is_err());
    }

    #[test]
    fn intervals_surround_the_means() {
        let sizes = curve(&[30, 60]);
        let bootstrap = Bootstrap { resamples: 200, ..Bootstrap::default() };
        let found = mean_intervals(&sizes, &bootstrap).unwrap();
        for (interval, mean) in found.iter().zip([0.3, 0.6]) {
            assert!(interval.low < mean && mean < interval.high, "{interval:?} {mean}");
            assert!(interval.high - interval.low < 0.2, "{interval:?}");
        }
        let none = Bootstrap { resamples: 0, ..bootstrap };
        let means = mean_intervals(&sizes, &none).unwrap();
        assert!((means[1].low - 0.6).abs() < 1e-12 && means[1].low == means[1].high);
    }

    #[test]
    fn monotone_by_hand() {
        let of = |values: &[f64]| monotone(values.iter().copied());
        assert_eq!(of(&[1.0, 3.0, 2.0, 4.0]), [1.0, 2.5, 2.5, 4.0]);
        assert_eq!(of(&[3.0, 2.0, 1.0]), [2.0; 3]);
        assert_eq!(of(&[]), [0.0; 0]);
    }

    proptest! {
        #[test]
        fn monotone_keeps_sums_and_ascends(values in prop::collection::vec(0.0..1.0f64, 0..12)) {
            let fitted = monotone(values.iter().copied());
            prop_assert!(fitted.is_sorted());
            prop_assert!((fitted.iter().sum::<f64>() - values.iter().sum::<f64>()).abs() < 1e-9);
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(monotone(sorted.iter().copied()), sorted);
        }
    }
}
