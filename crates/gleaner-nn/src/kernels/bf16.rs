//! Large matrix products of factors rounded to bf16, with sums in f32 (AVX-512 BF16).
//!
//! Both factors are packed into panels: M rows of the left one, N columns of the right one, as pairs
//! of neighbours along the inner dimension, which is what one instruction multiplies and adds. A tile
//! of M × N sums stays in registers while a panel of each streams past (Goto and van de Geijn 2008).

use super::{matmul::Matrix, multiversion};
use rayon::prelude::*;
use std::cell::Cell;

/// Rows of a tile.
const M: usize = 14;
/// Columns of a tile: two vectors.
const N: usize = 32;
/// Pairs that a tile goes through at a time, so that a panel of the right factor stays in the cache
/// nearest to the processor.
const DEPTH: usize = 192;

/// Two bf16 numbers, neighbours along the inner dimension; the first in the lower half.
type Pair = u32;

/// Panels of the left and of the right factor.
type Panels = (Vec<[Pair; M]>, Vec<[Pair; N]>);

/// Whether this machine has the instructions.
pub fn available() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has; // asks the processor once
        has!("avx512f") && has!("avx512bw") && has!("avx512bf16")
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

thread_local! {
    /// The panels of the last products that were started on this thread, for the next. A product
    /// takes them away while it runs, since waiting for its parts may start another one here.
    static PANELS: Cell<Panels> = const { Cell::new((Vec::new(), Vec::new())) };
}

/// `c = a b` or, to `add`, `c += a b`, with `c` row by row.
///
/// # Panics
/// The instructions are not [`available`].
pub fn multiply(c: &mut [f32], add: bool, a: Matrix, b: Matrix) {
    assert!(available(), "no bf16 instructions");
    let (rows, columns, inner) = (a.rows(), b.columns(), a.columns());
    if rows * columns == 0 {
        return;
    }
    let pairs = inner.div_ceil(2);
    let (mut left, mut right) = PANELS.take();
    pack(a, pairs, &mut left);
    pack(b.transpose(), pairs, &mut right);
    let size = rows.div_ceil(M).div_ceil(4 * rayon::current_num_threads()).max(2);
    c.par_chunks_mut(size * M * columns).enumerate().for_each(|(i, c)| {
        let first = i * size * pairs;
        let last = left.len().min(first + size * pairs);
        block(c, columns, add, pairs, &left[first..last], &right);
    });
    PANELS.set((left, right));
}

/// Some rows of the product: `c` are whole rows, `left` their panels.
fn block(
    c: &mut [f32],
    columns: usize,
    add: bool,
    pairs: usize,
    left: &[[Pair; M]],
    right: &[[Pair; N]],
) {
    if pairs == 0 && !add {
        c.fill(0.0);
    }
    for from in (0..pairs).step_by(DEPTH) {
        let depth = from..pairs.min(from + DEPTH);
        let add = add || from > 0;
        for (j, right) in right.chunks_exact(pairs).enumerate() {
            for (c, left) in c.chunks_mut(M * columns).zip(left.chunks_exact(pairs)) {
                let (left, right) = (&left[depth.clone()], &right[depth.clone()]);
                let width = N.min(columns - j * N);
                if c.len() == M * columns && width == N {
                    sums(left, right, &mut c[j * N..], columns, add);
                    continue;
                }
                let mut edge = [0.0; M * N];
                for (edge, c) in edge.chunks_exact_mut(N).zip(c.chunks_exact(columns)) {
                    edge[..width].copy_from_slice(&c[j * N..][..width]);
                }
                sums(left, right, &mut edge, N, add);
                for (edge, c) in edge.chunks_exact(N).zip(c.chunks_exact_mut(columns)) {
                    c[j * N..][..width].copy_from_slice(&edge[..width]);
                }
            }
        }
    }
}

