//! One run: trained or scored, resuming where an earlier start stopped.

use super::{predictions::predictions, seen::Seen};
use crate::{
    disk,
    error::StudyError,
    plan::{Plan, Run},
    results::{Results, RunFolder, RunRecord},
    task::Task,
};
use gleaner::{
    Dataset, Provenance, Scored, Scores, Settings, Tagger,
    train::{self, Checkpoints, Event, Observer},
};
use serde_json::Value;
use std::{fs, path::Path, time::Instant};

/// Does a run whose needs are met, and records it as finished.
pub(super) fn execute(
    plan: &Plan,
    at: usize,
    results: &Results,
    keep_words: bool,
    observer: &mut dyn Observer,
) -> Result<RunRecord, StudyError> {
    let started = Instant::now();
    let run = &plan.runs[at];
    let folder = results.run(&run.id);
    folder.create()?;
    folder.clear_partial()?;
    folder.clear_failure()?;
    // The run may be finished: it is repeated if others start from its model, which was deleted.
    let before = folder.is_done().then(|| folder.record()).transpose()?;
    let record = match (&run.task, run.needs) {
        (Task::ZeroShot { .. }, Some(model)) => {
            score(plan, at, &results.run(&plan.runs[model].id), &folder, keep_words)?
        }
        _ => trained(plan, at, &folder, keep_words, observer)?,
    };
    match before {
        Some(before) => keep(&folder, before, &record),
        None => {
            folder.finish(&record, started.elapsed().as_secs_f64())?;
            Ok(record)
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

/// Trains a model, resumes its training, or uses it if it is complete.
fn trained(
    plan: &Plan,
    at: usize,
    folder: &RunFolder,
    keep_words: bool,
    observer: &mut dyn Observer,
) -> Result<RunRecord, StudyError> {
    let run = &plan.runs[at];
    let model = folder.model();
    let settings = with_threads(&run.settings);
    let data = Dataset::load(&settings)?;
    let mut notes: Vec<String> = data.left_out().into_iter().collect();
    let provenance = if folder.has_model() {
        // An earlier start ended after it saved the model and before it recorded the run.
        disk::remove(&model.join("checkpoint"))?;
        if !folder.has_predictions() {
            label(plan, at, &model, folder, keep_words)?;
        }
        Provenance::read(&model)?
    } else {
        let resume = may_resume(&settings, &model);
        if !resume {
            disk::remove(&model)?;
        }
        // A finished run keeps its predictions.
        let found = folder.is_done() && folder.has_predictions();
        let seen = Seen::of(plan, at, &data)?;
        let places = data.test_positions.clone();
        let mut written = Ok(());
        let mut watch = |event: &Event| {
            if let (Event::Test { corpus, scored }, false) = (event, found) {
                let found = predictions(corpus, scored, &places, &seen, keep_words);
                written = folder.write_predictions(&found);
            }
            observer.on(event);
        };
        let checkpoints = Checkpoints::claim(&model, resume)?;
        let trained = train::train_on(&settings, data, &checkpoints, &mut watch)?;
        written?;
        trained.provenance
    };
    notes.extend(provenance.notes.iter().cloned());
    record_of(run, provenance, notes)
}

/// Settings with the number of threads here: only the same number resumes a training.
fn with_threads(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    settings.run.threads = Some(rayon::current_num_threads());
    settings
}

/// Labels a run's test text with the model in a folder. Returns the texts, the tagger and the scores.
fn label(
    plan: &Plan,
    at: usize,
    model: &Path,
    folder: &RunFolder,
    keep_words: bool,
) -> Result<(Dataset, Tagger, Scored), StudyError> {
    let run = &plan.runs[at];
    let data = Dataset::load(&run.settings)?;
    let test = data.test.as_ref().ok_or_else(|| no_test(run))?;
    let tagger = Tagger::load_on(model, train::compute(&run.settings)?)?;
    let scored = tagger.score(test, run.settings.optimizer.batch)?;
    let seen = Seen::of(plan, at, &data)?;
    let found = predictions(test, &scored, &data.test_positions, &seen, keep_words);
    folder.write_predictions(&found)?;
    Ok((data, tagger, scored))
}

/// Whether the model's folder has an unfinished training with exactly these settings. Settings that do not
/// decide the run's id, such as threads, may differ; then the training starts from scratch.
fn may_resume(settings: &Settings, model: &Path) -> bool {
    let manifest = model.join("checkpoint").join("state.json");
    let saved: Option<Value> =
        fs::read(manifest).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let ours = serde_json::to_value(settings).expect("settings are plain data");
    !model.join("gleaner.json").exists() && saved.is_some_and(|s| s["settings"] == ours)
}

fn record_of(run: &Run, p: Provenance, notes: Vec<String>) -> Result<RunRecord, StudyError> {
    let (Some(dev), Some(test), Some(text)) = (p.dev, p.test, p.test_text) else {
        return Err(no_test(run));
    };
    let best = p.history.iter().find(|e| e.epoch == p.best_epoch);
    Ok(RunRecord {
        format: RunRecord::FORMAT,
        id: run.id.clone(),
        name: run.name.clone(),
        task: run.task.clone(),
        seed: run.seed,
        fold: run.fold,
        program: p.program,
        threads: p.threads,
        identity: run.identity(),
        notes,
        train_sentences: p.train.sentences,
        test_sentences: text.sentences,
        best_epoch: p.best_epoch,
        train_published: best.and_then(|e| e.train_score),
        dev,
        test,
        history: p.history,
    })
}

fn no_test(run: &Run) -> StudyError {
    StudyError::NoTestText { run: run.name.clone() }
}

/// Scores the model of another run on this run's texts.
fn score(
    plan: &Plan,
    at: usize,
    model: &RunFolder,
    folder: &RunFolder,
    keep_words: bool,
) -> Result<RunRecord, StudyError> {
    let run = &plan.runs[at];
    let of_model = model.record()?;
    let (data, tagger, on_test) = label(plan, at, &model.model(), folder, keep_words)?;
    let mut notes: Vec<String> = data.left_out().into_iter().chain(data.notes).collect();
    let leaks = folder.predictions()?.iter().filter(|found| found.seen).count();
    if leaks > 0 {
        notes.push(format!(
            "{leaks} test sentences also occur in the training text of the model, so its scores are too high"
        ));
    }
    let on_dev = tagger.score(&data.dev, run.settings.optimizer.batch)?;
    Ok(RunRecord {
        format: RunRecord::FORMAT,
        id: run.id.clone(),
        name: run.name.clone(),
        task: run.task.clone(),
        seed: run.seed,
        fold: run.fold,
        program: of_model.program,
        threads: rayon::current_num_threads(),
        identity: run.identity(),
        notes,
        train_sentences: of_model.train_sentences,
        test_sentences: on_test.evaluation.sentences(),
        best_epoch: of_model.best_epoch,
        train_published: of_model.train_published,
        dev: Scores::of(&on_dev, run.settings.run.resamples),
        test: Scores::of(&on_test, run.settings.run.resamples),
        history: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_resumes_with_the_same_number_of_threads() {
        let folder = tempfile::tempdir().unwrap();
        let by = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| with_threads(&Settings::resolve(&[]).unwrap()))
        };
        fs::create_dir(folder.path().join("checkpoint")).unwrap();
        let state = serde_json::json!({ "settings": by(2) });
        fs::write(folder.path().join("checkpoint/state.json"), state.to_string()).unwrap();
        assert!(may_resume(&by(2), folder.path()));
        assert!(!may_resume(&by(1), folder.path()));
    }
}
