//! Word vectors as a tensor, for the composite engine.

use super::{INACTIVE, WordRows};
use crate::{NnError, dense::indices, params::Tensors};
use burn::tensor::{Device, Tensor, TensorData};

impl WordRows {
    /// The word vectors of the pieces `ids`, `[pieces, width]`: trained rows if they exist, otherwise rows of the
    /// file.
    pub(crate) fn vectors(
        &self,
        tensors: &Tensors,
        ids: &[u32],
        device: &Device,
    ) -> Result<Tensor<2>, NnError> {
        let (mut trained, mut from_file) = (Vec::new(), Vec::new());
        for &id in ids {
            match self.table.as_ref().map_or(INACTIVE, |t| t.row(id)) {
                INACTIVE => from_file.push(id),
                row => trained.push(row as usize),
            }
        }
        let known = trained.len();
        let mut parts = Vec::new();
        if let Some(table) = self.table.as_ref().filter(|_| known > 0) {
            // Use `gather` instead of `select`: on GPUs, the gradient of `select` adds rows one by one, that of
            // `gather` all at once.
            let rows = indices(trained.into_iter(), device).reshape([known, 1]);
            let rows = rows.expand([known, self.width]);
            parts.push(tensors[table.param].clone().gather(0, rows));
        }
        if known < ids.len() || ids.is_empty() {
            let mut values = Vec::with_capacity(from_file.len() * self.width);
            self.gather(None, &from_file, &mut values)?;
            let values = TensorData::new(values, [from_file.len(), self.width]);
            parts.push(Tensor::from_data(values, device));
        }
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        let (mut next_known, mut next_from_file) = (0..known, known..ids.len());
        let is_trained = |id: u32| self.table.as_ref().is_some_and(|t| t.row(id) != INACTIVE);
        let order = ids.iter().map(|&id| match is_trained(id) {
            true => next_known.next(),
            false => next_from_file.next(),
        });
        let order: Vec<usize> = order.flatten().collect();
        Ok(Tensor::cat(parts, 0).select(0, indices(order.into_iter(), device)))
    }
}
