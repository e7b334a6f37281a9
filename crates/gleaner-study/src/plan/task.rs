//! What a run does, and what it is called.

use serde::{Deserialize, Serialize};

/// What a run does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "experiment")]
pub enum Task {
    /// Trains on the target language alone.
    Baseline {
        /// The language.
        language: String,
    },
    /// Trains on a part of the target language, for a learning curve.
    Curve {
        /// The language.
        language: String,
        /// Training sentences.
        size: usize,
    },
    /// Trains a model that others start from.
    Source {
        /// The languages; the first one's dev part chooses the epoch.
        languages: Vec<String>,
        /// How many times the rows of a factor, of each language.
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
    /// The last stage of a recipe.
    Recipe {
        /// The recipe's name.
        recipe: String,
        /// The languages that it learns from at its own stages.
        sources: Vec<String>,
        /// The language that is learnt.
        target: String,
    },
}

impl Task {
    /// The language that the run is scored on; of a model of several languages the first.
    pub fn target(&self) -> &str {
        match self {
            Self::Baseline { language } | Self::Curve { language, .. } => language,
            Self::Source { languages, .. } => languages.first().map_or("", String::as_str),
            Self::FineTune { target, .. }
            | Self::ZeroShot { target, .. }
            | Self::Joint { target, .. }
            | Self::Pseudo { target, .. }
            | Self::Recipe { target, .. } => target,
        }
    }

    /// Whether the run trains something, or only scores.
    pub(crate) fn trains(&self) -> bool {
        !matches!(self, Self::ZeroShot { .. })
    }

    /// The name of the run with this seed, on this fold if there are folds.
    pub(super) fn name(&self, seed: u64, fold: Option<usize>) -> String {
        let fold = fold.map_or(String::new(), |fold| format!("/fold{fold}"));
        format!("{}{fold}/seed{seed}", self.what())
    }

    /// What the run does, without its seed and fold: `baseline/fo`.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Baseline { language } => format!("baseline/{language}"),
            Self::Curve { language, size } => format!("curve/{language}/n{size}"),
            Self::Source { languages, factor } => {
                format!("source/{}/x{factor}", languages.join("+"))
            }
            Self::FineTune { source, target, factor } => {
                format!("transfer/{target}-{source}/x{factor}")
            }
            Self::ZeroShot { source, target, factor } => {
                format!("zero-shot/{target}-{source}/x{factor}")
            }
            Self::Joint { source, target, factor } => format!("joint/{target}-{source}/x{factor}"),
            Self::Pseudo { source, target, quantile, repeat } => {
                format!("pseudo/{target}-{source}/q{quantile}/r{repeat}")
            }
            Self::Recipe { recipe, target, .. } => format!("recipe/{recipe}/{target}"),
        }
    }
}
