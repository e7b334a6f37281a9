//! Matrices in memory, and descriptions of matrix products.

/// A matrix in memory, row by row or column by column.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    /// The numbers, in runs of `width` numbers.
    pub(super) values: &'a [f32],
    pub(super) width: usize,
    /// Whether a run is a column.
    pub(super) transposed: bool,
}

/// A matrix of rows of `width` numbers.
///
/// # Panics
/// The numbers are not whole rows.
pub fn rows(values: &[f32], width: usize) -> Matrix<'_> {
    assert!(values.len().is_multiple_of(width), "whole rows");
    Matrix { values, width, transposed: false }
}

impl Matrix<'_> {
    /// The transpose, without copying.
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

/// The initial values that a product is added to.
#[derive(Clone, Copy, Debug)]
pub enum Accumulate<'a> {
    /// Zero: the result is overwritten.
    Zero,
    /// The values in the result.
    Result,
    /// The same row, `[columns]`, for all rows of the result.
    Row(&'a [f32]),
}

/// A product to compute: `c = initial + Σ a b`, with `c` row by row.
pub struct Product<'a> {
    /// The result, `[rows, columns]`.
    pub c: &'a mut [f32],
    /// The initial values.
    pub accumulate: Accumulate<'a>,
    /// Pairs of factors `[rows, inner]` and `[inner, columns]`, at least one. Their products are added in
    /// this order; `inner` may differ.
    pub terms: Vec<(Matrix<'a>, Matrix<'a>)>,
}

impl<'a> Product<'a> {
    /// A product of two factors.
    pub fn of(c: &'a mut [f32], accumulate: Accumulate<'a>, a: Matrix<'a>, b: Matrix<'a>) -> Self {
        Self { c, accumulate, terms: vec![(a, b)] }
    }

    pub(super) fn rows(&self) -> usize {
        self.terms[0].0.rows()
    }

    pub(super) fn columns(&self) -> usize {
        self.terms[0].1.columns()
    }

    /// Checks that the sizes match.
    pub(super) fn check(&self) {
        let (rows, columns) = (self.rows(), self.columns());
        assert_eq!(Some(self.c.len()), rows.checked_mul(columns), "size of the product");
        for (a, b) in &self.terms {
            assert_eq!(a.columns(), b.rows(), "inner dimensions");
            assert_eq!((a.rows(), b.columns()), (rows, columns), "terms of one size");
        }
        if let Accumulate::Row(row) = self.accumulate {
            assert_eq!(row.len(), columns, "size of the row");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "whole rows")]
    fn a_part_of_a_row_is_refused() {
        rows(&[0.0; 5], 2);
    }
}
