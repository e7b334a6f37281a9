//! Errors of studies. The error of a single run is recorded and does not end the study.

use gleaner::GleanerError;
use gleaner_base::hidden::one_line;
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
    /// No run of the plan matches a pattern.
    #[error("--only {pattern}: no run matches; list the runs with `gleaner study plan`")]
    NoSuchRun {
        /// The pattern.
        pattern: String,
    },
    /// The results folder holds files that are not results of a study.
    #[error(
        "{}: the folder holds other files and no results of a study; give a results folder or a new folder with --out",
        path.display()
    )]
    FolderOccupied {
        /// The folder.
        path: PathBuf,
    },
    /// A run has no test text to score on.
    #[error("{run}: no test text to score on; add test files to its language")]
    NoTestText {
        /// The run's name.
        run: String,
    },
    /// A file of the results folder is missing or malformed.
    #[error("{}: {what}; {fix}", path.display())]
    Results {
        /// The file or folder.
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
        error: std::io::Error,
    },
    /// Settings, texts, an encoder or a training failed.
    #[error(transparent)]
    Gleaner(#[from] GleanerError),
}

impl From<CorpusError> for StudyError {
    fn from(error: CorpusError) -> Self {
        Self::Gleaner(error.into())
    }
}

impl StudyError {
    /// An error in the study file from a message `what is wrong; what to do`.
    pub(crate) fn in_study(path: &Path, line: usize, message: &str) -> Self {
        let (what, fix) = message.split_once("; ").unwrap_or((message, "correct the value"));
        Self::File { path: path.to_owned(), line, what: one_line(what), fix: one_line(fix) }
    }

    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    pub(crate) fn results(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Results { path: path.to_owned(), what: one_line(what), fix: one_line(fix) }
    }
}
