//! What all checks of a study file share: lines of values, errors at a line, paths.

use crate::{
    error::StudyError,
    source::local,
    study::{Languages, Pair, PoolSource},
};
use gleaner::{Overrides, is_sample};
use std::{
    fmt,
    path::{Path, PathBuf},
};
use toml::Spanned;

/// The file that is checked. Positions in its text are bytes from 0.
pub(super) struct Checks<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// What experiments are checked against.
pub(super) struct Known<'a> {
    /// Settings of all runs.
    pub(super) common: &'a [&'a Overrides],
    pub(super) languages: &'a Languages,
    pub(super) pairs: &'a [Pair],
    /// The seeds of the study.
    pub(super) seeds: &'a [u64],
}

impl Checks<'_> {
    /// The line of a position, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.text[..at.min(self.text.len())].matches('\n').count() + 1
    }

    pub(super) fn error(
        &self,
        at: usize,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> StudyError {
        StudyError::File {
            path: self.path.to_owned(),
            line: self.line(at),
            what: what.into(),
            fix: fix.into(),
        }
    }

    /// An error from a message `what is wrong; what to do`.
    pub(super) fn message(&self, at: usize, message: &str) -> StudyError {
        StudyError::in_study(self.path, self.line(at), message)
    }

    /// The folder that paths are relative to.
    pub(super) fn base(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// A number of 1 or more.
    pub(super) fn positive(&self, n: &Spanned<usize>, key: &str) -> Result<usize, StudyError> {
        match *n.get_ref() {
            0 => Err(self.error(n.span().start, format!("{key}: 0 is too small"), "use 1 or more")),
            n => Ok(n),
        }
    }

    /// A number of `least` to `most`.
    pub(super) fn within<T: Copy + PartialOrd + fmt::Display>(
        &self,
        n: &Spanned<T>,
        key: &str,
        (least, most): (T, T),
    ) -> Result<T, StudyError> {
        let value = *n.get_ref();
        match (least..=most).contains(&value) {
            true => Ok(value),
            false => {
                let what = format!("{key}: {value} is out of range");
                Err(self.error(n.span().start, what, format!("use {least} to {most}")))
            }
        }
    }

    /// Which text is pseudo-labelled.
    pub(super) fn pool_source(&self, name: &Spanned<String>) -> Result<PoolSource, StudyError> {
        match name.get_ref().as_str() {
            "source" => Ok(PoolSource::Source),
            "target" => Ok(PoolSource::Target),
            other => {
                let what = format!("pool: unknown value `{other}`");
                let fix = "write pool = \"source\" (training part of the source) or \"target\" (unlabelled text of the target)";
                Err(self.error(name.span().start, what, fix))
            }
        }
    }

    /// A folder or file that must exist. Built-in samples always do.
    pub(super) fn existing(
        &self,
        name: &Spanned<String>,
        what: &str,
    ) -> Result<PathBuf, StudyError> {
        self.existing_path(name.span().start, Path::new(name.get_ref()), what)
    }

    /// A folder or file that must exist; `at` is its position in the file.
    pub(super) fn existing_path(
        &self,
        at: usize,
        path: &Path,
        what: &str,
    ) -> Result<PathBuf, StudyError> {
        let path = local(self.base(), path);
        match is_sample(&path) || path.exists() {
            true => Ok(path),
            false => Err(self.error(
                at,
                format!("{what} {} does not exist", path.display()),
                "check the path; it is relative to the folder of this file",
            )),
        }
    }
}
