//! Saving a network's weights with PyTorch's names and layouts.

use super::Network;
use crate::{
    NnError,
    weights::{self, NamedTensor},
};
use std::path::Path;

impl Network {
    /// Writes all tensors to a safetensors file in f32, with the names of [`Network::tensors`]. Memory use does not
    /// grow with the size of the network.
    ///
    /// # Errors
    /// The file cannot be written, or the word embeddings in the encoder's file are not floating-point.
    pub fn save(&self, path: &Path) -> Result<(), NnError> {
        weights::write(path, &self.tensors())
    }

    /// All tensors. Names of the encoder's tensors start with `bert.`, those of the head with `lstm.`, `fc.` and
    /// `crf.`. Rows of the word embeddings that were not trained keep their pre-trained values.
    pub fn tensors(&self) -> Vec<NamedTensor<'_>> {
        let (words, params) = (&self.encoder.words, &self.params);
        let mut tensors: Vec<NamedTensor> = params
            .ids()
            .filter(|id| Some(*id) != words.param() && !params.is_absent(*id))
            .map(|id| {
                NamedTensor::new(params.name(id), params.shape(id), move || params.values(id))
            })
            .collect();
        let shape = [words.rows(), self.encoder.config.embedding_width()];
        tensors.push(NamedTensor::in_chunks(words.saved_name(), &shape, move |sink| {
            words.merged(params, sink)
        }));
        tensors
    }

    /// All tensors with the names of transformers: those of the encoder's family after `prefix`, and `classifier.` for
    /// the linear layer. The LSTM and the CRF keep their names.
    pub fn transformers_tensors(&self, prefix: &str) -> Vec<NamedTensor<'_>> {
        let tensors = self.encoder.config.with_own_names(self.tensors(), prefix);
        tensors.into_iter().map(with_classifier).collect()
    }
}

/// The linear layer as transformers names it.
fn with_classifier(tensor: NamedTensor<'_>) -> NamedTensor<'_> {
    match tensor.name().strip_prefix("fc.").map(|kind| format!("classifier.{kind}")) {
        Some(name) => tensor.renamed(name),
        None => tensor,
    }
}
