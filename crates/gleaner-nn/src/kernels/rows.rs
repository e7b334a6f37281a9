//! Operations on the rows of a matrix, and their division among threads.

use super::multiversion;
use crate::rng::Dropout;
use rayon::prelude::*;

/// Number of rows that one thread processes at a time. Sums over rows have one partial sum per block, so this also
/// fixes the order of summation.
pub const BLOCK: usize = 32;

multiversion! {
    /// x += y.
    pub fn add(x: &mut [f32], y: &[f32]) {
        for (x, &y) in x.iter_mut().zip(y) {
            *x += y;
        }
    }
}

multiversion! {
    /// Multiplies elements by their dropout factors. The first element has the dropout index `first`.
    pub fn drop_from(x: &mut [f32], mask: Dropout, first: u32) {
        for (i, x) in x.iter_mut().enumerate() {
            *x *= mask.factor(first.wrapping_add(i as u32));
        }
    }
}

/// Dropout of a whole matrix.
pub fn drop_all(x: &mut [f32], mask: Dropout) {
    const CHUNK: usize = 1 << 13;
    x.par_chunks_mut(CHUNK).enumerate().for_each(|(i, x)| drop_from(x, mask, (i * CHUNK) as u32));
}

/// x += y, for whole matrices.
pub fn add_all(x: &mut [f32], y: &[f32]) {
    const CHUNK: usize = 1 << 13;
    x.par_chunks_mut(CHUNK).zip(y.par_chunks(CHUNK)).for_each(|(x, y)| add(x, y));
}

/// Sets every row to `row`.
pub fn fill(x: &mut [f32], row: &[f32]) {
    x.par_chunks_mut(BLOCK * row.len()).for_each(|block| {
        block.chunks_exact_mut(row.len()).for_each(|x| x.copy_from_slice(row));
    });
}

/// The sums of the columns of `x`, `[width]`.
pub fn column_sums(x: &[f32], width: usize) -> Vec<f32> {
    let mut parts = Parts::new(x.len() / width, width);
    parts.blocks().zip(x.par_chunks(BLOCK * width)).for_each(|(part, block)| {
        block.chunks_exact(width).for_each(|row| add(part, row));
    });
    parts.total()
}

/// Partial sums over rows, one for every block of rows.
pub(super) struct Parts {
    width: usize,
    values: Vec<f32>,
}

impl Parts {
    /// Zero partial sums of `width` numbers over `rows` rows, one of zeros without rows.
    pub(super) fn new(rows: usize, width: usize) -> Self {
        Self { width, values: vec![0.0; rows.div_ceil(BLOCK).max(1) * width] }
    }

    /// The partial sums, block by block.
    pub(super) fn blocks(&mut self) -> rayon::slice::ChunksExactMut<'_, f32> {
        self.values.par_chunks_exact_mut(self.width)
    }

    /// The total, summed in the order of blocks.
    pub(super) fn total(mut self) -> Vec<f32> {
        let (total, rest) = self.values.split_at_mut(self.width);
        rest.chunks_exact(self.width).for_each(|part| add(total, part));
        self.values.truncate(self.width);
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;
    use crate::rng::Stream;

    #[test]
    fn column_sums_equal_plain_sums_at_odd_sizes() {
        at_every_level(|| {
            for (rows, width) in [(0, 3), (1, 1), (31, 20), (32, 16), (33, 17), (511, 3)] {
                let x: Vec<f32> = (0..rows * width).map(|i| (i % 89) as f32 - 44.0).collect();
                let sums = column_sums(&x, width);
                for (c, sum) in sums.iter().enumerate() {
                    assert_eq!(*sum, x.iter().skip(c).step_by(width).sum::<f32>()); // exact
                }
            }
        });
    }

    #[test]
    fn dropout_in_chunks_draws_the_mask_of_single_elements() {
        at_every_level(|| {
            let mask = Stream::new(4).dropout(0.3);
            let mut x = vec![1.0; 20_011];
            drop_all(&mut x, mask);
            assert!(x.iter().enumerate().all(|(i, &x)| x == mask.factor(i as u32)));
            assert!(x.contains(&0.0));
        });
    }

    #[test]
    fn filling_repeats_the_row() {
        let mut x = vec![0.0; 35 * 3];
        fill(&mut x, &[1.0, 2.0, 3.0]);
        assert!(x.chunks(3).all(|r| r == [1.0, 2.0, 3.0]));
    }
}
