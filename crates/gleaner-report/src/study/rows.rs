//! The runs of a study, one row each.

use serde::{Deserialize, Serialize};

/// Scores of one trained tagger, from 0 to 1. A published score is the micro F1 over sub-word pieces, averaged over
/// batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunScores {
    /// Published score on the training part, if the study computes it.
    #[serde(default)]
    pub train_published: Option<f64>,
    /// The dev score that settings are chosen by: the published score or entity F1, depending on the protocol.
    pub dev: f64,
    /// Published score on dev.
    pub dev_published: f64,
    /// Published score on test.
    pub test_published: f64,
    /// Entity micro F1 on dev, seqeval's default mode.
    pub dev_entity: f64,
    /// Entity micro F1 on test, seqeval's default mode.
    pub test_entity: f64,
    /// The 95 % interval of `test_entity` over test sentences: low, high.
    pub test_interval: Option<(f64, f64)>,
}

/// A run of the baseline: a tagger trained on the target language alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BaselineRow {
    /// The language's short code.
    pub language: String,
    /// Seed of initial values, shuffles and dropout.
    pub seed: u64,
    /// The test fold, in a cross-validation.
    pub fold: Option<usize>,
    /// Number of training sentences.
    pub train_sentences: usize,
    /// Number of test sentences.
    pub test_sentences: usize,
    /// Its scores.
    pub scores: RunScores,
}

/// How a source language was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferKind {
    /// Trained on the source, then on the target.
    FineTuned,
    /// Trained on the source alone.
    ZeroShot,
    /// Trained on both together.
    Joint,
}

impl TransferKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [TransferKind; 3] =
        [TransferKind::FineTuned, TransferKind::ZeroShot, TransferKind::Joint];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            TransferKind::FineTuned => "fine-tuned",
            TransferKind::ZeroShot => "zero-shot",
            TransferKind::Joint => "joint",
        }
    }
}

/// A run of transfer: a tagger trained on a source language too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TransferRow {
    /// The source language's short code.
    pub source: String,
    /// The target language's short code.
    pub target: String,
    /// Number of source sentences, in multiples of the study's unit (240 by default).
    pub factor: u32,
    /// Seed of initial values, shuffles and dropout.
    pub seed: u64,
    /// The test fold, in a cross-validation.
    pub fold: Option<usize>,
    /// How the source was used.
    pub kind: TransferKind,
    /// Its scores on the target language.
    pub scores: RunScores,
    /// Improvement of the published test score over the baseline's, in per cent of the baseline's.
    pub improvement: f64,
    /// Gain of entity F1 on test over the baseline's, in points.
    pub entity_gain: f64,
}

/// A run of pseudo-labelling: a tagger trained on its own confident predictions too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PseudoRow {
    /// The short code of the language whose sentences were pseudo-labelled.
    pub source: String,
    /// The target language's short code.
    pub target: String,
    /// Quantile of confidence above which a sentence is added, from 0 to 1.
    pub quantile: f64,
    /// Number of the repetition, among runs with the same settings.
    pub repeat: u32,
    /// Seed of initial values, shuffles and dropout.
    pub seed: u64,
    /// The test fold, in a cross-validation.
    pub fold: Option<usize>,
    /// Its scores on the target language.
    pub scores: RunScores,
    /// Improvement of the published test score over the baseline's, in per cent of the baseline's.
    pub improvement: f64,
    /// Gain of entity F1 on test over the baseline's, in points.
    pub entity_gain: f64,
    /// Number of pseudo-labelled sentences added, over all epochs.
    pub added_sentences: usize,
    /// Precision of the added entities, from 0 to 1, where gold is known.
    pub precision: Option<f64>,
    /// Recall of the added sentences' gold entities, from 0 to 1, where gold is known.
    pub recall: Option<f64>,
}
