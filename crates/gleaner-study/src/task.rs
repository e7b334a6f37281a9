//! What a run does, and its name.

use gleaner::active::Order;
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
    /// Trains on part of the target language's text, as a point of a learning curve.
    Curve {
        /// The language.
        language: String,
        /// Training sentences.
        size: usize,
    },
    /// Trains on the part of the target language's text that is annotated first in some order.
    Active {
        /// The language.
        language: String,
        /// The order.
        order: Order,
        /// Training sentences.
        size: usize,
    },
    /// Trains a source model: one that other runs start from.
    Source {
        /// The languages. The dev part of the first chooses the epoch.
        languages: Vec<String>,
        /// Sentences of each language, in units of the study's `rows`.
        factor: u32,
    },
    /// Trains a source model further on the target language.
    FineTune {
        /// The language of the source model.
        source: String,
        /// The target language.
        target: String,
        /// The factor of the source model.
        factor: u32,
    },
    /// Scores a source model on the target language.
    ZeroShot {
        /// The language of the source model.
        source: String,
        /// The target language.
        target: String,
        /// The factor of the source model.
        factor: u32,
    },
    /// Trains on source and target together.
    Joint {
        /// The source language.
        source: String,
        /// The target language.
        target: String,
        /// Source sentences, in units of the study's `rows`.
        factor: u32,
    },
    /// Trains the baseline further on a pool that it labels itself.
    Pseudo {
        /// The source language of the pair.
        source: String,
        /// The target language.
        target: String,
        /// Added sentences are more confident than this quantile of the pool.
        quantile: f64,
        /// Number of the repetition, from 1.
        repeat: u32,
    },
    /// The last stage of a recipe.
    Recipe {
        /// The recipe's name.
        recipe: String,
        /// The source languages of its own stages.
        sources: Vec<String>,
        /// The target language.
        target: String,
    },
    /// The last stage of a recipe with another seed, for an ensemble. Recipes that need the same member share it.
    Member {
        /// Number of the member, from 1.
        number: u32,
        /// The source languages of its own stages.
        sources: Vec<String>,
        /// The target language.
        target: String,
    },
    /// Makes the ensemble of a recipe's members, and scores it.
    Ensemble {
        /// The recipe's name.
        recipe: String,
        /// The source languages of its members.
        sources: Vec<String>,
        /// The target language.
        target: String,
    },
    /// Trains one model that learns from the ensemble of a recipe.
    Distilled {
        /// The recipe's name.
        recipe: String,
        /// The source languages of its own stages.
        sources: Vec<String>,
        /// The target language.
        target: String,
    },
}

impl Task {
    /// The language that the run is scored on; of a source model of several languages, the first.
    pub fn target(&self) -> &str {
        match self {
            Self::Baseline { language }
            | Self::Curve { language, .. }
            | Self::Active { language, .. } => language,
            Self::Source { languages, .. } => languages.first().map_or("", String::as_str),
            Self::FineTune { target, .. }
            | Self::ZeroShot { target, .. }
            | Self::Joint { target, .. }
            | Self::Pseudo { target, .. }
            | Self::Recipe { target, .. }
            | Self::Member { target, .. }
            | Self::Ensemble { target, .. }
            | Self::Distilled { target, .. } => target,
        }
    }

    /// Whether the run trains a model; zero-shot runs and ensembles only score models of other runs.
    pub(crate) fn trains(&self) -> bool {
        !matches!(self, Self::ZeroShot { .. } | Self::Ensemble { .. })
    }

    /// The source languages of a run of a recipe; of other runs none.
    pub(crate) fn sources(&self) -> &[String] {
        match self {
            Self::Recipe { sources, .. }
            | Self::Member { sources, .. }
            | Self::Ensemble { sources, .. }
            | Self::Distilled { sources, .. } => sources,
            _ => &[],
        }
    }

    /// What reports call the run of a recipe. `None` for other runs, and for members: they are means in comparisons.
    pub(crate) fn recipe(&self) -> Option<String> {
        match self {
            Self::Recipe { recipe, .. } | Self::Ensemble { recipe, .. } => Some(recipe.clone()),
            // A space, which the name of a recipe cannot have.
            Self::Distilled { recipe, .. } => Some(format!("{recipe} distilled")),
            _ => None,
        }
    }

    /// The name of the run with this seed and, in a cross-validation, this fold.
    pub(crate) fn name(&self, seed: u64, fold: Option<usize>) -> String {
        let fold = fold.map_or(String::new(), |fold| format!("/fold{fold}"));
        format!("{}{fold}/seed{seed}", self.what())
    }

    /// The name without seed and fold, such as `baseline/fo`.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Baseline { language } => format!("baseline/{language}"),
            Self::Curve { language, size } => format!("curve/{language}/n{size}"),
            Self::Active { language, order, size } => format!("active/{language}/{order}/n{size}"),
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
            Self::Member { number, target, .. } => format!("member/{target}/m{number}"),
            Self::Ensemble { recipe, target, .. } => format!("ensemble/{recipe}/{target}"),
            Self::Distilled { recipe, target, .. } => format!("distilled/{recipe}/{target}"),
        }
    }
}
