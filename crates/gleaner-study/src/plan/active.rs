//! The runs of simulated annotation.

use super::{draft::Draft, planner::Planner};
use crate::{error::StudyError, task::Task};
use gleaner::active::Order;

impl Planner<'_> {
    /// Trainings on more and more sentences, in every order. In random order, a run needs no other. In other orders,
    /// the model of each size chooses what is added for the next, and the first is that of random order. Sizes that the
    /// training text does not exceed are skipped: the baseline has all sentences.
    pub(super) fn active(
        &mut self,
        language: &str,
        seed: u64,
        fold: Option<usize>,
    ) -> Result<(), StudyError> {
        let study = self.study;
        let Some(active) = study.experiments.active.as_ref().filter(|a| a.seeds.has(seed)) else {
            return Ok(());
        };
        let all = self.corpus_stats.as_target(language).train;
        for &order in &active.orders {
            let mut before = None;
            for &size in active.sizes.iter().filter(|size| **size < all) {
                let own = self.target(language, fold, seed).encoder(&self.encoder);
                let settings = self.settings(&[&study.experiments.baseline], &own)?;
                let order = if before.is_none() { Order::Random } else { order };
                let needs = before.filter(|_| order != Order::Random);
                let task = Task::Active { language: language.to_owned(), order, size };
                before = Some(self.add(Draft { needs, ..Draft::new(task, seed, fold, settings) }));
            }
        }
        Ok(())
    }
}
