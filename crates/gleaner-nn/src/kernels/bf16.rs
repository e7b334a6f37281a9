//! Large matrix products with factors rounded to bf16 and sums in f32 (AVX-512 BF16).
//!
//! One instruction multiplies and adds pairs of neighbours along the inner dimension. The right factor is rounded
//! into panels of N columns, pair by pair. The left factor is rounded in its own layout, because its pairs are
//! broadcast to vectors one at a time. A tile of M × N sums stays in registers while both factors stream through
//! (Goto and van de Geijn 2008).

#[cfg(not(target_arch = "x86_64"))]
mod unavailable;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(not(target_arch = "x86_64"))]
pub(super) use unavailable::Instructions;
#[cfg(target_arch = "x86_64")]
pub(super) use x86::Instructions;

use super::{
    factors::{Factors, parts},
    matrix::{Accumulate, Matrix, Product},
};
use rayon::prelude::*;
use std::{
    cell::{Cell, RefCell},
    ops::Range,
};

/// Maximum number of rows of a tile.
const M: usize = 14;
/// Columns of a tile: two vectors.
const N: usize = 32;
/// Pairs per pass over a tile, so that a panel of the right factor stays in the first-level cache.
const DEPTH: usize = 192;

/// Two bf16 numbers that are neighbours along the inner dimension; the first is in the lower half.
type Pair = u32;
/// The pairs of N columns at one position along the inner dimension.
type Panel = [Pair; N];

/// Whether products can be computed with bf16 factors here: the processor has AVX-512 BF16, and the
/// [`Level`](super::Level) is AVX-512.
pub fn available() -> bool {
    Instructions::detect().is_some()
}

thread_local! {
    /// Memory for panels, reused by the products started on this thread. A product takes it while it runs,
    /// because another product may start here while the first waits for its parts.
    static PANELS: Cell<Vec<Panel>> = const { Cell::new(Vec::new()) };
    /// The rounded rows of the left factor that this thread works on.
    static LEFT: RefCell<Vec<Pair>> = const { RefCell::new(Vec::new()) };
}

/// A range of rows of a product.
struct Block<'a> {
    product: usize,
    first: usize,
    c: &'a mut [f32],
}

/// The part of a product that its blocks share.
struct Work<'a> {
    instructions: Instructions,
    accumulate: Accumulate<'a>,
    columns: usize,
    /// Left factors, and the panels of the right factors.
    terms: Vec<(Matrix<'a>, &'a [Panel])>,
}

/// Computes independent products.
pub(super) fn multiply_all(instructions: Instructions, mut products: Vec<Product>) {
    let mut memory = PANELS.take();
    let rights = products.iter().flat_map(|p| p.terms.iter().map(|(_, b)| *b));
    let rights = Factors::of::<N>(rights, pairs);
    if memory.len() < rights.total() {
        memory.resize(rights.total(), [0; N]);
    }
    rights.pack(&mut memory[..rights.total()], |b, columns, panels| {
        pack_columns(instructions, b, columns, panels);
    });
    let panels = &memory[..rights.total()];
    let mut blocks = Vec::new();
    let mut work = Vec::new();
    for (product, p) in products.iter_mut().enumerate() {
        let (rows, columns) = (p.rows(), p.columns());
        let mut rest = &mut *p.c;
        for tiles in parts(rows.div_ceil(M), 2) {
            let (first, last) = (tiles.start * M, rows.min(tiles.end * M));
            let c = rest.split_off_mut(..(last - first) * columns).expect("these rows are there");
            blocks.push(Block { product, first, c });
        }
        let terms = p.terms.iter().map(|(a, b)| (*a, rights.panels(b, panels))).collect();
        work.push(Work { instructions, accumulate: p.accumulate, columns, terms });
    }
    blocks.into_par_iter().with_max_len(1).for_each(|block| {
        LEFT.with_borrow_mut(|left| work[block.product].compute(block, left));
    });
    PANELS.set(memory);
}

/// Number of pairs along an inner dimension. The second half of the last pair may be padding.
fn pairs(inner: usize) -> usize {
    inner.div_ceil(2)
}

