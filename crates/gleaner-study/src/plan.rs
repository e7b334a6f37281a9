//! The runs of a study: what each does, what it needs, and an id that all of this decides.

mod estimate;
mod experiments;
mod identity;
mod names;
mod planner;
mod recipes;
mod survey;
mod task;

pub use estimate::Estimate;
pub(crate) use identity::Identity;
pub use task::Task;

use crate::{Hub, Study, StudyError, facts::Facts, results::Results};
use gleaner::Settings;
use gleaner_metrics::Bootstrap;
use planner::Planner;
use std::path::PathBuf;
use survey::Survey;

#[cfg(test)]
mod tests;

/// A training, or a scoring, with all that it needs.
#[derive(Clone, Debug)]
pub struct Run {
    /// Decided by everything that decides its results: 16 hexadecimal digits.
    pub id: String,
    /// For people, such as `transfer/fo-da/x3/seed42`.
    pub name: String,
    /// What it does.
    pub task: Task,
    /// The seed of the experiment.
    pub seed: u64,
    /// The fold that is tested on, from 1, in a cross-validation of the target.
    pub fold: Option<usize>,
    /// The training's effective settings.
    pub settings: Settings,
    /// The run, by position in the plan, whose model this one starts from.
    pub needs: Option<usize>,
    /// Sentences that pass through the network.
    pub(crate) work: f64,
    pub(crate) identity: Identity,
}

/// All runs of a study; what a run needs stands before it.
pub struct Plan {
    /// The runs.
    pub runs: Vec<Run>,
    /// For each run, those that start from its model.
    pub(crate) needed_by: Vec<Vec<usize>>,
    pub(crate) survey: Survey,
    pub(crate) encoder: PathBuf,
    pub(crate) facts: Facts,
}

impl Plan {
    /// Plans a study whose results go to, and may already lie in, `results`. Texts are read and
    /// checked unless an earlier start has done so.
    ///
    /// # Errors
    /// Data or the encoder cannot be had or are malformed, or settings do not fit.
    pub fn new(study: &Study, results: &Results, hub: &dyn Hub) -> Result<Self, StudyError> {
        let planner = Planner::new(study, results, hub, Facts::load(results.path()))?;
        let plan = planner.plan()?;
        plan.facts.save(results.path())?;
        Ok(plan)
    }

    /// The positions of the runs whose names hold `pattern`, and of those that they need; a pattern
    /// with `*` must fit the whole name. All where there is no pattern.
    ///
    /// # Errors
    /// No name fits.
    pub fn select(&self, pattern: Option<&str>) -> Result<Vec<usize>, StudyError> {
        let fits = |run: &&Run| pattern.is_none_or(|p| names::fits(p, &run.name));
        let all = self.runs.iter().enumerate().filter(|(_, run)| fits(run)).map(|(at, _)| at);
        let all: Vec<usize> = all.collect();
        match (all.is_empty(), pattern) {
            (true, Some(pattern)) => {
                Err(StudyError::Gleaner(gleaner::GleanerError::Settings(format!(
                    "--only {pattern}: no run has such a name; `gleaner study plan` lists them"
                ))))
            }
            _ => Ok(self.with_needs(&all)),
        }
    }

    /// How intervals and tests are drawn.
    pub(crate) fn bootstrap(&self) -> Bootstrap {
        let default = Bootstrap::default();
        let resamples = self.runs.first().map_or(default.resamples, |r| r.settings.resamples);
        Bootstrap { resamples, ..default }
    }

    /// The position of a run, that of the run it starts from, and so on.
    pub(crate) fn chain(&self, at: usize) -> Vec<usize> {
        std::iter::successors(Some(at), |&at| self.runs[at].needs).collect()
    }

    /// The position of the baseline that a run is compared with.
    pub(crate) fn baseline_of(&self, run: &Run) -> Option<usize> {
        let target = run.task.target();
        self.runs.iter().position(|r| {
            (r.seed, r.fold) == (run.seed, run.fold)
                && matches!(&r.task, Task::Baseline { language } if language == target)
        })
    }
}
