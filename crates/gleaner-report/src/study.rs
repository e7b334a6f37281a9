//! What a study's report shows, as plain data made by whoever ran the study, and the report itself.
//!
//! Everything is a pure function of [`StudyData`]: the same data give the same bytes. Scores lie
//! between 0 and 1; an improvement is in per cent of the baseline's score, a gain in points
//! (hundredths of F1). A number that is not finite means "not known": it is shown as a dash and left out of
//! means and drawings.
//!
//! ```
//! use gleaner_report::study::{StudyData, html};
//!
//! let data = StudyData { title: "Faroese from Danish".to_owned(), ..StudyData::default() };
//! assert!(html(&data).contains("<h1 dir=\"auto\">Faroese from Danish</h1>"));
//! ```

use serde::{Deserialize, Serialize};

mod comparisons;
#[cfg(test)]
mod example;
mod gains;
mod growth;
mod number;
mod overview;
mod page;
mod plot;
mod recipes;
mod references;
mod reliability;
mod spread;
pub mod tables;

pub use comparisons::{ComparisonRow, LEVEL, MeanRow, Measured, Subset, Verdict};
pub use growth::{Fitted, GrowthPoint, GrowthRow};
pub use page::html;
pub use plot::{Plot, plots};
pub use recipes::RecipeRow;
pub use reliability::{LanguageReliability, Reliability};

/// All that a study's report shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StudyData {
    /// The study's name.
    pub title: String,
    /// What was run and on what, as (name, value): encoder, protocol, seeds, processor, ...
    pub facts: Vec<(String, String)>,
    /// What a reader must know to compare these numbers with others.
    pub notes: Vec<String>,
    /// Taggers trained on the target language alone.
    pub baseline: Vec<BaselineRow>,
    /// Taggers that learnt from a source language too.
    pub transfer: Vec<TransferRow>,
    /// Taggers that learnt from their own confident predictions too.
    pub pseudo: Vec<PseudoRow>,
    /// Taggers that were trained by a recipe.
    pub recipes: Vec<RecipeRow>,
    /// Experiments against baselines, over all folds of the seeds that both have.
    pub comparisons: Vec<ComparisonRow>,
    /// The same in the mean of several languages.
    #[serde(default)]
    pub means: Vec<MeanRow>,
    /// How F1 grows with training sentences.
    pub growth: Vec<GrowthRow>,
    /// The epochs of runs.
    pub curves: Vec<Curve>,
    /// What became of the entities of each type.
    pub confusions: Vec<ConfusionTable>,
    /// Sentences that a run tags otherwise than the baseline does.
    pub changes: Vec<Change>,
    /// Confidence of pseudo-labelled sentences.
    pub added: Vec<Added>,
    /// Whether confidences on test are rates of being right.
    #[serde(default)]
    pub reliability: Vec<Reliability>,
    /// Figures published elsewhere for the same experiment.
    pub references: Vec<Reference>,
}

/// Scores of one trained tagger, from 0 to 1. Published scores are micro F1 over pieces, averaged
/// over batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunScores {
    /// The published score on the training part.
    #[serde(default)]
    pub train_published: Option<f64>,
    /// The score on dev that settings are chosen by: one of the two that follow, as the protocol has it.
    pub dev: f64,
    /// The published score on dev.
    pub dev_published: f64,
    /// The published score on test.
    pub test_published: f64,
    /// Entity micro F1 on dev, seqeval's default mode.
    pub dev_entity: f64,
    /// Entity micro F1 on test, seqeval's default mode.
    pub test_entity: f64,
    /// The 95 % interval of `test_entity` over test sentences: low, high.
    pub test_interval: Option<(f64, f64)>,
}

/// A tagger trained on the target language alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BaselineRow {
    /// The language's short code.
    pub language: String,
    /// The seed of starting values, shuffles and dropout.
    pub seed: u64,
    /// The fold that was tested on, in a cross-validation.
    pub fold: Option<usize>,
    /// How many sentences it was trained on.
    pub train_sentences: usize,
    /// How many sentences it was tested on.
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
    /// Trained on both at once.
    Joint,
}

impl TransferKind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [TransferKind; 3] =
        [TransferKind::FineTuned, TransferKind::ZeroShot, TransferKind::Joint];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            TransferKind::FineTuned => "fine-tuned",
            TransferKind::ZeroShot => "zero-shot",
            TransferKind::Joint => "joint",
        }
    }
}