impl Work<'_> {
    fn compute(&self, block: Block, left: &mut Vec<Pair>) {
        let Block { first, c, .. } = block;
        let rows = c.len() / self.columns;
        let mut add = match self.accumulate {
            Accumulate::Zero => false,
            Accumulate::Result => true,
            Accumulate::Row(row) => {
                c.chunks_exact_mut(self.columns).for_each(|c| c.copy_from_slice(row));
                true
            }
        };
        for (a, panels) in &self.terms {
            let deep = pairs(a.columns());
            let left = round_rows(self.instructions, a, first, rows, left);
            if deep == 0 && !add {
                c.fill(0.0);
            }
            for from in (0..deep).step_by(DEPTH) {
                let depth = from..deep.min(from + DEPTH);
                for (j, panel) in panels.chunks_exact(deep).enumerate() {
                    let width = N.min(self.columns - j * N);
                    for (i, c) in c.chunks_mut(M * self.columns).enumerate() {
                        let left = left.from(i * M, from);
                        let panel = &panel[depth.clone()];
                        self.tile(left, panel, &mut c[j * N..], width, add);
                    }
                }
                add = true;
            }
            add = true;
        }
    }

    /// Computes a tile of the product, with `width` columns.
    fn tile(&self, left: Left, right: &[Panel], c: &mut [f32], width: usize, add: bool) {
        let stride = self.columns;
        let rows = c.len().div_ceil(stride).min(M);
        if width == N && c.len() >= (rows - 1) * stride + N {
            return self.instructions.sums(rows, left, right, c, stride, add);
        }
        let mut edge = [0.0; M * N];
        for (edge, c) in edge.chunks_exact_mut(N).zip(c.chunks(stride)) {
            edge[..width].copy_from_slice(&c[..width]);
        }
        self.instructions.sums(rows, left, right, &mut edge, N, add);
        for (edge, c) in edge.chunks_exact(N).zip(c.chunks_mut(stride)) {
            c[..width].copy_from_slice(&edge[..width]);
        }
    }
}

/// A rounded left factor: the pair of row i at position p is `pairs[i * row + p * step]`.
#[derive(Clone, Copy)]
struct Left<'a> {
    pairs: &'a [Pair],
    row: usize,
    step: usize,
}

impl Left<'_> {
    /// The part that starts at a row and a position.
    fn from(self, row: usize, place: usize) -> Self {
        Self { pairs: &self.pairs[row * self.row + place * self.step..], ..self }
    }
}

/// Rounds `count` rows of `a`, starting at row `first`.
fn round_rows<'l>(
    instructions: Instructions,
    a: &Matrix,
    first: usize,
    count: usize,
    left: &'l mut Vec<Pair>,
) -> Left<'l> {
    let (inner, deep) = (a.columns(), pairs(a.columns()));
    if left.len() < count * deep {
        left.resize(count * deep, 0);
    }
    let pairs = &mut left[..count * deep];
    if deep == 0 {
        return Left { pairs, row: 0, step: 0 };
    }
    if a.transposed {
        instructions.round_down(a.values, a.width, (first, count), pairs, count);
        return Left { pairs, row: 1, step: count };
    }
    let rows = a.values[first * inner..].chunks_exact(inner);
    rows.zip(pairs.chunks_exact_mut(deep)).for_each(|(row, out)| instructions.round(row, out));
    Left { pairs, row: deep, step: 1 }
}

