//! The paired permutation test (Noreen 1989, ch. 2): if both sides label equally well, exchanging their labels of a
//! sentence changes nothing.

use super::runs::micro_f1;
use super::{Runs, Sides, mean};
use crate::bootstrap::{Bootstrap, draws};
use crate::counts::Counts;

/// Differences that are closer than this are equal up to rounding.
const TIE: f64 = 1e-12;

/// The two-sided p-value of the difference of mean F1s, averaged over the sets. A sentence is exchanged as a whole, in
/// all pairs of runs of its set. Tries all exchanges where there are no more than `bootstrap.resamples`; otherwise
/// draws that many and counts the observed assignment as one more.
pub(super) fn p_value(sets: &[Sides], bootstrap: &Bootstrap) -> f64 {
    // Exchanging a sentence with the same counts on both sides changes nothing.
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
                let mut draws = draws(bootstrap.seed, round as u64);
                let coins: Vec<bool> = (0..places).map(|_| draws.below(2) == 1).collect();
                extreme(&|i| coins[i])
            });
            (extremes.sum::<f64>() + 1.0) / (bootstrap.resamples as f64 + 1.0)
        }
    }
}

/// Pairs of runs that give each run of a side the same weight.
fn pairs(baseline: &Runs, system: &Runs) -> usize {
    let [n, m] = [baseline.seeds(), system.seeds()];
    (1..=n).map(|times| times * m).find(|pairs| pairs % n == 0).unwrap_or(n * m)
}

/// Whether a sentence has different counts on both sides in any pair of runs.
fn differs(baseline: &Runs, system: &Runs, sentence: usize) -> bool {
    (0..pairs(baseline, system))
        .any(|pair| baseline.of_pair(pair)[sentence] != system.of_pair(pair)[sentence])
}

/// The mean gain after the `exchanged` ones of the `differing` sentences, `[sets][sentences]`, have changed sides.
/// `exchanged` takes their numbers, counted through all sets.
fn mean_gain(sets: &[Sides], differing: &[Vec<usize>], exchanged: &dyn Fn(usize) -> bool) -> f64 {
    let mut place = 0;
    mean(sets.iter().zip(differing).map(|(sides, differing)| {
        let mut swapped = vec![false; sides[0].sentences];
        for &sentence in differing {
            swapped[sentence] = exchanged(place);
            place += 1;
        }
        gain(sides, &swapped)
    }))
}

/// The gain with the `swapped` sentences exchanged in every pair of runs.
fn gain([baseline, system]: &Sides, swapped: &[bool]) -> f64 {
    let f1 = |own: &[Counts], other: &[Counts]| {
        let counts = |s: usize| if swapped[s] { other[s] } else { own[s] };
        micro_f1((0..own.len()).map(counts))
    };
    mean((0..pairs(baseline, system)).map(|pair| {
        let [before, after] = [baseline.of_pair(pair), system.of_pair(pair)];
        f1(after, before) - f1(before, after)
    }))
}
