//! A study file: read, checked, and made into a [`Study`].

mod check;
mod numbers;
mod shape;

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
    /// Seeds: every experiment is run with each.
    pub seeds: Vec<u64>,
    /// Trainings at a time, unless the command says otherwise.
    pub jobs: usize,
    /// Threads of each training; the physical cores divided by the jobs where it is not given.
    pub threads: Option<usize>,
    /// Whether models of finished runs that no other run needs are kept.
    pub keep_models: bool,
    /// Figures published elsewhere.
    pub references: Vec<Reference>,
    pub(crate) encoder: EncoderSource,
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
}

/// Factors with the settings of their runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sweep {
    pub(crate) factors: Vec<u32>,
    pub(crate) settings: Overrides,
}

/// Pseudo-labelling from the baseline.
#[derive(Clone, Debug)]
pub(crate) struct Pseudo {
    pub(crate) quantiles: Vec<f64>,
    pub(crate) repeats: u32,
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
    /// stand in no pair.
    pub(crate) fn targets(&self) -> Vec<&str> {
        let mut targets: Vec<&str> = Vec::new();
        let in_pairs = self.pairs.iter().map(|p| p.target.as_str());
        let alone = self
            .languages
            .keys()
            .map(String::as_str)
            .filter(|l| !self.pairs.iter().any(|p| p.target == *l || p.source == *l));
        for language in in_pairs.chain(alone) {
            if !targets.contains(&language) {
                targets.push(language);
            }
        }
        targets
    }
}
