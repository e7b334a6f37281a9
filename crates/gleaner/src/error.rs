//! What can go wrong between a corpus and a tagger.

use gleaner_corpus::CorpusError;
use gleaner_nn::NnError;
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// An error of this crate. Displays as one line: `file:line: what is wrong; what to do`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GleanerError {
    /// Labelled or unlabelled text is malformed.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// Weights or an encoder's configuration are malformed.
    #[error(transparent)]
    Network(NnError),
    /// A settings file or an option is wrong.
    #[error("{0}")]
    Settings(String),
    /// A model folder, tokenizer or checkpoint is malformed.
    #[error("{}: {what}; {fix}", path.display())]
    Model {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
    /// Tags that the tagger does not know.
    #[error("{}: {what}", path.display())]
    Labels {
        /// The file.
        path: PathBuf,
        /// Which, and what to do.
        what: String,
    },
    /// A file could not be read or written.
    #[error("{}: {}", path.display(), refused(error))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl From<NnError> for GleanerError {
    fn from(error: NnError) -> Self {
        match error {
            NnError::Io { path, source } => Self::Io { path, error: source },
            other => Self::Network(other),
        }
    }
}

impl GleanerError {
    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), error }
    }

    /// A folder that a training cannot be written to as it is.
    pub(crate) fn folder(path: &Path, what: &str, fix: &str) -> Self {
        Self::Settings(format!("{}: {what}; {fix}", path.display()))
    }

    pub(crate) fn model(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Model { path: path.to_owned(), what: what.into(), fix: fix.into() }
    }
}

/// What the system said, and what to do.
fn refused(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or folder; check the path".into(),
        ErrorKind::InvalidData => "not UTF-8; save the file as UTF-8".into(),
        _ => format!("{error}; check the path, its permissions and the space left"),
    }
}
