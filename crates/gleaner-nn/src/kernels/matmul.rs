//! Large matrix products, on all threads.
//!
//! The results are cut into tiles that rayon shares out; each is one product on one thread. Beside a
//! busy program this loses far less than one product over all threads, which all wait for the slowest.
//! Products that do not wait for one another are computed together: fewer pauses between them, and
//! parts to share out where one product alone is small.

use super::{bf16, math::LANES};
use crate::Precision;
use faer::{Accum, MatMut, MatRef, Par, linalg::matmul, reborrow::ReborrowMut};
use rayon::prelude::*;

/// The most rows and columns of a tile. The right factor's columns are packed once a tile: tall ones pack
/// less. Larger ones gain nothing.
const LARGEST: [usize; 2] = [1024, 256];
/// Tiles are not cut below this: smaller ones spend their time on packing.
const SMALLEST: usize = 64;

/// A matrix in memory, row by row or column by column.
#[derive(Clone, Copy, Debug)]
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

/// What the sums of a product are added to.
#[derive(Clone, Copy, Debug)]
pub enum Onto<'a> {
    /// Zero: what stood in the result is overwritten.
    Zero,
    /// What stands in the result.
    Result,
    /// A row of as many numbers as the result has columns, the same for all its rows.
    Row(&'a [f32]),
}

/// A product to be computed: `c = onto + Σ a b`, with `c` row by row.
pub struct Product<'a> {
    /// The result, `[rows, columns]`.
    pub c: &'a mut [f32],
    /// What the sums are added to.
    pub onto: Onto<'a>,
    /// Pairs of factors `[rows, inner]` and `[inner, columns]`, at least one, whose products are added up
    /// in this order; `inner` may differ.
    pub terms: Vec<(Matrix<'a>, Matrix<'a>)>,
}

impl<'a> Product<'a> {
    /// A product of two factors.
    pub fn of(c: &'a mut [f32], onto: Onto<'a>, a: Matrix<'a>, b: Matrix<'a>) -> Self {
        Self { c, onto, terms: vec![(a, b)] }
    }

    pub(super) fn rows(&self) -> usize {
        self.terms[0].0.rows()
    }

    pub(super) fn columns(&self) -> usize {
        self.terms[0].1.columns()
    }

    fn check(&self) {
        let (rows, columns) = (self.rows(), self.columns());
        assert_eq!(self.c.len(), rows * columns, "size of the product");
        for (a, b) in &self.terms {
            assert_eq!(a.columns(), b.rows(), "inner dimensions");
            assert_eq!((a.rows(), b.columns()), (rows, columns), "terms of one size");
        }
        if let Onto::Row(row) = self.onto {
            assert_eq!(row.len(), columns, "size of the row");
        }
    }
}

impl Precision {
    /// Computes products that do not wait for one another.
    pub fn multiply_all(self, mut products: Vec<Product>) {
        products.iter().for_each(Product::check);
        products.retain(|p| !p.c.is_empty());
        match self {
            Self::Bf16 if bf16::available() => bf16::multiply_all(products),
            Self::F32 | Self::Bf16 => full(products),
        }
    }

    /// `c = onto + a b`, with `c` row by row.
    pub fn multiply(self, c: &mut [f32], onto: Onto, a: Matrix, b: Matrix) {
        self.multiply_all(vec![Product::of(c, onto, a, b)]);
    }
}

/// A part of a result, and its place there.
struct Tile<'a> {
    product: usize,
    row: usize,
    column: usize,
    c: MatMut<'a, f32>,
}

fn full(mut products: Vec<Product>) {
    let mut most = LARGEST;
    let count = |[height, width]: [usize; 2]| -> usize {
        products.iter().map(|p| p.rows().div_ceil(height) * p.columns().div_ceil(width)).sum()
    };
    while most[0] > SMALLEST && count(most) < 2 * rayon::current_num_threads() {
        let height = most[0] / 2;
        most = [height, most[1].min(height)];
    }
    let mut tiles = Vec::new();
    let mut work = Vec::new();
    for (product, p) in products.iter_mut().enumerate() {
        let (rows, columns) = (p.rows(), p.columns());
        let (height, width) = (even(rows, most[0]), even(columns, most[1]));
        let mut below = MatMut::from_row_major_slice_mut(&mut *p.c, rows, columns);
        for row in (0..rows).step_by(height) {
            let (mut right, rest) = below.split_at_row_mut(height.min(rows - row));
            below = rest;
            for column in (0..columns).step_by(width) {
                let (c, rest) = right.split_at_col_mut(width.min(columns - column));
                right = rest;
                tiles.push(Tile { product, row, column, c });
            }
        }
        work.push((p.onto, &p.terms));
    }
    tiles.into_par_iter().with_max_len(1).for_each(|tile| {
        let (onto, terms) = work[tile.product];
        fill(tile, onto, terms);
    });
}