/// A tile of the product: its rows stand `stride` apart in `c`.
fn sums(left: &[[Pair; M]], right: &[[Pair; N]], c: &mut [f32], stride: usize, add: bool) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: `multiply` has seen that the processor has the instructions.
    unsafe {
        x86::sums(left, right, c, stride, add);
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        let _ = (left, right, c, stride, add);
        unreachable!("`multiply` has seen that there are no such instructions");
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{M, N, Pair};
    use std::arch::x86_64::*;

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    fn bf16(pairs: __m512i) -> __m512bh {
        // SAFETY: both are 64 bytes of which every pattern is a value.
        unsafe { std::mem::transmute::<__m512i, __m512bh>(pairs) }
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub(super) fn sums(
        left: &[[Pair; M]],
        right: &[[Pair; N]],
        c: &mut [f32],
        stride: usize,
        add: bool,
    ) {
        assert!(c.len() >= (M - 1) * stride + N, "a tile's rows lie within c");
        let mut sums = [[_mm512_setzero_ps(); 2]; M];
        for (left, right) in left.iter().zip(right) {
            // SAFETY: `right` is 32 pairs of 4 bytes: two vectors of 64 bytes.
            let right = unsafe {
                let at = right.as_ptr().cast::<__m512i>();
                [_mm512_loadu_si512(at), _mm512_loadu_si512(at.add(1))]
            };
            for (sums, &left) in sums.iter_mut().zip(left) {
                let left = bf16(_mm512_set1_epi32(left as i32));
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = _mm512_dpbf16_ps(*sum, left, bf16(right));
                }
            }
        }
        for (i, sums) in sums.into_iter().enumerate() {
            // SAFETY: the assertion above: 32 numbers stand from `i * stride` on.
            unsafe {
                let at = c.as_mut_ptr().add(i * stride);
                for (j, sum) in sums.into_iter().enumerate() {
                    let at = at.add(16 * j);
                    let sum = if add { _mm512_add_ps(_mm512_loadu_ps(at), sum) } else { sum };
                    _mm512_storeu_ps(at, sum);
                }
            }
        }
    }
}

/// Packs the rows of `a` into panels of L rows, one after the other; what is missing is zero.
fn pack<const L: usize>(a: Matrix, pairs: usize, panels: &mut Vec<[Pair; L]>) {
    /// Panels that one thread packs at a time: whole lines of the cache where rows stand side by side.
    const GROUP: usize = 8;
    let rows = a.rows();
    panels.resize(rows.div_ceil(L) * pairs, [0; L]);
    if pairs == 0 {
        return;
    }
    panels.par_chunks_mut(GROUP * pairs).enumerate().for_each(|(i, group)| {
        let first = i * GROUP * L;
        let count = rows.min(first + GROUP * L) - first;
        if !count.is_multiple_of(L) {
            group[count / L * pairs..].fill([0; L]);
        }
        if a.transposed {
            across(&a.values[first..], count, a.width, pairs, group);
        } else {
            along(&a.values[first * a.width..][..count * a.width], a.width, pairs, group);
        }
    });
}

/// Packs rows of `inner` numbers each.
fn along<const L: usize>(rows: &[f32], inner: usize, pairs: usize, panels: &mut [[Pair; L]]) {
    let mut rounded = vec![0; pairs];
    for (panel, rows) in panels.chunks_exact_mut(pairs).zip(rows.chunks(L * inner)) {
        for (l, row) in rows.chunks_exact(inner).enumerate() {
            round_neighbours(row, &mut rounded);
            for (out, &pair) in panel.iter_mut().zip(&rounded) {
                out[l] = pair;
            }
        }
    }
}

