//! Exit codes.

use gleaner::GleanerError;
use gleaner_annotate::AnnotateError;
use gleaner_corpus::{CorpusError, Problem, WriteError, audit::IssueKind};
use gleaner_hub::{HubError, HubErrorKind};
use gleaner_nn::NnError;
use gleaner_serve::ServeError;
use gleaner_study::StudyError;
use std::{fmt, io};

const FILE: u8 = 1;
const USAGE: u8 = 2;
const TEXT: u8 = 3;
const MODEL: u8 = 4;
const RUNS: u8 = 5;
const ISSUES: u8 = 6;
const DIVERGED: u8 = 7;
const QUANTIZATION: u8 = 8;
/// EX_TEMPFAIL of sysexits.h: schedulers can repeat the command.
pub const STOPPED: u8 = 75;

/// The exit codes, for `gleaner --help`.
pub const HELP: &str = "Exit codes:
  0  success
  1  a file or the Hugging Face hub could not be read or written
  2  invalid options or settings, no sentence left to train or test on, an output folder that is
     not empty, an output file that exists, an address that cannot be listened on, or a device that
     is unavailable or has too little memory
  3  malformed text or labels, a folder without a train or test file, or text that the chosen
     format cannot hold
  4  a missing or malformed encoder or model
  5  runs of a study failed
  6  an audit found issues of a --deny kind
  7  training diverged: the loss became NaN or infinite
  8  labelling in 8 bits would cost too much quality
  75  stopped by a signal (SIGINT, SIGTERM, SIGXCPU or SIGUSR1); what was written is complete";

/// Runs of a study failed; their errors were printed and recorded.
#[derive(Debug)]
pub struct RunsFailed {
    pub failed: usize,
    pub skipped: usize,
}

impl fmt::Display for RunsFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "runs failed: {}", self.failed)?;
        if self.skipped > 0 {
            write!(f, ", skipped: {}", self.skipped)?;
        }
        write!(f, "; fix the cause and run the study again: only these runs are repeated")
    }
}

impl std::error::Error for RunsFailed {}

/// An audit found issues of a `--deny` kind; they were printed.
#[derive(Debug)]
pub struct IssuesDenied(pub Vec<(IssueKind, usize)>);

impl fmt::Display for IssuesDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.0.iter().map(|(kind, n)| format!("{kind}: {n}")).collect();
        write!(
            f,
            "the audit found issues of a --deny kind: {}; fix the text, or change --deny",
            counts.join(", ")
        )
    }
}

impl std::error::Error for IssuesDenied {}

/// A signal stopped the command before its end: what was stopped, and how to continue.
#[derive(Debug)]
pub struct Stopped(pub String);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Stopped {}

/// The exit code of an error.
pub fn code(error: &anyhow::Error) -> u8 {
    if let Some(e) = error.downcast_ref::<GleanerError>() {
        return of_gleaner(e);
    }
    if let Some(e) = error.downcast_ref::<StudyError>() {
        return match e {
            StudyError::Gleaner(e) => of_gleaner(e),
            StudyError::File { .. }
            | StudyError::NoSuchRun { .. }
            | StudyError::FolderOccupied { .. }
            | StudyError::NoTestText { .. } => USAGE,
            _ => FILE,
        };
    }
    if let Some(e) = error.downcast_ref::<WriteError>() {
        return if matches!(e, WriteError::Io(_)) { FILE } else { TEXT };
    }
    if let Some(e) = error.downcast_ref::<HubError>() {
        return of_hub(e);
    }
    if let Some(e) = error.downcast_ref::<AnnotateError>() {
        return match e {
            AnnotateError::Gleaner(e) => of_gleaner(e),
            AnnotateError::Settings { .. } | AnnotateError::Folder { .. } => USAGE,
            AnnotateError::Damaged { .. } | AnnotateError::Refused(_) => TEXT,
            _ => FILE,
        };
    }
    if let Some(e) = error.downcast_ref::<ServeError>() {
        return if matches!(e, ServeError::Io { .. }) { FILE } else { USAGE };
    }
    if error.is::<RunsFailed>() {
        return RUNS;
    }
    if error.is::<IssuesDenied>() {
        return ISSUES;
    }
    if error.is::<Stopped>() {
        return STOPPED;
    }
    error.downcast_ref::<CorpusError>().map_or(FILE, of_corpus)
}

