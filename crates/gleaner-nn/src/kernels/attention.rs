//! Self-attention within every sentence, head by head (Vaswani et al. 2017).
//!
//! The backward pass recomputes the probabilities. This is faster than storing and loading those of every layer. Only
//! those of one head are in memory, two squares of the sentence length for every thread.

mod relative;

pub use relative::Relative;
use relative::Side;

use super::{
    math, multiversion,
    product::{Lanes, Left, pack_columns, pack_rows, product, vectors},
};
use crate::rng::Dropout;
use rayon::prelude::*;
use std::{cell::RefCell, marker::PhantomData, ops::Range};

/// Attention over packed sentences.
#[derive(Clone, Copy)]
pub struct Attention<'a> {
    /// Where each sentence starts, and the end of the last.
    pub offsets: &'a [usize],
    /// Number of heads.
    pub heads: usize,
    /// Width of a row, all heads together.
    pub hidden: usize,
    /// Dropout mask of the probabilities, indexed by (sentence, head, query, key).
    pub mask: Option<Dropout>,
    /// Largest distance between a query and the keys that it attends to. (Products are computed for all keys: few
    /// sentences are longer than the windows in use.)
    pub window: Option<usize>,
    /// Vectors of distances, which add to the scores.
    pub relative: Option<Relative<'a>>,
}

/// One head of one sentence.
struct Head {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Index of its first probability in the dropout mask.
    first: u32,
}

impl Head {
    fn of<'a>(&self, matrix: &'a [f32], hidden: usize) -> &'a [f32] {
        &matrix[self.rows.start * hidden + self.columns.start..]
    }
}

thread_local! {
    static SCRATCH: RefCell<Vec<Lanes>> = const { RefCell::new(Vec::new()) };
}

