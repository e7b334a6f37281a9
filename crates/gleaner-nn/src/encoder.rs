//! A BERT-family encoder over packed pieces.
//!
//! Behind `Encoder` stand its parameters (`layout`), the rows of its word embeddings
//! (`words`) and an engine that computes: `fused`, whole layers on the processor, or
//! `composite`, in burn's tensor operations, for any device.

mod composite;
mod config;
mod fused;
mod layout;
mod words;

pub use config::EncoderConfig;
pub(crate) use layout::{Layout, Names};
pub(crate) use words::WordRows;

use crate::{
    Engine, Grads, NnError, Packed, Params,
    params::{Tensors, host},
    rng::Stream,
};
use burn::tensor::{Device, Tensor, TensorData};

/// A BERT-family encoder: packed pieces in, hidden states `[pieces, hidden]` out.
pub(crate) struct Encoder {
    pub(crate) config: EncoderConfig,
    pub(crate) layout: Layout,
    pub(crate) words: WordRows,
    engine: Engine,
    workspaces: fused::Workspaces,
}

/// What a training pass keeps for its backward pass.
pub(crate) struct Tape(Kept);

enum Kept {
    Fused(Box<fused::Tape>),
    Composite(Box<(Tensors, Tensor<2>)>),
}

impl Encoder {
    pub(crate) fn new(
        config: EncoderConfig,
        layout: Layout,
        words: WordRows,
        engine: Engine,
    ) -> Self {
        Self { config, layout, words, engine, workspaces: fused::Workspaces::default() }
    }

    /// Computes with another engine from now on.
    pub(crate) fn set_engine(&mut self, engine: Engine) {
        self.engine = engine;
    }

    /// Hidden states `[pieces, hidden]` without keeping anything for a backward pass.
    pub(crate) fn infer(&self, params: &Params, packed: &Packed) -> Result<Tensor<2>, NnError> {
        if self.engine == Engine::Fused {
            return Ok(self.matrix(fused::infer(self, params, packed)?));
        }
        let tensors = params.tensors(false);
        let words = self.words.vectors(&tensors, &packed.ids)?;
        Ok(composite::forward(&self.config, &self.layout, &tensors, packed, words, None))
    }

    /// Hidden states with what a backward pass needs. `dropout` is this step's stream, or `None`
    /// to train without dropout.
    pub(crate) fn forward(
        &self,
        params: &Params,
        packed: &Packed,
        dropout: Option<Stream>,
    ) -> Result<(Tensor<2>, Tape), NnError> {
        if self.engine == Engine::Fused {
            let (hidden, tape) = fused::forward(self, params, packed, dropout)?;
            return Ok((self.matrix(hidden), Tape(Kept::Fused(Box::new(tape)))));
        }
        let tensors = params.tensors(true);
        let words = self.words.vectors(&tensors, &packed.ids)?;
        let hidden =
            composite::forward(&self.config, &self.layout, &tensors, packed, words, dropout);
        Ok((hidden.clone().inner(), Tape(Kept::Composite(Box::new((tensors, hidden))))))
    }

    /// Adds the gradients of the encoder's parameters, given those of the hidden states.
    pub(crate) fn backward(&self, tape: Tape, d_hidden: Tensor<2>, grads: &mut Grads) {
        match tape.0 {
            Kept::Fused(tape) => fused::backward(self, *tape, &host(d_hidden), grads),
            Kept::Composite(kept) => {
                let (tensors, hidden) = *kept;
                if !hidden.is_tracked() {
                    return; // every parameter is frozen
                }
                // The gradient of Σ hidden · d_hidden is d_hidden: this starts a backward pass
                // from any gradient of the hidden states.
                grads.collect(&tensors, (hidden * d_hidden).sum().backward());
            }
        }
    }

    /// Rows of hidden states as a tensor for what stands on the encoder.
    fn matrix(&self, values: Vec<f32>) -> Tensor<2> {
        let h = self.config.hidden_size;
        let shape = [values.len() / h, h];
        let data = TensorData::new(values, shape);
        Tensor::from_data(data, &Device::flex())
    }
}
