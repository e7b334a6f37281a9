//! Scores on one text, as they are kept.

use crate::Scored;
use gleaner_metrics::{Bootstrap, Intervals, Report, SeqevalMode};
use serde::{Deserialize, Serialize};

/// Scores on one text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Scores {
    /// Entity-level scores, seqeval's default mode.
    pub entities: Report,
    /// Their bootstrap intervals.
    pub intervals: Option<Intervals>,
    /// The share of words with the correct tag.
    pub token_accuracy: f64,
    /// The published score.
    pub published_score: f64,
}

impl Scores {
    /// The scores of a scoring, with intervals from this number of bootstrap resamples.
    pub fn of(scored: &Scored, resamples: usize) -> Self {
        let bootstrap = Bootstrap { resamples, ..Bootstrap::default() };
        Self {
            entities: scored.evaluation.report(SeqevalMode::Default),
            intervals: scored.evaluation.intervals(SeqevalMode::Default, &bootstrap),
            token_accuracy: scored.evaluation.token_accuracy(),
            published_score: scored.published,
        }
    }
}
