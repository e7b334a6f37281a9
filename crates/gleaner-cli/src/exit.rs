//! Exit codes.

use gleaner::GleanerError;
use gleaner_corpus::{CorpusError, Problem};
use gleaner_nn::NnError;
use std::{io, process::ExitCode};

const FILE: u8 = 1;
const USAGE: u8 = 2;
const TEXT: u8 = 3;
const MODEL: u8 = 4;

/// The exit code of an error, as `gleaner --help` documents them.
pub fn code(error: &anyhow::Error) -> ExitCode {
    ExitCode::from(number(error))
}

fn number(error: &anyhow::Error) -> u8 {
    if let Some(e) = error.downcast_ref::<GleanerError>() {
        return match e {
            GleanerError::Corpus(e) => of_corpus(e),
            GleanerError::Network(NnError::Device(_)) | GleanerError::Settings(_) => USAGE,
            GleanerError::Io { .. } => FILE,
            GleanerError::Network(_) | GleanerError::Model { .. } => MODEL,
            GleanerError::Labels { .. } => TEXT,
            _ => FILE,
        };
    }
    error.downcast_ref::<CorpusError>().map_or(FILE, of_corpus)
}

fn of_corpus(error: &CorpusError) -> u8 {
    match error.problem() {
        Problem::Missing | Problem::Io(_) => FILE,
        _ => TEXT,
    }
}

/// Whether whoever read our output has stopped reading, which is no error.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
