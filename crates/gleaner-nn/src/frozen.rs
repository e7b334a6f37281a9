//! A pre-trained encoder that is read and not trained.

use crate::{
    Compute, NnError, Packed, Params,
    encoder::{Encoder, EncoderConfig, Layout, Names, WordRows, fused},
    kernels::Level,
    weights::WeightFile,
};
use std::sync::Arc;

/// The first layers of a pre-trained encoder, on the processor.
pub struct Frozen {
    encoder: Encoder,
    params: Params,
    prepared: fused::Prepared,
}

impl Frozen {
    /// Reads the first `layers` layers of an encoder: at least one, and no more than it has.
    ///
    /// # Errors
    /// The tensors of the file do not match `config`, or [`Level::check`] fails.
    pub fn open(
        mut config: EncoderConfig,
        file: Arc<WeightFile>,
        layers: usize,
    ) -> Result<Self, NnError> {
        Level::check()?;
        let mut params = Params::new(&Compute::cpu());
        let mut names = Names::of(&config, &file)?;
        let mut layout = Layout::load(&config, &mut names, &mut params)?;
        let words = WordRows::mapped(&config, Arc::clone(&file), &mut names)?;
        names.refuse_surplus(|_| false)?;
        if layers < config.num_hidden_layers {
            config.num_hidden_layers = layers.max(1);
            layout.layers.truncate(config.num_hidden_layers);
            layout.final_norm = None; // it belongs to the last layer
        }
        let encoder = Encoder::new(config, layout, words);
        let prepared = fused::Prepared::new(&encoder, &params, None)?;
        Ok(Self { encoder, params, prepared })
    }

    /// The hidden states of the last of these layers, `[pieces, hidden]`. Those of a sentence do not depend on the
    /// others.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn hidden(&self, packed: &Packed) -> Result<Vec<f32>, NnError> {
        fused::infer(&self.encoder, &self.params, Some(&self.prepared), packed)
    }

    /// The size of a hidden state.
    pub fn width(&self) -> usize {
        self.encoder.config.hidden_size
    }
}