impl Attention<'_> {
    /// `context = softmax(q kᵀ / √width) v`, all `[pieces, hidden]`. With vectors of distances, their scores are added
    /// to q kᵀ, and the factor is 1 / √(3 width).
    ///
    /// # Panics
    /// The offsets do not ascend, or a matrix has fewer rows than they need.
    pub fn forward(self, [q, k, v]: [&[f32]; 3], context: &mut [f32]) {
        self.check(&[q, k, v, context]);
        let hidden = self.hidden;
        let context = Columns::of(context, hidden);
        self.each_head(false, |head, scratch| {
            let (n, d) = (head.rows.len(), head.columns.len());
            let (across, deep) = (vectors(n), vectors(d));
            let more = self.relative.map_or(0, |relative| relative.scratch(n, d));
            let [keys, p, values, out, more] =
                scratch.split([d * across, n * across, n * deep, n * deep, more]);
            self.probabilities(&head, q, k, keys, p, more);
            if let Some(mask) = self.mask {
                drop_square(p, mask, head.first, n);
            }
            pack_rows(head.of(v, hidden), n, d, hidden, values);
            product(by_row(p, across), values, deep, out);
            // SAFETY: no other head writes this part of the matrix.
            unsafe { context.write(&head, out) };
        });
    }

    /// The gradients of q, k and v, given that of the context. With vectors of distances, adds their gradients to
    /// `d_relative`, those of keys first.
    ///
    /// # Panics
    /// As [`Attention::forward`], or `d_relative` is not as long as the vectors of distances.
    pub fn backward(
        self,
        [q, k, v]: [&[f32]; 3],
        d_context: &[f32],
        [d_q, d_k, d_v]: [&mut [f32]; 3],
        d_relative: [&mut [f32]; 2],
    ) {
        self.check(&[q, k, v, d_context, &*d_q, &*d_k, &*d_v]);
        if let Some(relative) = self.relative {
            assert!(d_relative.iter().all(|d| d.len() == relative.keys.len()), "a row for a row");
        }
        let hidden = self.hidden;
        let [d_q, d_k, d_v] = [d_q, d_k, d_v].map(|d| Columns::of(d, hidden));
        let d_relative = d_relative.map(|d| Columns::of(d, hidden));
        // The sentences of a head add to the same vectors of distances.
        self.each_head(self.relative.is_some(), |head, scratch| {
            let (n, d) = (head.rows.len(), head.columns.len());
            let (across, deep) = (vectors(n), vectors(d));
            let more = self.relative.map_or(0, |relative| relative.scratch(n, d));
            let [columns, p, d_p, right, out, more] =
                scratch.split([d * across, n * across, n * across, n * deep, n * deep, more]);
            self.probabilities(&head, q, k, columns, p, more);

            // d_v = (p · mask)ᵀ d_context
            let dropped = match self.mask {
                None => &*p,
                Some(mask) => {
                    d_p.copy_from_slice(p);
                    drop_square(d_p, mask, head.first, n);
                    &*d_p
                }
            };
            pack_rows(head.of(d_context, hidden), n, d, hidden, right);
            product(by_column(dropped, across), right, deep, out);
            // SAFETY: no other head writes this part of the matrix.
            unsafe { d_v.write(&head, out) };

            // d_p = (d_context vᵀ) · mask; the backward pass of the softmax then gives the gradient of the scores.
            pack_columns(head.of(v, hidden), n, d, hidden, columns);
            let rows = Left { data: head.of(d_context, hidden), row: hidden, column: 1 };
            product(rows, columns, across, d_p);
            if let Some(mask) = self.mask {
                drop_square(d_p, mask, head.first, n);
            }
            softmax_backward(p, d_p, across, self.scale(d));

            pack_rows(head.of(k, hidden), n, d, hidden, right);
            product(by_row(d_p, across), right, deep, out);
            if let Some(relative) = self.relative {
                let of_queries = relative.products(Side::Query, q);
                // SAFETY: no other thread works on this head.
                unsafe { of_queries.backward(&head, hidden, d_p, out, &d_relative[0], more) };
            }
            // SAFETY: as above.
            unsafe { d_q.write(&head, out) };
            pack_rows(head.of(q, hidden), n, d, hidden, right);
            product(by_column(d_p, across), right, deep, out);
            if let Some(relative) = self.relative {
                let of_keys = relative.products(Side::Key, k);
                // SAFETY: no other thread works on this head.
                unsafe { of_keys.backward(&head, hidden, d_p, out, &d_relative[1], more) };
            }
            // SAFETY: as above.
            unsafe { d_k.write(&head, out) };
        });
    }

    /// Checks what the writes of [`Columns`] rely on: sentences do not overlap and lie inside the matrices.
    fn check(&self, matrices: &[&[f32]]) {
        assert!(self.offsets.is_sorted(), "offsets of sentences ascend");
        assert!(self.hidden.is_multiple_of(self.heads), "heads divide a row");
        let rows = self.offsets.last().map_or(0, |&rows| rows);
        assert!(
            matrices.iter().all(|m| m.len() / self.hidden.max(1) >= rows),
            "a row for every piece"
        );
    }

    /// Writes softmax(q kᵀ / √width) to `p`, rows padded to whole vectors.
    fn probabilities(
        &self,
        head: &Head,
        q: &[f32],
        k: &[f32],
        keys: &mut [Lanes],
        p: &mut [Lanes],
        more: &mut [Lanes],
    ) {
        let (n, d) = (head.rows.len(), head.columns.len());
        pack_columns(head.of(k, self.hidden), n, d, self.hidden, keys);
        let queries = Left { data: head.of(q, self.hidden), row: self.hidden, column: 1 };
        product(queries, keys, vectors(n), p);
        if let Some(relative) = self.relative {
            relative.products(Side::Query, q).add_scores(head, self.hidden, p, more);
            relative.products(Side::Key, k).add_scores(head, self.hidden, p, more);
        }
        softmax(p, n, self.scale(d), self.window.unwrap_or(n));
    }

    /// The factor of the scores.
    fn scale(&self, width: usize) -> f32 {
        let terms = if self.relative.is_some() { 3 } else { 1 };
        1.0 / ((terms * width) as f32).sqrt()
    }

    /// Calls `work` for every head of every sentence, in parallel, or the sentences of a head one after the other.
    fn each_head(&self, in_order: bool, work: impl Fn(Head, Scratch) + Sync) {
        let width = self.hidden / self.heads;
        let mut first = 0u32;
        let sentences: Vec<(Range<usize>, u32)> = self
            .offsets
            .windows(2)
            .map(|w| {
                let at = first;
                let n = (w[1] - w[0]) as u32;
                first = first.wrapping_add((self.heads as u32).wrapping_mul(n).wrapping_mul(n));
                (w[0]..w[1], at)
            })
            .collect();
        let one = |sentence: usize, head: usize| {
            let (rows, first) = sentences[sentence].clone();
            if rows.is_empty() {
                return;
            }
            let n = rows.len() as u32;
            let first = first.wrapping_add((head as u32).wrapping_mul(n).wrapping_mul(n));
            let columns = head * width..(head + 1) * width;
            SCRATCH.with_borrow_mut(|s| work(Head { rows, columns, first }, Scratch(s)));
        };
        match in_order {
            true => (0..self.heads)
                .into_par_iter()
                .for_each(|head| (0..sentences.len()).for_each(|sentence| one(sentence, head))),
            false => (0..sentences.len() * self.heads)
                .into_par_iter()
                .for_each(|i| one(i / self.heads, i % self.heads)),
        }
    }
}

fn by_row(square: &[Lanes], across: usize) -> Left<'_> {
    Left { data: square.as_flattened(), row: across * math::LANES, column: 1 }
}

