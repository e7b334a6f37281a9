//! The loop over epochs and rounds.

use super::{
    Event, Observer, checkpoint,
    event::EpochRecord,
    progress::{self, Best, Progress},
    pseudo,
    trainer::{self, Place, Trainer},
};
use crate::{
    Additions, GleanerError, Provenance, RunData, Scored, Selection, Settings, Tagger,
    model_folder::OpenFolder,
};
use gleaner_metrics::Mode;
use std::time::{Duration, Instant};

/// The state that a training starts or goes on from; what is not fresh is put into `tagger`.
pub(super) fn begin(
    settings: &Settings,
    tagger: &mut Tagger,
    folder: &OpenFolder,
    made_of: &Provenance,
) -> Result<Progress, GleanerError> {
    let mut state = Progress::new(settings, &tagger.network.params);
    checkpoint::load(folder, made_of, tagger, &mut state)?;
    Ok(state)
}

/// Trains until the last epoch or until patience ends, round for round, and leaves the tagger in its
/// best state, calibrated.
pub(super) fn run(
    settings: &Settings,
    data: &RunData,
    tagger: &mut Tagger,
    folder: &OpenFolder,
    mut state: Progress,
    provenance: &mut Provenance,
    observer: &mut dyn Observer,
) -> Result<(), GleanerError> {
    if !state.history.is_empty() {
        observer.on(&Event::Resumed { epochs: state.epochs() });
    }
    let examples = trainer::examples(tagger, data, observer);
    let mut trainer = Trainer::new(settings, examples, tagger);
    trainer.add(tagger, data, &state.added);
    let mut saved = Instant::now();
    while !state.round_is_over(settings) {
        let place = Place {
            round: state.round,
            epoch: state.epochs() + 1,
            within: state.epochs() + 1 - state.before,
            of: settings.epochs_of_round(state.round),
        };
        let trained = trainer.epoch(place, tagger, &mut state, observer)?;
        let scored = tagger.score(&data.dev, settings.optimizer.batch)?;
        let record = EpochRecord {
            epoch: place.epoch,
            pieces: trained.pieces,
            train_loss: trained.loss,
            train_score: trained.score,
            dev_loss: scored.loss,
            dev_f1: scored.evaluation.report(Mode::Default).micro.f1,
            dev_published: scored.published,
            round: None,
        };
        // That on dev is the first to tell of what the last step did.
        if !(record.train_loss.is_finite() && record.dev_loss.is_finite()) {
            return Err(diverged(&record));
        }
        state.plateau.observe(record.dev_loss);
        let score = selected(settings, &scored, place.epoch);
        let kept = state.observe(score, &tagger.network.params);
        let best = kept && settings.selection.select != Selection::Last;
        observer.on(&Event::Epoch { record: &record, best });
        state.history.push(record);
        if settings.selection.average > 1 && place.of - place.within < settings.selection.average {
            state.average.take(&tagger.network.params);
        }
        if state.round_is_over(settings) {
            judge_average(settings, data, tagger, &mut state, observer)?;
            if settings.self_training.has_fresh_students()
                && state.round < settings.self_training.rounds
            {
                next_round(settings, data, tagger, &mut trainer, &mut state, observer)?;
            }
        } else if is_labelling_due(settings, &state) {
            label_pool(settings, data, tagger, &mut trainer, &mut state, observer)?;
        }
        if saved.elapsed() >= Duration::from_secs(settings.run.checkpoint_seconds) {
            checkpoint::save(folder, provenance, tagger, &state)?;
            saved = Instant::now();
        }
    }
    if let Some(best) = state.restore_best(&mut tagger.network.params) {
        provenance.best_epoch = best.epoch;
        provenance.averaged = best.averaged;
    }
    tagger.temperature = tagger.fit_temperature(&data.dev)?;
    provenance.temperature = tagger.temperature;
    let scored = tagger.score(&data.dev, settings.optimizer.batch)?;
    provenance.dev = Some(crate::model_folder::Scores::of(&scored, settings.run.resamples));
    provenance.history = state.history;
    Ok(())
}

/// What to say of weights that are no numbers any more.
fn diverged(record: &EpochRecord) -> GleanerError {
    GleanerError::Settings(format!(
        "epoch {}: the loss is no number any more, the training diverged; choose lower rates (rate-encoder, \
         rate-lstm, rate-linear, rate-crf)",
        record.epoch
    ))
}

/// The score that chooses among epochs.
fn selected(settings: &Settings, scored: &Scored, epoch: u32) -> f64 {
    match settings.selection.select {
        Selection::Last => f64::from(epoch),
        Selection::EntityF1 => scored.evaluation.report(Mode::Default).micro.f1,
        Selection::Published => scored.published,
    }
}

