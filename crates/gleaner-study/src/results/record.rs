//! What a run leaves when it finishes or fails.

use crate::task::Task;
use gleaner::{Scores, train::EpochRecord};
use serde::{Deserialize, Serialize};

/// The record of a finished run: `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunRecord {
    /// Format version of this file.
    pub format: u32,
    /// The run's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it did.
    pub task: Task,
    /// The seed of the experiment.
    pub seed: u64,
    /// The fold that was tested on, from 1, in a cross-validation.
    pub fold: Option<usize>,
    /// Name and version of the program.
    pub program: String,
    /// Number of threads.
    pub threads: usize,
    /// Everything that decides its results. The id is a hash of it.
    pub identity: serde_json::Value,
    /// What was done to the texts.
    pub notes: Vec<String>,
    /// Training sentences; of a zero-shot run, those of its model.
    pub train_sentences: usize,
    /// Test sentences.
    pub test_sentences: usize,
    /// The epoch of the saved state, from 1; of a zero-shot run, that of its model.
    pub best_epoch: u32,
    /// The published score in training mode in that epoch.
    #[serde(default)]
    pub train_published: Option<f64>,
    /// Scores on dev.
    pub dev: Scores,
    /// Scores on test.
    pub test: Scores,
    /// All epochs; empty for a zero-shot run.
    pub history: Vec<EpochRecord>,
}

impl RunRecord {
    /// The format version that is written and read.
    pub(crate) const FORMAT: u32 = 2;
}

/// Why a run failed: `failed.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The run's name.
    pub name: String,
    /// How many times it has failed.
    pub attempts: u32,
    /// The error of the last attempt.
    pub error: String,
}

/// How long a run took: `time.json`. No table uses it.
#[derive(Serialize, Deserialize)]
pub(super) struct Time {
    pub(super) seconds: f64,
}
