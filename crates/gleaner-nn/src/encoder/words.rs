//! The rows of the word embeddings that are in use.
//!
//! The texts of a run use a tenth to a fifth of a multilingual vocabulary. Training loads and updates only those
//! rows (the *active vocabulary*). Labelling reads single rows from the memory-mapped file.

#[cfg(feature = "composite")]
mod on_device;

use super::layout::{Names, PREFIX, WORDS};
use crate::{
    Grads, Group, NnError, ParamId, Params,
    encoder::EncoderConfig,
    kernels::rows,
    weights::{Sink, WeightFile},
};
use std::sync::Arc;

const INACTIVE: u32 = u32::MAX;

/// The word embeddings of a network.
pub(crate) struct WordRows {
    /// The file that contains all rows, and the tensor's name in it.
    file: Arc<WeightFile>,
    name: String,
    width: usize,
    /// Rows that are not in the file, if pieces were added.
    added: Added,
    table: Option<Table>,
}

/// Rows of added pieces, which follow one another. They replace rows of the file that no piece had.
#[derive(Default)]
struct Added {
    first: usize,
    /// `[pieces, width]`.
    values: Vec<f32>,
}

/// The trained rows, as a parameter `[active, width]`.
struct Table {
    param: ParamId,
    /// Piece id → row of the parameter, or [`INACTIVE`].
    row_of: Vec<u32>,
}

impl WordRows {
    /// Word embeddings that are read row by row from the memory-mapped file.
    pub(crate) fn mapped(
        config: &EncoderConfig,
        file: Arc<WeightFile>,
        names: &mut Names,
    ) -> Result<Self, NnError> {
        let name = names.resolve(WORDS);
        let width = config.embedding_width();
        let expected = [config.vocab_size, width];
        let what = match file.shape(&name) {
            Some(shape) if shape == expected => {
                return Ok(Self { file, name, width, added: Added::default(), table: None });
            }
            Some(shape) => format!("shape {shape:?}, expected {expected:?}"),
            None => "missing".into(),
        };
        let fix = "use the config.json that belongs to these weights";
        Err(file.tensor_error(&name, what, fix))
    }

    /// Adds pieces with the ids from `first` on. The row of each is the mean of those of the pieces in `parts`.
    pub(crate) fn add(&mut self, first: usize, parts: &[Vec<u32>]) -> Result<(), NnError> {
        debug_assert!(self.table.is_none() && first <= self.rows());
        let mut values = Vec::with_capacity(parts.len() * self.width);
        for parts in parts {
            let mut of_parts = Vec::with_capacity(parts.len() * self.width);
            for &part in parts {
                self.file.read_finite_row(&self.name, part as usize, &mut of_parts)?;
            }
            let share = 1.0 / parts.len().max(1) as f32;
            let start = values.len();
            values.resize(start + self.width, 0.0);
            of_parts.chunks_exact(self.width).for_each(|row| rows::add(&mut values[start..], row));
            values[start..].iter_mut().for_each(|x| *x *= share);
        }
        self.added = Added { first, values };
        Ok(())
    }

    /// Adds the rows of the `active` pieces (sorted, without duplicates) to `params` as a trained parameter.
    pub(crate) fn activate(&mut self, active: &[u32], params: &mut Params) -> Result<(), NnError> {
        assert!(active.is_sorted_by(|a, b| a < b), "each piece once, in ascending order");
        let mut values = Vec::with_capacity(active.len() * self.width);
        let mut row_of = vec![INACTIVE; self.rows()];
        for (row, &piece) in active.iter().enumerate() {
            self.initial_row(piece as usize, &mut values)?;
            row_of[piece as usize] = row as u32;
        }
        let param =
            params.add(self.saved_name(), &[active.len(), self.width], Group::Encoder, values);
        self.table = Some(Table { param, row_of });
        Ok(())
    }

    /// Number of rows of the whole vocabulary.
    pub(crate) fn rows(&self) -> usize {
        let in_file = self.file.shape(&self.name).map_or(0, |s| s[0]);
        in_file.max(self.added.first + self.added.values.len() / self.width)
    }

