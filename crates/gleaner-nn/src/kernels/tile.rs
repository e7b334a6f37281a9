//! Tiles of a product, each computed by one thread.

use super::matrix::Matrix;
use std::marker::PhantomData;

/// A rectangle of a result that is stored row by row.
pub(super) struct Tile<'a> {
    /// First row and column in the result.
    pub(super) row: usize,
    pub(super) column: usize,
    rows: usize,
    columns: usize,
    start: *mut f32,
    /// Distance between rows.
    stride: usize,
    result: PhantomData<&'a mut [f32]>,
}

// SAFETY: like a `&mut [f32]`, a tile is the only access to its rectangle.
unsafe impl Send for Tile<'_> {}

impl<'a> Tile<'a> {
    /// Divides a result with rows of `width` numbers into tiles of maximum `[rows, columns]`.
    pub(super) fn divide(
        result: &'a mut [f32],
        width: usize,
        [height, columns]: [usize; 2],
    ) -> impl Iterator<Item = Self> {
        result.chunks_mut(height * width).enumerate().flat_map(move |(i, strip)| {
            let (start, rows) = (strip.as_mut_ptr(), strip.len() / width);
            (0..width).step_by(columns).map(move |column| Self {
                row: i * height,
                column,
                rows,
                columns: columns.min(width - column),
                // SAFETY: `column` is inside the strip's first row.
                start: unsafe { start.add(column) },
                stride: width,
                result: PhantomData,
            })
        })
    }

    /// One row.
    fn row_mut(&mut self, i: usize) -> &mut [f32] {
        assert!(i < self.rows);
        // SAFETY: the row is inside the rectangle that only this tile accesses.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(i * self.stride), self.columns) }
    }

    /// Sets every row to the tile's columns of `row`.
    pub(super) fn fill(&mut self, row: &[f32]) {
        let row = &row[self.column..self.column + self.columns];
        (0..self.rows).for_each(|i| self.row_mut(i).copy_from_slice(row));
    }

    /// Adds the tile's part of `a b` to the tile, or overwrites the tile.
    pub(super) fn multiply(&mut self, add: bool, a: Matrix, b: Matrix) {
        assert_eq!(a.columns(), b.rows(), "inner dimensions");
        assert!(self.row + self.rows <= a.rows() && self.column + self.columns <= b.columns());
        if a.columns() == 0 {
            if !add {
                (0..self.rows).for_each(|i| self.row_mut(i).fill(0.0));
            }
            return;
        }
        self.product(add, Factor::of(a, self.row, 0), Factor::of(b, 0, self.column), a.columns());
    }

    fn product(&mut self, add: bool, a: Factor, b: Factor, inner: usize) {
        use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};
        let view = |f: Factor, rows: usize, columns: usize| {
            // SAFETY: `multiply` has checked that this part is inside the factor.
            unsafe {
                MatRef::from_raw_parts(
                    f.values.as_ptr(),
                    rows,
                    columns,
                    f.row as isize,
                    f.column as isize,
                )
            }
        };
        // SAFETY: the rectangle is this tile's alone.
        let c = unsafe {
            MatMut::from_raw_parts_mut(self.start, self.rows, self.columns, self.stride as isize, 1)
        };
        let accumulate = if add { Accum::Add } else { Accum::Replace };
        let (a, b) = (view(a, self.rows, inner), view(b, inner, self.columns));
        matmul(c, accumulate, a, b, 1.0, Par::Seq);
    }
}

/// The part of a factor that starts at some row and column: element (i, p) is `values[i * row + p * column]`.
#[derive(Clone, Copy)]
struct Factor<'a> {
    values: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> Factor<'a> {
    fn of(matrix: Matrix<'a>, first_row: usize, first_column: usize) -> Self {
        let (row, column) = if matrix.transposed { (1, matrix.width) } else { (matrix.width, 1) };
        Self { values: &matrix.values[first_row * row + first_column * column..], row, column }
    }
}
