//! The runs of a plan, done by several workers at a time, here and in other processes.

use crate::{
    Plan, Run, StudyError, execute,
    results::{Failure, Lock, Results, RunRecord},
};
use gleaner::train::{Event, compute};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

/// How long a worker waits before it looks again for something to do.
const PAUSE: Duration = Duration::from_millis(200);

/// How a study is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Trainings at a time in this process.
    pub jobs: usize,
    /// Threads of each.
    pub threads: usize,
    /// The runs that are wanted, by position, with those that they need: see [`Plan::select`].
    pub wanted: Vec<usize>,
    /// Start no run after one has failed.
    pub fail_fast: bool,
    /// Keep models that no run needs any longer.
    pub keep_models: bool,
    /// Keep the words of test sentences.
    pub keep_words: bool,
}

/// What happens while a study runs.
pub enum Progress<'a> {
    /// A run starts, here.
    Started {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
    },
    /// Something happens in a training.
    Training {
        /// The run's position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
        /// What happens.
        event: &'a Event<'a>,
    },
    /// A run was finished, here.
    Finished {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
        /// What it came to.
        record: &'a RunRecord,
        /// How long it took.
        time: Duration,
    },
    /// A run was finished by another process.
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
        /// What it says.
        error: &'a str,
    },
    /// A run is left out because one that it needs failed.
    LeftOut {
        /// Its position in the plan.
        at: usize,
        /// The run.
        run: &'a Run,
    },
    /// All that is left is being done by other processes.
    Waiting,
}

/// What came of the wanted runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Finished now or before.
    pub done: usize,
    /// Failed, by position.
    pub failed: Vec<usize>,
    /// Left out since a run that they need failed, or since the study was stopped.
    pub left_out: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Running,
    Done,
    Failed,
    LeftOut,
}

struct Shared<'a> {
    plan: &'a Plan,
    results: &'a Results,
    options: &'a Options,
    /// Of wanted runs, in the plan's order.
    states: Mutex<BTreeMap<usize, State>>,
    /// Failures of earlier starts: they are tried again.
    earlier: BTreeMap<usize, u32>,
    observer: &'a (dyn Fn(&Progress) + Sync),
}

/// What a worker found when it looked for something to do.
enum Found {
    Run(usize, Lock),
    Later,
    Nothing,
}

/// Looks for the devices that what is left of a plan is to be computed on.
///
/// # Errors
/// One is not here, or not in this build.
pub fn find_devices(plan: &Plan, results: &Results, options: &Options) -> Result<(), StudyError> {
    let open = options.wanted.iter().filter(|at| !plan.is_settled(**at, &options.wanted, results));
    let by_device: BTreeMap<&str, &Run> =
        open.map(|&at| &plan.runs[at]).map(|run| (&*run.settings.device, run)).collect();
    by_device.values().try_for_each(|run| compute(&run.settings).map(|_| ()))?;
    Ok(())
}

/// Does what is wanted of a plan; see [`find_devices`] beforehand.
///
/// # Errors
/// The results folder cannot be written. Runs that fail are recorded and do not end the study.
pub fn run(
    plan: &Plan,
    results: &Results,
    options: &Options,
    observer: &(dyn Fn(&Progress) + Sync),
) -> Result<Outcome, StudyError> {
    std::fs::create_dir_all(results.path()).map_err(|e| StudyError::io(results.path(), e))?;
    plan.facts.save(results.path())?;
    let mut states = BTreeMap::new();
    for &at in &options.wanted {
        let settled = plan.is_settled(at, &options.wanted, results);
        states.insert(at, if settled { State::Done } else { State::Open });
    }
    let attempts = |at: &usize| {
        let failure = results.run(&plan.runs[*at].id).failure()?;
        Some((*at, failure.attempts))
    };
    let earlier = states.keys().filter_map(attempts).collect();
    let states = Mutex::new(states);
    let shared = Shared { plan, results, options, states, earlier, observer };
    let workers = options.jobs.max(1);
    let ended: Vec<Result<(), StudyError>> = thread::scope(|scope| {
        let shared = &shared;
        let handles: Vec<_> =
            (0..workers).map(|worker| scope.spawn(move || shared.work(worker))).collect();
        handles.into_iter().map(|h| h.join().expect("panics of runs are caught")).collect()
    });
    ended.into_iter().collect::<Result<Vec<()>, StudyError>>()?;
    let states = shared.states.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut outcome = Outcome::default();
    for at in &options.wanted {
        match states[at] {
            State::Done => outcome.done += 1,
            State::Failed => outcome.failed.push(*at),
            State::LeftOut | State::Open | State::Running => outcome.left_out.push(*at),
        }
    }
    Ok(outcome)
}

impl Plan {
    /// Positions with those of the runs that they need, in the plan's order.
    pub(crate) fn with_needs(&self, wanted: &[usize]) -> Vec<usize> {
        let mut all: std::collections::BTreeSet<usize> = wanted.iter().copied().collect();
        // A run's needs stand before it.
        for at in (0..self.runs.len()).rev() {
            if let (true, Some(model)) = (all.contains(&at), self.runs[at].needs) {
                all.insert(model);
            }
        }
        all.into_iter().collect()
    }

    /// Finished runs among `wanted` (ascending) that are done again, since others start from their models, which are
    /// gone.
    pub fn again(&self, wanted: &[usize], results: &Results) -> Vec<usize> {
        let again = |at: &usize| {
            results.run(&self.runs[*at].id).is_done() && !self.is_settled(*at, wanted, results)
        };
        wanted.iter().copied().filter(again).collect()
    }

