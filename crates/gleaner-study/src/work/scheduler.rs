//! Workers take runs whose needs are met, one at a time each, and share them with other processes.

use super::{
    execute::Shared,
    progress::{Options, Progress},
    seen::TrainingTexts,
};
use crate::{
    disk,
    error::StudyError,
    plan::{Plan, Run},
    results::{Failure, Lock, Results},
};
use gleaner::{
    GleanerError,
    train::{Event, Observer},
};
use std::{
    any::Any,
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

/// How long a worker waits before it looks for a run again.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Running,
    Done,
    Failed,
    LeftOut,
}

/// What all workers of this process share.
pub(super) struct Scheduler<'a> {
    plan: &'a Plan,
    results: &'a Results,
    options: &'a Options,
    /// States of the wanted runs by position.
    pub(super) states: Mutex<BTreeMap<usize, State>>,
    /// The errors of runs that failed, by position.
    pub(super) errors: Mutex<BTreeMap<usize, String>>,
    /// Attempts of runs that failed in earlier starts. They are tried again.
    earlier: BTreeMap<usize, u32>,
    shared: Shared<'a>,
    observer: &'a (dyn Fn(&Progress) + Sync),
}

/// Watches the training of a run.
struct Watch<'a> {
    scheduler: &'a Scheduler<'a>,
    at: usize,
    run: &'a Run,
}

impl Observer for Watch<'_> {
    fn on(&mut self, event: &Event) {
        (self.scheduler.observer)(&Progress::Training { at: self.at, run: self.run, event });
    }

    fn should_stop(&self) -> bool {
        self.scheduler.is_stopped()
    }
}

/// What a worker finds when it looks for a run.
enum Found {
    Run(usize, Lock),
    /// No run can start now, but one may later.
    Later,
    Nothing,
}

impl<'a> Scheduler<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        results: &'a Results,
        options: &'a Options,
        observer: &'a (dyn Fn(&Progress) + Sync),
    ) -> Self {
        let state = |at: usize| match plan.is_settled(at, &options.wanted, results) {
            true => State::Done,
            false => State::Open,
        };
        let states: BTreeMap<usize, State> =
            options.wanted.iter().map(|&at| (at, state(at))).collect();
        let attempts = |at: &usize| {
            let failure = results.run(&plan.runs[*at].id).failure()?;
            Some((*at, failure.attempts))
        };
        let earlier = states.keys().filter_map(attempts).collect();
        let texts = TrainingTexts::default();
        let shared = Shared { plan, results, keep_words: options.keep_words, texts };
        let (states, errors) = (Mutex::new(states), Mutex::default());
        Self { plan, results, options, states, errors, earlier, shared, observer }
    }

    /// Whether the study is to stop.
    pub(super) fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    /// Does runs until none is left.
    pub(super) fn work(&self, worker: usize) -> Result<(), StudyError> {
        // If the study's kind of device exists more than once, each worker takes its own.
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.options.threads.max(1))
            .start_handler(move |_| gleaner::prefer_device(worker))
            .build()
            .map_err(|e| StudyError::io(self.results.path(), io::Error::other(e)))?;
        let mut waiting = false;
        while !self.is_stopped() {
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
                Found::Nothing => break,
            }
        }
        Ok(())
    }

    fn lock_states(&self) -> MutexGuard<'_, BTreeMap<usize, State>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for a run that can start now.
    fn look(&self) -> Result<Found, StudyError> {
        let mut states = self.lock_states();
        let stopped = self.options.fail_fast && states.values().any(|s| *s == State::Failed);
        let (mut here, mut elsewhere) = (false, false);
        let positions: Vec<usize> = states.keys().copied().collect();
        for &at in &positions {
            match states[&at] {
                State::Open if !stopped => {}
                state => {
                    here |= state == State::Running;
                    continue;
                }
            }
            let run = &self.plan.runs[at];
            let folder = self.results.run(&run.id);
            if self.plan.is_settled(at, &positions, self.results) {
                states.insert(at, State::Done);
                (self.observer)(&Progress::Elsewhere { at, run });
                continue;
            }
            let needed: Vec<State> = run.needed().map(|model| states[&model]).collect();
            if needed.iter().any(|s| matches!(s, State::Failed | State::LeftOut)) {
                states.insert(at, State::LeftOut);
                (self.observer)(&Progress::LeftOut { at, run });
                continue;
            }
            if needed.iter().any(|s| *s != State::Done) {
                continue;
            }
            // Another process that does not plan this run can have deleted a model that it starts from.
            let is_gone = |model: &usize| !self.plan.is_settled(*model, &positions, self.results);
            let gone: Vec<usize> = run.needed().filter(is_gone).collect();
            if !gone.is_empty() {
                states.extend(gone.into_iter().map(|model| (model, State::Open)));
                continue;
            }
            let failure = folder.failure();
            if let Some(failure) = failure.filter(|f| self.earlier.get(&at) != Some(&f.attempts)) {
                // Another process tried it after this one started.
                states.insert(at, State::Failed);
                self.keep_error(at, &failure.error);
                (self.observer)(&Progress::Failed { at, run, error: &failure.error });
                continue;
            }
            let Some(lock) = folder.lock()? else {
                elsewhere = true;
                continue;
            };
            if self.plan.is_settled(at, &positions, self.results) {
                continue; // Another process finished it just now. The next look reports it.
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
        let mut watch = Watch { scheduler: self, at, run };
        let done =
            catch_unwind(AssertUnwindSafe(|| pool.install(|| self.shared.execute(at, &mut watch))));
        let error = match done {
            Ok(Ok(record)) => {
                self.settle(at, State::Done);
                let time = started.elapsed();
                (self.observer)(&Progress::Finished { at, run, record: &record, time });
                return self.drop_models(at);
            }
            Ok(Err(StudyError::Gleaner(GleanerError::Stopped { .. }))) => {
                self.settle(at, State::Open);
                return Ok(());
            }
            Ok(Err(error)) => error.to_string(),
            Err(panic) => format!("internal error: {}", message_of(&*panic)),
        };
        // Before the file, which may fail: other workers wait for this state.
        self.keep_error(at, &error);
        self.settle(at, State::Failed);
        let attempts = self.earlier.get(&at).copied().unwrap_or(0) + 1;
        let failure = Failure { name: run.name.clone(), attempts, error };
        self.results.run(&run.id).write_failure(&failure)?;
        (self.observer)(&Progress::Failed { at, run, error: &failure.error });
        Ok(())
    }

    fn keep_error(&self, at: usize, error: &str) {
        let mut errors = self.errors.lock().unwrap_or_else(PoisonError::into_inner);
        errors.insert(at, error.to_owned());
    }

    fn settle(&self, at: usize, state: State) {
        self.lock_states().insert(at, state);
    }

    /// Removes models that no unfinished run needs, now that the run at `at` is finished.
    fn drop_models(&self, at: usize) -> Result<(), StudyError> {
        if self.options.keep_models {
            return Ok(());
        }
        // A finished run whose model must be made again needs the models that it is made from.
        let wanted = &self.options.wanted;
        let done = |at: &usize| self.plan.is_settled(*at, wanted, self.results);
        for model in self.plan.runs[at].needed().chain([at]) {
            if self.plan.needed_by[model].iter().all(done) {
                disk::remove(&self.results.run(&self.plan.runs[model].id).model())?;
            }
        }
        Ok(())
    }
}

/// The message of a panic.
fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}
