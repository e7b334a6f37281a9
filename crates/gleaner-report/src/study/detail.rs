//! Single runs of a study in detail: epochs, confusions, sentences, pseudo-labels.

use serde::{Deserialize, Serialize};

/// The training curve of one run: its epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The run's name.
    pub run: String,
    /// The target language's short code.
    pub language: String,
    /// Its epochs, in order.
    pub points: Vec<CurvePoint>,
}

/// One epoch of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CurvePoint {
    /// Number of the epoch.
    pub epoch: u32,
    /// Mean loss on the training part.
    pub train_loss: f64,
    /// Mean loss on dev.
    pub dev_loss: f64,
    /// Entity micro F1 on dev, from 0 to 1.
    pub dev_entity: f64,
    /// Published score on dev, from 0 to 1.
    pub dev_published: f64,
    /// Number of pseudo-labelled sentences added after this epoch.
    pub added: usize,
}

/// The confusion of entity types in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfusionTable {
    /// The run's name.
    pub run: String,
    /// The target language's short code.
    pub language: String,
    /// The gold types, one for each row of `counts`.
    pub types: Vec<String>,
    /// `[gold][predicted]`, types in the order of `types`; the last column counts missed entities.
    pub counts: Vec<Vec<usize>>,
    /// Predictions without a gold entity, by type, in the order of `types`.
    pub spurious: Vec<usize>,
}

/// A sentence that a run tags differently from the baseline. Tags are IOB2, one for each word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The run's name.
    pub run: String,
    /// The sentence's language, as a short code.
    pub language: String,
    /// The words.
    pub words: Vec<String>,
    /// The gold tags.
    pub gold: Vec<String>,
    /// The baseline's tags.
    pub before: Vec<String>,
    /// The run's tags.
    pub after: Vec<String>,
}

/// Confidences of one round of pseudo-labelling: of the sentences added, and of the whole pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Added {
    /// The run's name.
    pub run: String,
    /// The target language's short code.
    pub language: String,
    /// The epoch after which the sentences were added.
    pub epoch: u32,
    /// Number of sentences added.
    pub added_sentences: usize,
    /// Number of sentences in the pool.
    pub pool_sentences: usize,
    /// Confidences of the added sentences, ascending: all, or an evenly spaced selection.
    pub added: Vec<f32>,
    /// Confidences of all sentences of the pool, likewise.
    pub pool: Vec<f32>,
    /// Minimum confidence of an added sentence; `None` where words are selected one by one.
    pub threshold: Option<f32>,
}
