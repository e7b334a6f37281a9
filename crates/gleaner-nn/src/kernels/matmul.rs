//! Large matrix products, on all threads.
//!
//! The result is cut into tiles that rayon shares out; each is one product on one thread. Beside a
//! busy program this loses far less than one product over all threads, which all wait for the slowest.

use super::{bf16, math::LANES};
use crate::Precision;
use faer::{Accum, MatMut, MatRef, Par, linalg::matmul};
use rayon::prelude::*;

/// The most rows and columns of a tile: larger ones gain nothing.
const LARGEST: usize = 256;
/// Tiles are not cut below this: smaller ones spend their time on packing.
const SMALLEST: usize = 64;

/// A matrix in memory, row by row or column by column.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// The numbers, in stretches of `width`.
    pub(super) values: &'a [f32],
    pub(super) width: usize,
    /// Whether a stretch is a column.
    pub(super) transposed: bool,
}

/// A matrix of rows of `width` numbers.
pub fn rows(values: &[f32], width: usize) -> Matrix<'_> {
    Matrix { values, width, transposed: false }
}

impl Matrix<'_> {
    /// The same numbers with rows as columns.
    pub fn transpose(self) -> Self {
        Self { transposed: !self.transposed, ..self }
    }

    /// Number of rows.
    pub fn rows(self) -> usize {
        if self.transposed { self.width } else { self.values.len() / self.width }
    }

    /// Number of columns.
    pub fn columns(self) -> usize {
        self.transpose().rows()
    }
}

impl Precision {
    /// `c = a b`, with `c` row by row.
    pub fn multiply(self, c: &mut [f32], a: Matrix, b: Matrix) {
        self.run(c, false, a, b);
    }

    /// `c += a b`, with `c` row by row.
    pub fn multiply_add(self, c: &mut [f32], a: Matrix, b: Matrix) {
        self.run(c, true, a, b);
    }

    fn run(self, c: &mut [f32], add: bool, a: Matrix, b: Matrix) {
        assert_eq!(a.columns(), b.rows(), "inner dimensions");
        assert_eq!(c.len(), a.rows() * b.columns(), "size of the product");
        match self.available() {
            Self::F32 => full(c, add, a, b),
            Self::Bf16 => bf16::multiply(c, add, a, b),
        }
    }
}

fn full(c: &mut [f32], add: bool, a: Matrix, b: Matrix) {
    let (rows, columns) = (a.rows(), b.columns());
    let mut side = LARGEST;
    let tiles = |side: usize| rows.div_ceil(side) * columns.div_ceil(side);
    while side > SMALLEST && tiles(side) < 2 * rayon::current_num_threads() {
        side /= 2;
    }
    let (height, width) = (even(rows, side), even(columns, side));
    let accumulate = if add { Accum::Add } else { Accum::Replace };
    let (a, b) = (view(a), view(b));
    let c = MatMut::from_row_major_slice_mut(c, rows, columns);
    c.par_row_chunks_mut(height).enumerate().for_each(|(i, c)| {
        let a = a.subrows(i * height, c.nrows());
        c.par_col_chunks_mut(width).enumerate().for_each(|(j, c)| {
            let b = b.subcols(j * width, c.ncols());
            matmul::matmul(c, accumulate, a, b, 1.0, Par::Seq);
        });
    });
}

fn view(m: Matrix<'_>) -> MatRef<'_, f32> {
    let rows = MatRef::from_row_major_slice(m.values, m.values.len() / m.width, m.width);
    if m.transposed { rows.transpose() } else { rows }
}

/// Cuts `n` into nearly equal parts of at most `most`, in whole vectors: a part's size.
fn even(n: usize, most: usize) -> usize {
    n.div_ceil(n.div_ceil(most).max(1)).next_multiple_of(LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_with_all_transposes_equal_plain_loops() {
        for (m, n, k) in
            [(1, 1, 1), (1, 64, 20), (13, 20, 7), (131, 65, 77), (300, 513, 40), (29, 33, 511)]
        {
            let a: Vec<f32> = (0..m * k).map(|i| (i * 31 % 17) as f32 - 8.0).collect();
            let b: Vec<f32> = (0..k * n).map(|i| (i * 37 % 19) as f32 - 9.0).collect();
            let transpose = |x: &[f32], r: usize, c: usize| -> Vec<f32> {
                (0..r * c).map(|i| x[i % r * c + i / r]).collect()
            };
            let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
            let plain: Vec<f32> = (0..m * n) // whole numbers below 256: exact in every precision
                .map(|x| (0..k).map(|p| a[x / n * k + p] * b[p * n + x % n]).sum())
                .collect();
            let twice: Vec<f32> = plain.iter().map(|x| 2.0 * x).collect();
            for precision in [Precision::F32, Precision::Bf16] {
                for a in [rows(&a, k), rows(&at, m).transpose()] {
                    for b in [rows(&b, n), rows(&bt, k).transpose()] {
                        let mut c = vec![f32::NAN; m * n];
                        precision.multiply(&mut c, a, b);
                        assert_eq!(c, plain, "{precision:?} {m} {n} {k}");
                        precision.multiply_add(&mut c, a, b);
                        assert_eq!(c, twice, "{precision:?} {m} {n} {k}");
                    }
                }
            }
        }
    }
}
