//! Progress of a training.

use crate::{
    cli::OutputMode,
    events,
    output::{self, Output},
    text,
};
use gleaner::{
    Dataset, Unsure,
    train::{EpochRecord, Event, Observer, Round},
};
use indicatif::ProgressBar;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Shows the progress of a training: a bar on a terminal, a line per epoch elsewhere, or JSON Lines.
pub struct Progress<'a> {
    output: &'a Output,
    bar: ProgressBar,
    epochs: u32,
    unsure: Unsure,
    first_epoch: u32,
    started: Instant,
    words: usize,
    pieces: usize,
    batches_done: usize,
    dev: Option<f64>,
    /// Entity F1 on dev of the best epoch so far, if dev chooses the epoch.
    best: Option<f64>,
    /// Whether the training is to stop.
    stop: Arc<AtomicBool>,
}

impl<'a> Progress<'a> {
    /// `stop` stops the training once it is true.
    pub fn new(output: &'a Output, stop: Arc<AtomicBool>) -> Self {
        let bar = output.bar(None, "{bar:28} {percent:>3}%  {msg}");
        Self {
            output,
            bar,
            epochs: 0,
            unsure: Unsure::Drop,
            first_epoch: 1,
            started: Instant::now(),
            words: 0,
            pieces: 0,
            batches_done: 0,
            dev: None,
            best: None,
            stop,
        }
    }

    /// Prints a line above the bar.
    fn say(&self, line: &str) {
        if self.output.mode == OutputMode::Human {
            self.bar.suspend(|| output::say(line));
        }
    }

    /// Warns that a log of the training failed.
    pub fn lost_log(&self, error: &str) {
        let warning = format!("{error}; the training continues without this log");
        self.say(&format!("warning: {warning}"));
        let _ = self.output.json(&json!({"event": "log", "warning": warning}));
    }

    /// Prints an event in JSON Lines output. The reader may close standard output early; the command itself reports
    /// that.
    fn print(&self, event: &Event) {
        let Some(mut object) = events::of_training(event) else { return };
        if matches!(event, Event::Epoch { .. }) {
            let seconds = self.started.elapsed().as_secs_f64();
            object["words-a-second"] = self.words_a_second().into();
            object["pieces-a-second"] = (self.pieces as f64 / seconds).into();
            object["seconds"] = seconds.into();
        }
        let _ = self.output.json(&object);
    }

    fn words_a_second(&self) -> f64 {
        self.words as f64 / self.started.elapsed().as_secs_f64().max(1e-9)
    }

    fn time_left(&self, of: usize) -> Duration {
        let all = of * (self.epochs + 1 - self.first_epoch) as usize;
        let left = all.saturating_sub(self.batches_done) as f64;
        self.started.elapsed().mul_f64(left / self.batches_done.max(1) as f64)
    }

    /// Says what is trained on, with `active` distinct pieces, and starts the clock.
    fn start(&mut self, data: &Dataset, active: usize) {
        self.say(&format!(
            "{} training, {} dev and {} test sentences; {} distinct pieces; {} threads",
            data.train.sentences.len(),
            data.dev.sentences.len(),
            events::sentences(data.test.as_ref()),
            text::grouped(active),
            rayon::current_num_threads()
        ));
        for file in &data.files {
            self.say(&format!("read {file}"));
        }
        for warning in &data.warnings {
            self.say(&format!("warning: {warning}"));
        }
        for note in &data.notes {
            self.say(&format!("note: {note}"));
        }
        for corpus in data.corpora() {
            if let Some(note) = text::oddities(&corpus.findings) {
                self.say(&note);
            }
        }
        self.started = Instant::now();
    }

    /// Says how an epoch went, where there is no bar that shows it.
    fn epoch(&self, record: &EpochRecord, is_best: bool) {
        let mark = if is_best { "  best so far" } else { "" };
        self.say(&format!(
            "epoch {}/{}  loss {:.3}  dev loss {:.3}  dev F1 {:.3}  {:.0} words/s{mark}",
            record.epoch,
            self.epochs,
            record.train_loss,
            record.dev_loss,
            record.dev_f1,
            self.words_a_second()
        ));
    }

