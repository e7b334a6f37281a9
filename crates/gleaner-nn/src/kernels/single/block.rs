//! The loops of products in f32, compiled for several instruction sets.

use crate::kernels::{
    BASELINE_FMA,
    math::mul_add,
    matrix::{Accumulate, Matrix},
    rectangle::Rectangle,
};
use std::ops::Range;

/// Numbers of a panel that are used at a time: they stay in the second-level cache.
const PANEL: usize = 12_288;
/// Rows of a panel that are written at a time, so that few runs of memory are open at once.
const STEP: usize = 8;

/// A factor of a product, `[inner, columns]`; a left factor is transposed.
#[derive(Clone, Copy)]
pub(super) enum Factor<'a, const W: usize> {
    /// As it is in memory: every block packs the part that it needs.
    Plain(Matrix<'a>),
    /// In panels of W columns, for all blocks.
    Packed(&'a [[f32; W]]),
}

/// A left factor and a right one.
#[derive(Clone, Copy)]
pub(super) struct Term<'a, const M: usize, const N: usize> {
    pub(super) inner: usize,
    pub(super) left: Factor<'a, M>,
    pub(super) right: Factor<'a, N>,
}

/// Memory for panels of left and of right factors.
pub(super) type Memory = [Vec<f32>; 2];

/// The loops for one instruction set, with panels of M rows of left factors and of N columns of right ones.
#[derive(Clone, Copy)]
pub(super) struct Kernel<const M: usize, const N: usize> {
    /// Copies a range of columns of a factor, starting at a multiple of M, into panels. Missing columns of the last
    /// panel are zero.
    ///
    /// # Safety
    /// The processor has the instructions of the kernel.
    pub(super) pack_left: unsafe fn(&Matrix, Range<usize>, &mut [[f32; M]]),
    /// As `pack_left`, for N columns.
    ///
    /// # Safety
    /// The processor has the instructions of the kernel.
    pub(super) pack_right: unsafe fn(&Matrix, Range<usize>, &mut [[f32; N]]),
    /// Computes a rectangle of a product that starts at a multiple of M and of N.
    ///
    /// # Safety
    /// The processor has the instructions of the kernel.
    pub(super) compute: unsafe fn(&mut Rectangle, Accumulate, &[Term<M, N>], &mut Memory),
}