/// A tagger that learnt from a source language too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TransferRow {
    /// The short code of the language transferred from.
    pub source: String,
    /// The short code of the language tested on.
    pub target: String,
    /// How many times the study's unit (240, if it says nothing) of source sentences was used.
    pub factor: u32,
    /// The seed of starting values, shuffles and dropout.
    pub seed: u64,
    /// The fold that was tested on, in a cross-validation.
    pub fold: Option<usize>,
    /// How the source was used.
    pub kind: TransferKind,
    /// Its scores on the target language.
    pub scores: RunScores,
    /// By how much the published test score is above the baseline's, in per cent of the baseline's.
    pub improvement: f64,
    /// By how much entity F1 on test is above the baseline's, in points.
    pub entity_gain: f64,
}

/// A tagger that learnt from its own confident predictions too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PseudoRow {
    /// The short code of the language whose sentences were labelled.
    pub source: String,
    /// The short code of the language tested on.
    pub target: String,
    /// The quantile of confidence above which a sentence is added, from 0 to 1.
    pub quantile: f64,
    /// Which of several runs of the same settings it is.
    pub repeat: u32,
    /// The seed of starting values, shuffles and dropout.
    pub seed: u64,
    /// The fold that was tested on, in a cross-validation.
    pub fold: Option<usize>,
    /// Its scores on the target language.
    pub scores: RunScores,
    /// By how much the published test score is above the baseline's, in per cent of the baseline's.
    pub improvement: f64,
    /// By how much entity F1 on test is above the baseline's, in points.
    pub entity_gain: f64,
    /// How many sentences were added in all epochs together.
    pub added_sentences: usize,
    /// The part of the added entities that are right, where gold is known, from 0 to 1.
    pub precision: Option<f64>,
    /// The part of the added sentences' gold entities that were found, where gold is known, from 0 to 1.
    pub recall: Option<f64>,
}

/// The epochs of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What the run is called.
    pub run: String,
    /// The short code of the language it is tested on.
    pub language: String,
    /// Its epochs, in order.
    pub points: Vec<CurvePoint>,
}

/// One epoch of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CurvePoint {
    /// The epoch's number.
    pub epoch: u32,
    /// The mean loss on the training part.
    pub train_loss: f64,
    /// The mean loss on dev.
    pub dev_loss: f64,
    /// Entity micro F1 on dev, from 0 to 1.
    pub dev_entity: f64,
    /// The published score on dev, from 0 to 1.
    pub dev_published: f64,
    /// How many pseudo-labelled sentences were added after this epoch.
    pub added: usize,
}

/// What became of the entities of each type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfusionTable {
    /// What the run is called.
    pub run: String,
    /// The short code of the language it is tested on.
    pub language: String,
    /// The gold types, one for each row.
    pub types: Vec<String>,
    /// `[gold][predicted]`, types in the order of `types`; the last column counts what was missed.
    pub counts: Vec<Vec<usize>>,
    /// Predictions where no entity stands, by type, in the order of `types`.
    pub spurious: Vec<usize>,
}

/// A sentence that a run tags otherwise than the baseline does. Tags are IOB2, one for each word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What the run is called.
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

/// Confidence of pseudo-labelled sentences in one round: of those added, and of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Added {
    /// What the run is called.
    pub run: String,
    /// The short code of the language it is tested on.
    pub language: String,
    /// The epoch after which the sentences were added.
    pub epoch: u32,
    /// How many sentences were added.
    pub added_sentences: usize,
    /// How many sentences the pool has.
    pub pool_sentences: usize,
    /// The confidences of the sentences that were added: all, or some at even distances in their order.
    pub added: Vec<f32>,
    /// The same of all sentences of the pool.
    pub pool: Vec<f32>,
    /// The confidence that a sentence had to reach or exceed; `None` where single words are judged.
    pub threshold: Option<f32>,
}

/// A figure published elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The short code of the language; empty or `mean` for the mean over languages.
    pub language: String,
    /// What the figure is, such as `baseline token score` or `transfer, best factor, improvement %`.
    ///
    /// Ours is found by the words: `baseline`, `transfer` (fine-tuned) or `pseudo`; `best` for the best
    /// factor or quantile, else the mean over all; `improvement` (in per cent), `gain` (in points),
    /// `entity` (F1), `token` or `published` (score). Where the words do not say it, no figure of ours is
    /// shown.
    pub what: String,
    /// The figure, in the unit of ours.
    pub value: f64,
    /// Where it was published.
    pub source: String,
}

impl StudyData {
    /// The languages tested on, in the order in which they first occur.
    fn languages(&self) -> Vec<&str> {
        let baseline = self.baseline.iter().map(|row| &row.language);
        let transfer = self.transfer.iter().map(|row| &row.target);
        let pseudo = self.pseudo.iter().map(|row| &row.target);
        let recipes = self.recipes.iter().map(|row| &row.target);
        let all = baseline.chain(transfer).chain(pseudo).chain(recipes);
        distinct(all.map(String::as_str))
    }
}

/// Each item once, in the order in which they first occur.
fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}
