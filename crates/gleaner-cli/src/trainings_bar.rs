//! The progress bar over several trainings, one after the other.

use crate::output::Output;
use gleaner::train::Event;
use gleaner_metrics::SeqevalMode;
use indicatif::ProgressBar;
use serde_json::json;

/// Steps of the progress bar per training.
const STEPS: u64 = 1000;

/// Shows the progress of trainings: a bar on a terminal, a line per training elsewhere, or JSON Lines.
pub struct TrainingsBar<'a> {
    output: &'a Output,
    bar: ProgressBar,
    epochs: u32,
}

impl<'a> TrainingsBar<'a> {
    /// For `of` trainings of `epochs` epochs each.
    pub fn new(output: &'a Output, of: usize, epochs: u32) -> Self {
        let bar = output.bar(Some(STEPS * of as u64), "{bar:28} {percent:>3}%  {msg}  {eta} left");
        Self { output, bar, epochs: epochs.max(1) }
    }

    /// Shows an event of training number `number` (counted from 1), under the name `name`.
    pub fn on(&self, number: usize, name: &str, event: &Event) {
        match event {
            Event::Batch { epoch, done, of, .. } => {
                let epochs = f64::from(*epoch - 1) + *done as f64 / *of as f64;
                let share = epochs / f64::from(self.epochs);
                self.bar.set_position(STEPS * (number as u64 - 1) + (STEPS as f64 * share) as u64);
                self.bar.set_message(format!("{name}, epoch {epoch}/{}", self.epochs));
            }
            Event::Start { data, .. } => {
                for note in &data.notes {
                    self.bar.suspend(|| self.output.note(&format!("note: {name}: {note}")));
                }
            }
            Event::Test { scored, .. } => {
                let f1 = scored.evaluation.report(SeqevalMode::Default).micro.f1;
                self.bar.suspend(|| self.output.note(&format!("{name}: entity F1 {f1:.3}")));
                // The reader may close standard output early; the command itself reports that.
                let _ = self.output.json(&json!({"event": "trained", "name": name, "f1": f1}));
            }
            _ => {}
        }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