/// Defines the kernel with M × N sums for processors with some features.
macro_rules! kernel {
    ($name:ident, [$rows:expr, $columns:expr], $fma:expr, $(#[$attribute:meta])*) => {
        pub(super) const $name: Kernel<{ $rows }, { $columns }> = {
            $(#[$attribute])*
            fn pack_left(a: &Matrix, columns: Range<usize>, panels: &mut [[f32; $rows]]) {
                pack(*a, columns, 0..a.rows(), panels);
            }
            $(#[$attribute])*
            fn pack_right(b: &Matrix, columns: Range<usize>, panels: &mut [[f32; $columns]]) {
                pack(*b, columns, 0..b.rows(), panels);
            }
            $(#[$attribute])*
            fn compute(
                c: &mut Rectangle,
                accumulate: Accumulate,
                terms: &[Term<{ $rows }, { $columns }>],
                memory: &mut Memory,
            ) {
                block::<{ $fma }, { $rows }, { $columns }>(c, accumulate, terms, memory);
            }
            Kernel { pack_left, pack_right, compute }
        };
    };
}

// M × N sums, a row of a right panel and one number of a left one fill the registers: 32 of 16 numbers, 16 of 8 and, at
// the baseline, 32 of 4 (aarch64) or 16 of 4.
#[cfg(target_arch = "x86_64")]
kernel!(AVX512, [12, 32], true, #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]);
#[cfg(target_arch = "x86_64")]
kernel!(AVX2, [6, 16], true, #[target_feature(enable = "avx2,fma")]);
// The shape of AVX512 with the baseline's instructions, so that every processor can test it.
#[cfg(test)]
kernel!(WIDE, [12, 32], BASELINE_FMA,);
kernel!(PORTABLE, [if cfg!(target_arch = "aarch64") { 6 } else { 2 }, 16], BASELINE_FMA,);

/// Copies some columns of a matrix, at some of its rows, into panels of W columns: all those rows of the first W
/// columns, then of the next. Missing columns of the last panel are zero.
#[inline(always)]
fn pack<const W: usize>(
    from: Matrix,
    columns: Range<usize>,
    depth: Range<usize>,
    panels: &mut [[f32; W]],
) {
    if depth.is_empty() {
        return;
    }
    let stride = from.width;
    if from.transposed {
        let runs = &from.values[columns.start * stride..columns.end * stride];
        for (runs, panel) in runs.chunks(W * stride).zip(panels.chunks_exact_mut(depth.len())) {
            transpose(&runs[depth.start..], stride, panel);
        }
        return;
    }
    let rows = &from.values[depth.start * stride..depth.end * stride];
    for (step, rows) in rows.chunks(STEP * stride).enumerate() {
        let next = from.values.chunks_exact(stride).skip(depth.start + (step + 1) * STEP);
        next.take(STEP).for_each(|row| prefetch(&row[columns.clone()]));
        for (j, first) in columns.clone().step_by(W).enumerate() {
            let to = &mut panels[j * depth.len() + step * STEP..][..rows.len() / stride];
            for (to, row) in to.iter_mut().zip(rows.chunks_exact(stride)) {
                let row = &row[first..columns.end];
                match row.first_chunk::<W>() {
                    Some(row) => *to = *row,
                    None => {
                        to[..row.len()].copy_from_slice(row);
                        to[row.len()..].fill(0.0);
                    }
                }
            }
        }
    }
}

/// Asks the processor to load numbers that are needed soon.
#[inline(always)]
fn prefetch(numbers: &[f32]) {
    /// Numbers of a cache line.
    const LINE: usize = 16;
    for line in numbers.chunks(LINE) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            // SAFETY: a prefetch does not access memory.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }
}

/// Copies maximum W runs of numbers, `stride` apart, to rows of W columns, one row for every number of a run. Missing
/// columns are zero.
#[inline(always)]
fn transpose<const W: usize>(runs: &[f32], stride: usize, rows: &mut [[f32; W]]) {
    // The last run may be shorter than `stride`.
    let whole = runs.len().div_ceil(stride) == W;
    let done = if whole { rows.len() / STEP * STEP } else { 0 };
    for (step, rows) in rows[..done].as_chunks_mut::<STEP>().0.iter_mut().enumerate() {
        let mut square = [[0.0; STEP]; W];
        for j in 0..W {
            square[j] = *runs[j * stride + step * STEP..].first_chunk().expect("numbers of a run");
        }
        for i in 0..STEP {
            for j in 0..W {
                rows[i][j] = square[j][i];
            }
        }
    }
    for (i, row) in rows.iter_mut().enumerate().skip(done) {
        row.fill(0.0);
        for (x, run) in row.iter_mut().zip(runs.chunks(stride)) {
            *x = run[i];
        }
    }
}

/// Panels of some columns of a factor, at a part of its inner dimension.
#[derive(Clone, Copy)]
struct Part<'a, const W: usize> {
    values: &'a [[f32; W]],
    /// Distance between panels.
    stride: usize,
    depth: usize,
}

impl<'a, const W: usize> Part<'a, W> {
    #[inline(always)]
    fn get(self, i: usize) -> &'a [[f32; W]] {
        &self.values[i * self.stride..][..self.depth]
    }
}

impl<const W: usize> Factor<'_, W> {
    /// The panels of some columns, which start at a multiple of W. They are packed into `memory` if they were not
    /// before.
    #[inline(always)]
    fn part<'a>(
        &'a self,
        columns: Range<usize>,
        inner: usize,
        depth: Range<usize>,
        memory: &'a mut Vec<f32>,
    ) -> Part<'a, W> {
        match self {
            Self::Packed(all) => {
                let values = &all[columns.start / W * inner + depth.start..];
                Part { values, stride: inner, depth: depth.len() }
            }
            Self::Plain(matrix) => {
                let length = columns.len().div_ceil(W) * depth.len();
                if memory.len() < length * W {
                    memory.resize(length * W, 0.0);
                }
                let values = &mut memory.as_chunks_mut().0[..length];
                pack(*matrix, columns, depth.clone(), values);
                Part { values, stride: depth.len(), depth: depth.len() }
            }
        }
    }
}

#[inline(always)]
fn block<const FMA: bool, const M: usize, const N: usize>(
    c: &mut Rectangle,
    accumulate: Accumulate,
    terms: &[Term<M, N>],
    [left_memory, right_memory]: &mut Memory,
) {
    let (rows, columns) = (c.row()..c.row() + c.rows(), c.column()..c.column() + c.columns());
    let (down, across) = (c.rows().div_ceil(M), c.columns().div_ceil(N));
    let mut initial = accumulate;
    for Term { inner, left, right } in terms {
        let left_is_packed = matches!(left, Factor::Packed(_));
        for depth in depths::<N>(*inner) {
            let left = left.part(rows.clone(), *inner, depth.clone(), left_memory);
            let right = right.part(columns.clone(), *inner, depth, right_memory);
            // What the block packed is in the second-level cache. Panels of the other side, which may be far away, are
            // read once.
            let count = if left_is_packed { across } else { down };
            for place in 0..down * across {
                let (outer, inner) = (place / count, place % count);
                let (i, j) = if left_is_packed { (outer, inner) } else { (inner, outer) };
                let columns = j * N..c.columns().min((j + 1) * N);
                for row in i * M..c.rows().min((i + 1) * M) {
                    prefetch(&c.row_mut(row)[columns.clone()]);
                }
                let sums = sums::<FMA, M, N>(left.get(i), right.get(j));
                store(c, [i * M, j * N], sums, initial);
            }
            initial = Accumulate::Result;
        }
    }
    if !terms.iter().any(|term| term.inner > 0) {
        for (i, j) in (0..down).flat_map(|i| (0..across).map(move |j| (i, j))) {
            store(c, [i * M, j * N], [[0.0; N]; M], accumulate);
        }
    }
}

/// Nearly equal parts of an inner dimension.
#[inline(always)]
fn depths<const N: usize>(inner: usize) -> impl Iterator<Item = Range<usize>> {
    let count = inner.div_ceil(PANEL / N);
    (0..count).map(move |i| i * inner / count..(i + 1) * inner / count)
}

/// The product of two panels. All loops over sums are of constant length, so that the sums stay in
/// registers.
#[inline(always)]
fn sums<const FMA: bool, const M: usize, const N: usize>(
    left: &[[f32; M]],
    right: &[[f32; N]],
) -> [[f32; N]; M] {
    let mut sums = [[0.0; N]; M];
    for (a, b) in left.iter().zip(right) {
        for i in 0..M {
            for j in 0..N {
                sums[i][j] = mul_add::<FMA>(a[i], b[j], sums[i][j]);
            }
        }
    }
    sums
}

/// Adds sums to the initial values of the part of a rectangle that starts at a row and a column.
#[inline(always)]
fn store<const M: usize, const N: usize>(
    c: &mut Rectangle,
    [row, column]: [usize; 2],
    sums: [[f32; N]; M],
    initial: Accumulate,
) {
    let start = c.column() + column;
    if c.rows() - row < M || c.columns() - column < N {
        return store_edge(c, [row, column], sums, initial);
    }
    #[expect(clippy::needless_range_loop, reason = "indices keep the sums in registers")]
    for i in 0..M {
        let c = c.row_mut(row + i)[column..].first_chunk_mut::<N>().expect("N columns");
        let initial = match initial {
            Accumulate::Zero => [0.0; N],
            Accumulate::Result => *c,
            Accumulate::Row(row) => *row[start..].first_chunk::<N>().expect("N columns"),
        };
        for j in 0..N {
            c[j] = initial[j] + sums[i][j];
        }
    }
}

/// As [`store`], where fewer than M rows or N columns exist.
#[inline(never)]
fn store_edge<const M: usize, const N: usize>(
    c: &mut Rectangle,
    [row, column]: [usize; 2],
    sums: [[f32; N]; M],
    initial: Accumulate,
) {
    let columns = column..c.columns().min(column + N);
    let start = c.column() + column;
    for (i, sums) in sums.iter().enumerate().take(c.rows() - row) {
        let c = &mut c.row_mut(row + i)[columns.clone()];
        let row = match initial {
            Accumulate::Row(row) => &row[start..],
            Accumulate::Zero | Accumulate::Result => &[],
        };
        for (j, (c, sum)) in c.iter_mut().zip(sums).enumerate() {
            *c = match initial {
                Accumulate::Zero => 0.0,
                Accumulate::Result => *c,
                Accumulate::Row(_) => row[j],
            } + sum;
        }
    }
}
