//! Recipes: named ways to use source languages and pools.

use super::{Pair, PoolSource, Seeds};
use crate::source::NamedEncoder;
use gleaner::Overrides;

/// A named experiment that runs on every target.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) name: String,
    /// The encoder of its trainings, if it is not that of the study.
    pub(crate) encoder: Option<NamedEncoder>,
    pub(crate) sources: Sources,
    pub(crate) factor: u32,
    /// Sentences of each source that a factor of 1 means.
    pub(crate) rows: usize,
    pub(crate) start: Start,
    pub(crate) seeds: Seeds,
    pub(crate) pool: Option<PoolSource>,
    pub(crate) pool_limit: Option<usize>,
    /// The models that vote, if several do.
    pub(crate) members: Option<Members>,
    /// Whether one model learns from the ensemble of the members.
    pub(crate) distil: bool,
    /// Another recipe that it is compared with, in addition to the baseline.
    pub(crate) against: Option<String>,
    /// Settings of the last stage.
    pub(crate) settings: Overrides,
    /// Settings of the source model, on top of those of all source models.
    pub(crate) source_settings: Overrides,
}

/// The source languages of a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sources {
    /// The source of the target's pair.
    Pair,
    /// These languages without the target; no sources if the list is empty.
    Languages(Vec<String>),
}

/// What the last stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The encoder.
    Encoder,
    /// A model trained on the sources.
    Sources,
    /// The encoder; trains on the sources' training text together with the target's.
    Joint,
    /// The target's baseline; trains on the sources' training text, if any, together with the target's.
    Baseline,
    /// The result of another recipe, otherwise as `Baseline`.
    Recipe(String),
}

/// The models that vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    /// The recipe's own last stage, with this many seeds.
    Seeds(u32),
    /// The models of other recipes; all members of those that have members.
    Recipes(Vec<String>),
}

impl Sources {
    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        *self != Self::Languages(Vec::new())
    }

    /// Whether the list contains a language.
    pub(crate) fn names(&self, language: &str) -> bool {
        matches!(self, Self::Languages(all) if all.iter().any(|l| l == language))
    }
}

impl Recipe {
    /// Whether the last stage trains on the sources' text together with the target's.
    pub(crate) fn joins(&self) -> bool {
        self.start != Start::Sources && self.sources.any()
    }

    /// The recipe whose model the last stage starts from, if any.
    pub(crate) fn starts_from(&self) -> Option<&str> {
        match &self.start {
            Start::Recipe(name) => Some(name),
            _ => None,
        }
    }

    /// The recipes whose models vote.
    pub(crate) fn voters(&self) -> &[String] {
        match &self.members {
            Some(Members::Recipes(names)) => names,
            _ => &[],
        }
    }

    /// The source languages for a target.
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
