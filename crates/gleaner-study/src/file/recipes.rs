//! Recipes: named ways of using sources and pools.

use super::{Pair, PoolSource, Seeds};
use gleaner::Overrides;

/// A named experiment on every target.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    pub(crate) sources: Sources,
    pub(crate) factor: u32,
    /// Rows of each source that a factor of 1 stands for.
    pub(crate) rows: usize,
    pub(crate) start: Start,
    pub(crate) seeds: Seeds,
    pub(crate) pool: Option<PoolSource>,
    pub(crate) pool_limit: Option<usize>,
    /// Another recipe that it is compared with, beside the baseline.
    pub(crate) against: Option<String>,
    /// Of the last stage.
    pub(crate) settings: Overrides,
    /// Of the source model, over those of all source models.
    pub(crate) source_settings: Overrides,
}

/// What a recipe learns from beside the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sources {
    /// The source of the target's pair.
    Pair,
    /// These languages, without the target itself; none where the list is empty.
    Languages(Vec<String>),
}

/// What the last stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The encoder.
    Encoder,
    /// A model trained on the sources.
    Sources,
    /// The encoder, with the sources' training text beside the target's.
    Joint,
    /// The target's baseline, with the sources' training text, if any, beside the target's.
    Baseline,
    /// What another recipe came to, the same.
    Recipe(String),
}

impl Sources {
    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        *self != Self::Languages(Vec::new())
    }

    /// Whether a language is named.
    pub(crate) fn names(&self, language: &str) -> bool {
        matches!(self, Self::Languages(all) if all.iter().any(|l| l == language))
    }
}

impl Recipe {
    /// Whether the last stage is trained on the sources' text beside the target's.
    pub(crate) fn joins(&self) -> bool {
        self.start != Start::Sources && self.sources.any()
    }

    /// The languages that the recipe learns from for a target.
    pub(crate) fn sources_of(&self, target: &str, pairs: &[Pair]) -> Vec<String> {
        match &self.sources {
            Sources::Pair => pair_of(target, pairs).map(|p| p.source.clone()).into_iter().collect(),
            Sources::Languages(all) => all.iter().filter(|l| *l != target).cloned().collect(),
        }
    }
}

/// The first pair of a target.
pub(crate) fn pair_of<'a>(target: &str, pairs: &'a [Pair]) -> Option<&'a Pair> {
    pairs.iter().find(|p| p.target == target)
}
