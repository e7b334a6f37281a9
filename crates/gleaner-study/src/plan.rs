//! The runs of a study: what each does, what it needs, and its id.

mod active;
mod corpus_stats;
mod draft;
mod estimate;
mod experiments;
pub(crate) mod identity;
mod names;
mod needs;
mod planner;
mod recipes;

pub use corpus_stats::LanguageText;
pub use estimate::Estimate;

use crate::{
    error::StudyError, fingerprints::FingerprintCache, results::Results, source::Hub, study::Study,
    task::Task,
};
use corpus_stats::CorpusStats;
use gleaner::Settings;
use gleaner_metrics::Bootstrap;
use identity::Identity;
use planner::Planner;
use std::path::PathBuf;

#[cfg(test)]
mod tests;

/// A training or a scoring with everything that it needs.
#[derive(Clone, Debug)]
pub struct Run {
    /// A hash of everything that decides its results: 16 hexadecimal digits.
    pub id: String,
    /// A readable name, such as `transfer/fo-da/x3/seed42`.
    pub name: String,
    /// What it does.
    pub task: Task,
    /// The seed of the experiment.
    pub seed: u64,
    /// The fold that is tested on, from 1, in a cross-validation of the target.
    pub fold: Option<usize>,
    /// The effective settings of the training.
    pub settings: Settings,
    /// The position in the plan of the run whose model this one starts from. In simulated annotation, the run whose
    /// model chooses the next sentences.
    pub needs: Option<usize>,
    /// The positions in the plan of the runs whose models vote, if this run is an ensemble.
    pub members: Vec<usize>,
    /// The position in the plan of the ensemble that this run learns from.
    pub teacher: Option<usize>,
    /// Sentences that pass through the network.
    work: f64,
    identity: Identity,
}

/// All runs of a study. Each comes after the runs that it needs.
pub struct Plan {
    /// The runs.
    pub runs: Vec<Run>,
    /// For each run, the runs that need its model.
    pub(crate) needed_by: Vec<Vec<usize>>,
    pub(crate) corpus_stats: CorpusStats,
    encoder: PathBuf,
    fingerprints: FingerprintCache,
}

impl Plan {
    /// Plans a study. `results` is the folder of its results, which may already exist. Texts are read and
    /// checked, unless an earlier start has done so.
    ///
    /// # Errors
    /// Data or the encoder are missing or malformed, or settings do not fit.
    pub fn new(study: &Study, results: &Results, hub: &dyn Hub) -> Result<Self, StudyError> {
        let cache = FingerprintCache::load(results.path());
        let plan = Planner::new(study, results, hub, cache)?.plan()?;
        plan.save_fingerprints(results)?;
        Ok(plan)
    }

    /// Keeps fingerprints and statistics of texts for the next start, if the results folder exists.
    pub(crate) fn save_fingerprints(&self, results: &Results) -> Result<(), StudyError> {
        self.fingerprints.save(results.path())
    }

    /// The positions of the runs whose names contain `pattern`, and of the runs that they need. A pattern
    /// with `*` must match the whole name. Without a pattern, all runs.
    ///
    /// # Errors
    /// No name matches.
    pub fn select(&self, pattern: Option<&str>) -> Result<Vec<usize>, StudyError> {
        let fits = |run: &&Run| pattern.is_none_or(|p| names::fits(p, &run.name));
        let all = self.runs.iter().enumerate().filter(|(_, run)| fits(run)).map(|(at, _)| at);
        let all: Vec<usize> = all.collect();
        match (all.is_empty(), pattern) {
            (true, Some(pattern)) => Err(StudyError::NoSuchRun { pattern: pattern.to_owned() }),
            _ => Ok(self.with_needs(&all)),
        }
    }

    /// How intervals and tests are drawn.
    pub(crate) fn bootstrap(&self) -> Bootstrap {
        let default = Bootstrap::default();
        let resamples = self.runs.first().map_or(default.resamples, |r| r.settings.run.resamples);
        Bootstrap { resamples, ..default }
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

impl Run {
    /// Everything that decides the run's results, as JSON.
    pub(crate) fn identity(&self) -> serde_json::Value {
        serde_json::to_value(&self.identity).expect("plain data")
    }
}
