//! The steps of an adaptation.

use super::{
    AdaptSettings, Adapted, Event, Observer, Record,
    plan::{self, framed},
    prepare::Work,
    state::{self, Progress},
};
use crate::{GleanerError, batches, train::Checkpoints};
use gleaner_nn::{
    Grads, Group,
    masked::{Masked, MaskedLm},
    optim::{clip_factor, global_norm},
    rng::Stream,
    schedule::warmup_linear,
};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// An adaptation that is under way.
pub(super) struct Run<'a> {
    pub(super) settings: &'a AdaptSettings,
    pub(super) work: &'a Work,
    pub(super) checkpoints: Option<&'a Checkpoints>,
    /// What identifies the adaptation in its checkpoints.
    pub(super) adapted: &'a Adapted,
}

impl Run<'_> {
    /// Does all steps that are left.
    pub(super) fn train(
        &self,
        model: &mut MaskedLm,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(), GleanerError> {
        let Self { settings, work, .. } = self;
        let plan = &work.plan;
        if state.history.is_empty() {
            self.measure(model, state, observer)?;
        }
        let mut grads = Grads::zeros(&model.params);
        let mut batches = Batches::new(settings, work);
        let mut saved = Instant::now();
        while state.step < plan.steps {
            if observer.should_stop() {
                return self.stop(model, state);
            }
            let sequences = batches.of_step(state.step);
            let loss = self.step(&sequences, model, state, &mut grads)?;
            let pieces = sequences.iter().map(framed).sum();
            observer.on(&Event::Step { done: state.step, of: plan.steps, loss, pieces });
            if plan.is_measured(state.step) {
                self.measure(model, state, observer)?;
            }
            let is_due = saved.elapsed() >= Duration::from_secs(settings.checkpoint_seconds);
            if let Some(checkpoints) = self.checkpoints.filter(|_| is_due) {
                state::save(checkpoints, self.adapted, model, state)?;
                saved = Instant::now();
            }
        }
        Ok(())
    }

    /// Ends the adaptation early, with a checkpoint of all its steps.
    fn stop(&self, model: &MaskedLm, state: &Progress) -> Result<(), GleanerError> {
        if let Some(checkpoints) = self.checkpoints {
            state::save(checkpoints, self.adapted, model, state)?;
        }
        let path = self.checkpoints.map(|checkpoints| checkpoints.model().to_owned());
        Err(GleanerError::Stopped { path })
    }

    /// Does one step on some sequences. Returns the mean loss of the hidden pieces.
    pub(super) fn step(
        &self,
        sequences: &[Range<usize>],
        model: &mut MaskedLm,
        state: &mut Progress,
        grads: &mut Grads,
    ) -> Result<f64, GleanerError> {
        let Self { settings, work, .. } = self;
        let (plan, step) = (&work.plan, state.step);
        let is_head_alone = step < plan.head_steps;
        if step == plan.head_steps && step > 0 {
            // The moments of the head's steps say nothing of the encoder.
            state.adam = state::adam(settings, &model.params);
        }
        let (epoch, _) = plan.place(step);
        let masks = work.stream.named("masks").child(epoch);
        let batch = work.masking.batch(&work.texts.train, sequences, masks);
        state.step += 1;
        state.pieces += batch.packed().pieces() as u64;
        let hidden = batch.hidden().len();
        if hidden == 0 {
            return Ok(0.0);
        }
        grads.clear();
        let weight = 1.0 / hidden as f64;
        let sum = match is_head_alone {
            true => model.train_head_pass(&batch, weight, grads)?,
            false => {
                let dropout = work.stream.named("dropout").child(step);
                model.train_pass(&batch, weight, Some(dropout), grads)?
            }
        };
        if !sum.is_finite() {
            return Err(GleanerError::AdaptingDiverged { step: state.step });
        }
        state.sum += sum;
        state.hidden += hidden as u64;
        let mut scale = 1.0;
        if settings.clip > 0.0 {
            scale = clip_factor(global_norm(&model.params, grads), settings.clip);
        }
        // The head's steps and the others each warm up and decay.
        let (at, of) = match is_head_alone {
            true => (step, plan.head_steps),
            false => (step - plan.head_steps, plan.steps - plan.head_steps),
        };
        let warmup = (settings.warmup * of as f64).round() as u64;
        let factor = warmup_linear(at, warmup, of);
        let rate = settings.rate.at(model.encoder_config().hidden_size);
        state.adam.step(&mut model.params, grads, scale, |group| match (is_head_alone, group) {
            (false, _) => Some(rate * factor),
            (true, Group::Linear) => Some(settings.head_rate * factor),
            (true, _) => None,
        });
        Ok(sum / hidden as f64)
    }

    /// Records the training loss since the last record, and measures the held-out loss.
    fn measure(
        &self,
        model: &MaskedLm,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(), GleanerError> {
        let mean = |sum: f64, hidden: u64| (hidden > 0).then(|| sum / hidden as f64);
        let (sum, hidden) = self.held_out(model)?;
        if !sum.is_finite() {
            return Err(GleanerError::AdaptingDiverged { step: state.step });
        }
        let record = Record {
            step: state.step,
            pieces: state.pieces,
            loss: mean(state.sum, state.hidden),
            held_out_loss: mean(sum, hidden),
        };
        (state.sum, state.hidden) = (0.0, 0);
        observer.on(&Event::Measured { record: &record });
        state.history.push(record);
        Ok(())
    }

    /// The sum of the losses of pieces hidden in held-out sequences, and their number. The same pieces are hidden every
    /// time.
    pub(super) fn held_out(&self, model: &MaskedLm) -> Result<(f64, u64), GleanerError> {
        let (mut sum, mut hidden) = (0.0, 0);
        for batch in held_batches(self.work) {
            sum += model.loss(&batch)?;
            hidden += batch.hidden().len() as u64;
        }
        Ok((sum, hidden))
    }
}

/// The batches of held-out sequences, of similar length each.
fn held_batches(work: &Work) -> impl Iterator<Item = Masked> + '_ {
    let lengths: Vec<usize> = work.held.iter().map(framed).collect();
    let batches = batches::by_length(&lengths, batches::PIECES_OF_ALL_THREADS);
    let masks = Stream::new(0).named("held-out");
    batches.into_iter().map(move |batch| {
        let sequences: Vec<Range<usize>> =
            batch.into_iter().map(|i| work.held[i].clone()).collect();
        work.masking.batch(&work.texts.held, &sequences, masks)
    })
}

/// The sequences of every step. Those of an epoch are drawn once.
pub(super) struct Batches<'a> {
    settings: &'a AdaptSettings,
    work: &'a Work,
    epoch: Option<u64>,
    of_epoch: Vec<Vec<usize>>,
}

impl<'a> Batches<'a> {
    pub(super) fn new(settings: &'a AdaptSettings, work: &'a Work) -> Self {
        Self { settings, work, epoch: None, of_epoch: Vec::new() }
    }

    pub(super) fn of_step(&mut self, step: u64) -> Vec<Range<usize>> {
        let Work { sequences, plan, stream, .. } = self.work;
        let (epoch, index) = plan.place(step);
        if self.epoch != Some(epoch) {
            self.of_epoch = plan::epoch(sequences, self.settings.batch, epoch, *stream);
            self.epoch = Some(epoch);
        }
        self.of_epoch[index].iter().map(|&i| sequences[i].clone()).collect()
    }
}
