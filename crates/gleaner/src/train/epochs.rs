//! The loop over epochs and rounds.

use super::{
    Checkpoints, EncodedTexts, Event, Observer, Provenance,
    event::EpochRecord,
    inputs::Inputs,
    progress::{self, Best, Progress},
    pseudo::{self, Labelled, Round},
    state,
    teachers::Teachers,
    trainer::{self, Place, Trainer},
};
use crate::{
    Additions, Dataset, GleanerError, Scored, Scores, Selection, Settings, Tagger,
    pieces::WordPieces,
};
use gleaner_metrics::SeqevalMode;
use std::time::{Duration, Instant};

/// The state that a training starts or resumes from; `pool` has the pieces of its pool. A resumed state's parameters
/// are put into `tagger`.
pub(super) fn begin(
    settings: &Settings,
    tagger: &mut Tagger,
    checkpoints: Option<&Checkpoints>,
    made_of: &Provenance,
    inputs: &Inputs,
    pool: &[WordPieces],
) -> Result<Progress, GleanerError> {
    let mut state = Progress::new(settings, &tagger.network.params);
    if let Some(checkpoints) = checkpoints {
        checkpoints.create()?;
        state::load(checkpoints, made_of, inputs, pool, tagger, &mut state)?;
    }
    Ok(state)
}

/// A training that is under way.
pub(super) struct Run<'a> {
    pub(super) settings: &'a Settings,
    pub(super) data: &'a Dataset,
    pub(super) texts: &'a EncodedTexts,
    pub(super) teachers: Option<&'a Teachers<'a>>,
    pub(super) checkpoints: Option<&'a Checkpoints>,
    pub(super) inputs: &'a Inputs<'a>,
}

