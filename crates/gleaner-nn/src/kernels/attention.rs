//! Self-attention within every sentence, head by head (Vaswani et al. 2017).
//!
//! The backward pass recomputes the probabilities. This is faster than storing and loading them, and avoids memory
//! that grows with the square of the sentence length.

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
    /// `context = softmax(q kᵀ / √width) v`, all `[pieces, hidden]`.
    ///
    /// # Panics
    /// The offsets do not ascend, or a matrix has fewer rows than they need.
    pub fn forward(self, [q, k, v]: [&[f32]; 3], context: &mut [f32]) {
        self.check(&[q, k, v, context]);
        let hidden = self.hidden;
        let context = Columns::of(context, hidden);
        self.each_head(|head, scratch| {
            let (n, d) = (head.rows.len(), head.columns.len());
            let (across, deep) = (vectors(n), vectors(d));
            let [keys, p, values, out] =
                scratch.split([d * across, n * across, n * deep, n * deep]);
            self.probabilities(&head, q, k, keys, p);
            if let Some(mask) = self.mask {
                drop_square(p, mask, head.first, n);
            }
            pack_rows(head.of(v, hidden), n, d, hidden, values);
            product(by_row(p, across), values, deep, out);
            // SAFETY: no other head writes this part of the matrix.
            unsafe { context.write(&head, out) };
        });
    }

    /// The gradients of q, k and v, given that of the context.
    ///
    /// # Panics
    /// As [`Attention::forward`].
    pub fn backward(
        self,
        [q, k, v]: [&[f32]; 3],
        d_context: &[f32],
        [d_q, d_k, d_v]: [&mut [f32]; 3],
    ) {
        self.check(&[q, k, v, d_context, &*d_q, &*d_k, &*d_v]);
        let hidden = self.hidden;
        let [d_q, d_k, d_v] = [d_q, d_k, d_v].map(|d| Columns::of(d, hidden));
        self.each_head(|head, scratch| {
            let (n, d) = (head.rows.len(), head.columns.len());
            let (across, deep) = (vectors(n), vectors(d));
            let [columns, p, d_p, right, out] =
                scratch.split([d * across, n * across, n * across, n * deep, n * deep]);
            self.probabilities(&head, q, k, columns, p);

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
            softmax_backward(p, d_p, across, scale(d));

            pack_rows(head.of(k, hidden), n, d, hidden, right);
            product(by_row(d_p, across), right, deep, out);
            // SAFETY: as above.
            unsafe { d_q.write(&head, out) };
            pack_rows(head.of(q, hidden), n, d, hidden, right);
            product(by_column(d_p, across), right, deep, out);
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
    ) {
        let (n, d) = (head.rows.len(), head.columns.len());
        pack_columns(head.of(k, self.hidden), n, d, self.hidden, keys);
        let queries = Left { data: head.of(q, self.hidden), row: self.hidden, column: 1 };
        product(queries, keys, vectors(n), p);
        softmax(p, n, scale(d), self.window.unwrap_or(n));
    }

    /// Calls `work` for every head of every sentence, in parallel.
    fn each_head(&self, work: impl Fn(Head, Scratch) + Sync) {
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
        (0..sentences.len() * self.heads).into_par_iter().for_each(|i| {
            let (rows, first) = sentences[i / self.heads].clone();
            if rows.is_empty() {
                return;
            }
            let (head, n) = (i % self.heads, rows.len() as u32);
            let first = first.wrapping_add((head as u32).wrapping_mul(n).wrapping_mul(n));
            let columns = head * width..(head + 1) * width;
            SCRATCH.with_borrow_mut(|s| work(Head { rows, columns, first }, Scratch(s)));
        });
    }
}

fn scale(width: usize) -> f32 {
    1.0 / (width as f32).sqrt()
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

// SAFETY: the value has exclusive access to the matrix, and the contract of `write` rules out overlapping writes.
unsafe impl Sync for Columns<'_> {}

impl<'a> Columns<'a> {
    fn of(matrix: &'a mut [f32], hidden: usize) -> Self {
        Self { start: matrix.as_mut_ptr(), len: matrix.len(), hidden, matrix: PhantomData }
    }

    /// Copies a head's rows, padded to whole vectors, into the matrix.
    ///
    /// # Safety
    /// No other thread may write the same head of the same sentence.
    unsafe fn write(&self, head: &Head, from: &[Lanes]) {
        let d = head.columns.len();
        let rows = from.chunks_exact(vectors(d));
        for (row, from) in head.rows.clone().zip(rows) {
            let at = row * self.hidden + head.columns.start;
            assert!(at + d <= self.len);
            // SAFETY: the range is inside the matrix that `self` borrows. Heads do not overlap, so by the
            // caller's contract this is the only access.
            let to = unsafe { std::slice::from_raw_parts_mut(self.start.add(at), d) };
            to.copy_from_slice(&from.as_flattened()[..d]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernels::at_every_level, rng::Stream};

    fn numbers(n: usize, seed: u64) -> Vec<f32> {
        (0..n as u64).map(|i| 2.0 * Stream::new(seed).uniform(i) - 1.0).collect()
    }

    /// One element of the context by plain loops in double precision.
    fn plain(
        a: Attention,
        [q, k, v]: &[Vec<f32>; 3],
        sentence: usize,
        row: usize,
        column: usize,
    ) -> f64 {
        let width = a.hidden / a.heads;
        let head = column / width;
        let (start, end) = (a.offsets[sentence], a.offsets[sentence + 1]);
        let n = end - start;
        let at = |m: &[f32], row: usize, c: usize| f64::from(m[row * a.hidden + head * width + c]);
        let score = |key: usize| -> f64 {
            (0..width).map(|c| at(q, row, c) * at(k, key, c)).sum::<f64>() / (width as f64).sqrt()
        };
        let sees = |key: &usize| a.window.is_none_or(|window| key.abs_diff(row) <= window);
        let total: f64 = (start..end).filter(sees).map(|key| score(key).exp()).sum();
        let before: usize = a.offsets[..=sentence].windows(2).map(|w| (w[1] - w[0]).pow(2)).sum();
        let first = before * a.heads + head * n * n + (row - start) * n;
        (start..end)
            .filter(sees)
            .map(|key| {
                let index = (first + key - start) as u32;
                let factor = f64::from(a.mask.map_or(1.0, |m| m.factor(index)));
                score(key).exp() / total * factor * at(v, key, column % width)
            })
            .sum()
    }

    #[test]
    #[should_panic(expected = "offsets of sentences ascend")]
    fn sentences_that_overlap_are_refused() {
        let attention =
            Attention { offsets: &[0, 4, 2, 6], heads: 2, hidden: 8, mask: None, window: None };
        attention.forward([&[0.0; 48]; 3], &mut [0.0; 48]);
    }

    #[test]
    #[should_panic(expected = "a row for every piece")]
    fn sentences_outside_a_matrix_are_refused() {
        let attention =
            Attention { offsets: &[0, 7], heads: 2, hidden: 8, mask: None, window: None };
        attention.forward([&[0.0; 56]; 3], &mut [0.0; 48]);
    }

    #[test]
    fn contexts_equal_plain_loops_and_gradients_are_slopes() {
        at_every_level(|| {
            for (heads, hidden, lengths) in
                [(4, 20, vec![1, 17, 3]), (1, 16, vec![40]), (2, 66, vec![16, 0, 5])]
            {
                let dropout = Some(Stream::new(8).dropout(0.4));
                for (mask, window) in [(None, None), (dropout, None), (None, Some(2))] {
                    let mut offsets = vec![0];
                    lengths.iter().for_each(|n| offsets.push(offsets[offsets.len() - 1] + n));
                    check(Attention { offsets: &offsets, heads, hidden, mask, window });
                }
            }
        });
    }

    fn check(a: Attention) {
        let rows = a.offsets[a.offsets.len() - 1];
        let n = rows * a.hidden;
        let qkv = [1, 2, 3].map(|seed| numbers(n, seed));
        let views = |qkv: &[Vec<f32>; 3]| -> Vec<f32> {
            let mut context = vec![f32::NAN; n];
            a.forward(qkv.each_ref().map(Vec::as_slice), &mut context);
            context
        };
        let context = views(&qkv);
        let sentence_of = |row: usize| a.offsets.iter().rposition(|&o| o <= row).expect("0");
        for (i, found) in context.into_iter().enumerate() {
            let (row, column) = (i / a.hidden, i % a.hidden);
            let expected = plain(a, &qkv, sentence_of(row), row, column);
            assert!((f64::from(found) - expected).abs() < 1e-5, "{found} {expected}");
        }
        let d = numbers(n, 4);
        let mut grads = [vec![f32::NAN; n], vec![f32::NAN; n], vec![f32::NAN; n]];
        let slices = qkv.each_ref().map(Vec::as_slice);
        a.backward(slices, &d, grads.each_mut().map(Vec::as_mut_slice));
        for (which, grads) in grads.iter().enumerate() {
            for i in [0, n / 3, n / 2, n - 1] {
                let loss = |by: f32| -> f64 {
                    let mut moved = qkv.clone();
                    moved[which][i] += by;
                    let context = views(&moved);
                    context.iter().zip(&d).map(|(&c, &d)| f64::from(c) * f64::from(d)).sum()
                };
                let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2;
                assert!((f64::from(grads[i]) - slope).abs() < 1e-3, "{} {slope}", grads[i]);
            }
        }
    }
}
