//! Exit codes.

use gleaner::GleanerError;
use gleaner_corpus::{CorpusError, Problem, audit::IssueKind};
use gleaner_hub::{HubError, HubErrorKind};
use gleaner_nn::NnError;
use gleaner_study::StudyError;
use std::{fmt, io, process::ExitCode};

const FILE: u8 = 1;
const USAGE: u8 = 2;
const TEXT: u8 = 3;
const MODEL: u8 = 4;
const RUNS: u8 = 5;
const FAULTS: u8 = 6;

/// Runs of a study failed; what they said was printed and recorded.
#[derive(Debug)]
pub struct RunsFailed {
    pub failed: usize,
    pub left_out: usize,
}

impl fmt::Display for RunsFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "runs failed: {}", self.failed)?;
        if self.left_out > 0 {
            write!(f, ", left out: {}", self.left_out)?;
        }
        write!(f, "; mend the cause and start the study again: only these are done")
    }
}

impl std::error::Error for RunsFailed {}

/// An audit found faults of kinds that it was to refuse; they were told.
#[derive(Debug)]
pub struct FaultsDenied(pub Vec<(IssueKind, usize)>);

impl fmt::Display for FaultsDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.0.iter().map(|(kind, n)| format!("{kind}: {n}")).collect();
        write!(
            f,
            "faults that are denied: {}; mend the text, or choose the kinds with --deny",
            counts.join(", ")
        )
    }
}

impl std::error::Error for FaultsDenied {}

/// The exit code of an error, as `gleaner --help` documents them.
pub fn code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(number(error))
}

fn number(error: &anyhow::Error) -> u8 {
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
    if let Some(e) = error.downcast_ref::<HubError>() {
        return match e.kind() {
            HubErrorKind::Id | HubErrorKind::Settings => USAGE,
            HubErrorKind::Missing => MODEL,
            _ => FILE,
        };
    }
    if error.is::<RunsFailed>() {
        return RUNS;
    }
    if error.is::<FaultsDenied>() {
        return FAULTS;
    }
    error.downcast_ref::<CorpusError>().map_or(FILE, of_corpus)
}

fn of_gleaner(error: &GleanerError) -> u8 {
    match error {
        GleanerError::Corpus(e) => of_corpus(e),
        GleanerError::Network(NnError::Device(_) | NnError::OutOfMemory)
        | GleanerError::Settings(_) => USAGE,
        GleanerError::Io { .. } => FILE,
        GleanerError::Network(_) | GleanerError::Model { .. } => MODEL,
        GleanerError::Labels { .. } => TEXT,
        _ => FILE,
    }
}

fn of_corpus(error: &CorpusError) -> u8 {
    match error.problem() {
        Problem::Missing | Problem::Folder | Problem::NotAFolder | Problem::Io(_) => FILE,
        _ => TEXT,
    }
}

/// Whether whoever read our output has stopped reading, which is no error.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