    fn batch(&mut self, epoch: u32, done: usize, of: usize, loss: f64) {
        self.batches_done += 1;
        self.bar.set_length(of as u64 * u64::from(self.epochs));
        self.bar.set_position(of as u64 * u64::from(epoch - 1) + done as u64);
        let best = self.best.map_or_else(String::new, |best| format!(" (best {best:.3})"));
        let dev = self.dev.map_or_else(String::new, |dev| format!("  dev F1 {dev:.3}{best}"));
        self.bar.set_message(format!(
            "epoch {epoch}/{}  loss {loss:.2}{dev}  {:.0} words/s  {} left",
            self.epochs,
            self.words_a_second(),
            text::duration(self.time_left(of)),
        ));
        if done == of {
            self.bar.tick();
        }
    }
}

impl Observer for Progress<'_> {
    fn on(&mut self, event: &Event) {
        if self.output.mode == OutputMode::Json {
            self.print(event);
        }
        match event {
            Event::Start { settings, data, active } => {
                self.epochs = settings.epochs_in_all();
                self.unsure = settings.self_training.unsure;
                self.start(data, *active);
            }
            Event::Resumed { epochs, steps } => {
                self.first_epoch = epochs + 1;
                self.say(&format!("continuing after {}", text::place(*epochs, *steps)));
            }
            Event::Tokenizer { warning } => self.say(&format!("warning: {warning}")),
            Event::Cut { sentences, words } => {
                self.say(&format!(
                    "note: {sentences} training sentences exceed the maximum length and were cut; {words} words are not trained on"
                ));
            }
            Event::Divided { parts } => {
                self.say(&format!(
                    "note: a batch does not fit into the device's memory; such batches are computed in parts (the first in {parts}), with the same result"
                ));
            }
            Event::Batch { epoch, done, of, loss, words, pieces } => {
                self.words += words;
                self.pieces += pieces;
                self.batch(*epoch, *done, *of, *loss);
            }
            Event::Epoch { record, best } => {
                self.dev = Some(record.dev_f1);
                if *best {
                    self.best = Some(record.dev_f1);
                }
                if self.bar.is_hidden() {
                    self.epoch(record, *best);
                }
            }
            Event::TakenOver { model, new_labels } => {
                let labels = match new_labels {
                    [] => "it has all labels".to_owned(),
                    new => format!("new labels, initialised at random: {}", new.join(", ")),
                };
                self.say(&format!("starting from {}; {labels}", model.display()));
            }
            Event::Labelled { epoch, round, .. } => self.say(&labelled(*epoch, round, self.unsure)),
            Event::Averaged { epochs, dev_f1, kept } => {
                let outcome = if *kept { "kept" } else { "not kept: worse than the best epoch" };
                self.say(&format!(
                    "average of the last {epochs} epochs: dev F1 {dev_f1:.3}, {outcome}"
                ));
            }
            Event::Student { round, of } => self.say(&format!("starting student {round} of {of}")),
            Event::Test { .. } => self.bar.finish_and_clear(),
            _ => {}
        }
    }

    fn should_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// The result of labelling the pool, in one line.
fn labelled(epoch: u32, round: &Round, unsure: Unsure) -> String {
    let limit = match (unsure, round.temperature) {
        (Unsure::Partial, _) => "with an entity of probability ≥",
        (Unsure::Drop, Some(_)) => "with confidence ≥",
        (Unsure::Drop, None) => "with confidence >",
    };
    let when =
        if epoch == 0 { "before epoch 1".to_owned() } else { format!("after epoch {epoch}") };
    let mut line = format!(
        "{when}: added {} of {} pool sentences, {limit} {:.4}",
        round.added, round.pool, round.threshold
    );
    if let Some(temperature) = round.temperature {
        line += &format!(" at temperature {temperature:.2}");
    }
    let types: Vec<String> = round.types.iter().map(|(t, n)| format!("{n} {t}")).collect();
    if !types.is_empty() {
        line += &format!("; {}", types.join(", "));
    }
    if round.unsure_words > 0 {
        line += &format!("; {} words without a label", round.unsure_words);
    }
    if let Some(a) = &round.agreement {
        let share = |x: Option<f64>| x.map_or("-".into(), |x| format!("{x:.3}"));
        let (precision, recall) = (share(a.precision()), share(a.recall()));
        line += &format!(
            "; their entities against the pool's tags: precision {precision}, recall {recall}"
        );
    }
    line
}
