//! A study file becomes a [`Study`]: keys are read, and every value is checked.

mod active;
mod check;
mod experiments;
mod languages;
mod numbers;
mod order;
mod recipes;
mod seeds;
mod settings;
mod shape;

use crate::{
    error::StudyError,
    source::{EncoderSource, NamedEncoder, local},
    study::{Languages, Pair, Reference, Study, targets},
};
use check::{Checks, Known};
use gleaner::{CorpusOptions, Protocol, Settings};
use settings::{DIVIDING, RESAMPLES, settings_of};
use shape::Shape;
use std::path::Path;
use toml::Spanned;

/// The study that is built into the program: the text of `studies/quickstart.toml`.
pub const QUICKSTART: &str = include_str!("file/quickstart.toml");

impl Study {
    /// Reads and checks a study file. Its paths are relative to the file's folder.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown, a value is out of range, or data is missing.
    pub fn read(path: &Path) -> Result<Self, StudyError> {
        let text = std::fs::read_to_string(path).map_err(|e| StudyError::io(path, e))?;
        Self::parse(path, &text)
    }

    /// Checks the text of a study file. `path` names the file in messages and gives the folder that
    /// paths are relative to.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(path: &Path, text: &str) -> Result<Self, StudyError> {
        study(&Checks { path, text })
    }
}

fn study(file: &Checks) -> Result<Study, StudyError> {
    let shape: Shape = toml::from_str(file.text).map_err(|e| {
        let what = e.message().trim().replace('\n', " ");
        file.error(
            e.span().map_or(0, |s| s.start),
            what,
            "see docs/reference/study-file.md for the keys",
        )
    })?;
    let protocol = match &shape.protocol {
        None => Protocol::Sound,
        Some(name) => name.get_ref().parse().map_err(|e: String| {
            file.error(name.span().start, e, "write protocol = \"sound\" or \"published\"")
        })?,
    };
    let named = Settings::builder().protocol(protocol);
    let common = [&DIVIDING[..], &[RESAMPLES]].concat();
    let mut settings = settings_of(file, shape.settings.as_ref(), &[&named], &common)?;
    if let Some(device) = &shape.device {
        settings.run.device = Some(device.get_ref().clone());
        Settings::resolve(&[&named, &settings])
            .map_err(|e| file.message(device.span().start, &format!("device: {e}")))?;
    }
    let threads = shape.threads.as_ref().map(|n| file.positive(n, "threads")).transpose()?;
    let jobs = shape.jobs.as_ref().map(|n| file.positive(n, "jobs")).transpose()?;
    // The study's options of reading hold for every language that does not have its own.
    let common_options = CorpusOptions::from(&std::mem::take(&mut settings.corpus));
    let languages = languages::languages(file, &shape.languages, &common_options)?;
    let common = [&named, &settings];
    let pairs: Vec<Pair> = languages::pairs(file, &shape.pairs, &languages)?;
    let seeds = seeds::of_study(file, shape.seeds.as_ref())?;
    let known = Known { common: &common, languages: &languages, pairs: &pairs, seeds: &seeds };
    let experiments = experiments::experiments(file, &shape.experiments, &known)?;
    if targets(languages.keys(), &pairs, &experiments.recipes).is_empty() {
        let what = "every language is a source, so no model would be tested";
        return Err(file.error(
            0,
            what,
            "name targets in pairs, or add a [languages] table of one",
        ));
    }
    Ok(Study {
        title: shape.title.unwrap_or_else(|| {
            file.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
        }),
        path: file.path.to_owned(),
        protocol,
        seeds,
        folds: shape.folds.as_ref().map(|n| folds(file, n)).transpose()?,
        jobs: jobs.unwrap_or(1),
        threads,
        keep_models: shape.keep_models,
        keep_words: shape.keep_words,
        references: references(file, &shape.references, &languages)?,
        encoder: encoder(file, "encoder", &shape.encoder)?,
        settings,
        languages,
        pairs,
        experiments,
    })
}

/// The largest number of folds.
const FOLDS: usize = 1000;

fn folds(file: &Checks, folds: &Spanned<usize>) -> Result<usize, StudyError> {
    match *folds.get_ref() {
        n @ 0..=1 => {
            let what = format!("folds: {n} leaves no training text");
            let fix = "use 2 or more, or remove the key to use each text's own parts";
            Err(file.error(folds.span().start, what, fix))
        }
        _ => file.within(folds, "folds", (2, FOLDS)),
    }
}

/// A folder if one exists, otherwise a name on the hub, which the hub checks later.
/// `key` is where the name stands, for errors.
fn encoder(file: &Checks, key: &str, name: &Spanned<String>) -> Result<NamedEncoder, StudyError> {
    let text = name.get_ref();
    let path = local(file.base(), Path::new(text));
    let is_folder = text == gleaner::SAMPLE_ENCODER || path.is_dir();
    // Anything else is a path that was mistyped.
    let is_name = text.matches('/').count() == 1 && !text.starts_with(['.', '/']);
    let source = match text.strip_prefix("hub:") {
        Some(name) => EncoderSource::Hub(name.to_owned()),
        None if is_folder => EncoderSource::Folder(path),
        None if is_name => EncoderSource::Hub(text.clone()),
        None => {
            let what = format!("{key}: {} does not exist", path.display());
            let fix = "give a folder, `sample:tiny`, or a name on the hub (OWNER/NAME)";
            return Err(file.error(name.span().start, what, fix));
        }
    };
    Ok(NamedEncoder { source, line: file.line(name.span().start) })
}

fn references(
    file: &Checks,
    shape: &[Spanned<shape::ReferenceShape>],
    languages: &Languages,
) -> Result<Vec<Reference>, StudyError> {
    let of = |spanned: &Spanned<shape::ReferenceShape>| {
        let shape::ReferenceShape { language, what, value, source } = spanned.get_ref().clone();
        let is_mean = ["", "mean"].contains(&language.as_str());
        if !is_mean && !languages.contains_key(&language) {
            let what = format!("references: unknown language `{language}`");
            let fix = "use a code from [languages], or `mean`";
            return Err(file.error(spanned.span().start, what, fix));
        }
        Ok(Reference { language, what, value, source })
    };
    shape.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_study_is_the_one_in_the_studies_folder() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../studies/quickstart.toml");
        assert!(std::fs::read_to_string(path).unwrap() == QUICKSTART);
    }
}