    /// Whether a run is finished, and its model there if one of `wanted` (ascending) that is not
    /// settled itself starts from it.
    pub(crate) fn is_settled(&self, at: usize, wanted: &[usize], results: &Results) -> bool {
        let folder = results.run(&self.runs[at].id);
        let wants = |at: &&usize| wanted.binary_search(at).is_ok();
        let settled = |at: &usize| self.is_settled(*at, wanted, results);
        folder.is_done()
            && (folder.has_model() || self.needed_by[at].iter().filter(wants).all(settled))
    }
}

impl Shared<'_> {
    fn work(&self, worker: usize) -> Result<(), StudyError> {
        // Where there are several devices of the kind that the study names, workers take one each.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.options.threads.max(1))
            .start_handler(move |_| gleaner::prefer_device(worker))
            .build()
            .map_err(|e| StudyError::io(self.results.path(), std::io::Error::other(e)))?;
        let mut waiting = false;
        loop {
            match self.look()? {
                Found::Run(at, lock) => {
                    waiting = false;
                    self.do_run(at, &pool)?;
                    drop(lock);
                }
                Found::Later => {
                    if !waiting {
                        (self.observer)(&Progress::Waiting);
                        waiting = true;
                    }
                    thread::sleep(PAUSE);
                }
                Found::Nothing => return Ok(()),
            }
        }
    }

    /// Looks for a run that can be done now.
    fn look(&self) -> Result<Found, StudyError> {
        let mut states = self.states.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let stopped = self.options.fail_fast && states.values().any(|s| *s == State::Failed);
        let (mut here, mut elsewhere) = (false, false);
        let positions: Vec<usize> = states.keys().copied().collect();
        for &at in &positions {
            match states[&at] {
                State::Running => here = true,
                State::Open if !stopped => {}
                _ => continue,
            }
            if states[&at] == State::Running {
                continue;
            }
            let run = &self.plan.runs[at];
            let folder = self.results.run(&run.id);
            if self.plan.is_settled(at, &positions, self.results) {
                states.insert(at, State::Done);
                (self.observer)(&Progress::Elsewhere { at, run });
                continue;
            }
            match run.needs.map(|model| states[&model]) {
                None | Some(State::Done) => {}
                Some(State::Failed | State::LeftOut) => {
                    states.insert(at, State::LeftOut);
                    (self.observer)(&Progress::LeftOut { at, run });
                    continue;
                }
                Some(State::Open | State::Running) => continue,
            }
            let failure = folder.failure();
            if let Some(failure) = failure.filter(|f| self.earlier.get(&at) != Some(&f.attempts)) {
                // Another process has tried since this one started.
                states.insert(at, State::Failed);
                (self.observer)(&Progress::Failed { at, run, error: &failure.error });
                continue;
            }
            let Some(lock) = folder.lock()? else {
                elsewhere = true;
                continue;
            };
            if self.plan.is_settled(at, &positions, self.results) {
                continue; // finished since; seen at the next look
            }
            states.insert(at, State::Running);
            return Ok(Found::Run(at, lock));
        }
        let open = !stopped && states.values().any(|s| *s == State::Open);
        Ok(if here || elsewhere || open { Found::Later } else { Found::Nothing })
    }

    fn do_run(&self, at: usize, pool: &rayon::ThreadPool) -> Result<(), StudyError> {
        let run = &self.plan.runs[at];
        (self.observer)(&Progress::Started { at, run });
        let started = Instant::now();
        let mut watch = |event: &Event| (self.observer)(&Progress::Training { at, run, event });
        let done = catch_unwind(AssertUnwindSafe(|| {
            pool.install(|| {
                execute::execute(self.plan, at, self.results, self.options.keep_words, &mut watch)
            })
        }));
        let error = match done {
            Ok(Ok(record)) => {
                self.settle(at, State::Done);
                let time = started.elapsed();
                (self.observer)(&Progress::Finished { at, run, record: &record, time });
                return self.drop_models(at);
            }
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("internal error: {}", said(&panic)),
        };
        // First, since other workers wait for it even where it cannot be written down.
        self.settle(at, State::Failed);
        let folder = self.results.run(&run.id);
        let attempts = self.earlier.get(&at).copied().unwrap_or(0) + 1;
        folder.write_failure(&Failure {
            name: run.name.clone(),
            attempts,
            error: error.clone(),
        })?;
        (self.observer)(&Progress::Failed { at, run, error: &error });
        Ok(())
    }

    fn settle(&self, at: usize, state: State) {
        let mut states = self.states.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        states.insert(at, state);
    }

    /// Drops the models that no run needs any longer, now that the one at `at` is finished.
    fn drop_models(&self, at: usize) -> Result<(), StudyError> {
        if self.options.keep_models {
            return Ok(());
        }
        // A finished run whose own model is wanted again needs this one's.
        let wanted = &self.options.wanted;
        let done = |at: &usize| self.plan.is_settled(*at, wanted, self.results);
        for model in self.plan.runs[at].needs.into_iter().chain([at]) {
            if self.plan.needed_by[model].iter().all(done) {
                crate::disk::remove(&self.results.run(&self.plan.runs[model].id).model())?;
            }
        }
        Ok(())
    }
}

/// What a panic said.
fn said(panic: &Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gave no reason").to_owned()
}
