//! What can go wrong between a corpus and a tagger.

use gleaner_corpus::CorpusError;
use gleaner_nn::NnError;
use std::path::{Path, PathBuf};

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
    #[error("{}: {source}; check the path, its permissions and the space left", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl From<NnError> for GleanerError {
    fn from(error: NnError) -> Self {
        match error {
            NnError::Io { path, source } => Self::Io { path, source },
            other => Self::Network(other),
        }
    }
}

impl GleanerError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }

    /// A folder that a training cannot be written to as it is.
    pub(crate) fn folder(path: &Path, what: &str, fix: &str) -> Self {
        Self::Settings(format!("{}: {what}; {fix}", path.display()))
    }

    pub(crate) fn model(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Model { path: path.to_owned(), what: what.into(), fix: fix.into() }
    }
}
