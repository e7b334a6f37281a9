//! What a study is: languages, pairs, experiments and settings, all in range.

mod recipes;

pub(crate) use recipes::{Members, Recipe, Sources, Start, pair_of};

use crate::source::{DataSource, NamedEncoder};
use gleaner::{CorpusOptions, CorpusPath, Overrides, Protocol, active::Order};
use serde::Serialize;
use std::{collections::BTreeMap, path::PathBuf};

/// A study as its file describes it. Every value is in range.
#[derive(Clone, Debug)]
pub struct Study {
    /// Its title.
    pub title: String,
    /// The file it was read from.
    pub path: PathBuf,
    /// The preset of all runs.
    pub protocol: Protocol,
    /// Seeds of the baselines, and of every experiment that does not list its own.
    pub seeds: Vec<u64>,
    /// Number of folds in a cross-validation of every target; `None` if texts are split once.
    pub folds: Option<usize>,
    /// Default number of concurrent trainings.
    pub jobs: usize,
    /// Threads of each training; by default the physical cores divided by the jobs.
    pub threads: Option<usize>,
    /// Whether to keep models of finished runs that no other run needs.
    pub keep_models: bool,
    /// Whether results contain the words of test sentences. Without words, results can be shared where
    /// the texts cannot, but reports show no sentences.
    pub keep_words: bool,
    /// Figures published elsewhere.
    pub references: Vec<Reference>,
    pub(crate) encoder: NamedEncoder,
    pub(crate) settings: Overrides,
    pub(crate) languages: Languages,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) experiments: Experiments,
}

/// A figure published elsewhere for the same experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reference {
    /// The language code.
    pub language: String,
    /// What it measures, such as `baseline token score`.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Where it was published.
    pub source: String,
}

/// Languages by code.
pub(crate) type Languages = BTreeMap<String, Language>;

/// A language's texts.
#[derive(Clone, Debug)]
pub(crate) struct Language {
    pub(crate) data: DataSource,
    /// How its labelled texts are read.
    pub(crate) options: CorpusOptions,
    pub(crate) cutoff: Option<usize>,
    /// Files of unlabelled text, which are read as the labelled ones where they have no options of their own.
    pub(crate) unlabelled: Vec<CorpusPath>,
    /// The line of its table in the file.
    pub(crate) line: usize,
}

/// A target language and a source language that it may learn from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) target: String,
    pub(crate) source: String,
}

/// The experiments that run beside baselines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Experiments {
    pub(crate) baseline: Overrides,
    /// Settings of source models.
    pub(crate) source: Overrides,
    /// Source sentences that a factor of 1 means.
    pub(crate) rows: usize,
    /// Fine-tuning of source models, by factor.
    pub(crate) transfer: Sweep,
    pub(crate) zero_shot: Sweep,
    pub(crate) joint: Sweep,
    pub(crate) pseudo: Option<Pseudo>,
    /// Numbers of training sentences of a learning curve, ascending.
    pub(crate) sizes: Vec<usize>,
    /// Seeds of the learning curve.
    pub(crate) curve_seeds: Seeds,
    /// Simulated annotation, if any.
    pub(crate) active: Option<Active>,
    /// Recipes, each after those whose models it needs.
    pub(crate) recipes: Vec<Recipe>,
}

/// Factors with the settings of their runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sweep {
    pub(crate) factors: Vec<u32>,
    pub(crate) seeds: Seeds,
    pub(crate) settings: Overrides,
}

impl Sweep {
    /// The factors that run with a seed of the study.
    pub(crate) fn of(&self, seed: u64) -> &[u32] {
        if self.seeds.has(seed) { &self.factors } else { &[] }
    }
}

/// The seeds of an experiment: its own list, or all seeds of the study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Option<Vec<u64>>);

impl Seeds {
    /// Whether the experiment runs with a seed of the study.
    pub(crate) fn has(&self, seed: u64) -> bool {
        self.0.as_ref().is_none_or(|named| named.contains(&seed))
    }
}

/// Simulated annotation of the training text.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    /// The orders of annotation, each once; random order comes first.
    pub(crate) orders: Vec<Order>,
    /// Numbers of annotated sentences, ascending; not empty. The first are the same in all orders.
    pub(crate) sizes: Vec<usize>,
    pub(crate) seeds: Seeds,
}

/// Pseudo-labelling that starts from the baseline.
#[derive(Clone, Debug)]
pub(crate) struct Pseudo {
    pub(crate) quantiles: Vec<f64>,
    pub(crate) repeats: u32,
    pub(crate) seeds: Seeds,
    pub(crate) pool: PoolSource,
    pub(crate) limit: Option<usize>,
    pub(crate) settings: Overrides,
}

/// Which text is pseudo-labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolSource {
    /// The training part of the source language, as published.
    Source,
    /// Unlabelled text of the target language.
    Target,
}

impl Study {
    /// The languages with a baseline: see [`targets`].
    pub(crate) fn targets(&self) -> Vec<&str> {
        targets(self.languages.keys(), &self.pairs, &self.experiments.recipes)
    }

    /// Every fold, from 1; a single `None` if texts are split once.
    pub(crate) fn every_fold(&self) -> Vec<Option<usize>> {
        match self.folds {
            None => vec![None],
            Some(folds) => (1..=folds).map(Some).collect(),
        }
    }

    /// The languages whose texts are split as the settings say: in a cross-validation only the sources,
    /// otherwise all.
    pub(crate) fn divided_as_set(&self) -> Vec<&str> {
        let is_source = |language: &str| {
            self.pairs.iter().any(|p| p.source == language)
                || self.experiments.recipes.iter().any(|r| r.sources.names(language))
        };
        let all = self.languages.keys().map(String::as_str);
        all.filter(|l| self.folds.is_none() || is_source(l)).collect()
    }

    /// Whether some model is scored on the test part of a language whose text is split as the settings
    /// say.
    pub(crate) fn is_scored_as_divided(&self, language: &str) -> bool {
        let e = &self.experiments;
        let targets = self.targets();
        let is_target = targets.contains(&language);
        let from_pairs = !(e.transfer.factors.is_empty() && e.zero_shot.factors.is_empty());
        // A source model is scored on the first of its languages.
        let is_first = |recipe: &Recipe| {
            let first = |target: &&str| recipe.sources_of(target, &self.pairs).into_iter().next();
            targets.iter().filter_map(first).any(|first| first == language)
        };
        self.folds.is_none() && is_target
            || from_pairs && self.pairs.iter().any(|p| p.source == language)
            || e.recipes.iter().any(|r| r.start == Start::Sources && is_first(r))
    }
}

/// The languages with a baseline: the targets of pairs, then the languages that occur in no pair and
/// are not the source of a recipe.
pub(crate) fn targets<'a>(
    languages: impl Iterator<Item = &'a String> + Clone,
    pairs: &'a [Pair],
    recipes: &[Recipe],
) -> Vec<&'a str> {
    let mut targets: Vec<&str> = Vec::new();
    let alone = languages.filter(|l| {
        !pairs.iter().any(|p| p.target == **l || p.source == **l)
            && !recipes.iter().any(|r| r.sources.names(l))
    });
    for language in pairs.iter().map(|p| &p.target).chain(alone) {
        if !targets.contains(&language.as_str()) {
            targets.push(language);
        }
    }
    targets
}
