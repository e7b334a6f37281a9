//! A study file: read, checked, and made into a [`Study`].

mod check;
mod numbers;
mod recipes;
mod shape;

pub(crate) use recipes::{Recipe, Sources, Start, pair_of};

use crate::{
    StudyError,
    source::{DataSource, EncoderSource},
};
use gleaner::{Overrides, Protocol};
use gleaner_corpus::LabelMap;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The study that is built into the program.
pub const QUICKSTART: &str = include_str!("../../../studies/quickstart.toml");

/// A study, as its file describes it; every value is in range.
#[derive(Clone, Debug)]
pub struct Study {
    /// Its name.
    pub title: String,
    /// The file it was read from.
    pub path: PathBuf,
    /// The preset of all runs.
    pub protocol: Protocol,
    /// Seeds: baselines are run with each, and so is every experiment that does not name some of them.
    pub seeds: Vec<u64>,
    /// Parts of a cross-validation of every target; none where texts are divided once.
    pub folds: Option<usize>,
    /// Trainings at a time, unless the command says otherwise.
    pub jobs: usize,
    /// Threads of each training; the physical cores divided by the jobs where it is not given.
    pub threads: Option<usize>,
    /// Whether models of finished runs that no other run needs are kept.
    pub keep_models: bool,
    /// Whether results hold the words of test sentences. Without them they can be given away where the
    /// texts cannot, and show no sentences.
    pub keep_words: bool,
    /// Figures published elsewhere.
    pub references: Vec<Reference>,
    pub(crate) encoder: EncoderSource,
    /// The line that names it.
    pub(crate) encoder_line: usize,
    pub(crate) settings: Overrides,
    pub(crate) languages: BTreeMap<String, Language>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) experiments: Experiments,
}

/// A figure published elsewhere for the same experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reference {
    /// The language's code.
    pub language: String,
    /// What it measures, such as `baseline token score`.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// Where it was published.
    pub source: String,
}

/// A language's texts.
#[derive(Clone, Debug)]
pub(crate) struct Language {
    pub(crate) data: DataSource,
    pub(crate) label_map: Option<LabelMap>,
    pub(crate) cutoff: Option<usize>,
    /// Text without labels.
    pub(crate) unlabelled: Vec<PathBuf>,
    /// The line of its table in the file.
    pub(crate) line: usize,
}

/// A target language and one it may learn from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pair {
    pub(crate) target: String,
    pub(crate) source: String,
}

/// What is to be run beside baselines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Experiments {
    pub(crate) baseline: Overrides,
    /// Settings of source models.
    pub(crate) source: Overrides,
    /// Rows of source text that a factor of 1 stands for.
    pub(crate) rows: usize,
    /// Fine-tuning after so many times the rows.
    pub(crate) transfer: Sweep,
    pub(crate) zero_shot: Sweep,
    pub(crate) joint: Sweep,
    pub(crate) pseudo: Option<Pseudo>,
    /// Numbers of training sentences, ascending, of a learning curve.
    pub(crate) sizes: Vec<usize>,
    /// Of the learning curve.
    pub(crate) curve_seeds: Seeds,
    /// What a recipe starts from stands before it.
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
    /// The factors that are run with a seed of the study.
    pub(crate) fn of(&self, seed: u64) -> &[u32] {
        if self.seeds.has(seed) { &self.factors } else { &[] }
    }
}

/// The seeds of an experiment: those named, or all of the study.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Option<Vec<u64>>);

impl Seeds {
    /// Whether the experiment is run with a seed of the study.
    pub(crate) fn has(&self, seed: u64) -> bool {
        self.0.as_ref().is_none_or(|named| named.contains(&seed))
    }
}

/// Pseudo-labelling from the baseline.
#[derive(Clone, Debug)]
pub(crate) struct Pseudo {
    pub(crate) quantiles: Vec<f64>,
    pub(crate) repeats: u32,
    pub(crate) seeds: Seeds,
    pub(crate) pool: PoolSource,
    pub(crate) limit: Option<usize>,
    pub(crate) settings: Overrides,
}

/// What is labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolSource {
    /// The training part of the source language, as published.
    Source,
    /// Unlabelled text of the target language.
    Target,
}

impl Study {
    /// Reads and checks a study file. Paths in it are taken from the file's folder.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown, a value is out of range, or data is missing.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let text = std::fs::read_to_string(path).map_err(|e| StudyError::io(path, e))?;
        Self::parse(path, &text)
    }

    /// Reads the text of a study file; `path` stands in messages and tells the folder.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(path: &Path, text: &str) -> Result<Self, StudyError> {
        check::study(path, text)
    }

    /// The encoder's name for people.
    pub(crate) fn encoder_name(&self) -> String {
        match &self.encoder {
            EncoderSource::Hub(id) => id.to_string(),
            EncoderSource::Folder(folder) => {
                folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
            }
        }
    }

    /// The languages that baselines are trained for: those that learn from another, and those that
    /// stand in no pair and are no recipe's source.
    pub(crate) fn targets(&self) -> Vec<&str> {
        targets(self.languages.keys(), &self.pairs, &self.experiments.recipes)
    }

    /// Every fold; a single nothing where texts are divided once.
    pub(crate) fn every_fold(&self) -> Vec<Option<usize>> {
        match self.folds {
            None => vec![None],
            Some(folds) => (1..=folds).map(Some).collect(),
        }
    }

    /// The languages whose own texts are divided as the settings say: where there are folds those
    /// that others learn from, else all.
    pub(crate) fn divided_as_set(&self) -> Vec<&str> {
        let learnt_from = |language: &str| {
            self.pairs.iter().any(|p| p.source == language)
                || self.experiments.recipes.iter().any(|r| r.sources.names(language))
        };
        let all = self.languages.keys().map(String::as_str);
        all.filter(|l| self.folds.is_none() || learnt_from(l)).collect()
    }

    /// Whether a model may be trained on a language's texts, divided as the settings say, and so
    /// scored on their test part.
    pub(crate) fn is_scored_as_divided(&self, language: &str) -> bool {
        let e = &self.experiments;
        let of_sources = || e.recipes.iter().filter(|r| r.start == Start::Sources);
        let from_pairs = !(e.transfer.factors.is_empty() && e.zero_shot.factors.is_empty())
            || of_sources().any(|r| r.sources == Sources::Pair);
        self.folds.is_none()
            || from_pairs && self.pairs.iter().any(|p| p.source == language)
            || of_sources().any(|r| r.sources.names(language))
    }
}

/// As [`Study::targets`], of a study that is being checked.
fn targets<'a>(
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
