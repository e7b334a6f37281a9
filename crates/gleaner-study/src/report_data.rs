//! What a study's report shows: plain data, made from the records of its runs.

use serde::{Deserialize, Serialize};

/// All that a study's report shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StudyData {
    /// The study's name.
    pub title: String,
    /// What was run and on what, as (name, value): encoder, protocol, seeds, ...
    pub facts: Vec<(String, String)>,
    /// What a reader must know to compare these numbers with others.
    pub notes: Vec<String>,
    /// A row a language and seed.
    pub baseline: Vec<BaselineRow>,
    /// A row a pair, kind, factor and seed.
    pub transfer: Vec<TransferRow>,
    /// A row a pair, quantile, repetition and seed.
    pub pseudo: Vec<PseudoRow>,
    /// Learning curves of some runs.
    pub curves: Vec<Curve>,
    /// Confusions of some runs.
    pub confusions: Vec<ConfusionTable>,
    /// Sentences that better runs tag otherwise than the baseline does.
    pub changes: Vec<Change>,
    /// Confidences of pseudo-labelled sentences.
    pub added: Vec<Added>,
    /// Figures published elsewhere for the same experiment.
    pub references: Vec<Reference>,
}

/// Scores of one trained tagger. Published scores are piece-level micro F1, averaged over batches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunScores {
    /// In training mode, in the best epoch.
    pub train_published: f64,
    /// On dev.
    pub dev_published: f64,
    /// On test.
    pub test_published: f64,
    /// Entity micro F1 on dev, seqeval's default mode.
    pub dev_entity: f64,
    /// Entity micro F1 on test, seqeval's default mode.
    pub test_entity: f64,
    /// Its 95 % interval over test sentences (low, high).
    pub test_interval: Option<(f64, f64)>,
}

/// A tagger of the target language alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineRow {
    /// The language's code.
    pub language: String,
    /// The seed.
    pub seed: u64,
    /// Training sentences.
    pub train_sentences: usize,
    /// Test sentences.
    pub test_sentences: usize,
    /// The scores.
    pub scores: RunScores,
}

/// How a source language helped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferKind {
    /// A source model, trained on with target sentences.
    FineTuned,
    /// A source model as it is.
    ZeroShot,
    /// Both languages at once.
    Joint,
}

/// A tagger that learnt from a source language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferRow {
    /// The source language's code.
    pub source: String,
    /// The target language's code.
    pub target: String,
    /// How many times the rows of a factor.
    pub factor: u32,
    /// The seed.
    pub seed: u64,
    /// How the source language helped.
    pub kind: TransferKind,
    /// The scores.
    pub scores: RunScores,
    /// Against the baseline of the same seed, published score on test, per cent.
    pub improvement: f64,
    /// Against the baseline of the same seed, entity F1 on test, points of a hundred.
    pub entity_gain: f64,
}

/// A tagger that learnt from its own predictions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PseudoRow {
    /// The source language's code.
    pub source: String,
    /// The target language's code.
    pub target: String,
    /// The quantile of confidence.
    pub quantile: f64,
    /// Number of the repetition, from 1.
    pub repeat: u32,
    /// The seed.
    pub seed: u64,
    /// The scores.
    pub scores: RunScores,
    /// As of transfer.
    pub improvement: f64,
    /// As of transfer.
    pub entity_gain: f64,
    /// Additions over all rounds; a sentence that was added twice counts twice.
    pub added_sentences: usize,
    /// Of the added tags' entities, where gold is known.
    pub precision: Option<f64>,
    /// Of the added sentences' gold entities, where they are known.
    pub recall: Option<f64>,
}

/// A learning curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The run's name.
    pub run: String,
    /// The language it is scored on.
    pub language: String,
    /// A point an epoch.
    pub points: Vec<CurvePoint>,
}

/// An epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// From 1.
    pub epoch: u32,
    /// Mean over batches.
    pub train_loss: f64,
    /// Mean over batches.
    pub dev_loss: f64,
    /// Entity micro F1 on dev.
    pub dev_entity: f64,
    /// Published score on dev.
    pub dev_published: f64,
    /// Sentences added from the pool after it.
    pub added: usize,
}

/// Which types a run takes for which, on test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfusionTable {
    /// The run's name.
    pub run: String,
    /// The language.
    pub language: String,
    /// Types, in rows and columns.
    pub types: Vec<String>,
    /// \[gold\]\[predicted\] of entities with the same borders; the last column counts gold
    /// entities that were not found with their borders.
    pub counts: Vec<Vec<usize>>,
    /// Predictions, by type, where no entity with these borders stands.
    pub spurious: Vec<usize>,
}

/// A sentence that a run tags otherwise than the baseline does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The run's name.
    pub run: String,
    /// The language.
    pub language: String,
    /// The words.
    pub words: Vec<String>,
    /// The text's tags.
    pub gold: Vec<String>,
    /// The baseline's tags.
    pub before: Vec<String>,
    /// The run's tags.
    pub after: Vec<String>,
}

/// Confidence of pseudo-labelled sentences in one round, in ascending order: all values, or some
/// at even distances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    /// The run's name.
    pub run: String,
    /// The language.
    pub language: String,
    /// The epoch after which the pool was labelled.
    pub epoch: u32,
    /// Of those added.
    pub added: Vec<f32>,
    /// Of the whole pool.
    pub pool: Vec<f32>,
    /// What confidence had to exceed.
    pub threshold: f32,
}

/// A figure published elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The language's code.
    pub language: String,
    /// What it measures.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Where it was published.
    pub source: String,
}