    /// Appends the initial row of a piece to `out`, and refuses NaN and infinite values.
    fn initial_row(&self, id: usize, out: &mut Vec<f32>) -> Result<(), NnError> {
        match self.added.row(id, self.width) {
            Some(row) => out.extend_from_slice(row),
            None => self.file.read_finite_row(&self.name, id, out)?,
        }
        Ok(())
    }

    /// The name under which the table is saved.
    pub(crate) fn saved_name(&self) -> String {
        format!("{PREFIX}{WORDS}")
    }

    /// The parameter of the trained rows, if there is one.
    pub(crate) fn param(&self) -> Option<ParamId> {
        self.table.as_ref().map(|t| t.param)
    }

    /// The row of the trained parameter that belongs to a piece, if the piece is active.
    pub(crate) fn row(&self, piece: u32) -> Option<u32> {
        self.table.as_ref().map(|table| table.row(piece)).filter(|&row| row != INACTIVE)
    }

    /// Appends the word vectors of the pieces `ids` to `out`. `trained` contains the trained rows.
    pub(crate) fn gather(
        &self,
        trained: Option<&[f32]>,
        ids: &[u32],
        out: &mut Vec<f32>,
    ) -> Result<(), NnError> {
        for &id in ids {
            match self.trained_row(trained, id) {
                Some(row) => out.extend_from_slice(row),
                None => self.initial_row(id as usize, out)?,
            }
        }
        Ok(())
    }

    /// The vector of a piece among the trained rows.
    fn trained_row<'t>(&self, trained: Option<&'t [f32]>, id: u32) -> Option<&'t [f32]> {
        let row = self.table.as_ref().map_or(INACTIVE, |t| t.row(id));
        let trained = trained.filter(|_| row != INACTIVE)?;
        Some(&trained[row as usize * self.width..][..self.width])
    }

    /// Adds the gradients `d` of the pieces' word vectors to the gradients of the trained rows, piece by piece.
    pub(crate) fn add_gradients(&self, ids: &[u32], d: &[f32], grads: &mut Grads) {
        let Some(table) = &self.table else { return };
        let sums = grads.get_mut(table.param);
        if sums.is_empty() {
            return;
        }
        for (&id, d) in ids.iter().zip(d.chunks_exact(self.width)) {
            let row = table.row(id);
            if row != INACTIVE {
                rows::add(&mut sums[row as usize * self.width..][..self.width], d);
            }
        }
    }

    /// Passes the whole table `[vocabulary, width]` to `sink`, some rows at a time: trained rows with their
    /// current values, the others from the file.
    pub(crate) fn merged(&self, params: &Params, sink: &mut Sink) -> Result<(), NnError> {
        /// Number of values in memory at a time.
        const VALUES: usize = 1 << 16;
        let trained = self.param().map(|id| params.values(id));
        let step = (VALUES / self.width).max(1);
        let mut rows = Vec::with_capacity(step * self.width);
        for first in (0..self.rows()).step_by(step) {
            rows.clear();
            for id in first..self.rows().min(first + step) {
                let trained = self.trained_row(trained.as_deref(), id as u32);
                match trained.or_else(|| self.added.row(id, self.width)) {
                    Some(row) => rows.extend_from_slice(row),
                    // A row that is not in use is kept as it is, whatever its values.
                    None => self.file.read_row(&self.name, id, &mut rows)?,
                }
            }
            sink(&rows)?;
        }
        Ok(())
    }
}

impl Added {
    /// The row of a piece, if it was added.
    fn row(&self, id: usize, width: usize) -> Option<&[f32]> {
        self.values.chunks_exact(width).nth(id.checked_sub(self.first)?)
    }
}

impl Table {
    /// The row of a piece, or [`INACTIVE`].
    fn row(&self, id: u32) -> u32 {
        self.row_of.get(id as usize).copied().unwrap_or(INACTIVE)
    }
}
