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
    /// An error of the study file from a message that tells its remedy behind a semicolon, as ours do.
    pub(crate) fn in_study(path: &Path, line: usize, told: &str) -> Self {
        let (what, fix) = told.split_once("; ").unwrap_or((told, "mend it"));
        Self::File { path: path.to_owned(), line, what: what.to_owned(), fix: fix.to_owned() }
    }

    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn results(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Results { path: path.to_owned(), what: what.into(), fix: fix.into() }
    }
}
