//! The rows of the word embeddings that are in use.
//!
//! A run's texts use a tenth to a fifth of a multilingual vocabulary. Training loads and steps
//! those rows alone (the *active vocabulary*); labelling reads single rows from the mapped file.

use super::layout::{Names, PREFIX, WORDS};
use crate::{
    Compute, Grads, Group, NnError, ParamId, Params, dense::indices, encoder::EncoderConfig,
    kernels::rows, params::Tensors, weights::WeightFile,
};
use burn::tensor::{Tensor, TensorData};
use std::sync::Arc;

const INACTIVE: u32 = u32::MAX;

/// The word embeddings of a network.
pub(crate) struct WordRows {
    /// The file that holds all rows, and the tensor's name there.
    file: Arc<WeightFile>,
    name: String,
    hidden: usize,
    compute: Compute,
    table: Option<Table>,
}

/// The rows that are trained: a parameter `[active, hidden]`.
struct Table {
    param: ParamId,
    /// Piece id → row of the parameter, or [`INACTIVE`].
    row_of: Vec<u32>,
}

impl WordRows {
    /// Reads rows from the file as pieces appear.
    pub(crate) fn mapped(
        config: &EncoderConfig,
        file: Arc<WeightFile>,
        names: &mut Names,
        compute: Compute,
    ) -> Result<Self, NnError> {
        let name = names.resolve(WORDS);
        let expected = [config.vocab_size, config.hidden_size];
        let what = match file.shape(&name) {
            Some(shape) if shape == expected => {
                return Ok(Self { file, name, hidden: config.hidden_size, compute, table: None });
            }
            Some(shape) => format!("shape {shape:?}, expected {expected:?}"),
            None => "missing".into(),
        };
        let fix = "use the config.json that belongs to these weights";
        Err(file.tensor_error(&name, what, fix))
    }

    /// Makes the rows of `active` pieces (sorted, without repeats) a parameter to be trained.
    pub(crate) fn activate(&mut self, active: &[u32], params: &mut Params) -> Result<(), NnError> {
        debug_assert!(active.is_sorted_by(|a, b| a < b));
        let mut values = Vec::with_capacity(active.len() * self.hidden);
        let mut row_of = vec![INACTIVE; self.rows()];
        for (row, &piece) in active.iter().enumerate() {
            self.file.read_row(&self.name, piece as usize, &mut values)?;
            row_of[piece as usize] = row as u32;
        }
        let param =
            params.add(self.saved_name(), &[active.len(), self.hidden], Group::Encoder, values);
        self.table = Some(Table { param, row_of });
        Ok(())
    }

    /// Rows of the whole vocabulary.
    pub(crate) fn rows(&self) -> usize {
        self.file.shape(&self.name).map_or(0, |s| s[0])
    }

    /// The name under which the table is saved.
    pub(crate) fn saved_name(&self) -> String {
        format!("{PREFIX}{WORDS}")
    }

    /// The trained rows' parameter, where there is one.
    pub(crate) fn param(&self) -> Option<ParamId> {
        self.table.as_ref().map(|t| t.param)
    }

    /// The word vectors of pieces, `[pieces, hidden]`: trained rows where they are, rows of the
    /// file otherwise.
    pub(crate) fn vectors(&self, tensors: &Tensors, ids: &[u32]) -> Result<Tensor<2>, NnError> {
        let device = self.compute.device();
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
            // Not `select`: on GPUs its gradient adds row after row, that of `gather` all at once.
            let rows = indices(trained.into_iter(), &device).reshape([known, 1]);
            let rows = rows.expand([known, self.hidden]);
            parts.push(tensors[table.param].clone().gather(0, rows));
        }
        if known < ids.len() || ids.is_empty() {
            let mut values = Vec::with_capacity(from_file.len() * self.hidden);
            self.gather(None, &from_file, &mut values)?;
            let values = TensorData::new(values, [from_file.len(), self.hidden]);
            parts.push(Tensor::from_data(values, &device));
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
        Ok(Tensor::cat(parts, 0).select(0, indices(order.into_iter(), &device)))
    }

    /// Appends the word vectors of pieces to `out`; `trained` holds the trained rows.
    pub(crate) fn gather(
        &self,
        trained: Option<&[f32]>,
        ids: &[u32],
        out: &mut Vec<f32>,
    ) -> Result<(), NnError> {
        for &id in ids {
            let row = self.table.as_ref().map_or(INACTIVE, |t| t.row(id));
            match trained {
                Some(trained) if row != INACTIVE => {
                    out.extend_from_slice(&trained[row as usize * self.hidden..][..self.hidden])
                }
                _ => self.file.read_row(&self.name, id as usize, out)?,
            }
        }
        Ok(())
    }

    /// Adds the gradients `d` of the pieces' word vectors to those of the trained rows, piece by
    /// piece.
    pub(crate) fn add_gradients(&self, ids: &[u32], d: &[f32], grads: &mut Grads) {
        let Some(table) = &self.table else { return };
        let sums = grads.get_mut(table.param);
        if sums.is_empty() {
            return;
        }
        for (&id, d) in ids.iter().zip(d.chunks_exact(self.hidden)) {
            let row = table.row(id);
            if row != INACTIVE {
                rows::add(&mut sums[row as usize * self.hidden..][..self.hidden], d);
            }
        }
    }

    /// The whole table `[vocabulary, hidden]`: trained rows as they are now, the others as the
    /// file has them.
    pub(crate) fn merged(&self, params: &Params) -> Result<Vec<f32>, NnError> {
        let mut all = self.file.read(&self.name, &[self.rows(), self.hidden])?;
        if let Some(table) = &self.table {
            let trained = params.values(table.param);
            for (piece, &row) in table.row_of.iter().enumerate().filter(|(_, r)| **r != INACTIVE) {
                let (to, from) = (piece * self.hidden, row as usize * self.hidden);
                all[to..to + self.hidden].copy_from_slice(&trained[from..from + self.hidden]);
            }
        }
        Ok(all)
    }
}

impl Table {
    /// The row of a piece, or [`INACTIVE`].
    fn row(&self, id: u32) -> u32 {
        self.row_of.get(id as usize).copied().unwrap_or(INACTIVE)
    }
}
