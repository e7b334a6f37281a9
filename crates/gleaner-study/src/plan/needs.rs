//! Which runs need which models, and which of these must be trained again.

use super::{Plan, Run};
use crate::results::Results;
use std::collections::BTreeSet;

impl Run {
    /// The positions of the runs whose models this one needs.
    pub fn needed(&self) -> impl Iterator<Item = usize> + '_ {
        self.needs.into_iter().chain(self.members.iter().copied()).chain(self.teacher)
    }
}

impl Plan {
    /// The position of a run, those of the runs that it needs, those that they need, and so on, each once.
    pub(crate) fn chain(&self, at: usize) -> Vec<usize> {
        let mut all = vec![at];
        let mut next = 0;
        while let Some(&at) = all.get(next) {
            for needed in self.runs[at].needed() {
                if !all.contains(&needed) {
                    all.push(needed);
                }
            }
            next += 1;
        }
        all
    }

    /// Positions together with those of the runs that they need, in the plan's order.
    pub(super) fn with_needs(&self, wanted: &[usize]) -> Vec<usize> {
        let mut all: BTreeSet<usize> = wanted.iter().copied().collect();
        // A run comes after the runs that it needs.
        for at in (0..self.runs.len()).rev() {
            if all.contains(&at) {
                all.extend(self.runs[at].needed());
            }
        }
        all.into_iter().collect()
    }

    /// Finished runs among `wanted` (ascending) that are repeated, because unfinished runs need their models and
    /// the models were deleted.
    pub fn again(&self, wanted: &[usize], results: &Results) -> Vec<usize> {
        let again = |at: &usize| {
            results.run(&self.runs[*at].id).is_done() && !self.is_settled(*at, wanted, results)
        };
        wanted.iter().copied().filter(again).collect()
    }

    /// Whether a run needs no more work: it is finished, and its model exists if an unsettled run of `wanted`
    /// (ascending) needs it.
    pub(crate) fn is_settled(&self, at: usize, wanted: &[usize], results: &Results) -> bool {
        let folder = results.run(&self.runs[at].id);
        let wants = |at: &&usize| wanted.binary_search(at).is_ok();
        let settled = |at: &usize| self.is_settled(*at, wanted, results);
        folder.is_done()
            && (folder.has_model() || self.needed_by[at].iter().filter(wants).all(settled))
    }
}
