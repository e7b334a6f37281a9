//! The paired permutation test (Noreen 1989, ch. 2): if both sides are alike, it makes no difference
//! which of them labelled a sentence.

use super::{Runs, Sides, mean, micro_f1, pairs};
use crate::bootstrap::{Bootstrap, Draws};
use crate::counts::Counts;

/// Two sums of counts are as far apart as two others up to rounding.
const TIE: f64 = 1e-12;

/// The two-sided p-value of the difference of mean F1s, in the mean of the sets. A sentence is exchanged as a
/// whole, in all pairs of runs of its set. All exchanges are tried where they are no more than
/// `bootstrap.resamples`; else so many are drawn, and the sentences as they are count as one more.
pub(super) fn p_value(sets: &[Sides], bootstrap: &Bootstrap) -> f64 {
    // Sentences that count alike on both sides change nothing.
    let differing: Vec<Vec<usize>> = sets
        .iter()
        .map(|[a, b]| (0..a.sentences).filter(|&s| differs(a, b, s)).collect())
        .collect();
    let places: usize = differing.iter().map(Vec::len).sum();
    let gain = |exchanged: &dyn Fn(usize) -> bool| mean_gain(sets, &differing, exchanged);
    let observed = gain(&|_| false).abs();
    let exchanges = 1u64.checked_shl(places as u32).filter(|&n| n <= bootstrap.resamples as u64);
    let extreme =
        |exchanged: &dyn Fn(usize) -> bool| f64::from(gain(exchanged).abs() >= observed - TIE);
    match exchanges {
        Some(all) => {
            let extremes = (0..all).map(|mask| extreme(&|i| mask >> i & 1 == 1)).sum::<f64>();
            extremes / all as f64
        }
        None => {
            let extremes = (0..bootstrap.resamples).map(|round| {
                let mut draws = Draws::new(bootstrap.seed, round as u64);
                let coins: Vec<bool> = (0..places).map(|_| draws.below(2) == 1).collect();
                extreme(&|i| coins[i])
            });
            (extremes.sum::<f64>() + 1.0) / (bootstrap.resamples as f64 + 1.0)
        }
    }
}

/// Whether it matters which side labelled a sentence.
fn differs(baseline: &Runs, system: &Runs, sentence: usize) -> bool {
    (0..pairs(baseline, system))
        .any(|pair| baseline.round(pair)[sentence] != system.round(pair)[sentence])
}

/// The mean gain once the `exchanged` ones of the `differing` sentences `[sets][sentences]`, counted through,
/// have changed sides.
fn mean_gain(sets: &[Sides], differing: &[Vec<usize>], exchanged: &dyn Fn(usize) -> bool) -> f64 {
    let mut place = 0;
    let gain = |(sides, differing): (&Sides, &Vec<usize>)| {
        let mut swapped = vec![false; sides[0].sentences];
        for &sentence in differing {
            swapped[sentence] = exchanged(place);
            place += 1;
        }
        gain(sides, &swapped)
    };
    mean(&sets.iter().zip(differing).map(gain).collect::<Vec<_>>())
}

/// The gain with the swapped sentences exchanged in every pair of runs.
fn gain([baseline, system]: &Sides, swapped: &[bool]) -> f64 {
    let f1 = |own: &[Counts], other: &[Counts]| {
        let counts = |s: usize| if swapped[s] { other[s] } else { own[s] };
        micro_f1((0..own.len()).map(counts))
    };
    let gain = |pair: usize| {
        let [before, after] = [baseline.round(pair), system.round(pair)];
        f1(after, before) - f1(before, after)
    };
    mean(&(0..pairs(baseline, system)).map(gain).collect::<Vec<_>>())
}