fn by_column(square: &[Lanes], across: usize) -> Left<'_> {
    Left { data: square.as_flattened(), row: 1, column: across * math::LANES }
}

/// This thread's scratch memory for one head.
struct Scratch<'a>(&'a mut Vec<Lanes>);

impl<'a> Scratch<'a> {
    fn split<const N: usize>(self, sizes: [usize; N]) -> [&'a mut [Lanes]; N] {
        let total = sizes.iter().sum();
        if self.0.len() < total {
            self.0.resize(total, [0.0; math::LANES]);
        }
        let mut rest = self.0.as_mut_slice();
        sizes.map(|n| rest.split_off_mut(..n).expect("the total is there"))
    }
}

multiversion! {
    /// Dropout of the `n` rows of a square.
    fn drop_square(p: &mut [Lanes], mask: Dropout, first: u32, n: usize) {
        for (i, row) in p.chunks_exact_mut(vectors(n)).enumerate() {
            let first = first.wrapping_add((i * n) as u32);
            for (j, x) in row.as_flattened_mut().iter_mut().enumerate() {
                *x *= mask.factor(first.wrapping_add(j as u32));
            }
        }
    }
}

multiversion! {
    /// The softmax of `scale` × those of the first `n` numbers of every row that are within `window` of the diagonal.
    /// The others and the padding become negligibly small.
    fn softmax(p: &mut [Lanes], n: usize, scale: f32, window: usize) {
        for (i, row) in p.chunks_exact_mut(vectors(n)).enumerate() {
            row.as_flattened_mut()[..i.saturating_sub(window)].fill(f32::MIN);
            row.as_flattened_mut()[n.min((i + 1).saturating_add(window))..].fill(f32::MIN);
            let largest = math::largest(row);
            let row = row.as_flattened_mut();
            for x in &mut *row {
                *x = math::exp::<FMA>((*x - largest) * scale);
            }
            let factor = 1.0 / math::sum(row, |x| x);
            row.iter_mut().for_each(|x| *x *= factor);
        }
    }
}

multiversion! {
    /// Turns the gradients `d` of the probabilities `p` into those of the unscaled scores.
    fn softmax_backward(p: &[Lanes], d: &mut [Lanes], across: usize, scale: f32) {
        for (p, d) in p.chunks_exact(across).zip(d.chunks_exact_mut(across)) {
            let (p, d) = (p.as_flattened(), d.as_flattened_mut());
            let mean = math::dot::<FMA>(p, d);
            for (d, &p) in d.iter_mut().zip(p) {
                *d = p * (*d - mean) * scale;
            }
        }
    }
}

/// A matrix that several threads write to, each to its own part.
struct Columns<'a> {
    start: *mut f32,
    len: usize,
    hidden: usize,
    matrix: PhantomData<&'a mut [f32]>,
}

// SAFETY: the value has exclusive access to the matrix, and the contracts of its methods rule out overlapping access.
unsafe impl Sync for Columns<'_> {}

impl<'a> Columns<'a> {
    fn of(matrix: &'a mut [f32], hidden: usize) -> Self {
        Self { start: matrix.as_mut_ptr(), len: matrix.len(), hidden, matrix: PhantomData }
    }

    /// Copies a head's rows, padded to whole vectors, into the matrix.
    ///
    /// # Safety
    /// Nothing else may access the rows of this head during the call, and heads that others write at that time must not
    /// overlap it.
    unsafe fn write(&self, head: &Head, from: &[Lanes]) {
        // SAFETY: by the caller's contract.
        unsafe { self.each_row(head, from, |to, from| to.copy_from_slice(from)) };
    }

    /// Calls `change` with every row of a head and a row of `from`, which is padded to whole vectors.
    ///
    /// # Safety
    /// Nothing else, `change` included, may access the rows of this head during the call, and heads that others write
    /// at that time must not overlap it.
    unsafe fn each_row(&self, head: &Head, from: &[Lanes], change: impl Fn(&mut [f32], &[f32])) {
        let d = head.columns.len();
        let end = head.rows.end.checked_mul(self.hidden);
        assert!(end.is_some_and(|end| end <= self.len), "rows of the matrix");
        assert!(head.columns.end <= self.hidden, "columns of the matrix");
        let rows = from.chunks_exact(vectors(d));
        for (row, from) in head.rows.clone().zip(rows) {
            let at = row * self.hidden + head.columns.start;
            // SAFETY: a row before the last of the matrix that `self` borrows and columns in it, so the range is inside
            // it, and has no number of another head. By the caller's contract this is the only access to it.
            let to = unsafe { std::slice::from_raw_parts_mut(self.start.add(at), d) };
            change(to, &from.as_flattened()[..d]);
        }
    }
}

#[cfg(test)]
mod tests;
