//! The report of a study: a page, tables and plots, made from plain data.
//!
//! Everything is a pure function of [`StudyData`]: the same data give the same bytes. Every form of the report opens
//! with the [`answers()`]. Scores are from 0 to 1, an improvement is in per cent of the baseline's score, a gain in
//! points (hundredths of F1). A number that is not finite means "unknown": it is shown as a dash and left out of means
//! and plots.
//!
//! ```
//! use gleaner_report::study::{StudyData, html};
//!
//! let data = StudyData { title: "Faroese from Danish".to_owned(), ..StudyData::default() };
//! assert!(html(&data).contains("<h1 dir=\"auto\">Faroese from Danish</h1>"));
//! ```

use serde::{Deserialize, Serialize};

mod annotation;
mod answers;
mod comparisons;
mod detail;
#[cfg(test)]
mod example;
mod gains;
mod learning_curve;
mod number;
mod overview;
mod page;
mod plot;
mod recipes;
mod references;
mod reliability;
mod rows;
mod spread;
pub mod tables;

pub use annotation::{AnnotationPoint, AnnotationRow};
pub use answers::{Answer, Finding, answers, answers_text};
pub use comparisons::{ComparisonRow, LEVEL, MeanRow, Measured, Subset, Verdict};
pub use detail::{Added, Change, ConfusionTable, Curve, CurvePoint};
pub use gleaner_metrics::{Calibration, CalibrationChange, Reach};
pub use learning_curve::{Fitted, LearningCurvePoint, LearningCurveRow};
pub use page::html;
pub use plot::{Plot, plots};
pub use recipes::RecipeRow;
pub use references::Reference;
pub use reliability::{LanguageReliability, Reliability};
pub use rows::{BaselineRow, PseudoRow, RunScores, TransferKind, TransferRow};

/// The data of a study's report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StudyData {
    /// The study's name.
    pub title: String,
    /// Settings and texts as (name, value): encoder, protocol, seeds, processor, ...
    pub facts: Vec<(String, String)>,
    /// What a reader must know to compare these numbers with others.
    pub notes: Vec<String>,
    /// Number of resamples of intervals and permutation tests, if known.
    #[serde(default)]
    pub resamples: Option<usize>,
    /// Runs of taggers trained on the target language alone.
    pub baseline: Vec<BaselineRow>,
    /// Runs of taggers trained on a source language too.
    pub transfer: Vec<TransferRow>,
    /// Runs of taggers trained on their own confident predictions too.
    pub pseudo: Vec<PseudoRow>,
    /// Runs of taggers trained by a recipe.
    pub recipes: Vec<RecipeRow>,
    /// Experiments against baselines, over all folds of the seeds that both have.
    pub comparisons: Vec<ComparisonRow>,
    /// The same, averaged over several languages.
    #[serde(default)]
    pub means: Vec<MeanRow>,
    /// How F1 grows with the number of training sentences.
    #[serde(alias = "growth")] // the name in older files
    pub learning_curves: Vec<LearningCurveRow>,
    /// How F1 grows with the number of training sentences, by the order in which they are annotated. Of a language,
    /// random order comes first.
    #[serde(default)]
    pub annotation: Vec<AnnotationRow>,
    /// Training curves: the epochs of runs.
    pub curves: Vec<Curve>,
    /// The confusion of entity types.
    pub confusions: Vec<ConfusionTable>,
    /// Sentences that a run tags differently from the baseline.
    pub changes: Vec<Change>,
    /// Confidences of pseudo-labelled sentences.
    pub added: Vec<Added>,
    /// The calibration of confidences on test.
    #[serde(default)]
    pub reliability: Vec<Reliability>,
    /// Figures published elsewhere for the same experiments.
    pub references: Vec<Reference>,
}

impl StudyData {
    /// The target languages, in order of first appearance.
    fn languages(&self) -> Vec<&str> {
        let baseline = self.baseline.iter().map(|row| &row.language);
        let transfer = self.transfer.iter().map(|row| &row.target);
        let pseudo = self.pseudo.iter().map(|row| &row.target);
        let recipes = self.recipes.iter().map(|row| &row.target);
        let all = baseline.chain(transfer).chain(pseudo).chain(recipes);
        distinct(all.map(String::as_str))
    }
}

/// Each item once, in order of first appearance.
fn distinct<T: PartialEq>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}
