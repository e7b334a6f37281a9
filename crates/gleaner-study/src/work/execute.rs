//! One run: trained or scored, resuming where an earlier start stopped. Its texts are read once.

mod ensemble;

use super::{
    annotation::annotate,
    predictions::predictions,
    seen::{Seen, TrainingTexts},
};
use crate::{
    disk,
    error::StudyError,
    plan::{Plan, Run},
    results::{PointScores, Results, RunFolder, RunRecord},
    task::Task,
};
use gleaner::{
    Dataset, Ensemble, GleanerError, Provenance, Scored, Settings, Tagger,
    train::{self, Checkpoints, EpochRecord, Event, Observer},
};
use gleaner_base::files;
use gleaner_corpus::Corpus;
use std::{path::Path, time::Instant};

/// What all runs of a study share.
pub(super) struct Shared<'a> {
    pub(super) plan: &'a Plan,
    pub(super) results: &'a Results,
    pub(super) keep_words: bool,
    pub(super) texts: TrainingTexts,
}

/// A run that is being done.
struct Execution<'a> {
    shared: &'a Shared<'a>,
    at: usize,
    run: &'a Run,
    folder: RunFolder,
}

/// What a record says of the training of its model.
struct Training {
    program: String,
    threads: usize,
    sentences: usize,
    best_epoch: u32,
    published: Option<f64>,
    history: Vec<EpochRecord>,
}

impl Shared<'_> {
    /// Does a run whose needs are met, and records it as finished.
    pub(super) fn execute(
        &self,
        at: usize,
        observer: &mut dyn Observer,
    ) -> Result<RunRecord, StudyError> {
        let started = Instant::now();
        let run = &self.plan.runs[at];
        let folder = self.results.run(&run.id);
        folder.create()?;
        folder.clear_partial()?;
        folder.clear_failure()?;
        // The run may be finished: it is repeated if others start from its model, which was deleted.
        // Of a run that an earlier start began, the whole duration is not known.
        let is_begun = folder.model().exists();
        let before = folder.is_done().then(|| folder.record()).transpose()?;
        let execution = Execution { shared: self, at, run, folder };
        let record = match (&run.task, run.needs) {
            (Task::ZeroShot { .. }, Some(model)) => {
                let model = self.results.run(&self.plan.runs[model].id);
                execution.score(&model.model(), model.record()?, Dataset::load(&run.settings)?)?
            }
            (Task::Ensemble { .. }, _) => execution.vote()?,
            _ => execution.train(observer)?,
        };
        match before {
            Some(before) => keep(&execution.folder, before, &record),
            None => {
                let seconds = (!is_begun).then(|| started.elapsed().as_secs_f64());
                execution.folder.finish(&record, seconds)?;
                Ok(record)
            }
        }
    }
}

/// A finished run whose model is trained again keeps its record, because other finished runs started from
/// the first model or were compared with it. A note says if the new model has other scores.
fn keep(
    folder: &RunFolder,
    mut before: RunRecord,
    again: &RunRecord,
) -> Result<RunRecord, StudyError> {
    let (old, new) = (&before.test.entities, &again.test.entities);
    if old != new {
        let note = format!(
            "its model was trained again and now has an entity F1 of {:.4} on test, not {:.4}: the processor, the \
             program or the number of threads differs; later runs start from the new model",
            new.micro.f1, old.micro.f1
        );
        if !before.notes.contains(&note) {
            before.notes.push(note);
            folder.write_record(&before)?;
        }
    }
    Ok(before)
}

/// Writes the predictions of a training that is watched.
struct Writer<'a> {
    observer: &'a mut dyn Observer,
    write: &'a dyn Fn(&Corpus, &Scored) -> Result<(), StudyError>,
    /// Whether the run keeps the predictions that it has.
    keeps: bool,
    written: Result<(), StudyError>,
}

impl Observer for Writer<'_> {
    fn on(&mut self, event: &Event) {
        if let (Event::Test { corpus, scored }, false) = (event, self.keeps) {
            self.written = (self.write)(corpus, scored);
        }
        self.observer.on(event);
    }

    fn should_stop(&self) -> bool {
        self.observer.should_stop()
    }
}