/// Rounds some columns of `b` into consecutive panels of N columns. Missing columns of the last panel are zero.
fn pack_columns(
    instructions: Instructions,
    b: &Matrix,
    columns: Range<usize>,
    panels: &mut [Panel],
) {
    let (deep, from, to) = (pairs(b.rows()), columns.start, columns.end);
    if deep == 0 {
        return;
    }
    if b.transposed {
        let columns = b.values[from * b.width..to * b.width].chunks(N * b.width);
        let panels = panels.chunks_exact_mut(deep);
        return columns.zip(panels).for_each(|(columns, panel)| {
            instructions.round_across(columns, b.width, panel);
        });
    }
    if !(to - from).is_multiple_of(N) {
        let last = panels.len() - deep;
        panels[last..].fill([0; N]);
    }
    instructions.round_down(b.values, b.width, (from, to - from), panels.as_flattened_mut(), N);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Precision, kernels::matrix::rows, rng::Stream};

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        (0..count as u64).map(|i| 2.0 * Stream::new(seed).uniform(i) - 1.0).collect()
    }

    /// The bf16 that the instructions compute, which treat subnormal numbers as zero.
    fn exact(x: f32) -> half::bf16 {
        let x = if x.is_subnormal() { 0.0 * x } else { x };
        half::bf16::from_f32(x)
    }

    fn is(pair: Pair, first: f32, second: f32) -> bool {
        let same = |bits: u32, x: f32| {
            let found = half::bf16::from_bits(bits as u16);
            found.to_bits() == exact(x).to_bits() || (x.is_nan() && found.is_nan())
        };
        same(pair, first) && same(pair >> 16, second)
    }

    #[test]
    #[cfg_attr(not(bf16), ignore = "needs a processor with AVX-512 BF16")]
    fn rounding_is_that_of_the_half_crate_at_odd_sizes() {
        let Some(instructions) = Instructions::detect() else {
            return eprintln!("skipped: GLEANER_SIMD excludes bf16 instructions");
        };
        let mut x: Vec<f32> =
            (0..4001u64).map(|i| f32::from_bits(Stream::new(7).bits(i) as u32)).collect();
        x.extend([0.0, -0.0, 1.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, 1e-45]);
        x.extend([0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7f80_0001].map(f32::from_bits));
        for n in [1, 2, 15, 16, 31, 32, 33, 64, 77, x.len()] {
            let x = &x[x.len() - n..];
            let at = |i: usize| x.get(i).copied().unwrap_or(0.0);
            let mut found = vec![9; n.div_ceil(2)];
            instructions.round(x, &mut found);
            assert!(found.iter().enumerate().all(|(i, p)| is(*p, at(2 * i), at(2 * i + 1))), "{n}");
        }
        for (height, stride, from, count, width) in [
            (1_usize, 1_usize, 0, 1_usize, 1_usize),
            (2, 16, 0, 16, 20),
            (3, 40, 2, 33, 32),
            (4, 70, 6, 64, 64),
            (9, 99, 0, 99, 32),
            (7, 31, 30, 1, 5),
        ] {
            let x = &x[..height * stride];
            let at = |row: usize, i: usize| {
                x.get(row * stride + from + i).copied().unwrap_or(0.0) // zero beyond the last number
            };
            let block = pairs(height) * width;
            let mut found = vec![9; count.div_ceil(width) * block];
            instructions.round_down(x, stride, (from, count), &mut found, width);
            for (i, pair) in found.into_iter().enumerate() {
                let (column, p) = (i / block * width + i % width, i % block / width);
                let right = match column < count {
                    true => is(pair, at(2 * p, column), at(2 * p + 1, column)),
                    false => pair == 9,
                };
                assert!(right, "{height} {stride} {from} {count} {width}");
            }
        }
        for (columns, inner) in [(1, 1), (3, 33), (16, 32), (17, 65), (32, 511), (31, 96)] {
            let x: Vec<f32> = x.iter().copied().cycle().take(columns * inner).collect();
            let mut panel = vec![[9; N]; pairs(inner)];
            instructions.round_across(&x, inner, &mut panel);
            for (p, row) in panel.iter().enumerate() {
                for (j, pair) in row.iter().enumerate() {
                    let column = x.get(j * inner..(j + 1) * inner).unwrap_or(&[]);
                    let at = |i: usize| column.get(i).copied().unwrap_or(0.0);
                    assert!(is(*pair, at(2 * p), at(2 * p + 1)), "{columns} {inner} {p} {j}");
                }
            }
        }
    }

    #[test]
    #[cfg_attr(not(bf16), ignore = "needs a processor with AVX-512 BF16")]
    fn sums_are_those_of_rounded_factors() {
        if !available() {
            return eprintln!("skipped: GLEANER_SIMD excludes bf16 instructions");
        }
        for (m, n, k) in [(1, 1, 1), (14, 32, 2), (15, 33, 3), (57, 70, 511), (40, 31, 900)] {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let of = |x: f32| f64::from(half::bf16::from_f32(x).to_f32());
            let mut c = vec![f32::NAN; m * n];
            Precision::Bf16.multiply(&mut c, Accumulate::Zero, rows(&a, k), rows(&b, n));
            for (x, found) in c.iter().enumerate() {
                let exact: f64 = (0..k).map(|p| of(a[x / n * k + p]) * of(b[p * n + x % n])).sum();
                assert!((f64::from(*found) - exact).abs() < 1e-6 * k as f64, "{m} {n} {k}");
            }
        }
    }
}
