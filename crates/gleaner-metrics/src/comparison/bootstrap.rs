//! The interval of a gain: sentences are drawn anew for both sides at once, and seeds with them.

use super::{Runs, mean, micro_f1};
use crate::bootstrap::{Bootstrap, Draws, Interval, percentiles};

/// The interval of the difference of mean F1s. Where both sides have as many seeds, the same places
/// are drawn in both, since a seed's split and order of sentences are shared.
pub(super) fn interval(baseline: &Runs, system: &Runs, bootstrap: &Bootstrap) -> Interval {
    let [n, m] = [baseline.counts.len(), system.counts.len()];
    let gains = (0..bootstrap.resamples).map(|resample| {
        let mut draws = Draws::new(bootstrap.seed, resample as u64);
        let sentences: Vec<usize> =
            (0..baseline.sentences).map(|_| draws.below(baseline.sentences)).collect();
        let before: Vec<usize> = (0..n).map(|_| draws.below(n)).collect();
        let after = if n == m { before.clone() } else { (0..m).map(|_| draws.below(m)).collect() };
        drawn(system, &after, &sentences) - drawn(baseline, &before, &sentences)
    });
    let gain = system.mean_f1() - baseline.mean_f1();
    percentiles(gains.collect(), bootstrap.level).unwrap_or(Interval { low: gain, high: gain })
}

/// The mean F1 over drawn seeds on drawn sentences.
pub(super) fn drawn(runs: &Runs, seeds: &[usize], sentences: &[usize]) -> f64 {
    let f1 = |&seed: &usize| micro_f1(sentences.iter().map(|&s| runs.counts[seed][s]));
    mean(&seeds.iter().map(f1).collect::<Vec<_>>())
}
