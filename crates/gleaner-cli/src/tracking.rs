//! Logs of a training: what TensorBoard and MLflow are given.

use crate::{output::Output, progress::Progress};
use gleaner::{
    GleanerError, Scores, Settings,
    train::{Event, Observer, Trained},
};
use gleaner_base::model_files::MANIFEST;
use gleaner_track::{Outcome, Run, Target, TrackError, Tracker};
use serde_json::Value;
use std::{
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

/// The logs of a training, beside its progress. A log that fails gives one warning.
pub struct Tracking<'a> {
    progress: Progress<'a>,
    trackers: Vec<Tracker>,
    out: &'a Path,
    /// The last epoch, which is the step of what is logged after it.
    epoch: u64,
}

impl<'a> Tracking<'a> {
    /// `stop` stops the training once it is true.
    pub fn new(
        targets: &[Target],
        out: &'a Path,
        output: &'a Output,
        stop: Arc<AtomicBool>,
    ) -> Self {
        let trackers = targets.iter().cloned().map(Tracker::new).collect();
        Self { progress: Progress::new(output, stop), trackers, out, epoch: 0 }
    }

    /// Logs the end of the training.
    pub fn finish(&mut self, result: &Result<Trained, GleanerError>) {
        let trained = match result {
            Ok(trained) => trained,
            Err(error) => {
                let outcome = match error {
                    GleanerError::Stopped { .. } => Outcome::Stopped,
                    _ => Outcome::Failed,
                };
                self.each(|tracker| tracker.finish(outcome, &[]));
                return;
            }
        };
        let p = &trained.provenance;
        let mut values = vec![("best-epoch", f64::from(p.best_epoch))];
        if let Some(test) = &p.test {
            values.extend(scores(test));
        }
        let files = ["README.md", MANIFEST].map(|name| self.out.join(name));
        let step = self.epoch;
        self.each(|tracker| {
            tracker.scalars(step, &values)?;
            tracker.finish(Outcome::Finished, &files)
        });
    }

    fn scalars(&mut self, values: &[(&str, f64)]) {
        let step = self.epoch;
        self.each(|tracker| tracker.scalars(step, values));
    }

    /// Does the same with every log.
    fn each(&mut self, mut act: impl FnMut(&mut Tracker) -> Result<(), TrackError>) {
        for tracker in &mut self.trackers {
            if let Err(error) = act(tracker) {
                self.progress.lost_log(&error.to_string());
            }
        }
    }
}

impl Observer for Tracking<'_> {
    fn on(&mut self, event: &Event) {
        self.progress.on(event);
        match event {
            Event::Start { settings, data, active } => {
                let mut parameters = parameters(settings);
                let test = data.test.as_ref().map_or(0, |test| test.sentences.len());
                for (name, number) in [
                    ("active-pieces", *active),
                    ("train-sentences", data.train.sentences.len()),
                    ("dev-sentences", data.dev.sentences.len()),
                    ("test-sentences", test),
                ] {
                    parameters.push((name.to_owned(), number.to_string()));
                }
                let name = self.out.file_name().unwrap_or(self.out.as_os_str()).to_string_lossy();
                let run = Run { name: &name, parameters: &parameters };
                self.each(|tracker| tracker.start(&run));
            }
            Event::Resumed { epochs, .. } => self.epoch = u64::from(*epochs),
            Event::Epoch { record, .. } => {
                self.epoch = u64::from(record.epoch);
                let mut values = vec![
                    ("train/loss", record.train_loss),
                    ("dev/loss", record.dev_loss),
                    ("dev/f1", record.dev_f1),
                    ("dev/published-score", record.dev_published),
                ];
                values.extend(record.train_score.map(|score| ("train/score", score)));
                self.scalars(&values);
            }
            Event::Labelled { round, .. } => self.scalars(&[
                ("pool/added", round.added as f64),
                ("pool/threshold", round.threshold),
            ]),
            Event::Averaged { dev_f1, .. } => self.scalars(&[("dev/f1-of-average", *dev_f1)]),
            _ => {}
        }
    }

    fn should_stop(&self) -> bool {
        self.progress.should_stop()
    }
}

/// The settings that have a value, each as text.
fn parameters(settings: &Settings) -> Vec<(String, String)> {
    let all = serde_json::to_value(settings).unwrap_or_default();
    let text = |value: &Value| match value {
        Value::Null => None,
        Value::Array(list) if list.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let all = all.as_object().into_iter().flatten();
    all.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

/// The scores on the test part.
fn scores(test: &Scores) -> Vec<(&'static str, f64)> {
    let micro = &test.entities.micro;
    let mut values = vec![
        ("test/f1", micro.f1),
        ("test/precision", micro.precision),
        ("test/recall", micro.recall),
        ("test/token-accuracy", test.token_accuracy),
        ("test/published-score", test.published_score),
    ];
    if let Some(intervals) = &test.intervals {
        values.push(("test/f1-low", intervals.micro_f1.low));
        values.push(("test/f1-high", intervals.micro_f1.high));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::OutputMode;
    use gleaner::{Dataset, train};
    use gleaner_base::files::faults::{Fault, sweep};
    use std::fs;

    #[test]
    fn a_training_ends_with_the_same_scores_whatever_fails_in_its_log() {
        let place = tempfile::tempdir().unwrap();
        let texts = place.path().join("texts");
        fs::create_dir(&texts).unwrap();
        let parts = gleaner_sample::target();
        for (name, part) in
            [("train", &parts.train[..8]), ("dev", &parts.dev[..4]), ("test", &parts.test[..4])]
        {
            let path = texts.join(format!("{name}.conll"));
            fs::write(path, gleaner_sample::to_conll(part)).unwrap();
        }
        let file = format!(
            "encoder = \"sample:tiny\"\ndata = {texts:?}\nepochs = 1\nlstm-units = 4\nlstm-layers = 1\n\
             resamples = 0"
        );
        let settings = Settings::resolve(&[&toml::from_str(&file).unwrap()]).unwrap();
        let train = |observer: &mut dyn Observer| {
            train::fit(&settings, Dataset::load(&settings).unwrap(), None, observer)
        };
        let made = |trained: &Trained| serde_json::to_value(&trained.provenance).unwrap();
        let expected = made(&train(&mut |_: &Event| ()).unwrap());
        let output = Output { mode: OutputMode::Quiet, colour: false };
        let faults = sweep(
            place.path(),
            &Fault::ALL,
            |_| (),
            |folder| {
                let targets = [Target::TensorBoard(folder.join("log"))];
                let mut tracking =
                    Tracking::new(&targets, Path::new("out"), &output, Arc::default());
                let result = train(&mut tracking);
                tracking.finish(&result);
                result.is_ok_and(|trained| made(&trained) == expected)
            },
            |_, outcome| assert!(outcome.is_success, "{outcome}"),
        );
        // A folder and a file with their names, three writes, and a sync.
        assert!(faults > 4 * 7, "{faults}");
    }
}
