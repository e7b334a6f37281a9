//! One run: trained or scored, from wherever an earlier start left it.

use crate::{
    Plan, Run, StudyError, Task, disk,
    results::{PredictedSpan, Prediction, Results, RunFolder, RunRecord},
    seen::Seen,
};
use gleaner::{
    ModelFolder, Provenance, RunData, Scored, Scores, TaggedSpan, Tagger,
    train::{self, Event, Observer},
};
use gleaner_corpus::{Corpus, overlap::sentence_key};
use serde_json::Value;
use std::{collections::HashMap, fs, path::Path, time::Instant};

/// Does a run whose needs are met, and closes its folder.
pub(crate) fn execute(
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
    folder.clear_failure()?;
    let record = match (&run.task, run.needs) {
        (Task::ZeroShot { .. }, Some(model)) => {
            score(plan, at, &results.run(&plan.runs[model].id), &folder, keep_words)?
        }
        _ => trained(plan, at, &folder, keep_words, observer)?,
    };
    folder.finish(&record, started.elapsed().as_secs_f64())?;
    Ok(record)
}

/// Trains, or goes on training, or takes what is trained already.
fn trained(
    plan: &Plan,
    at: usize,
    folder: &RunFolder,
    keep_words: bool,
    observer: &mut dyn Observer,
) -> Result<RunRecord, StudyError> {
    let run = &plan.runs[at];
    let model = folder.model();
    let provenance = if folder.has_model() {
        // Ended between the model's manifest and the run's.
        disk::remove(&model.join("checkpoint"))?;
        if !folder.has_predictions() {
            label(plan, at, &model, folder, keep_words)?;
        }
        ModelFolder::provenance(&model)?
    } else {
        let resume = may_resume(run, &model);
        if !resume {
            disk::remove(&model)?;
        }
        let data = RunData::load(&run.settings)?;
        let seen = Seen::of(plan, at, &data)?;
        let places = data.test_positions;
        let mut written = Ok(());
        let mut watch = |event: &Event| {
            if let Event::Test { corpus, scored } = event {
                let found = predictions(corpus, scored, &places, &seen, keep_words);
                written = folder.write_predictions(&found);
            }
            observer.on(event);
        };
        let trained = train::train(&run.settings, &model, resume, &mut watch)?;
        written?;
        trained.provenance
    };
    of_provenance(run, provenance)
}

/// Labels a run's test text with the model in a folder; gives the texts, the tagger and the scores.
fn label(
    plan: &Plan,
    at: usize,
    model: &Path,
    folder: &RunFolder,
    keep_words: bool,
) -> Result<(RunData, Tagger, Scored), StudyError> {
    let run = &plan.runs[at];
    let data = RunData::load(&run.settings)?;
    let test = data.test.as_ref().ok_or_else(|| no_test(run))?;
    let (tagger, _) = ModelFolder::open(model, train::compute(&run.settings)?)?;
    let scored = tagger.score(test, run.settings.batch)?;
    let seen = Seen::of(plan, at, &data)?;
    let found = predictions(test, &scored, &data.test_positions, &seen, keep_words);
    folder.write_predictions(&found)?;
    Ok((data, tagger, scored))
}

/// Whether the model's folder holds an unfinished training that can go on: one with the very
/// settings of this run. They may differ in what does not decide results, such as threads, and
/// then the training starts anew.
fn may_resume(run: &Run, model: &Path) -> bool {
    let manifest = model.join("checkpoint").join("state.json");
    let saved: Option<Value> =
        fs::read(manifest).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let ours = serde_json::to_value(&run.settings).expect("settings are plain data");
    !model.join("gleaner.json").exists() && saved.is_some_and(|s| s["settings"] == ours)
}

fn of_provenance(run: &Run, p: Provenance) -> Result<RunRecord, StudyError> {
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
        identity: identity(run),
        notes: p.notes,
        train_sentences: p.train.sentences,
        test_sentences: text.sentences,
        best_epoch: p.best_epoch,
        train_published: best.map_or(0.0, |e| e.train_score),
        dev,
        test,
        history: p.history,
    })
}

fn identity(run: &Run) -> Value {
    serde_json::to_value(&run.identity).expect("plain data")
}

fn no_test(run: &Run) -> StudyError {
    let what = format!("{}: no test text to score on", run.name);
    StudyError::Gleaner(gleaner::GleanerError::Settings(what + "; add one"))
}

/// Scores another run's model on this run's texts.
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
    let on_dev = tagger.score(&data.dev, run.settings.batch)?;
    Ok(RunRecord {
        format: RunRecord::FORMAT,
        id: run.id.clone(),
        name: run.name.clone(),
        task: run.task.clone(),
        seed: run.seed,
        fold: run.fold,
        program: of_model.program,
        threads: rayon::current_num_threads(),
        identity: identity(run),
        notes: data.notes,
        train_sentences: of_model.train_sentences,
        test_sentences: on_test.evaluation.sentences(),
        best_epoch: of_model.best_epoch,
        train_published: of_model.train_published,
        dev: Scores::of(&on_dev, run.settings.resamples),
        test: Scores::of(&on_test, run.settings.resamples),
        history: Vec::new(),
    })
}

fn predictions(
    corpus: &Corpus,
    scored: &Scored,
    places: &[usize],
    seen: &Seen,
    keep_words: bool,
) -> Vec<Prediction> {
    let mut first = HashMap::new();
    let all = corpus.sentences.iter().zip(&scored.tagged).zip(places);
    all.map(|((s, t), &position)| Prediction {
        position,
        tokens: if keep_words { s.words.clone() } else { Vec::new() },
        same_as: Some(*first.entry(sentence_key(&s.words)).or_insert(position))
            .filter(|same| *same != position),
        gold: s.tags.clone(),
        tags: t.tags.clone(),
        spans: t.spans.iter().map(span).collect(),
        seen: seen.sentence(s),
        known: seen.spans(s),
    })
    .collect()
}

fn span(span: &TaggedSpan) -> PredictedSpan {
    PredictedSpan {
        label: span.label.clone(),
        start: span.start,
        end: span.end,
        confidence: span.confidence,
        uncalibrated: span.uncalibrated,
    }
}
