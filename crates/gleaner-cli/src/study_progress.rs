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
    /// Work of the runs that are not finished, or whose models must be made again, by position in the plan. What an
    /// earlier start did of them does not count.
    open: BTreeMap<usize, f64>,
    /// The share that an earlier start did of open runs, from 0 to 1.
    resumed: BTreeMap<usize, f64>,
    /// Work that is done of open runs.
    begun: BTreeMap<usize, f64>,
    /// Work done since the start.
    done: f64,
    runs: usize,
    /// Number of runs at the same time.
    jobs: usize,
}

impl<'a> View<'a> {
    pub fn new(output: &'a Output, plan: &Plan, results: &Results, options: &Options) -> Self {
        let again = plan.again(&options.wanted, results);
        let open: BTreeMap<usize, f64> = options
            .wanted
            .iter()
            .filter(|at| !results.run(&plan.runs[**at].id).is_done() || again.contains(at))
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
            resumed: BTreeMap::new(),
            begun: BTreeMap::new(),
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
            Progress::Training { at, run, event } => self.training(&mut state, *at, run, event),
            Progress::Finished { at, run, record, time } => {
                let work = state.close(*at).unwrap_or(0.0);
                state.done += work;
                self.finished(&mut state, run, record, *time);
            }
            Progress::Elsewhere { at, run } => {
                if state.close(*at).is_some() {
                    self.counted(&mut state, &format!("{}: finished by another process", run.name));
                }
            }
            Progress::Failed { at, run, error } => {
                state.close(*at);
                self.counted(&mut state, &format!("{} failed: {error}", run.name));
            }
            Progress::LeftOut { at, run } => {
                state.close(*at);
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

    fn training(&self, state: &mut State, at: usize, run: &Run, event: &Event) {
        match event {
            Event::Epoch { record, .. } => {
                let share = f64::from(record.epoch) / f64::from(run.settings.epochs_in_all());
                state.begin(at, share);
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
                state.resume(at, f64::from(*epochs) / f64::from(run.settings.epochs_in_all()));
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

impl State {
    /// Takes a run from the open ones. Returns its work if it was open.
    fn close(&mut self, at: usize) -> Option<f64> {
        self.begun.remove(&at);
        self.open.remove(&at)
    }

    /// Records that an earlier start did a share of an open run, from 0 to 1.
    fn resume(&mut self, at: usize, share: f64) {
        if let Some(work) = self.open.get_mut(&at) {
            *work *= 1.0 - share;
            self.resumed.insert(at, share);
        }
    }

    /// Records that a share of an open run is done, from 0 to 1, that of an earlier start included.
    fn begin(&mut self, at: usize, share: f64) {
        if let Some(work) = self.open.get(&at) {
            let before = self.resumed.get(&at).copied().unwrap_or(0.0);
            let of_rest = if before < 1.0 { (share - before) / (1.0 - before) } else { 1.0 };
            self.begun.insert(at, work * of_rest.clamp(0.0, 1.0));
        }
    }

    /// The seconds left for the whole study if `elapsed` seconds have passed, once something is done.
    fn left(&self, elapsed: f64) -> Option<f64> {
        let begun: f64 = self.begun.values().sum();
        let (done, open) = (self.done + begun, self.open.values().sum::<f64>() - begun);
        (done > 0.0 && open > 0.0).then(|| elapsed / done * open)
    }
}

/// The time left for the whole study, as the end of a line.
fn left(state: &State) -> String {
    let seconds = state.left(state.started.elapsed().as_secs_f64());
    seconds.map_or_else(String::new, |s| format!("; about {} left", text::seconds(s)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_counts_what_is_done_of_a_run() {
        let mut state = State {
            started: Instant::now(),
            last_said: Instant::now(),
            open: [(0, 1.0), (1, 10.0)].into(),
            resumed: BTreeMap::new(),
            begun: BTreeMap::new(),
            done: 0.0,
            runs: 2,
            jobs: 1,
        };
        assert_eq!(state.left(60.0), None, "nothing is done");
        assert_eq!(state.close(0), Some(1.0));
        state.done = 1.0;
        assert_eq!(state.left(60.0), Some(600.0));
        state.begin(1, 0.9);
        assert_eq!(state.left(600.0), Some(60.0));
        state.begin(7, 0.5);
        assert_eq!(state.left(600.0), Some(60.0), "a run that is not open");
        assert_eq!(state.close(1), Some(10.0));
        assert_eq!(state.left(660.0), None, "all is done");
        // What an earlier start did took no time of this one.
        (state.open, state.done) = ([(2, 10.0), (3, 10.0)].into(), 0.0);
        state.resume(2, 0.8);
        state.begin(2, 0.9);
        assert_eq!(state.left(60.0).map(f64::round), Some(660.0));
        assert_eq!(state.close(2).map(f64::round), Some(2.0));
    }
}
