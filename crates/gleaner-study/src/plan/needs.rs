//! Which runs start from which models, and which of these must be trained again.

use super::Plan;
use crate::results::Results;
use std::collections::BTreeSet;

impl Plan {
    /// The position of a run, of the run that it starts from, and so on.
    pub(crate) fn chain(&self, at: usize) -> Vec<usize> {
        std::iter::successors(Some(at), |&at| self.runs[at].needs).collect()
    }

    /// Positions together with those of the runs that they need, in the plan's order.
    pub(super) fn with_needs(&self, wanted: &[usize]) -> Vec<usize> {
        let mut all: BTreeSet<usize> = wanted.iter().copied().collect();
        // A run comes after the run that it needs.
        for at in (0..self.runs.len()).rev() {
            if let (true, Some(model)) = (all.contains(&at), self.runs[at].needs) {
                all.insert(model);
            }
        }
        all.into_iter().collect()
    }

    /// Finished runs among `wanted` (ascending) that are repeated, because unfinished runs start from their
    /// models and the models were deleted.
    pub fn again(&self, wanted: &[usize], results: &Results) -> Vec<usize> {
        let again = |at: &usize| {
            results.run(&self.runs[*at].id).is_done() && !self.is_settled(*at, wanted, results)
        };
        wanted.iter().copied().filter(again).collect()
    }

    /// Whether a run needs no more work: it is finished, and its model exists if an unsettled run of `wanted`
    /// (ascending) starts from it.
    pub(crate) fn is_settled(&self, at: usize, wanted: &[usize], results: &Results) -> bool {
        let folder = results.run(&self.runs[at].id);
        let wants = |at: &&usize| wanted.binary_search(at).is_ok();
        let settled = |at: &usize| self.is_settled(*at, wanted, results);
        folder.is_done()
            && (folder.has_model() || self.needed_by[at].iter().filter(wants).all(settled))
    }
}