fn of_gleaner(error: &GleanerError) -> u8 {
    match error {
        GleanerError::Corpus(e) => of_corpus(e),
        GleanerError::Network(NnError::Device(_) | NnError::OutOfMemory)
        | GleanerError::Settings(_)
        | GleanerError::FolderOccupied { .. }
        | GleanerError::NoTrainingText(_)
        | GleanerError::NoTestText(_) => USAGE,
        GleanerError::Diverged { .. } | GleanerError::AdaptingDiverged { .. } => DIVERGED,
        GleanerError::Stopped { .. } => STOPPED,
        GleanerError::Quantization { .. } => QUANTIZATION,
        GleanerError::Io { .. } => FILE,
        GleanerError::Network(_) | GleanerError::Model { .. } | GleanerError::NotFinite => MODEL,
        GleanerError::Labels { .. } => TEXT,
        GleanerError::Hub(e) => of_hub(e),
        _ => FILE,
    }
}

fn of_hub(error: &HubError) -> u8 {
    match error.kind() {
        HubErrorKind::Id | HubErrorKind::Settings => USAGE,
        HubErrorKind::Missing => MODEL,
        _ => FILE,
    }
}

fn of_corpus(error: &CorpusError) -> u8 {
    match error.problem() {
        Problem::Missing | Problem::Folder | Problem::NotAFolder | Problem::Io(_) => FILE,
        _ => TEXT,
    }
}

/// Whether the reader of our output has stopped reading, which is not an error.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_hub::HubId;
    use std::path::PathBuf;

    #[test]
    fn the_code_follows_the_type_of_the_error() {
        let path = || PathBuf::from("out");
        let text = || "not good; do better".to_owned();
        let io = || io::Error::from(io::ErrorKind::NotFound);
        for (error, expected) in [
            (GleanerError::Io { path: path(), error: io() }, 1),
            (GleanerError::Settings(text()), 2),
            (GleanerError::NoTrainingText(text()), 2),
            (GleanerError::NoTestText(text()), 2),
            (GleanerError::FolderOccupied { path: path(), what: text(), fix: text() }, 2),
            (GleanerError::Network(NnError::OutOfMemory), 2),
            (GleanerError::Labels { path: path(), what: text() }, 3),
            (GleanerError::Model { path: path(), what: text(), fix: text() }, 4),
            (GleanerError::NotFinite, 4),
            (GleanerError::Hub("no-owner".parse::<HubId>().unwrap_err()), 2),
            (GleanerError::Diverged { epoch: 1 }, 7),
            (GleanerError::Stopped { path: Some(path()) }, 75),
            (GleanerError::AdaptingDiverged { step: 1 }, 7),
            (
                GleanerError::Quantization {
                    kept: 1,
                    all: 2,
                    entities: 9,
                    loss: 3.0,
                    largest: 0.5,
                },
                8,
            ),
        ] {
            let said = error.to_string();
            assert_eq!(code(&error.into()), expected, "{said}");
        }
        let unwritable = anyhow::Error::new(WriteError::TwoFiles).context("a.conll");
        assert_eq!(code(&unwritable), 3);
        assert_eq!(code(&ServeError::Settings(text()).into()), 2);
        assert_eq!(code(&ServeError::Io { path: path(), error: io() }.into()), 1);
        assert_eq!(code(&RunsFailed { failed: 1, skipped: 0 }.into()), 5);
        assert_eq!(code(&IssuesDenied(vec![(IssueKind::Leak, 1)]).into()), 6);
        assert_eq!(code(&Stopped(text()).into()), 75);
    }

    #[test]
    fn help_documents_every_code() {
        for code in [FILE, USAGE, TEXT, MODEL, RUNS, ISSUES, DIVERGED, QUANTIZATION, STOPPED] {
            assert!(HELP.contains(&format!("\n  {code}  ")), "{code}");
        }
    }
}
