//! The paired permutation test (Noreen 1989, ch. 2): if both sides are alike, it makes no difference
//! which of them labelled a sentence.

use super::Runs;
use crate::bootstrap::{Bootstrap, Draws};
use crate::counts::Counts;

/// Two sums of counts are as far apart as two others up to rounding.
const TIE: f64 = 1e-12;

/// The two-sided p-value of the difference of mean F1s. A sentence is exchanged as a whole, under all
/// seeds. All exchanges are tried where they are fewer than `bootstrap.resamples`; else so many are
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
    let of = |runs: &Runs| runs.counts.iter().map(|run| run[sentence]).collect::<Vec<Counts>>();
    let (a, b) = (of(baseline), of(system));
    a.len() != b.len() || a != b
}

/// The gain once the `exchanged` ones of the `differing` sentences have changed sides, each under the seed
/// in the same place (counted round where one side has fewer).
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
    let mean_f1 = |own: &Runs, other: &Runs| {
        let f1 = |seed: usize| {
            super::micro_f1((0..own.sentences).map(|s| {
                let runs = if swapped[s] { other } else { own };
                runs.counts[seed % runs.counts.len()][s]
            }))
        };
        super::mean(&(0..own.counts.len()).map(f1).collect::<Vec<_>>())
    };
    mean_f1(system, baseline) - mean_f1(baseline, system)
}