/// Packs `count` rows whose numbers stand side by side, `stride` numbers from step to step along the
/// inner dimension.
fn across<const L: usize>(
    values: &[f32],
    count: usize,
    stride: usize,
    pairs: usize,
    panels: &mut [[Pair; L]],
) {
    let zeros = vec![0.0; count];
    let mut steps = values.chunks(stride).map(|step| &step[..count]);
    for pair in 0..pairs {
        let first = steps.next().unwrap_or(&zeros);
        let second = steps.next().unwrap_or(&zeros);
        let panels = panels.chunks_exact_mut(pairs).map(|panel| &mut panel[pair]);
        for ((out, first), second) in panels.zip(first.chunks(L)).zip(second.chunks(L)) {
            round_columns(first, second, out);
        }
    }
}

/// The nearest bf16, the even one of two, in the upper half of the bits; NaN stays NaN.
#[inline(always)]
fn round(x: f32) -> u32 {
    let bits = x.to_bits();
    let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1));
    (if x.is_nan() { bits | 0x0040_0000 } else { rounded }) & 0xffff_0000
}

multiversion! {
    /// Pairs of neighbours in `x`; a last one alone is paired with zero.
    fn round_neighbours(x: &[f32], out: &mut [Pair]) {
        let (pairs, last) = x.as_chunks::<2>();
        for (out, [first, second]) in out.iter_mut().zip(pairs) {
            *out = round(*first) >> 16 | round(*second);
        }
        if let [last] = last {
            out[pairs.len()] = round(*last) >> 16;
        }
    }
}

multiversion! {
    /// Pairs of the numbers of `first` and `second`.
    fn round_columns(first: &[f32], second: &[f32], out: &mut [Pair]) {
        for ((out, first), second) in out.iter_mut().zip(first).zip(second) {
            *out = round(*first) >> 16 | round(*second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        kernels::{matmul::rows, tests::at_every_level},
        rng::Stream,
    };

    #[test]
    fn rounding_is_that_of_the_half_crate() {
        at_every_level(|| {
            let mut x: Vec<f32> =
                (0..4001u64).map(|i| f32::from_bits(Stream::new(7).bits(i) as u32)).collect();
            x.extend([0.0, -0.0, 1.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, 1e-45]);
            x.extend([0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x7f80_0001].map(f32::from_bits));
            let (mut pairs, mut columns) = (vec![9; x.len().div_ceil(2)], vec![9; x.len()]);
            round_neighbours(&x, &mut pairs);
            round_columns(&x, &x, &mut columns);
            for (i, x) in x.iter().enumerate() {
                let exact = half::bf16::from_f32(*x);
                let same = |bits: u32| {
                    let found = half::bf16::from_bits(bits as u16);
                    found.to_bits() == exact.to_bits() || (x.is_nan() && found.is_nan())
                };
                assert!(same(pairs[i / 2] >> (16 * (i % 2))), "{x}");
                assert!(same(columns[i]) && same(columns[i] >> 16), "{x}");
            }
            assert!(x.len() % 2 == 1 && pairs[x.len() / 2] >> 16 == 0);
        });
    }

    #[test]
    #[cfg_attr(not(bf16), ignore = "needs a processor with AVX-512 BF16")]
    fn sums_are_those_of_rounded_factors() {
        for (m, n, k) in [(1, 1, 1), (14, 32, 2), (15, 33, 3), (57, 70, 511), (40, 31, 900)] {
            let numbers = |count: usize, seed: u64| -> Vec<f32> {
                (0..count as u64).map(|i| 2.0 * Stream::new(seed).uniform(i) - 1.0).collect()
            };
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let of = |x: f32| f64::from(half::bf16::from_f32(x).to_f32());
            let mut c = vec![f32::NAN; m * n];
            multiply(&mut c, false, rows(&a, k), rows(&b, n));
            for (x, found) in c.iter().enumerate() {
                let exact: f64 = (0..k).map(|p| of(a[x / n * k + p]) * of(b[p * n + x % n])).sum();
                assert!((f64::from(*found) - exact).abs() < 1e-6 * k as f64, "{m} {n} {k}");
            }
        }
    }
}
