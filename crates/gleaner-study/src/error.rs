//! What can go wrong in a study, apart from its runs.

use gleaner::GleanerError;
use gleaner_corpus::CorpusError;
use std::path::{Path, PathBuf};

/// An error of this crate. Displays as one line: `file:line: what is wrong; what to do`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The study file is wrong.
    #[error("{}:{line}: {what}; {fix}", path.display())]
    File {
        /// The study file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// A file of the results folder is not as it was written.
    #[error("{}: {what}; {fix}", path.display())]
    Results {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// A file could not be read or written.
    #[error("{}: {error}; check the path, its permissions and the space left", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// What a training says.
    #[error(transparent)]
    Gleaner(#[from] GleanerError),
}

impl From<CorpusError> for StudyError {
    fn from(error: CorpusError) -> Self {
        Self::Gleaner(error.into())
    }
}

impl StudyError {
    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn results(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Results { path: path.to_owned(), what: what.into(), fix: fix.into() }
    }
}
