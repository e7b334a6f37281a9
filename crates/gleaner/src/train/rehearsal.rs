//! Measuring how fast a training would run.

use super::{
    EncodedTexts, Event,
    prepare::{Prepared, prepare},
    progress::Progress,
    trainer::{self, Place, Trainer},
};
use crate::{Dataset, GleanerError, PieceTokenizer, Settings, Tagger};
use gleaner_nn::encoder::EncoderConfig;
use std::time::Instant;

/// Number of batches that are trained; the first one only warms up.
const BATCHES: usize = 5;

/// The speed and size of a training.
pub struct Rehearsal {
    /// Pieces a second, special ones included.
    pub pieces_a_second: f64,
    /// Number of trained parameters.
    pub parameters: usize,
    /// The encoder's shape.
    pub encoder: EncoderConfig,
    /// The encoder's tokenizer, as the training would use it.
    pub tokenizer: PieceTokenizer,
}

/// Trains on a few batches of the data and discards the result.
///
/// # Errors
/// The data, the encoder or the settings are wrong.
pub fn rehearse(settings: &Settings, data: &Dataset) -> Result<Rehearsal, GleanerError> {
    let Prepared { mut tagger, encoder, texts, .. } = prepare(settings, data)?;
    let pieces_a_second = speed(settings, data, &texts, &mut tagger)?;
    let params = &tagger.network.params;
    let trained = params.ids().filter(|id| !params.is_frozen(*id));
    let parameters = trained.map(|id| params.shape(id).iter().product::<usize>()).sum();
    Ok(Rehearsal {
        pieces_a_second,
        parameters,
        encoder: encoder.config,
        tokenizer: tagger.tokenizer,
    })
}

/// Pieces a second over a few batches.
fn speed(
    settings: &Settings,
    data: &Dataset,
    texts: &EncodedTexts,
    tagger: &mut Tagger,
) -> Result<f64, GleanerError> {
    let mut all = trainer::examples(tagger, data, texts, &mut |_: &Event| {});
    let of_step = settings.optimizer.batch.saturating_mul(settings.optimizer.accumulate);
    all.truncate(of_step.saturating_mul(BATCHES));
    let mut state = Progress::new(settings, &tagger.network.params);
    let mut trainer = Trainer::new(settings, data, all, tagger);
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
