//! What several trainings, one after the other, look like while they run.

use crate::{cli::Mode, output::Output};
use gleaner::train::Event;
use gleaner_metrics::SeqevalMode as F1;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::IsTerminal;

/// Steps of the bar for a training.
const STEPS: u64 = 1000;

/// Shows trainings to people (a bar on a terminal, a line a training) or to machines.
pub struct Rounds<'a> {
    output: &'a Output,
    bar: ProgressBar,
    epochs: u32,
}

impl<'a> Rounds<'a> {
    /// `of` trainings are to come, of so many epochs each.
    pub fn new(output: &'a Output, of: usize, epochs: u32) -> Self {
        let shown = output.mode == Mode::Human && std::io::stderr().is_terminal();
        let target =
            if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(STEPS * of as u64), target);
        let style = ProgressStyle::with_template("{bar:28} {percent:>3}%  {msg}  {eta} left");
        bar.set_style(style.expect("a fixed template"));
        Self { output, bar, epochs: epochs.max(1) }
    }

    /// Shows an event of the training number `round` (from 1), which people know by `name`.
    pub fn on(&self, round: usize, name: &str, event: &Event) {
        match event {
            Event::Batch { epoch, done, of, .. } => {
                let epochs = f64::from(*epoch - 1) + *done as f64 / *of as f64;
                let share = epochs / f64::from(self.epochs);
                self.bar.set_position(STEPS * (round as u64 - 1) + (STEPS as f64 * share) as u64);
                self.bar.set_message(format!("{name}, epoch {epoch}/{}", self.epochs));
            }
            Event::Start { data, .. } => {
                for note in &data.notes {
                    self.bar.suspend(|| self.output.note(&format!("note: {name}: {note}")));
                }
            }
            Event::Test { scored, .. } => {
                let f1 = scored.evaluation.report(F1::Default).micro.f1;
                self.bar.suspend(|| self.output.note(&format!("{name}: entity F1 {f1:.3}")));
                // Standard output may be closed early by whoever reads it; the command will notice.
                let _ = self.output.json(&json!({"event": "trained", "name": name, "f1": f1}));
            }
            _ => {}
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
