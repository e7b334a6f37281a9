//! What a run leaves when it finishes or fails.

use crate::task::Task;
use gleaner::{Scored, Scores, train::EpochRecord};
use gleaner_metrics::{Report, SeqevalMode};
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
    /// Training sentences; of a zero-shot run, those of its model; of an ensemble, the most that a member has.
    pub train_sentences: usize,
    /// Test sentences.
    pub test_sentences: usize,
    /// The epoch of the saved state, from 1; of a zero-shot run, that of its model; of an ensemble, that of its
    /// first member.
    pub best_epoch: u32,
    /// The published score in training mode in that epoch.
    #[serde(default)]
    pub train_published: Option<f64>,
    /// Scores on dev.
    pub dev: PointScores,
    /// Scores on test.
    pub test: PointScores,
    /// All epochs; empty for a run that trains nothing.
    pub history: Vec<EpochRecord>,
}

impl RunRecord {
    /// The format version that is written and read.
    pub(crate) const FORMAT: u32 = 2;
}

/// Scores on one text, without intervals: these are computed from stored predictions when results are
/// gathered. Records of earlier versions have intervals, which are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PointScores {
    /// Entity-level scores, seqeval's default mode.
    pub entities: Report,
    /// Share of words with the right tag.
    pub token_accuracy: f64,
    /// The published score.
    pub published_score: f64,
}

impl From<Scores> for PointScores {
    fn from(scores: Scores) -> Self {
        let Scores { entities, token_accuracy, published_score, .. } = scores;
        Self { entities, token_accuracy, published_score }
    }
}

impl PointScores {
    /// The scores of a scored text.
    pub(crate) fn of(scored: &Scored) -> Self {
        Self {
            entities: scored.evaluation.report(SeqevalMode::Default),
            token_accuracy: scored.evaluation.token_accuracy(),
            published_score: scored.published,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_with_intervals_are_read_and_written_without_them() {
        let earlier = include_str!("../../tests/fixtures/run-0.1.0.json");
        assert!(earlier.contains("\"intervals\""));
        let record: RunRecord = serde_json::from_str(earlier).unwrap();
        assert_eq!((record.format, record.train_sentences), (RunRecord::FORMAT, 240));
        assert_eq!(record.dev.entities.micro.correct, 30);
        let written = serde_json::to_string(&record).unwrap();
        assert!(!written.contains("\"intervals\""), "{written}");
        let again: RunRecord = serde_json::from_str(&written).unwrap();
        assert_eq!((again.dev, again.test), (record.dev, record.test));
    }
}
