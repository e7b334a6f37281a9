//! Progress of a study.

use crate::{
    cli::OutputMode,
    events,
    output::{self, Output},
    text,
};
use gleaner::train::Event;
use gleaner_study::{Options, Plan, Progress, Results, Run, RunRecord};
use indicatif::ProgressBar;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Maximum time between two lines where there is no bar.
const SILENCE: Duration = Duration::from_secs(60);

/// Shows the progress of a study: a bar and lines, or JSON Lines. Runs on several threads share it.
pub struct View<'a> {
    output: &'a Output,
    bar: ProgressBar,
    state: Mutex<State>,
}

struct State {
    started: Instant,
    last_said: Instant,
    /// Work of the runs that are not finished, by position in the plan.
    open: BTreeMap<usize, f64>,
    /// Work done since the start.
    done: f64,
    runs: usize,
    /// Number of runs at the same time.
    jobs: usize,
}

impl<'a> View<'a> {
    pub fn new(output: &'a Output, plan: &Plan, results: &Results, options: &Options) -> Self {
        let open: BTreeMap<usize, f64> = options
            .wanted
            .iter()
            .filter(|at| !results.run(&plan.runs[**at].id).is_done())
            .map(|&at| (at, plan.work(&plan.runs[at])))
            .collect();
        let bar = output.bar(Some(options.wanted.len() as u64), "{bar:28} {pos}/{len}  {msg}");
        let state = State {
            started: Instant::now(),
            last_said: Instant::now(),
            done: 0.0,
            runs: options.wanted.len(),
            jobs: options.jobs,
            open,
        };
        let view = Self { output, bar, state: Mutex::new(state) };
        view.begin();
        view
    }

    fn begin(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let done = state.runs - state.open.len();
        self.bar.set_position(done as u64);
        self.say(&format!("runs: {}, already finished: {done}", state.runs));
        let _ = self
            .output
            .json(&json!({"event": "start", "runs": state.runs, "done": done, "jobs": state.jobs}));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    pub fn on(&self, progress: &Progress) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = events::of_study(progress) {
            let _ = self.output.json(&event);
        }
        match progress {
            Progress::Started { run, .. } => self.bar.set_message(run.name.clone()),
            Progress::Training { run, event, .. } => self.training(&mut state, run, event),
            Progress::Finished { at, run, record, time } => {
                let work = state.open.remove(at).unwrap_or(0.0);
                state.done += work;
                self.finished(&mut state, run, record, *time);
            }
            Progress::Elsewhere { at, run } => {
                if state.open.remove(at).is_some() {
                    self.counted(&mut state, &format!("{}: finished by another process", run.name));
                }
            }
            Progress::Failed { at, run, error } => {
                state.open.remove(at);
                self.counted(&mut state, &format!("{} failed: {error}", run.name));
            }
            Progress::LeftOut { at, run } => {
                state.open.remove(at);
                self.counted(
                    &mut state,
                    &format!("{} skipped: a run that it needs failed", run.name),
                );
            }
            Progress::Waiting => {
                if state.jobs == 1 {
                    self.say("waiting for other processes");
                }
            }
        }
    }

    fn training(&self, state: &mut State, run: &Run, event: &Event) {
        match event {
            Event::Epoch { record, .. } => {
                let line = format!(
                    "{}  epoch {}/{}  loss {:.3}  dev F1 {:.3}{}",
                    run.name,
                    record.epoch,
                    run.settings.epochs_in_all(),
                    record.train_loss,
                    record.dev_f1,
                    left(state)
                );
                if self.bar.is_hidden() && state.last_said.elapsed() > SILENCE {
                    self.say(&line);
                    state.last_said = Instant::now();
                }
                self.bar.set_message(line);
            }
            Event::Resumed { epochs, steps } => {
                let place = text::place(*epochs, *steps);
                self.say(&format!("{}: continuing after {place}", run.name));
            }
            _ => {}
        }
    }

    fn finished(&self, state: &mut State, run: &Run, record: &RunRecord, time: Duration) {
        let line = format!(
            "{}: published score {:.3}, entity F1 {:.3} on test; {}",
            run.name,
            record.test.published_score,
            record.test.entities.micro.f1,
            text::duration(time)
        );
        self.counted(state, &line);
    }

    /// Prints a line with the number of finished runs before it.
    fn counted(&self, state: &mut State, line: &str) {
        let done = state.runs - state.open.len();
        self.bar.set_position(done as u64);
        let width = state.runs.to_string().len();
        self.say(&format!("[{done:>width$}/{}] {line}{}", state.runs, left(state)));
        state.last_said = Instant::now();
    }

    /// Prints a line above the bar.
    fn say(&self, line: &str) {
        if self.output.mode == OutputMode::Human {
            self.bar.suspend(|| output::say(line));
        }
    }
}

/// The time left for the whole study, once a run is finished.
fn left(state: &State) -> String {
    let open: f64 = state.open.values().sum();
    if state.done <= 0.0 || open <= 0.0 {
        return String::new();
    }
    let seconds = state.started.elapsed().as_secs_f64() / state.done * open;
    format!("; about {} left", text::seconds(seconds))
}