/// At the end of a round: keeps the average of its last epochs (Schmidt et al. 2023) if it is no worse
/// on dev than the best epoch, or in any case where the last epoch is kept. Of equals it is the
/// average, which hangs less on chance.
fn judge_average(
    settings: &Settings,
    data: &RunData,
    tagger: &mut Tagger,
    state: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), GleanerError> {
    let epochs = state.average.epochs;
    if epochs < 2 {
        return Ok(());
    }
    progress::put(&mut tagger.network.params, &state.average.mean);
    let scored = tagger.score(&data.dev, settings.optimizer.batch)?;
    let score = selected(settings, &scored, state.epochs());
    let kept = state.best.as_ref().is_none_or(|best| score >= best.score);
    let dev_f1 = scored.evaluation.report(Mode::Default).micro.f1;
    observer.on(&Event::Averaged { epochs, dev_f1, kept });
    if kept {
        let params = std::mem::take(&mut state.average.mean);
        let epoch = state.epochs();
        state.best = Some(Best { score, epoch, averaged: Some(epochs), params });
    }
    state.average = progress::Average::default();
    Ok(())
}

/// After a round of fresh students: its best state labels the pool, and the next student begins; none
/// does where nothing was added for it to learn.
fn next_round(
    settings: &Settings,
    data: &RunData,
    tagger: &mut Tagger,
    trainer: &mut Trainer,
    state: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), GleanerError> {
    if let Some(teacher) = &state.best {
        progress::put(&mut tagger.network.params, &teacher.params);
    }
    let added = label_pool(settings, data, tagger, trainer, state, observer)?;
    if added > 0 {
        state.next_round(settings, &mut tagger.network.params);
        observer.on(&Event::Student { round: state.round, of: settings.self_training.rounds });
    }
    Ok(())
}

/// Whether the pool is to be labelled now by a tagger that goes on: the delay has passed, there are
/// rounds left, and what is added will be trained on.
fn is_labelling_due(settings: &Settings, state: &Progress) -> bool {
    let done = state.epochs();
    let labelled = state.history.iter().filter(|e| e.round.is_some()).count();
    let rounds_left =
        settings.self_training.rounds == 0 || labelled < settings.self_training.rounds as usize;
    // The epoch just done has the index `done - 1`.
    !settings.self_training.pool.is_empty()
        && !settings.self_training.has_fresh_students()
        && rounds_left
        && done > settings.self_training.delay.saturating_add(1)
}

/// Labels the pool and adds what the tagger is sure of to the training text; gives how many sentences.
fn label_pool(
    settings: &Settings,
    data: &RunData,
    tagger: &Tagger,
    trainer: &mut Trainer,
    state: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<usize, GleanerError> {
    let Some(pool) = &data.pool else { return Ok(0) };
    let (round, labelled) = pseudo::round(settings, tagger, &data.dev, pool)?;
    let added = labelled.added.len();
    if settings.self_training.additions == Additions::Replace {
        state.added.clear();
        trainer.drop_added();
    }
    trainer.add(tagger, data, &labelled.added);
    state.added.extend(labelled.added);
    let (epoch, chosen) = (state.epochs(), &labelled.chosen);
    let confidences = &labelled.confidences;
    observer.on(&Event::Labelled { epoch, round: &round, confidences, chosen });
    if let Some(record) = state.history.last_mut() {
        record.round = Some(round);
    }
    Ok(added)
}

/// Trains a few batches, the first to warm up; gives pieces a second.
pub(super) fn rehearse(
    settings: &Settings,
    data: &RunData,
    tagger: &mut Tagger,
) -> Result<f64, GleanerError> {
    const BATCHES: usize = 5;
    let mut all = trainer::examples(tagger, data, &mut |_: &Event| {});
    all.truncate(BATCHES * settings.optimizer.batch * settings.optimizer.accumulate);
    let mut state = Progress::new(settings, &tagger.network.params);
    let mut trainer = Trainer::new(settings, all, tagger);
    let (mut started, mut measured) = (Instant::now(), 0);
    let place = Place { round: 0, epoch: 1, within: 1, of: settings.optimizer.epochs };
    trainer.epoch(place, tagger, &mut state, &mut |event: &Event| {
        if let Event::Batch { done, of, pieces, .. } = event {
            if *done == 1 && *of > 1 {
                started = Instant::now();
            } else {
                measured += pieces;
            }
        }
    })?;
    Ok(measured as f64 / started.elapsed().as_secs_f64().max(1e-9))
}
