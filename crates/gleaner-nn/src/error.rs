//! What can go wrong below the tagger: files that hold the wrong tensors, settings that do not fit.

use std::path::PathBuf;

/// An error of this crate. Every message says what is wrong and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum NnError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what its name promises.
    #[error("{}: {what}; {fix}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A tensor is missing, surplus, or has another shape than the configuration says.
    #[error("{}: tensor `{name}`: {what}; {fix}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A device that this build or this machine does not offer.
    #[error("{0}")]
    Device(String),
}

impl NnError {
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}
