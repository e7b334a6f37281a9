//! Writing a network's weights in PyTorch's names and layouts.

use super::Network;
use crate::{
    NnError,
    weights::{self, NamedTensor},
};
use std::path::Path;

impl Network {
    /// Writes every tensor to a safetensors file in f32: the encoder under `bert.`, the head under `lstm.`,
    /// `fc.` and `crf.`. Rows of the word embeddings that were not trained keep their pre-trained values.
    /// Memory does not grow with the size of the network.
    ///
    /// # Errors
    /// The file cannot be written, or the encoder's file has no floating-point embeddings.
    pub fn save(&self, path: &Path) -> Result<(), NnError> {
        let (words, params) = (&self.encoder.words, &self.params);
        let mut tensors: Vec<NamedTensor> = params
            .ids()
            .filter(|id| Some(*id) != words.param())
            .map(|id| {
                NamedTensor::new(params.name(id), params.shape(id), move || params.values(id))
            })
            .collect();
        let shape = [words.rows(), self.encoder.config.hidden_size];
        tensors.push(NamedTensor::in_chunks(words.saved_name(), &shape, move |sink| {
            words.merged(params, sink)
        }));
        weights::write(path, &tensors)
    }
}
