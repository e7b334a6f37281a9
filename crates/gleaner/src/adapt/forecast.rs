//! Estimates of the time and memory of an adaptation.

use super::{
    AdaptSettings, Adapted,
    plan::framed,
    prepare::{Prepared, prepare},
    run::{Batches, Run},
    state::Progress,
};
use crate::GleanerError;
use gleaner_nn::Grads;
use serde::Serialize;
use std::time::Instant;

/// Number of steps of each kind that are measured, after one that only warms up.
const STEPS: u64 = 3;

/// Estimated needs of an adaptation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Forecast {
    /// Number of sentences to train on.
    pub sentences: usize,
    /// Number of pieces per epoch, special ones included.
    pub pieces: usize,
    /// Number of pieces whose embeddings are trained.
    pub active: usize,
    /// Number of trained parameters.
    pub parameters: usize,
    /// Number of steps.
    pub steps: u64,
    /// Number of first steps that train the head alone.
    pub head_steps: u64,
    /// Pieces a second of the steps that train all parameters.
    pub pieces_a_second: f64,
    /// Seconds of all steps and measurements.
    pub seconds: f64,
    /// Peak memory in bytes: parameters, gradients, two moments, copies of the embeddings for products, scores, and the
    /// activations of the largest batch.
    pub bytes: usize,
}

/// Does some steps of an adaptation, discards the result, and extrapolates.
///
/// # Errors
/// The texts, the encoder or the settings are wrong.
pub fn forecast(settings: &AdaptSettings) -> Result<Forecast, GleanerError> {
    let Prepared { mut model, work, encoder } = prepare(settings)?;
    let adapted = Adapted::new(settings, &model, &work);
    let run = Run { settings, work: &work, checkpoints: None, adapted: &adapted };
    let plan = work.plan;
    let mut state = Progress::new(settings, &model.params);
    let mut grads = Grads::zeros(&model.params);
    let mut batches = Batches::new(settings, &work);
    let mut largest = 0;
    // Pieces a second of the steps from one on.
    let mut speed = |first: u64, last: u64| -> Result<f64, GleanerError> {
        let (mut started, mut pieces) = (Instant::now(), 0);
        for step in first..last.min(first + 1 + STEPS) {
            let sequences = batches.of_step(step);
            let of_step: usize = sequences.iter().map(framed).sum();
            largest = largest.max(of_step);
            state.step = step;
            run.step(&sequences, &mut model, &mut state, &mut grads)?;
            if step == first && last > first + 1 {
                started = Instant::now();
            } else {
                pieces += of_step;
            }
        }
        Ok(pieces as f64 / started.elapsed().as_secs_f64().max(1e-9))
    };
    let of_head = match plan.head_steps {
        0 => f64::INFINITY,
        steps => speed(0, steps)?,
    };
    let pieces_a_second = speed(plan.head_steps, plan.steps)?;
    let started = Instant::now();
    run.held_out(&model)?;
    let of_measurement = started.elapsed().as_secs_f64();

    let pieces: usize = work.sequences.iter().map(framed).sum();
    let of_step = pieces as f64 / plan.of_epoch as f64;
    let head_pieces = plan.head_steps as f64 * of_step;
    let other_pieces = (plan.steps - plan.head_steps) as f64 * of_step;
    let measurements = (1 + plan.measurements()) as f64;
    let seconds =
        head_pieces / of_head + other_pieces / pieces_a_second + measurements * of_measurement;

    let params = &model.params;
    let trained = params.ids().filter(|id| !params.is_frozen(*id));
    let parameters = trained.map(|id| params.shape(id).iter().product::<usize>()).sum();
    let c = &encoder.config;
    // Kept for the backward pass of each layer: as in the training of a tagger.
    let activations = largest * c.num_hidden_layers * (8 * c.hidden_size + 2 * c.intermediate_size);
    let scores = model.scores_at_a_time(largest / 6); // about as many are hidden
    let copies = work.active * c.embedding_width();
    // Attention probabilities and their gradients, of one head in every thread.
    let squares = 2 * rayon::current_num_threads() * settings.length * settings.length;
    Ok(Forecast {
        sentences: work.texts.records.iter().map(|text| text.sentences).sum(),
        pieces,
        active: work.active,
        parameters,
        steps: plan.steps,
        head_steps: plan.head_steps,
        pieces_a_second,
        seconds,
        bytes: 4 * (4 * parameters + activations + scores + copies + squares),
    })
}
