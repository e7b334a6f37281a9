//! The interval of a gain: sentences are drawn anew for both sides at once, and seeds with them.

use super::{Runs, mean, micro_f1};
use crate::bootstrap::{Bootstrap, Draws, Interval, percentiles};

/// The interval of the difference of mean F1s. The same places of seeds are drawn in both sides, since a
/// seed's split and order of sentences are shared; the repetitions of a seed come along with it. Sides that
/// do not fit so are drawn one by one.
pub(super) fn interval(baseline: &Runs, system: &Runs, bootstrap: &Bootstrap) -> Interval {
    let [n, m] = [baseline.counts.len(), system.counts.len()];
    let gains = (0..bootstrap.resamples).map(|resample| {
        let mut draws = Draws::new(bootstrap.seed, resample as u64);
        let sentences: Vec<usize> =
            (0..baseline.sentences).map(|_| draws.below(baseline.sentences)).collect();
        let before = seeds(n, &mut draws);
        let after = match m % n {
            0 => (0..m / n).flat_map(|round| before.iter().map(move |s| round * n + s)).collect(),
            _ => seeds(m, &mut draws),
        };
        drawn(system, &after, &sentences) - drawn(baseline, &before, &sentences)
    });
    let gain = system.mean_f1() - baseline.mean_f1();
    percentiles(gains.collect(), bootstrap.level).unwrap_or(Interval { low: gain, high: gain })
}

/// Places of seeds drawn anew: one fewer than there are, so that their mean varies as that of as many new
/// seeds would (Rao and Wu 1988).
pub(super) fn seeds(count: usize, draws: &mut Draws) -> Vec<usize> {
    (0..(count - 1).max(1)).map(|_| draws.below(count)).collect()
}

/// The mean F1 over drawn seeds on drawn sentences.
pub(super) fn drawn(runs: &Runs, seeds: &[usize], sentences: &[usize]) -> f64 {
    let f1 = |&seed: &usize| micro_f1(sentences.iter().map(|&s| runs.counts[seed][s]));
    mean(&seeds.iter().map(f1).collect::<Vec<_>>())
}