impl Execution<'_> {
    /// Trains a model, resumes its training, or uses it if it is complete.
    fn train(&self, observer: &mut dyn Observer) -> Result<RunRecord, StudyError> {
        let model = self.folder.model();
        let settings = as_trained(&self.run.settings);
        let mut data = Dataset::load(&settings)?;
        annotate(self.shared.plan, self.at, self.shared.results, &mut data)?;
        let mut notes: Vec<String> = data.left_out().into_iter().collect();
        let provenance = if self.folder.has_model() {
            // An earlier start ended after it saved the model and before it recorded the run.
            disk::remove(&train::checkpoint_folder(&model))?;
            files::remove_abandoned(&model);
            if !self.folder.has_predictions() {
                self.label(&model, &data)?;
            }
            Provenance::read(&model)?
        } else {
            // Settings that do not decide the run's id, such as threads, may differ; then it starts from scratch.
            let resume = train::may_resume(&model, &settings);
            if !resume {
                disk::remove(&model)?;
            }
            // A finished run keeps its predictions.
            let keeps = self.folder.is_done() && self.folder.has_predictions();
            let seen = self.seen(&data)?;
            let places = data.test_positions.clone();
            let write = |corpus: &Corpus, scored: &Scored| {
                let found = predictions(corpus, scored, &places, &seen, self.shared.keep_words);
                self.folder.write_predictions(&found)
            };
            let mut writer = Writer { observer, write: &write, keeps, written: Ok(()) };
            let checkpoints = Checkpoints::claim(&model, resume)?;
            let trained = train::train_on(&settings, data, &checkpoints, &mut writer)?;
            writer.written?;
            trained.provenance
        };
        notes.extend(provenance.notes.iter().cloned());
        self.record_of(provenance, notes)
    }

    fn seen(&self, data: &Dataset) -> Result<Seen, StudyError> {
        Seen::of(self.shared.plan, self.at, data, &self.shared.texts)
    }

    /// Labels the run's test text with the model or ensemble in a folder.
    fn label(&self, model: &Path, data: &Dataset) -> Result<(Ensemble, Scored), StudyError> {
        let settings = &self.run.settings;
        let test = data.test.as_ref().ok_or_else(|| self.no_test())?;
        let tagger = Ensemble::open(model, |folder| -> Result<Tagger, GleanerError> {
            Tagger::load_on(folder, train::compute(settings)?)
        })?;
        let scored = tagger.score(test, settings.optimizer.batch)?;
        // A finished run keeps its predictions.
        if !(self.folder.is_done() && self.folder.has_predictions()) {
            let seen = self.seen(data)?;
            let places = &data.test_positions;
            let found = predictions(test, &scored, places, &seen, self.shared.keep_words);
            self.folder.write_predictions(&found)?;
        }
        Ok((tagger, scored))
    }

    fn record_of(&self, p: Provenance, notes: Vec<String>) -> Result<RunRecord, StudyError> {
        let (Some(dev), Some(test), Some(text)) = (p.dev, p.test, p.test_text) else {
            return Err(self.no_test());
        };
        let best = p.history.iter().find(|e| e.epoch == p.best_epoch);
        let training = Training {
            program: p.program,
            threads: p.threads,
            sentences: p.train.sentences,
            best_epoch: p.best_epoch,
            published: best.and_then(|e| e.train_score),
            history: p.history,
        };
        Ok(self.record(training, notes, text.sentences, [dev.into(), test.into()]))
    }

    fn record(
        &self,
        training: Training,
        notes: Vec<String>,
        test_sentences: usize,
        [dev, test]: [PointScores; 2],
    ) -> RunRecord {
        RunRecord {
            format: RunRecord::FORMAT,
            id: self.run.id.clone(),
            name: self.run.name.clone(),
            task: self.run.task.clone(),
            seed: self.run.seed,
            fold: self.run.fold,
            program: training.program,
            threads: training.threads,
            identity: self.run.identity(),
            notes,
            train_sentences: training.sentences,
            test_sentences,
            best_epoch: training.best_epoch,
            train_published: training.published,
            dev,
            test,
            history: training.history,
        }
    }

    fn no_test(&self) -> StudyError {
        StudyError::NoTestText { run: self.run.name.clone() }
    }

    /// Scores the model or ensemble in a folder on this run's texts. `of_model` is the record of its training.
    fn score(
        &self,
        model: &Path,
        of_model: RunRecord,
        data: Dataset,
    ) -> Result<RunRecord, StudyError> {
        let (tagger, on_test) = self.label(model, &data)?;
        let on_dev = tagger.score(&data.dev, self.run.settings.optimizer.batch)?;
        let mut notes: Vec<String> = data.left_out().into_iter().chain(data.notes).collect();
        let leaks = self.folder.predictions()?.iter().filter(|found| found.seen).count();
        if leaks > 0 {
            notes.push(format!(
                "{leaks} test sentences also occur in the training text of the model, so its scores are too high"
            ));
        }
        let training = Training {
            program: of_model.program,
            threads: rayon::current_num_threads(),
            sentences: of_model.train_sentences,
            best_epoch: of_model.best_epoch,
            published: of_model.train_published,
            history: Vec::new(),
        };
        let test_sentences = on_test.evaluation.sentences();
        let scores = [PointScores::of(&on_dev), PointScores::of(&on_test)];
        Ok(self.record(training, notes, test_sentences, scores))
    }
}

/// The settings that a run is trained with. The number of threads is fixed, because only the same number
/// resumes a training. Intervals are not drawn: they are computed when results are gathered.
fn as_trained(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    settings.run.threads = Some(rayon::current_num_threads());
    settings.run.resamples = 0;
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_resumes_with_the_same_threads_and_with_other_resamples() {
        let by = |threads: usize, resamples: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut settings = Settings::resolve(&[]).unwrap();
            settings.run.resamples = resamples;
            pool.install(|| as_trained(&settings))
        };
        // Only the same settings resume (`train::may_resume`).
        assert_eq!(by(2, 10000), by(2, 1000));
        assert_ne!(by(1, 1000), by(2, 1000));
    }
}
