//! `models/N`: taggers that were trained on the answers, with what they predict for the held-out sentences.
//!
//! Predictions of all models are kept, so that all are compared on the same answers, those given later too, and no
//! score on the disk can become outdated.

use crate::{answer::Span, error::AnnotateError};
use gleaner::train;
use gleaner_base::files;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

const PREDICTIONS: &str = "held-out.json";
/// The version of its format.
const FORMAT: u32 = 1;
const FIX: &str = "remove the folder of this model";

/// A model that was trained on the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trained {
    /// Its number, from 1.
    pub(crate) number: u32,
    /// Number of accepted sentences that it was trained on.
    pub(crate) sentences: usize,
    /// What it predicts for held-out sentences.
    pub(crate) predicted: BTreeMap<usize, Vec<Span>>,
}

/// `held-out.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Predictions {
    format: u32,
    sentences: usize,
    predicted: BTreeMap<usize, Vec<Span>>,
}

/// The folder of a model.
pub(crate) fn folder(project: &Path, number: u32) -> PathBuf {
    project.join("models").join(number.to_string())
}

/// The models of a project, by number.
///
/// # Errors
/// A folder cannot be read, or a model has no predictions.
pub(crate) fn read_all(project: &Path) -> Result<Vec<Trained>, AnnotateError> {
    let mut numbers = numbers(project)?;
    numbers.sort_unstable();
    numbers.into_iter().map(|number| read(project, number)).collect()
}

/// The numbers of the models of a project.
fn numbers(project: &Path) -> Result<Vec<u32>, AnnotateError> {
    let path = project.join("models");
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(AnnotateError::io(&path, e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| AnnotateError::io(&path, e))?;
        // Others are not finished.
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.parse().ok());
        let number = number.filter(|number: &u32| name == number.to_string().as_str());
        found.extend(number);
    }
    Ok(found)
}

/// The number of the next model, which no folder has.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn next_number(project: &Path) -> Result<u32, AnnotateError> {
    Ok(numbers(project)?.into_iter().max().unwrap_or(0) + 1)
}

fn read(project: &Path, number: u32) -> Result<Trained, AnnotateError> {
    let path = folder(project, number).join(PREDICTIONS);
    let bytes = fs::read(&path).map_err(|e| match e.kind() {
        ErrorKind::NotFound => AnnotateError::folder(&path, "no such file", FIX),
        _ => AnnotateError::io(&path, e),
    })?;
    let read: Predictions = serde_json::from_slice(&bytes)
        .map_err(|e| AnnotateError::damaged(&path, e.line(), e.to_string(), FIX))?;
    if read.format != FORMAT {
        let what = format!("format {}, but this program reads {FORMAT}", read.format);
        return Err(AnnotateError::folder(&path, what, "update Gleaner"));
    }
    Ok(Trained { number, sentences: read.sentences, predicted: read.predicted })
}

/// Writes a model and its predictions. Its folder gets its name last, so that a folder with a number is complete.
///
/// # Errors
/// The folder cannot be written.
pub(crate) fn save(
    project: &Path,
    model: &train::Trained,
    trained: &Trained,
) -> Result<(), AnnotateError> {
    let place = folder(project, trained.number);
    let unfinished = place.with_extension("unfinished");
    files::remove_folder(&unfinished).map_err(|e| AnnotateError::io(&unfinished, e))?;
    model.save(&unfinished)?;
    let path = unfinished.join(PREDICTIONS);
    let Trained { sentences, predicted, .. } = trained.clone();
    let written = serde_json::to_vec(&Predictions { format: FORMAT, sentences, predicted })
        .map_err(std::io::Error::from)
        .and_then(|bytes| files::write(&path, &bytes));
    written.map_err(|e| AnnotateError::io(&path, e))?;
    files::rename(&unfinished, &place).map_err(|e| AnnotateError::io(&place, e))
}