fn fill(tile: Tile, onto: Onto, terms: &[(Matrix, Matrix)]) {
    let Tile { row, column, mut c, .. } = tile;
    let mut accumulate = Accum::Add;
    match onto {
        Onto::Zero => accumulate = Accum::Replace,
        Onto::Result => {}
        Onto::Row(values) => {
            let values = &values[column..column + c.ncols()];
            for i in 0..c.nrows() {
                let row = c.rb_mut().row_mut(i).try_as_row_major_mut();
                row.expect("results stand row by row").as_slice_mut().copy_from_slice(values);
            }
        }
    }
    for (a, b) in terms {
        let a = view(*a).subrows(row, c.nrows());
        let b = view(*b).subcols(column, c.ncols());
        matmul::matmul(c.rb_mut(), accumulate, a, b, 1.0, Par::Seq);
        accumulate = Accum::Add;
    }
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

    const PRECISIONS: [Precision; 2] = [Precision::F32, Precision::Bf16];

    /// Whole numbers of at most 9: their products are exact in every precision.
    fn numbers(n: usize, by: usize) -> Vec<f32> {
        (0..n).map(|i| (i * by % 19) as f32 - 9.0).collect()
    }

    fn plain(a: &[f32], b: &[f32], (n, k): (usize, usize)) -> Vec<f32> {
        let at = |x: usize| (0..k).map(|p| a[x / n * k + p] * b[p * n + x % n]).sum();
        (0..a.len() / k * n).map(at).collect()
    }

    fn transpose(x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..x.len()).map(|i| x[i % rows * columns + i / rows]).collect()
    }

    #[test]
    fn products_with_all_transposes_equal_plain_loops() {
        for (m, n, k) in
            [(1, 1, 1), (1, 64, 20), (13, 20, 7), (131, 65, 77), (300, 513, 40), (29, 33, 511)]
        {
            let (a, b, row) = (numbers(m * k, 31), numbers(k * n, 37), numbers(n, 5));
            let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
            let once = plain(&a, &b, (n, k));
            let plus = |by: &dyn Fn(usize) -> f32| -> Vec<f32> {
                once.iter().enumerate().map(|(i, x)| x + by(i)).collect()
            };
            let (twice, shifted) = (plus(&|i| once[i]), plus(&|i| row[i % n]));
            for precision in PRECISIONS {
                for a in [rows(&a, k), rows(&at, m).transpose()] {
                    for b in [rows(&b, n), rows(&bt, k).transpose()] {
                        let mut c = vec![f32::NAN; m * n];
                        precision.multiply(&mut c, Onto::Zero, a, b);
                        assert_eq!(c, once, "{precision:?} {m} {n} {k}");
                        precision.multiply(&mut c, Onto::Result, a, b);
                        assert_eq!(c, twice, "{precision:?} {m} {n} {k}");
                        c.fill(f32::NAN);
                        precision.multiply(&mut c, Onto::Row(&row), a, b);
                        assert_eq!(c, shifted, "{precision:?} {m} {n} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn products_together_are_those_one_by_one_and_terms_add_up() {
        let (m, n) = (45, 70);
        let inner = [33, 64, 5];
        let factors: Vec<(Vec<f32>, Vec<f32>)> =
            inner.iter().map(|k| (numbers(m * k, 7), numbers(k * n, 11 + k))).collect();
        let plains: Vec<Vec<f32>> =
            factors.iter().zip(inner).map(|((a, b), k)| plain(a, b, (n, k))).collect();
        let sum: Vec<f32> = (0..m * n).map(|i| plains.iter().map(|p| p[i]).sum()).collect();
        for precision in PRECISIONS {
            let [mut first, mut last, mut all] = [(); 3].map(|()| vec![f32::NAN; m * n]);
            let terms: Vec<_> =
                factors.iter().zip(inner).map(|((a, b), k)| (rows(a, k), rows(b, n))).collect();
            precision.multiply_all(vec![
                Product::of(&mut first, Onto::Zero, terms[0].0, terms[0].1),
                Product { c: &mut all, onto: Onto::Zero, terms: terms.clone() },
                Product::of(&mut [], Onto::Zero, rows(&[], 3), rows(&[0.0; 6], 2)),
                Product::of(&mut last, Onto::Zero, terms[2].0, terms[2].1),
            ]);
            assert_eq!(first, plains[0], "{precision:?}");
            assert_eq!(last, plains[2], "{precision:?}");
            assert_eq!(all, sum, "{precision:?}");
        }
    }
}
