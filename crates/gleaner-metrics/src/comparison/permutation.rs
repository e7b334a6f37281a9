//! The paired permutation test (Noreen 1989, ch. 2): if both sides are alike, it makes no difference
//! which of them labelled a sentence.

use super::{Runs, mean, micro_f1, pairs};
use crate::bootstrap::{Bootstrap, Draws};
use crate::counts::Counts;

/// Two sums of counts are as far apart as two others up to rounding.
const TIE: f64 = 1e-12;

/// The two-sided p-value of the difference of mean F1s. A sentence is exchanged as a whole, in all
/// pairs of runs. All exchanges are tried where they are no more than `bootstrap.resamples`; else so many are
/// drawn, and the sentences as they are count as one more.
pub(super) fn p_value(baseline: &Runs, system: &Runs, bootstrap: &Bootstrap) -> f64 {
    // Sentences without any entity on either side change nothing.
    let differing: Vec<usize> =
        (0..baseline.sentences).filter(|&s| differs(baseline, system, s)).collect();
    let observed = (system.mean_f1() - baseline.mean_f1()).abs();
    let exchanges =
        1u64.checked_shl(differing.len() as u32).filter(|&n| n <= bootstrap.resamples as u64);
    let extreme = |exchanged: &dyn Fn(usize) -> bool| {
        f64::from(gain(baseline, system, &differing, exchanged).abs() >= observed - TIE)
    };
    match exchanges {
        Some(all) => {
            let extremes = (0..all).map(|mask| extreme(&|i| mask >> i & 1 == 1)).sum::<f64>();
            extremes / all as f64
        }
        None => {
            let extremes = (0..bootstrap.resamples).map(|round| {
                let mut draws = Draws::new(bootstrap.seed, round as u64);
                let coins: Vec<bool> = differing.iter().map(|_| draws.below(2) == 1).collect();
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

/// The gain once the `exchanged` ones of the `differing` sentences have changed sides, each in every pair of
/// runs.
fn gain(
    baseline: &Runs,
    system: &Runs,
    differing: &[usize],
    exchanged: &dyn Fn(usize) -> bool,
) -> f64 {
    let mut swapped = vec![false; baseline.sentences];
    for (i, &sentence) in differing.iter().enumerate() {
        swapped[sentence] = exchanged(i);
    }
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
