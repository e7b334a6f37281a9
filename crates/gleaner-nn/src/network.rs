//! The whole network: encoder, head and CRF.

mod build;
#[cfg(feature = "composite")]
mod composite;
mod fused;
mod head;
mod layers;
mod save;
mod train;

pub use head::{Classifier, HeadConfig, HeadKind};

use crate::{
    Batch, Compute, Engine, NnError, Packed, Params, Precision, Rounding,
    crf::{Crf, Rules},
    encoder::{self, Encoder, EncoderConfig},
};
use head::Head;

/// A tagger's network.
pub struct Network {
    /// All parameters, by name.
    pub params: Params,
    encoder: Encoder,
    head: Head,
    rules: Option<Rules>,
    compute: Compute,
    engine: Engine,
    #[cfg(feature = "composite")]
    splitters: composite::Splitters,
}

/// The weights of a network's encoder, arranged for labelling; see [`Network::prepare`].
pub struct Prepared(encoder::fused::Prepared);

/// The results of a training pass, besides the gradients.
pub struct Pass {
    /// The unweighted loss of each sentence.
    pub losses: Vec<f64>,
    /// Emissions `[positions, tags]`, in training mode.
    pub emissions: Vec<f32>,
    /// Number of parts that the batch was divided into to fit the device's memory; 1 if it was not divided.
    pub parts: usize,
}

impl Network {
    /// Sets the engine. The fused engine computes on the CPU only.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Sets the precision of the encoder's matrix products. If the device does not support it, they use f32. The
    /// composite engine on the CPU always uses f32.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.encoder.precision = precision.available_on(&self.compute);
        self
    }

    /// The rounding of all projections to 8 bits that balances the ranges of weights and of inputs, which are measured
    /// on some text.
    ///
    /// # Errors
    /// A piece has no row in the weights, or the network computes on another device than the processor.
    pub fn balanced_rounding(&self, text: &[Packed]) -> Result<Rounding, NnError> {
        self.on_processor()?;
        encoder::fused::balanced(&self.encoder, &self.params, text)
    }

    /// The errors that a rounding adds to the outputs of the projections, `[layers][4]`, each as a share of the
    /// output's sum of squares on some text. The projections of a layer are in the order of
    /// [`Projection::ALL`](crate::Projection::ALL).
    ///
    /// # Errors
    /// As [`balanced_rounding`](Self::balanced_rounding).
    pub fn rounding_errors(
        &self,
        rounding: &Rounding,
        text: &[Packed],
    ) -> Result<Vec<[f64; 4]>, NnError> {
        self.on_processor()?;
        encoder::fused::errors(&self.encoder, &self.params, rounding, text)
    }

    /// The encoder's weights, arranged for labelling on the processor: packed once, and rounded to 8 bits as far as a
    /// rounding says. They are a copy: later changes of the parameters do not reach it.
    ///
    /// # Errors
    /// The rounding belongs to another encoder, or the network computes on another device.
    pub fn prepare(&self, rounding: Option<&Rounding>) -> Result<Prepared, NnError> {
        self.on_processor()?;
        encoder::fused::Prepared::new(&self.encoder, &self.params, rounding).map(Prepared)
    }

    /// Refuses an engine that does not compute on the processor's buffers.
    fn on_processor(&self) -> Result<(), NnError> {
        match self.engine {
            Engine::Fused => Ok(()),
            #[cfg(feature = "composite")]
            Engine::Composite => Err(NnError::Device(
                "weights are prepared for labelling on the processor only; use the device cpu"
                    .into(),
            )),
        }
    }

    /// The precision of the encoder's matrix products.
    pub fn precision(&self) -> Precision {
        self.encoder.precision
    }

    /// The device that the network computes on.
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Makes the word embeddings of these pieces (sorted, without duplicates) trainable.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn activate(&mut self, pieces: &[u32]) -> Result<(), NnError> {
        self.encoder.words.activate(pieces, &mut self.params)
    }

    /// The configuration of the encoder.
    pub fn encoder_config(&self) -> &EncoderConfig {
        &self.encoder.config
    }

    /// Number of tags.
    pub fn tags(&self) -> usize {
        self.head.tags
    }

    /// The CRF with its current scores. All scores are zero if the head has no CRF.
    pub fn crf(&self) -> Crf {
        let mut crf = Crf::zeros(self.head.tags);
        crf.rules.clone_from(&self.rules);
        if let Some(ids) = self.head.crf {
            [crf.start, crf.end, crf.transitions] = self.params.values_of(ids);
        }
        crf
    }

    /// Last hidden states of the encoder, `[pieces, hidden]`.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn hidden(&self, packed: &Packed) -> Result<Vec<f32>, NnError> {
        match self.engine {
            Engine::Fused => encoder::fused::infer(&self.encoder, &self.params, None, packed),
            #[cfg(feature = "composite")]
            Engine::Composite => composite::hidden(self, packed),
        }
    }

    /// Emissions `[positions, tags]`, in evaluation mode. Keeps nothing for a backward pass.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn emissions(&self, batch: &Batch) -> Result<Vec<f32>, NnError> {
        match self.engine {
            Engine::Fused => fused::emissions(self, None, batch),
            #[cfg(feature = "composite")]
            Engine::Composite => composite::emissions(self, batch),
        }
    }

    /// As [`Network::emissions`], with prepared weights.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    ///
    /// # Panics
    /// The weights were prepared from an encoder of another size.
    pub fn emissions_of(&self, prepared: &Prepared, batch: &Batch) -> Result<Vec<f32>, NnError> {
        fused::emissions(self, Some(&prepared.0), batch)
    }
}
