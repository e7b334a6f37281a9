//! What a log is given of a run.

use crate::TrackError;
use std::path::PathBuf;

/// What is known about a run at its start.
pub struct Run<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its parameters, each with its value as text.
    pub parameters: &'a [(String, String)],
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It reached its end.
    Finished,
    /// An error ended it.
    Failed,
    /// Its user stopped it; it may be continued.
    Stopped,
}

/// A log that has been started.
pub(crate) trait Sink {
    /// Logs values of a step.
    fn scalars(&mut self, step: u64, values: &[(&str, f64)]) -> Result<(), TrackError>;

    /// Logs the end of the run, and files that it wrote.
    fn finish(&mut self, outcome: Outcome, files: &[PathBuf]) -> Result<(), TrackError>;
}
