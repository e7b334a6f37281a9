//! Progress of adapting an encoder.

use crate::{cli::OutputMode, events, output::Output, text};
use gleaner::adapt::{Event, Observer, Record};
use indicatif::ProgressBar;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// Shows the progress of adapting an encoder: a bar on a terminal, a line per measurement elsewhere, or JSON Lines.
pub struct AdaptProgress<'a> {
    output: &'a Output,
    bar: ProgressBar,
    started: Instant,
    head_steps: u64,
    /// Number of steps that were done before this process started.
    before: u64,
    pieces: usize,
    held_out: Option<f64>,
    /// Whether the adaptation is to stop.
    stop: Arc<AtomicBool>,
}

impl<'a> AdaptProgress<'a> {
    /// `stop` stops the adaptation once it is true.
    pub fn new(output: &'a Output, stop: Arc<AtomicBool>) -> Self {
        let bar = output.bar(None, "{bar:28} {percent:>3}%  {msg}");
        let (started, held_out) = (Instant::now(), None);
        Self { output, bar, started, head_steps: 0, before: 0, pieces: 0, held_out, stop }
    }

    /// Prints a line above the bar.
    fn say(&self, line: &str) {
        self.bar.suspend(|| self.output.note(line));
    }

    /// Prints an event in JSON Lines output. The reader may close standard output early; the command itself reports
    /// that.
    fn print(&self, event: &Event) {
        let Some(mut object) = events::of_adaptation(event) else { return };
        if matches!(event, Event::Measured { .. }) {
            let seconds = self.started.elapsed().as_secs_f64();
            object["seconds"] = seconds.into();
            object["pieces-a-second"] = (self.pieces as f64 / seconds.max(1e-9)).into();
        }
        let _ = self.output.json(&object);
    }

    fn step(&mut self, done: u64, of: u64, loss: f64) {
        let elapsed = self.started.elapsed();
        let here = done - self.before;
        let left = elapsed.mul_f64((of - done) as f64 / here.max(1) as f64);
        let held_out = self.held_out.map_or_else(String::new, |l| format!("  held out {l:.3}"));
        let head = if done <= self.head_steps { " (head alone)" } else { "" };
        self.bar.set_position(done);
        self.bar.set_message(format!(
            "step {done}/{of}{head}  loss {loss:.3}{held_out}  {:.0} pieces/s  {} left",
            self.pieces as f64 / elapsed.as_secs_f64().max(1e-9),
            text::duration(left),
        ));
        if done == of {
            self.bar.finish_and_clear();
        }
    }

    fn measured(&mut self, record: &Record) {
        self.held_out = record.held_out_loss;
        let shown = |name: &str, loss: Option<f64>| {
            loss.map_or_else(String::new, |loss| format!("  {name} {loss:.3}"))
        };
        if self.bar.is_hidden() {
            self.say(&format!(
                "step {}  {} pieces{}{}",
                record.step,
                text::grouped(record.pieces as usize),
                shown("loss", record.loss),
                shown("held-out loss", record.held_out_loss)
            ));
        }
    }
}

impl Observer for AdaptProgress<'_> {
    fn on(&mut self, event: &Event) {
        if self.output.mode == OutputMode::Json {
            self.print(event);
        }
        match event {
            Event::Start { texts, notes, active, steps, head_steps, .. } => {
                self.head_steps = *head_steps;
                for file in *texts {
                    self.say(&format!(
                        "{}: {} sentences to train on ({} pieces), {} held out, {} excluded",
                        file.name,
                        text::grouped(file.sentences),
                        text::grouped(file.pieces),
                        text::grouped(file.held_out),
                        text::grouped(file.excluded)
                    ));
                }
                self.say(&format!(
                    "{steps} steps, of which {head_steps} train the head alone; {} distinct pieces; {} threads",
                    text::grouped(*active),
                    rayon::current_num_threads()
                ));
                notes.iter().for_each(|note| self.say(&format!("note: {note}")));
                self.bar.set_length(*steps);
                self.started = Instant::now();
            }
            Event::Resumed { steps } => {
                self.before = *steps;
                self.say(&format!("continuing after step {steps}"));
            }
            Event::Step { done, of, loss, pieces } => {
                self.pieces += pieces;
                self.step(*done, *of, *loss);
            }
            Event::Measured { record } => self.measured(record),
            _ => {}
        }
    }

    fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
