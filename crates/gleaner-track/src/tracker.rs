//! One run's log.

use crate::{Outcome, Run, Target, TrackError, mlflow::Server, run::Sink, tensorboard::EventFile};
use std::path::PathBuf;

/// Logs one run to one target. The first error ends the log: after it every method succeeds and logs nothing, but a
/// server still learns that the run has ended.
pub struct Tracker {
    target: Target,
    sink: Option<Box<dyn Sink>>,
    /// Whether there was an error.
    is_broken: bool,
}

impl Tracker {
    /// A log that is not started yet.
    pub fn new(target: Target) -> Self {
        Self { target, sink: None, is_broken: false }
    }

    /// Starts the log, and logs the parameters.
    ///
    /// # Errors
    /// The folder cannot be written, or the server does not answer or refuses the run.
    pub fn start(&mut self, run: &Run<'_>) -> Result<(), TrackError> {
        let sink: Box<dyn Sink> = match &self.target {
            Target::TensorBoard(folder) => Box::new(EventFile::create(folder, run)?),
            Target::MlFlow(address) => Box::new(Server::start(address, run)?),
        };
        self.sink = Some(sink);
        Ok(())
    }

    /// Logs values of a step. The names of values are made of letters, digits, `/`, `-`, `_` and `.`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn scalars(&mut self, step: u64, values: &[(&str, f64)]) -> Result<(), TrackError> {
        self.with(|sink| sink.scalars(step, values))
    }

    /// Ends the log. An MLflow server that stores files itself also gets `files`.
    ///
    /// # Errors
    /// As [`start`](Self::start), or a file cannot be read.
    pub fn finish(&mut self, outcome: Outcome, files: &[PathBuf]) -> Result<(), TrackError> {
        let Some(mut sink) = self.sink.take() else { return Ok(()) };
        if self.is_broken {
            // The first error was reported.
            let _ = sink.finish(outcome, &[]);
            return Ok(());
        }
        sink.finish(outcome, files)
    }

    fn with(
        &mut self,
        act: impl FnOnce(&mut dyn Sink) -> Result<(), TrackError>,
    ) -> Result<(), TrackError> {
        let Some(sink) = self.sink.as_mut().filter(|_| !self.is_broken) else { return Ok(()) };
        let result = act(sink.as_mut());
        self.is_broken = result.is_err();
        result
    }
}
