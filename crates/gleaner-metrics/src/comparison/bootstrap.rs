//! The interval of a gain: sentences are drawn anew for both sides at once, and seeds with them.

use super::{Runs, Sides, mean, micro_f1};
use crate::bootstrap::{Bootstrap, Draws, Interval, percentiles};
use std::collections::BTreeMap;

/// The interval of the difference of mean F1s, in the mean of the sets. Each set draws its own sentences; sets
/// with as many seeds draw the same ones.
pub(super) fn interval(sets: &[Sides], bootstrap: &Bootstrap) -> Interval {
    let gains = (0..bootstrap.resamples).map(|resample| {
        let mut draws = Draws::new(bootstrap.seed, resample as u64);
        let mut seeds_of = BTreeMap::new();
        let gain = |[baseline, system]: &Sides| {
            let sentences: Vec<usize> =
                (0..baseline.sentences).map(|_| draws.below(baseline.sentences)).collect();
            let runs = [baseline.counts.len(), system.counts.len()];
            let [before, after] =
                seeds_of.entry(runs).or_insert_with(|| paired_seeds(runs, &mut draws));
            drawn(system, after, &sentences) - drawn(baseline, before, &sentences)
        };
        mean(&sets.iter().map(gain).collect::<Vec<_>>())
    });
    let gain = |[baseline, system]: &Sides| system.mean_f1() - baseline.mean_f1();
    let observed = mean(&sets.iter().map(gain).collect::<Vec<_>>());
    percentiles(gains.collect(), bootstrap.level)
        .unwrap_or(Interval { low: observed, high: observed })
}

/// Places of seeds drawn anew for a baseline of n runs and a system of m. The same are drawn in both, since a
/// seed's split and order of sentences are shared; the repetitions of a seed come along with it. Sides that
/// do not fit so are drawn one by one.
fn paired_seeds([n, m]: [usize; 2], draws: &mut Draws) -> [Vec<usize>; 2] {
    let before = seeds(n, draws);
    let after = match m % n {
        0 => (0..m / n).flat_map(|round| before.iter().map(move |s| round * n + s)).collect(),
        _ => seeds(m, draws),
    };
    [before, after]
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
