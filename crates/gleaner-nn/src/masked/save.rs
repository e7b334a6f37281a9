//! Saving an encoder with its masked-language head.

use super::MaskedLm;
use crate::{
    NnError,
    weights::{self, NamedTensor},
};
use std::path::Path;

impl MaskedLm {
    /// Writes all tensors to a safetensors file in f32, with the names that transformers gives to this encoder with a
    /// masked-language head. Rows of the word embeddings and of the scores' bias that are not active keep the values of
    /// the encoder's file; without a head in that file, such a bias is 0.
    ///
    /// # Errors
    /// The file cannot be written, or a tensor in the encoder's file is not floating-point.
    pub fn save(&self, path: &Path) -> Result<(), NnError> {
        let (params, head) = (&self.params, &self.head);
        let bias = self.whole_bias()?;
        let mut tensors = self.encoder.published(params);
        let of_head = [head.dense.weight, head.dense.bias, head.norm.weight, head.norm.bias];
        for id in of_head.into_iter().filter(|&id| !params.is_absent(id)) {
            tensors.push(NamedTensor::new(params.name(id), params.shape(id), move || {
                params.values(id)
            }));
        }
        tensors.push(NamedTensor::new(head.names.bias[0], &[bias.len()], || &bias[..]));
        weights::write(path, &tensors)
    }

    /// The bias of all pieces' scores, `[vocabulary]`.
    fn whole_bias(&self) -> Result<Vec<f32>, NnError> {
        let words = &self.encoder.words;
        let mut bias = self.head.initial_bias(words.rows())?;
        if let Some(id) = self.head.bias {
            let trained = &self.params[id];
            for (piece, value) in bias.iter_mut().enumerate() {
                if let Some(row) = words.row(piece as u32) {
                    *value = trained[row as usize];
                }
            }
        }
        Ok(bias)
    }
}
