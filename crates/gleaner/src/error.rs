//! The errors of this crate.

use gleaner_base::hidden::one_line;
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
    /// The loss is NaN or infinite.
    #[error(
        "epoch {epoch}: the loss is NaN or infinite: training diverged; lower the learning rates (rate-encoder, \
         rate-lstm, rate-linear, rate-crf)"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: u32,
    },
    /// The loss of an adaptation is NaN or infinite.
    #[error(
        "step {step}: the loss is NaN or infinite: adapting diverged; lower the learning rates (--rate, --head-rate)"
    )]
    AdaptingDiverged {
        /// The step, from 1.
        step: u64,
    },
    /// The observer stopped the training.
    #[error("{}", stopped(path.as_deref()))]
    Stopped {
        /// The folder with the checkpoint, from which the training can be resumed, if it has one.
        path: Option<PathBuf>,
    },
    /// The network of a tagger computes scores that are NaN or too large.
    #[error(
        "the network computes scores that are NaN or too large; fetch the model again, or train it again with lower \
         learning rates"
    )]
    NotFinite,
    /// A folder that a training cannot be written to as it is.
    #[error("{}: {what}; {fix}", path.display())]
    FolderOccupied {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        what: String,
        /// What to do.
        fix: String,
    },
    /// There is no text to train on.
    #[error("{0}")]
    NoTrainingText(String),
    /// There is no text to score on.
    #[error("{0}")]
    NoTestText(String),
    /// Every rounding of a tagger's weights to 8 bits costs too much quality.
    #[error(
        "int8 costs {loss:.2} points of entity F1 on {entities} entities, even with {kept} of {all} projections in f32; \
         the limit is {largest:.2} points: label in f32, name a longer text to measure on, or raise the limit with \
         --max-loss"
    )]
    Quantization {
        /// Number of projections in f32.
        kept: usize,
        /// Number of all projections.
        all: usize,
        /// Number of entities that were scored.
        entities: usize,
        /// The loss, in points of entity micro F1.
        loss: f64,
        /// The largest loss that is allowed.
        largest: f64,
    },
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
    /// Labelled text whose tags cannot be used.
    #[error("{}: {what}", path.display())]
    Labels {
        /// The file.
        path: PathBuf,
        /// Which tags, and what to do.
        what: String,
    },
    /// A model is not a local folder, and could not be downloaded from the Hugging Face hub by this name.
    #[cfg(feature = "hub")]
    #[error("no such folder, so searched on the hub: {0}")]
    Hub(gleaner_hub::HubError),
    /// A file could not be read or written.
    #[error("{}: {}", path.display(), refused(error))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's message.
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

// By hand: an error whose message contains another one must not name it as its source too.
#[cfg(feature = "hub")]
impl From<gleaner_hub::HubError> for GleanerError {
    fn from(error: gleaner_hub::HubError) -> Self {
        Self::Hub(error)
    }
}

impl GleanerError {
    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        match error.kind() {
            // Longer than what is read; a file that became too long to be written has a number of the system.
            ErrorKind::FileTooLarge if error.raw_os_error().is_none() => {
                Self::model(path, error.to_string(), "fetch or copy the file again")
            }
            _ => Self::Io { path: path.to_owned(), error },
        }
    }

    pub(crate) fn occupied(path: &Path, what: &str, fix: &str) -> Self {
        Self::FolderOccupied { path: path.to_owned(), what: what.into(), fix: fix.into() }
    }

    pub(crate) fn model(path: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::Model { path: path.to_owned(), what: one_line(what), fix: one_line(fix) }
    }
}

/// That a training was stopped, and how to continue.
fn stopped(path: Option<&Path>) -> String {
    match path {
        Some(path) => format!(
            "{}: the training was stopped, its checkpoint has all steps; continue with --resume",
            path.display()
        ),
        None => "the training was stopped".into(),
    }
}

/// The system's message, and what to do.
fn refused(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "no such file or folder; check the path".into(),
        ErrorKind::InvalidData => "not UTF-8; save the file as UTF-8".into(),
        _ => format!("{error}; check the path, its permissions and the space left"),
    }
}
