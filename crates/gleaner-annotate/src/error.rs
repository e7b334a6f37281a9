//! The errors of this crate.

use crate::answer::Misfit;
use gleaner::GleanerError;
use gleaner_base::hidden::one_line;
use std::{
    io,
    path::{Path, PathBuf},
};

/// An error of this crate. Displays as one line: `file:line: what is wrong; what to do`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnnotateError {
    /// The settings of a project are wrong.
    #[error("{}:{line}: {what}; {fix}", path.display())]
    Settings {
        /// `project.toml`.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// The sentences, the journal or the predictions of a project are damaged, or do not belong together.
    #[error("{}:{line}: {what}; {fix}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// A folder cannot be used as it is.
    #[error("{}: {what}; {fix}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}; check the path, its permissions and the free disk space", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// An answer does not fit the project. Nothing was written.
    #[error(transparent)]
    Refused(#[from] Misfit),
    /// A text, a model or a training failed.
    #[error(transparent)]
    Gleaner(#[from] GleanerError),
}

impl AnnotateError {
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn folder(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Folder { path: path.to_owned(), what: one_line(what), fix: one_line(fix) }
    }

    pub(crate) fn damaged(
        path: &Path,
        line: usize,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::Damaged { path: path.to_owned(), line, what: one_line(what), fix: one_line(fix) }
    }
}
