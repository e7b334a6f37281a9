//! Large matrix products, on all threads.
//!
//! The result is cut into tiles that rayon shares out; each is one product on one thread. Beside a
//! busy program this loses far less than one product over all threads, which all wait for the slowest.

use super::math::LANES;
use faer::{Accum, Par, linalg::matmul};
pub use faer::{MatMut, MatRef};
use rayon::prelude::*;

/// The most rows and columns of a tile: larger ones gain nothing.
const LARGEST: usize = 256;
/// Tiles are not cut below this: smaller ones spend their time on packing.
const SMALLEST: usize = 64;

/// A matrix of rows of `width` numbers.
pub fn rows(values: &[f32], width: usize) -> MatRef<'_, f32> {
    MatRef::from_row_major_slice(values, values.len() / width, width)
}

/// A matrix of rows of `width` numbers, to be written.
pub fn rows_mut(values: &mut [f32], width: usize) -> MatMut<'_, f32> {
    let rows = values.len() / width;
    MatMut::from_row_major_slice_mut(values, rows, width)
}

/// `c = a b`.
pub fn multiply(c: MatMut<f32>, a: MatRef<f32>, b: MatRef<f32>) {
    run(c, Accum::Replace, a, b);
}

/// `c += a b`.
pub fn multiply_add(c: MatMut<f32>, a: MatRef<f32>, b: MatRef<f32>) {
    run(c, Accum::Add, a, b);
}

fn run(c: MatMut<f32>, accumulate: Accum, a: MatRef<f32>, b: MatRef<f32>) {
    let (rows, columns) = (c.nrows(), c.ncols());
    let mut side = LARGEST;
    let tiles = |side: usize| rows.div_ceil(side) * columns.div_ceil(side);
    while side > SMALLEST && tiles(side) < 2 * rayon::current_num_threads() {
        side /= 2;
    }
    let (height, width) = (even(rows, side), even(columns, side));
    c.par_row_chunks_mut(height).enumerate().for_each(|(i, c)| {
        let a = a.subrows(i * height, c.nrows());
        c.par_col_chunks_mut(width).enumerate().for_each(|(j, c)| {
            let b = b.subcols(j * width, c.ncols());
            matmul::matmul(c, accumulate, a, b, 1.0, Par::Seq);
        });
    });
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
        for (m, n, k) in [(1, 1, 1), (1, 64, 20), (13, 20, 7), (131, 65, 77), (300, 513, 40)] {
            let a: Vec<f32> = (0..m * k).map(|i| (i * 31 % 17) as f32 - 8.0).collect();
            let b: Vec<f32> = (0..k * n).map(|i| (i * 37 % 19) as f32 - 9.0).collect();
            let transpose = |x: &[f32], r: usize, c: usize| -> Vec<f32> {
                (0..r * c).map(|i| x[i % r * c + i / r]).collect()
            };
            let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
            let plain: Vec<f32> = (0..m * n) // whole numbers: exact
                .map(|x| (0..k).map(|p| a[x / n * k + p] * b[p * n + x % n]).sum())
                .collect();
            let twice: Vec<f32> = plain.iter().map(|x| 2.0 * x).collect();
            for a in [rows(&a, k), rows(&at, m).transpose()] {
                for b in [rows(&b, n), rows(&bt, k).transpose()] {
                    let mut c = vec![f32::NAN; m * n];
                    multiply(rows_mut(&mut c, n), a, b);
                    assert_eq!(c, plain);
                    multiply_add(rows_mut(&mut c, n), a, b);
                    assert_eq!(c, twice);
                }
            }
        }
    }
}
