//! The steps of commands, for programs that carry the command and have their own input and output, such as the Python
//! package. Names on the hub, settings, devices and errors are treated as by the commands; notes are not printed.

use crate::{
    cli::{self, ComputeArgs, OutputMode},
    commands::{adapt, evaluate, study},
    cores, events, exit,
    hub::Fetcher,
    opened::{self, Opened},
    output::Output,
    settings,
};
use anyhow::Result;
use gleaner::{CorpusOptions, Ensemble, GleanerError, Overrides, Settings};
use gleaner_corpus::{Corpus, ReadOptions};
use gleaner_report::{EvaluationView, study::StudyData};
use serde_json::Value;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

const QUIET: Output = Output { mode: OutputMode::Quiet, colour: false };

/// The exit code of an error. Its message is `{error:#}`.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    exit::code(error)
}

/// Whether an error says that work was stopped as asked, and can be continued.
pub fn is_stopped(error: &anyhow::Error) -> bool {
    exit::code(error) == exit::STOPPED
}

/// The number of threads that commands use by default: the physical cores that the program may use.
pub fn default_threads() -> usize {
    cores::physical()
}

/// The settings of a training that `options` make, as `gleaner train` would: with those that are taken over from the
/// model to start from, and with downloads from the hub.
///
/// # Errors
/// A value is out of range, or a download failed.
pub fn settings(options: &Overrides) -> Result<Settings> {
    let mut settings = settings::resolve(None, options, &[])?;
    Fetcher::new(&QUIET).resolve(&mut settings)?;
    Ok(settings)
}

/// The settings of an adaptation, with downloads from the hub.
///
/// # Errors
/// A download failed.
pub fn adapt_settings(
    settings: &gleaner::adapt::AdaptSettings,
) -> Result<gleaner::adapt::AdaptSettings> {
    adapt::resolved(settings, &QUIET)
}

/// An event of a training as the object that `gleaner train --output json` prints, without its times; `None` for events
/// that are not printed.
pub fn training_event(event: &gleaner::train::Event) -> Option<Value> {
    events::of_training(event)
}

/// An event of an adaptation as the object that `gleaner adapt --output json` prints, without its times; `None` for
/// events that are not printed.
pub fn adaptation_event(event: &gleaner::adapt::Event) -> Option<Value> {
    events::of_adaptation(event)
}

/// The text that `gleaner evaluate` scores on: a file, or the test part of a folder, of a data set on the hub or of the
/// sample. `options` say how it is read.
///
/// # Errors
/// The text is missing or malformed, or a download failed.
pub fn test_text(data: &Path, options: &Overrides) -> Result<Corpus> {
    let reading = CorpusOptions::from(&options.corpus);
    reading.check()?;
    let (strict, skip_bad) = (options.data.strict, options.data.skip_bad);
    let options = ReadOptions {
        strict: strict.unwrap_or_default(),
        skip_bad: skip_bad.unwrap_or_default(),
        ..reading.read_options()
    };
    evaluate::corpus(data, &options, &QUIET)
}

/// A tagger or an ensemble, opened as `gleaner predict` and `gleaner evaluate` do.
pub struct Model {
    folder: PathBuf,
    opened: Opened,
}

impl Model {
    /// Opens the tagger of a folder or of the hub. Without a device or a precision, those of its training are used if
    /// available.
    ///
    /// # Errors
    /// A file is missing or malformed, the device or the precision is unknown or unavailable, or a download failed.
    pub fn open(model: &Path, device: Option<String>, precision: Option<&str>) -> Result<Self> {
        let precision = precision.map(|name| {
            let bad = |what| GleanerError::Settings(format!("precision: `{name}` is {what}"));
            cli::precision(name).map_err(bad)
        });
        let compute = ComputeArgs { precision: precision.transpose()?, device, threads: None };
        let folder = Fetcher::new(&QUIET).model_folder(model)?;
        // The working directory may change before the folder is read again.
        let folder = std::path::absolute(&folder)?;
        let opened = opened::open(&folder, &compute, &QUIET)?;
        Ok(Self { folder, opened })
    }

    /// Its folder, that of the cache for a model of the hub.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The taggers: one, or several that label as one.
    pub fn ensemble(&self) -> &Arc<Ensemble> {
        &self.opened.ensemble
    }

    /// All scores on a labelled text, as `gleaner evaluate --output json` prints them. No intervals are computed with 0
    /// resamples.
    ///
    /// # Errors
    /// The text has entity types that the tagger does not know.
    pub fn evaluate(&self, corpus: &Corpus, resamples: usize) -> Result<EvaluationView> {
        Ok(evaluate::score(&self.opened, &self.folder, corpus, resamples)?.0)
    }
}

/// A study with its results folder, opened as `gleaner study` does.
pub struct Study(study::Opened);

impl Study {
    /// Opens a study file, or the built-in study `quickstart`. Results are in `out`, by default in the working
    /// directory.
    ///
    /// # Errors
    /// The file or a text is missing or malformed, or a download failed.
    pub fn open(file: &Path, out: Option<&Path>) -> Result<Self> {
        study::Opened::new(file, out, &QUIET).map(Self)
    }

    /// Its results folder.
    pub fn folder(&self) -> &Path {
        self.0.results.path()
    }

    /// Its runs, as `gleaner study plan --output json` prints them.
    pub fn runs(&self) -> Vec<Value> {
        (0..self.0.plan.runs.len()).map(|at| self.0.run_as_json(at)).collect()
    }

    /// Does the runs that are missing, those whose name matches `only` if it is given, and writes the tables. `on` is
    /// called with the events of `gleaner study run --output json`, from several threads if several runs are done at
    /// the same time. Returns the data of the report.
    ///
    /// # Errors
    /// Runs failed, `stop` became true, or a file could not be written.
    pub fn run(
        &self,
        only: Option<&str>,
        jobs: Option<NonZeroUsize>,
        stop: Arc<AtomicBool>,
        on: &(dyn Fn(Value) + Sync),
    ) -> Result<StudyData> {
        let options = self.0.options(only, jobs, false, stop)?;
        gleaner_study::find_devices(&self.0.plan, &self.0.results, &options)?;
        let outcome = self.0.run(&options, &|progress| {
            if let Some(event) = events::of_study(progress) {
                on(event);
            }
        })?;
        let written = study::write(&self.0.study, &self.0.plan, &self.0.results)?;
        study::none_failed(&outcome)?;
        Ok(written.data)
    }

    /// Writes the tables of the finished runs. Returns the data of the report.
    ///
    /// # Errors
    /// No run is finished, or a file could not be written.
    pub fn report(&self) -> Result<StudyData> {
        Ok(self.0.report()?.data)
    }
}
