//! How a study runs, what happens meanwhile, and the outcome.

use crate::{plan::Run, results::RunRecord};
use gleaner::train::Event;
use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

/// How a study runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Concurrent trainings in this process.
    pub jobs: usize,
    /// Threads of each training.
    pub threads: usize,
    /// Positions of the wanted runs and of those that they need: see [`Plan::select`](crate::Plan::select).
    pub wanted: Vec<usize>,
    /// Start no further run after a failure.
    pub fail_fast: bool,
    /// Keep models that no unfinished run needs.
    pub keep_models: bool,
    /// Keep the words of test sentences.
    pub keep_words: bool,
    /// Stops the study once it is true: trainings end after their current step, with a checkpoint, and no run starts.
    pub stop: Arc<AtomicBool>,
}

/// What happens while a study runs.
pub enum Progress<'a> {
    /// A run starts in this process.
    Started {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
    },
    /// An event of a training.
    Training {
        /// The run's position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
        /// The event.
        event: &'a Event<'a>,
    },
    /// A run finished in this process.
    Finished {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
        /// Its record.
        record: &'a RunRecord,
        /// How long it took.
        time: Duration,
    },
    /// A run finished in another process.
    Elsewhere {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
    },
    /// A run failed.
    Failed {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
        /// Its error.
        error: &'a str,
    },
    /// A run is skipped because a run that it needs failed.
    LeftOut {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
    },
    /// Other processes are doing all remaining runs.
    Waiting,
}

/// The outcome of the wanted runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Number of finished runs, now or before.
    pub done: usize,
    /// Positions of failed runs, with their errors.
    pub failed: BTreeMap<usize, String>,
    /// Positions of runs that were skipped: a run that they need failed, or the study stopped.
    pub left_out: Vec<usize>,
    /// Whether [`Options::stop`] stopped the study.
    pub stopped: bool,
}
