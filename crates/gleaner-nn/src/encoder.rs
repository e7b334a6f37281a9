//! A BERT-family encoder over packed pieces.
//!
//! Behind [`Encoder`] stand its parameters ([`layout`]), the rows of its word embeddings
//! ([`words`]) and an engine that computes: [`composite`], in burn's tensor operations, for any
//! device.

mod composite;
mod config;
mod layout;
mod words;

pub use config::EncoderConfig;
pub(crate) use layout::{Layout, Names};
pub(crate) use words::WordRows;

use crate::{Grads, Packed, Params, params::Tensors, rng::Stream};
use burn::tensor::Tensor;

/// A BERT-family encoder: packed pieces in, hidden states `[pieces, hidden]` out.
pub(crate) struct Encoder {
    pub(crate) config: EncoderConfig,
    pub(crate) layout: Layout,
    pub(crate) words: WordRows,
}

/// What a training pass keeps for its backward pass.
pub(crate) struct Tape {
    tensors: Tensors,
    hidden: Tensor<2>,
}

impl Encoder {
    /// Hidden states `[pieces, hidden]` without keeping anything for a backward pass.
    pub(crate) fn infer(
        &self,
        params: &Params,
        packed: &Packed,
    ) -> Result<Tensor<2>, crate::NnError> {
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
    ) -> Result<(Tensor<2>, Tape), crate::NnError> {
        let tensors = params.tensors(true);
        let words = self.words.vectors(&tensors, &packed.ids)?;
        let hidden =
            composite::forward(&self.config, &self.layout, &tensors, packed, words, dropout);
        Ok((hidden.clone().inner(), Tape { tensors, hidden }))
    }

    /// Adds the gradients of the encoder's parameters, given those of the hidden states.
    pub(crate) fn backward(&self, tape: Tape, d_hidden: Tensor<2>, grads: &mut Grads) {
        if !tape.hidden.is_tracked() {
            return; // every parameter is frozen
        }
        // The gradient of Σ hidden · d_hidden is d_hidden: this starts a backward pass from any
        // gradient of the hidden states.
        let gradients = (tape.hidden * d_hidden).sum().backward();
        grads.collect(&tape.tensors, gradients);
    }
}
