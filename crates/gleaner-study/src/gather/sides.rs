//! The two sides of a comparison: their runs, seed by seed, on the same test sentences.

use super::tested::{Group, Tested, are_on_the_same_text, put_together};
use gleaner_metrics::{Counts, Runs};
use gleaner_report::study::Subset;
use std::collections::BTreeSet;

/// Test sentences as labelled by every run of two sides, the baseline first.
pub(super) struct Sides {
    sides: [Vec<Vec<Tested>>; 2],
    /// For each sentence, whether it occurs in the training text of some run.
    seen: Vec<bool>,
    /// For each sentence, the spans that are an entity in the training text of some run, ascending.
    known: Vec<Vec<(usize, usize)>>,
}

/// The repetitions of an experiment, or the members of an ensemble.
fn repeats(side: &Group) -> BTreeSet<u32> {
    side.keys().map(|(repeat, _)| *repeat).collect()
}

/// The seeds that both sides have, each with all repetitions.
pub(super) fn paired(baseline: &Group, system: &Group) -> Vec<u64> {
    let has_all = |side: &Group, seed: u64| {
        repeats(side).iter().all(|repeat| side.contains_key(&(*repeat, seed)))
    };
    let seeds: BTreeSet<u64> = system.keys().map(|(_, seed)| *seed).collect();
    let both = |seed: &u64| has_all(baseline, *seed) && has_all(system, *seed);
    if baseline.is_empty() { Vec::new() } else { seeds.into_iter().filter(both).collect() }
}

/// The folds of some seeds on both sides, for each repetition. So the seeds of every repetition of one side line up
/// with the seeds of the other.
pub(super) fn sides_of<'a>(
    baseline: &'a Group,
    system: &'a Group,
    seeds: &[u64],
) -> [Vec<&'a [usize]>; 2] {
    let of = |group: &'a Group, repeat: u32| {
        seeds.iter().map(move |seed| group[&(repeat, *seed)].as_slice()).collect::<Vec<_>>()
    };
    [baseline, system]
        .map(|side| repeats(side).into_iter().flat_map(|repeat| of(side, repeat)).collect())
}

impl Sides {
    /// `None` if the runs were tested on different sentences.
    pub(super) fn new(sides: [Vec<Vec<Tested>>; 2]) -> Option<Self> {
        let first = &sides[0][0];
        let runs = || sides.iter().flatten();
        if !runs().all(|run| are_on_the_same_text(first, run)) {
            return None;
        }
        let seen = (0..first.len()).map(|at| runs().any(|run| run[at].seen)).collect();
        let known = (0..first.len()).map(|at| {
            let mut known: Vec<_> = runs().flat_map(|run| run[at].known.iter().copied()).collect();
            known.sort_unstable();
            known.dedup();
            known
        });
        let known = known.collect();
        Some(Self { sides, seen, known })
    }

    /// Counts `[runs][distinct sentences]` of both sides. Equal sentences are put together.
    pub(super) fn of_subset(&self, subset: Subset) -> [Vec<Vec<Counts>>; 2] {
        let run = |run: &Vec<Tested>| {
            let counts = run.iter().enumerate().filter_map(|(at, tested)| {
                self.counts(subset, at, tested).map(|counts| (tested, counts))
            });
            put_together(counts)
        };
        [0, 1].map(|side| self.sides[side].iter().map(run).collect())
    }

    /// The counts of a sentence; `None` if it is not part of the subset.
    fn counts(&self, subset: Subset, at: usize, tested: &Tested) -> Option<Counts> {
        match subset {
            Subset::LeakFree if self.seen[at] => None,
            Subset::All | Subset::LeakFree => Some(tested.counts(&[])),
            Subset::Unseen => Some(tested.counts(&self.known[at])),
        }
    }

    /// How many sentences a subset has.
    pub(super) fn sentences(&self, subset: Subset) -> usize {
        let is_left_out = |seen: &&bool| subset == Subset::LeakFree && **seen;
        self.seen.iter().filter(|seen| !is_left_out(seen)).count()
    }
}

/// Baseline and system from counts `[runs][sentences]`; `None` if there is no entity, gold or predicted.
pub(super) fn runs_of(counts: [Vec<Vec<Counts>>; 2]) -> Option<[Runs; 2]> {
    let any = counts.iter().flatten().flatten().any(|c| c.gold + c.predicted > 0);
    any.then(|| counts.map(|side| Runs::new(side).expect("all runs have the same sentences")))
}
