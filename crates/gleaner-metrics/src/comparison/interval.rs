//! The interval of a gain: sentences are resampled for both sides at once, and seeds too.

use super::runs::micro_f1;
use super::{Runs, Sides, mean};
use crate::bootstrap::{Bootstrap, Interval, draws, percentiles};
use gleaner_base::random::SplitMix64;
use std::collections::BTreeMap;

/// The interval of the difference of mean F1s, averaged over the sets. Each set draws its own sentences; sets with
/// the same numbers of seeds draw the same seeds.
pub(super) fn interval(sets: &[Sides], bootstrap: &Bootstrap) -> Interval {
    let gains = (0..bootstrap.resamples).map(|resample| {
        let mut draws = draws(bootstrap.seed, resample as u64);
        let mut seeds_of = BTreeMap::new();
        mean(sets.iter().map(|[baseline, system]| {
            let sentences: Vec<usize> =
                (0..baseline.sentences).map(|_| draws.below(baseline.sentences)).collect();
            let runs = [baseline.seeds(), system.seeds()];
            let [before, after] =
                seeds_of.entry(runs).or_insert_with(|| paired_seeds(runs, &mut draws));
            f1_of_resample(system, after, &sentences) - f1_of_resample(baseline, before, &sentences)
        }))
    });
    let observed = mean(sets.iter().map(|[before, after]| after.mean_f1() - before.mean_f1()));
    percentiles(gains.collect(), bootstrap.level)
        .unwrap_or(Interval { low: observed, high: observed })
}

/// Resampled seeds of a baseline and of a system with these numbers of runs. Both sides draw the same seeds, because a
/// seed's split and order of sentences are shared, and repetitions of a seed (the larger number is a multiple of the
/// other then) are drawn with it. Otherwise each side draws its own.
fn paired_seeds(runs: [usize; 2], draws: &mut SplitMix64) -> [Vec<usize>; 2] {
    let [seeds, most] = [runs[0].min(runs[1]), runs[0].max(runs[1])];
    if !most.is_multiple_of(seeds) {
        return runs.map(|runs| resampled_seeds(runs, draws));
    }
    let drawn = resampled_seeds(seeds, draws);
    let of_round = |round: usize| drawn.iter().map(move |seed| round * seeds + seed);
    runs.map(|runs| (0..runs / seeds).flat_map(of_round).collect())
}

/// Indices of resampled seeds: one fewer than there are, so that their mean varies as much as that of new seeds (Rao
/// and Wu 1988).
pub(crate) fn resampled_seeds(count: usize, draws: &mut SplitMix64) -> Vec<usize> {
    (0..(count - 1).max(1)).map(|_| draws.below(count)).collect()
}

/// The mean F1 over resampled seeds on resampled sentences.
pub(crate) fn f1_of_resample(runs: &Runs, seeds: &[usize], sentences: &[usize]) -> f64 {
    mean(seeds.iter().map(|&seed| micro_f1(sentences.iter().map(|&s| runs.counts[seed][s]))))
}
