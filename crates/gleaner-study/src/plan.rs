//! The runs of a study: what each does, what it needs, and an id that all of this decides.

mod estimate;
mod names;
mod planner;
mod recipe;
mod survey;

pub use estimate::Estimate;
pub(crate) use recipe::Recipe;

use crate::{Hub, Study, StudyError, facts::Facts, results::Results};
use gleaner::Settings;
use planner::Planner;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use survey::Survey;

#[cfg(test)]
mod tests;

/// What a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "experiment")]
pub enum Task {
    /// Trains on the target language alone.
    Baseline {
        /// The language.
        language: String,
    },
    /// Trains a model that others start from.
    Source {
        /// The language.
        language: String,
        /// How many times the rows of a factor.
        factor: u32,
    },
    /// Goes on from a source model on the target language.
    FineTune {
        /// The language of the source model.
        source: String,
        /// The language that is learnt.
        target: String,
        /// Of the source model.
        factor: u32,
    },
    /// Scores a source model on the target language.
    ZeroShot {
        /// The language of the source model.
        source: String,
        /// The language that is scored.
        target: String,
        /// Of the source model.
        factor: u32,
    },
    /// Trains on source and target together.
    Joint {
        /// The language that is added.
        source: String,
        /// The language that is scored.
        target: String,
        /// How many times the rows of a factor are added.
        factor: u32,
    },
    /// Goes on from the baseline with a pool that the tagger labels itself.
    Pseudo {
        /// The language of the pool, or of the pair it is compared with.
        source: String,
        /// The language that is learnt.
        target: String,
        /// Sentences must be surer than this quantile of the pool.
        quantile: f64,
        /// Number of the repetition, from 1.
        repeat: u32,
    },
}

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
    /// The training's effective settings.
    pub settings: Settings,
    /// The run, by position in the plan, whose model this one starts from.
    pub needs: Option<usize>,
    pub(crate) recipe: Recipe,
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

    /// The position of the baseline that a run is compared with.
    pub(crate) fn baseline_of(&self, run: &Run) -> Option<usize> {
        let target = run.task.target();
        self.runs.iter().position(|r| {
            r.seed == run.seed
                && matches!(&r.task, Task::Baseline { language } if language == target)
        })
    }
}

impl Task {
    /// The language that the run is scored on.
    pub fn target(&self) -> &str {
        match self {
            Self::Baseline { language } | Self::Source { language, .. } => language,
            Self::FineTune { target, .. }
            | Self::ZeroShot { target, .. }
            | Self::Joint { target, .. }
            | Self::Pseudo { target, .. } => target,
        }
    }

    /// Whether the run trains something, or only scores.
    pub(crate) fn trains(&self) -> bool {
        !matches!(self, Self::ZeroShot { .. })
    }

    fn name(&self, seed: u64) -> String {
        match self {
            Self::Baseline { language } => format!("baseline/{language}/seed{seed}"),
            Self::Source { language, factor } => format!("source/{language}/x{factor}/seed{seed}"),
            Self::FineTune { source, target, factor } => {
                format!("transfer/{target}-{source}/x{factor}/seed{seed}")
            }
            Self::ZeroShot { source, target, factor } => {
                format!("zero-shot/{target}-{source}/x{factor}/seed{seed}")
            }
            Self::Joint { source, target, factor } => {
                format!("joint/{target}-{source}/x{factor}/seed{seed}")
            }
            Self::Pseudo { source, target, quantile, repeat } => {
                format!("pseudo/{target}-{source}/q{quantile}/r{repeat}/seed{seed}")
            }
        }
    }
}