impl Run<'_> {
    /// Trains until the last epoch or until patience runs out, round by round. The tagger ends with the parameters
    /// that were kept, calibrated.
    pub(super) fn train(
        &self,
        tagger: &mut Tagger,
        mut state: Progress,
        provenance: &mut Provenance,
        observer: &mut dyn Observer,
    ) -> Result<(), GleanerError> {
        let settings = self.settings;
        let steps = state.partway.as_ref().map_or(0, |partway| partway.steps);
        if state.epochs() > 0 || steps > 0 {
            observer.on(&Event::Resumed { epochs: state.epochs(), steps });
        }
        let mut examples = trainer::examples(tagger, self.data, self.texts, observer);
        if let Some(teachers) = self.teachers {
            teachers.teach_training_text(tagger, self.data, &mut examples)?;
        }
        let mut trainer = Trainer::new(settings, self.data, examples, tagger);
        trainer.add(tagger, self.texts, &state.added);
        let is_new = state.history.is_empty() && state.added.is_empty();
        if let Some(teachers) = self.teachers.filter(|_| is_new)
            && let Some(labelled) = teachers.label_pool(tagger, self.data, self.texts)?
        {
            self.add(labelled, tagger, &mut trainer, &mut state, observer);
        }
        let mut saved = Instant::now();
        loop {
            if state.round_is_over(settings) {
                break;
            }
            if observer.should_stop() {
                return self.stop(tagger, provenance, &state);
            }
            let place = Place {
                round: state.round,
                epoch: state.epochs() + 1,
                within: state.epochs() + 1 - state.before,
                of: settings.epochs_of_round(state.round),
            };
            if !self.epoch(place, tagger, &mut trainer, &mut state, observer)? {
                return self.stop(tagger, provenance, &state);
            }
            if state.round_is_over(settings) {
                self.judge_average(tagger, &mut state, observer)?;
                if settings.self_training.has_fresh_students()
                    && state.round < settings.self_training.rounds
                {
                    self.next_round(tagger, &mut trainer, &mut state, observer)?;
                }
            } else if self.is_labelling_due(&state) {
                self.label_pool(tagger, &mut trainer, &mut state, observer)?;
            }
            let is_due = saved.elapsed() >= Duration::from_secs(settings.run.checkpoint_seconds);
            if let Some(checkpoints) = self.checkpoints.filter(|_| is_due) {
                state::save(checkpoints, provenance, self.inputs, tagger, &state)?;
                saved = Instant::now();
            }
        }
        if let Some(best) = state.restore_best(&mut tagger.network.params) {
            provenance.best_epoch = best.epoch;
            provenance.averaged = best.averaged;
        }
        tagger.temperature = tagger.fit_temperature(&self.data.dev, &self.texts.dev)?;
        provenance.temperature = tagger.temperature;
        provenance.dev = Some(Scores::of(&self.score_dev(tagger)?, settings.run.resamples));
        provenance.history = state.history;
        Ok(())
    }

    /// Ends the training early, with a checkpoint of all its steps.
    fn stop(
        &self,
        tagger: &Tagger,
        provenance: &Provenance,
        state: &Progress,
    ) -> Result<(), GleanerError> {
        if let Some(checkpoints) = self.checkpoints {
            state::save(checkpoints, provenance, self.inputs, tagger, state)?;
        }
        let path = self.checkpoints.map(|checkpoints| checkpoints.model().to_owned());
        Err(GleanerError::Stopped { path })
    }

    /// Trains an epoch and scores it on dev. Returns whether it was finished.
    fn epoch(
        &self,
        place: Place,
        tagger: &mut Tagger,
        trainer: &mut Trainer,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<bool, GleanerError> {
        let settings = self.settings;
        let Some(trained) = trainer.epoch(place, tagger, state, observer)? else {
            return Ok(false);
        };
        let scored = self.score_dev(tagger)?;
        let record = EpochRecord {
            epoch: place.epoch,
            pieces: trained.pieces,
            train_loss: trained.loss,
            train_score: trained.score,
            dev_loss: scored.loss,
            dev_f1: scored.evaluation.report(SeqevalMode::Default).micro.f1,
            dev_published: scored.published,
            round: None,
        };
        // The dev loss is the first to show the effect of the last step.
        if !(record.train_loss.is_finite() && record.dev_loss.is_finite()) {
            return Err(GleanerError::Diverged { epoch: record.epoch });
        }
        state.plateau.observe(record.dev_loss);
        let score = selection_score(settings, &scored, place.epoch);
        let kept = state.observe(settings, score, &tagger.network.params);
        let best = kept && settings.selection.select != Selection::Last;
        observer.on(&Event::Epoch { record: &record, best });
        state.history.push(record);
        if settings.selection.average > 1 && place.of - place.within < settings.selection.average {
            state.average.take(&tagger.network.params);
        }
        Ok(true)
    }

    fn score_dev(&self, tagger: &Tagger) -> Result<Scored, GleanerError> {
        tagger.score_encoded(&self.data.dev, &self.texts.dev, self.settings.optimizer.batch)
    }

    /// At the end of a round: keeps the average of its last epochs (Schmidt et al. 2023) if it is no worse on dev
    /// than the best epoch, or in any case where the last epoch is kept. Of equal scores the average is kept, because
    /// it depends less on chance.
    fn judge_average(
        &self,
        tagger: &mut Tagger,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(), GleanerError> {
        let epochs = state.average.epochs;
        if epochs < 2 {
            return Ok(());
        }
        progress::put(&mut tagger.network.params, &state.average.mean);
        let scored = self.score_dev(tagger)?;
        let score = selection_score(self.settings, &scored, state.epochs());
        let kept = state.best.as_ref().is_none_or(|best| score >= best.score);
        let dev_f1 = scored.evaluation.report(SeqevalMode::Default).micro.f1;
        observer.on(&Event::Averaged { epochs, dev_f1, kept });
        if kept {
            let mean = std::mem::take(&mut state.average.mean);
            let params = (self.settings.selection.select != Selection::Last).then_some(mean);
            let epoch = state.epochs();
            state.best = Some(Best { score, epoch, averaged: Some(epochs), params });
        }
        state.average = progress::Average::default();
        Ok(())
    }

    /// After a round of fresh students: the best parameters label the pool, and the next student starts, unless
    /// nothing was added for it to learn.
    fn next_round(
        &self,
        tagger: &mut Tagger,
        trainer: &mut Trainer,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(), GleanerError> {
        if let Some(teacher) = state.best.as_ref().and_then(|best| best.params.as_ref()) {
            progress::put(&mut tagger.network.params, teacher);
        }
        let added = self.label_pool(tagger, trainer, state, observer)?;
        if added > 0 {
            state.next_round(self.settings, &mut tagger.network.params);
            observer
                .on(&Event::Student { round: state.round, of: self.settings.self_training.rounds });
        }
        Ok(())
    }

    /// Whether the pool is to be labelled now by a tagger that continues: the delay has passed, there are rounds left,
    /// and the additions will be trained on.
    fn is_labelling_due(&self, state: &Progress) -> bool {
        let settings = self.settings;
        let done = state.epochs();
        let labelled = state.history.iter().filter(|e| e.round.is_some()).count();
        let rounds_left =
            settings.self_training.rounds == 0 || labelled < settings.self_training.rounds as usize;
        // The epoch just done has the index `done - 1`.
        !settings.self_training.pool.is_empty()
            && settings.self_training.teacher.is_empty()
            && !settings.self_training.has_fresh_students()
            && rounds_left
            && done > settings.self_training.delay.saturating_add(1)
    }

    /// Labels the pool and adds the confident sentences to the training text. Returns the number of added sentences.
    fn label_pool(
        &self,
        tagger: &Tagger,
        trainer: &mut Trainer,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<usize, GleanerError> {
        if self.data.pool.is_none() {
            return Ok(0);
        }
        let labelled = pseudo::round(self.settings, tagger, self.data, self.texts)?;
        Ok(self.add(labelled, tagger, trainer, state, observer))
    }

    /// Adds sentences of the pool to the training text. Returns their number.
    fn add(
        &self,
        (round, labelled): (Round, Labelled),
        tagger: &Tagger,
        trainer: &mut Trainer,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> usize {
        let added = labelled.added.len();
        if self.settings.self_training.additions == Additions::Replace {
            state.added.clear();
            trainer.drop_added();
        }
        trainer.add(tagger, self.texts, &labelled.added);
        state.added.extend(labelled.added);
        let (epoch, chosen) = (state.epochs(), &labelled.chosen);
        let confidences = &labelled.confidences;
        observer.on(&Event::Labelled { epoch, round: &round, confidences, chosen });
        if let Some(record) = state.history.last_mut() {
            record.round = Some(round);
        }
        added
    }
}

/// The score that chooses among epochs.
fn selection_score(settings: &Settings, scored: &Scored, epoch: u32) -> f64 {
    match settings.selection.select {
        Selection::Last => f64::from(epoch),
        Selection::EntityF1 => scored.evaluation.report(SeqevalMode::Default).micro.f1,
        Selection::Published => scored.published,
    }
}
