//! Disentangled attention (He et al. 2021, DeBERTa): the score of a query and a key also has the products of both with
//! vectors of their distance.

use super::{Columns, Head, by_column, by_row};
use crate::kernels::{
    math::LANES,
    product::{Lanes, Left, pack_columns, pack_rows, product, vectors},
    rows::add,
};
use std::ops::Range;

/// The vectors of distances. A distance is the position of a query minus that of a key.
#[derive(Clone, Copy)]
pub struct Relative<'a> {
    /// Vectors that are multiplied with queries, `[rows, hidden]`.
    pub keys: &'a [f32],
    /// Vectors that are multiplied with keys, `[rows, hidden]`.
    pub queries: &'a [f32],
    /// The row of every distance, in ascending order. The distance 0 is in the middle.
    pub rows: &'a [usize],
}

/// The side of a score whose products with vectors of distances are added.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Query,
    Key,
}

/// The products of one side.
pub(super) struct Products<'a> {
    side: Side,
    /// Queries or keys, `[pieces, hidden]`.
    pieces: &'a [f32],
    /// Vectors of distances, `[rows, hidden]`.
    vectors: &'a [f32],
    rows: &'a [usize],
}

impl<'a> Relative<'a> {
    pub(super) fn products(&self, side: Side, pieces: &'a [f32]) -> Products<'a> {
        let vectors = if side == Side::Query { self.keys } else { self.queries };
        Products { side, pieces, vectors, rows: self.rows }
    }

    /// The scratch memory that a sentence of `n` pieces needs, with heads of width `d`.
    pub(super) fn scratch(&self, n: usize, d: usize) -> usize {
        let count = span(self.rows, n).len();
        let (wide, deep) = (vectors(count), vectors(d));
        (d * wide).max(count.max(n) * deep) + n * wide + count.max(n) * deep
    }
}

/// The rows of the distances in a sentence of `n` pieces.
fn span(rows: &[usize], n: usize) -> Range<usize> {
    let middle = rows.len() / 2;
    rows[middle + 1 - n]..rows[middle + n - 1] + 1
}

impl Products<'_> {
    /// Adds the products to the scores of a head, `[n, n]`, rows padded to whole vectors.
    pub(super) fn add_scores(
        &self,
        head: &Head,
        hidden: usize,
        scores: &mut [Lanes],
        scratch: &mut [Lanes],
    ) {
        let (n, d) = (head.rows.len(), head.columns.len());
        let span = span(self.rows, n);
        let wide = vectors(span.len());
        let (columns, rest) = scratch.split_at_mut(d * wide);
        let products = &mut rest[..n * wide];
        pack_columns(self.of_head(head, hidden, &span), span.len(), d, hidden, columns);
        let pieces = Left { data: head.of(self.pieces, hidden), row: hidden, column: 1 };
        product(pieces, columns, wide, products);
        let products = products.as_flattened();
        let across = vectors(n) * LANES;
        for (i, scores) in scores.as_flattened_mut().chunks_exact_mut(across).enumerate() {
            for (j, score) in scores[..n].iter_mut().enumerate() {
                *score += products[self.place(i, j, wide, &span)];
            }
        }
    }

    /// Adds to the gradients of queries or keys, `[n, width]`, and to those of the vectors of distances, given that of
    /// the scores.
    ///
    /// # Safety
    /// No other thread may access the same head of `d_vectors`.
    pub(super) unsafe fn backward(
        &self,
        head: &Head,
        hidden: usize,
        d_scores: &[Lanes],
        d_pieces: &mut [Lanes],
        d_vectors: &Columns,
        scratch: &mut [Lanes],
    ) {
        let (n, d) = (head.rows.len(), head.columns.len());
        let span = span(self.rows, n);
        let (count, wide, deep) = (span.len(), vectors(span.len()), vectors(d));
        let (d_products, rest) = scratch.split_at_mut(n * wide);
        let (right, sums) = rest.split_at_mut(count.max(n) * deep);
        let flat = d_products.as_flattened_mut();
        flat.fill(0.0);
        let across = vectors(n) * LANES;
        for (i, d_scores) in d_scores.as_flattened().chunks_exact(across).enumerate() {
            for (j, d) in d_scores[..n].iter().enumerate() {
                flat[self.place(i, j, wide, &span)] += d;
            }
        }
        let sums = &mut sums[..count.max(n) * deep];
        pack_rows(self.of_head(head, hidden, &span), count, d, hidden, right);
        product(by_row(d_products, wide), &right[..count * deep], deep, &mut sums[..n * deep]);
        add(d_pieces.as_flattened_mut(), sums[..n * deep].as_flattened());
        pack_rows(head.of(self.pieces, hidden), n, d, hidden, right);
        let d_rows = &mut sums[..count * deep];
        product(by_column(d_products, wide), &right[..n * deep], deep, d_rows);
        let rows = Head { rows: span, columns: head.columns.clone(), first: 0 };
        // SAFETY: by the caller's contract.
        unsafe { d_vectors.each_row(&rows, d_rows, add) };
    }

    /// The place of the product for query `i` and key `j`.
    fn place(&self, i: usize, j: usize, wide: usize, span: &Range<usize>) -> usize {
        let piece = if self.side == Side::Query { i } else { j };
        piece * wide * LANES + self.rows[self.rows.len() / 2 + i - j] - span.start
    }

    /// The vectors of some distances, from a head's first column on.
    fn of_head(&self, head: &Head, hidden: usize, span: &Range<usize>) -> &[f32] {
        &self.vectors[span.start * hidden + head.columns.start..]
    }
}
