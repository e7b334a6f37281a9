//! Functions that use AVX-512 BF16 instructions. The length of every slice is checked before vectors are read from it.

use super::{Left, M, N, Pair, Panel};
use crate::kernels::Level;
use std::arch::x86_64::*;

/// Number of f32 numbers in a vector.
const LANES: usize = 16;

/// Proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Instructions(());

impl Instructions {
    /// The instructions, if the processor has them and the level allows them.
    pub(in crate::kernels) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512bf16"); // the result is cached
        (found && Level::current() == Level::Avx512).then_some(Self(()))
    }

    /// Rounds numbers to bf16 in pairs of neighbours. A single last number is paired with zero.
    pub(super) fn round(self, x: &[f32], out: &mut [Pair]) {
        // SAFETY: `self` proves that the processor has the instructions.
        unsafe { round_vectors(x, out) }
    }

    /// Rounds `count` columns, starting at column `first`, of a matrix with rows of `stride` numbers. A pair takes
    /// its numbers from two consecutive rows; a missing last row is zero. `out` consists of blocks of `width`
    /// columns, and a block holds the pairs of the first two rows, then those of the next two. Columns of the
    /// last block beyond `count` are not written.
    pub(super) fn round_down(
        self,
        values: &[f32],
        stride: usize,
        (first, count): (usize, usize),
        out: &mut [Pair],
        width: usize,
    ) {
        // SAFETY: as in `round`.
        unsafe { round_down_vectors(values, stride, (first, count), out, width) }
    }

    /// Rounds at most N columns of `inner` consecutive numbers to the pairs of a panel. Missing columns are zero.
    pub(super) fn round_across(self, columns: &[f32], inner: usize, panel: &mut [Panel]) {
        // SAFETY: as in `round`.
        unsafe { round_across_vectors(columns, inner, panel) }
    }

    /// Computes the sums of a tile of `rows` rows (maximum M) and N columns, with rows `stride` apart in `c`.
    pub(super) fn sums(
        self,
        rows: usize,
        left: Left,
        right: &[Panel],
        c: &mut [f32],
        stride: usize,
        add: bool,
    ) {
        macro_rules! by_rows {
            ($($rows:literal)+) => {
                match rows {
                    // SAFETY: as in `round`.
                    $($rows => unsafe { sums_of::<$rows>(left, right, c, stride, add) },)+
                    _ => unreachable!("a tile has 1 to {M} rows"),
                }
            };
        }
        by_rows!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn round_vectors(x: &[f32], out: &mut [Pair]) {
    assert_eq!(out.len(), x.len().div_ceil(2));
    let (whole, rest) = x.as_chunks::<{ 2 * LANES }>();
    let (vectors, last) = out.split_at_mut(whole.len() * LANES);
    for (x, out) in whole.iter().zip(vectors.as_chunks_mut::<LANES>().0) {
        store(out, neighbours(load_all(&x[..LANES]), load_all(&x[LANES..])));
    }
    store_some(last, some_neighbours(rest));
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn round_down_vectors(
    values: &[f32],
    stride: usize,
    (first, count): (usize, usize),
    out: &mut [Pair],
    width: usize,
) {
    let block = (values.len() / stride).div_ceil(2) * width;
    assert!(out.len() >= count.div_ceil(width) * block);
    // Process all columns of two rows, then of the next two, to read long runs of memory.
    for (place, rows) in values.chunks(2 * stride).enumerate() {
        let (one, two) = rows.split_at(stride);
        let one = &one[first..first + count];
        let two = two.get(first..first + count).unwrap_or(&[]);
        for (i, one) in one.chunks(width).enumerate() {
            let two = two.get(i * width..).unwrap_or(&[]);
            let out = &mut out[i * block + place * width..][..one.len()];
            let ((one, one_rest), (out, out_rest)) =
                (one.as_chunks::<LANES>(), out.as_chunks_mut::<LANES>());
            for (j, (one, out)) in one.iter().zip(out).enumerate() {
                let two = two.get(j * LANES..).and_then(|two| two.first_chunk::<LANES>());
                let two = two.map_or(_mm512_setzero_ps(), |two| load_all(two));
                store(out, together(load_all(one), two));
            }
            if !out_rest.is_empty() {
                let two = two.get(one.len() * LANES..).unwrap_or(&[]);
                let two = &two[..two.len().min(one_rest.len())];
                store_some(out_rest, together(load(one_rest), load(two)));
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn round_across_vectors(columns: &[f32], inner: usize, panel: &mut [Panel]) {
    for half in 0..N / LANES {
        for (place, panel) in panel.chunks_mut(LANES).enumerate() {
            let mut square = [_mm512_setzero_si512(); LANES];
            let columns = columns.chunks_exact(inner).skip(half * LANES);
            for (row, column) in square.iter_mut().zip(columns) {
                let rest = &column[2 * LANES * place..];
                *row = match rest.first_chunk::<{ 2 * LANES }>() {
                    Some(x) => neighbours(load_all(&x[..LANES]), load_all(&x[LANES..])),
                    None => some_neighbours(rest),
                };
            }
            for (row, out) in transpose(square).into_iter().zip(panel) {
                store(&mut out[half * LANES..][..LANES], row);
            }
        }
    }
}

/// The mask of the first `n` lanes.
fn first(n: usize) -> __mmask16 {
    if n >= LANES { !0 } else { (1 << n) - 1 }
}

/// Loads at most 16 numbers. The other lanes are zero.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn load(x: &[f32]) -> __m512 {
    // SAFETY: the mask limits the read to the slice.
    unsafe { _mm512_maskz_loadu_ps(first(x.len()), x.as_ptr()) }
}

/// Loads the first 16 numbers.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn load_all(x: &[f32]) -> __m512 {
    assert!(x.len() >= LANES);
    // SAFETY: the assertion.
    unsafe { _mm512_loadu_ps(x.as_ptr()) }
}

/// Stores a vector in the first 16 elements.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn store(out: &mut [Pair], pairs: __m512i) {
    assert!(out.len() >= LANES);
    // SAFETY: the assertion.
    unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), pairs) }
}

/// Stores as many lanes as `out` has elements.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn store_some(out: &mut [Pair], pairs: __m512i) {
    // SAFETY: the mask limits the write to the slice.
    unsafe { _mm512_mask_storeu_epi32(out.as_mut_ptr().cast(), first(out.len()), pairs) };
}

/// Rounds 32 numbers to pairs of neighbours.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn neighbours(low: __m512, high: __m512) -> __m512i {
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    unsafe { std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(high, low)) }
}

/// Rounds at most 32 numbers to pairs of neighbours. Missing numbers are zero.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn some_neighbours(x: &[f32]) -> __m512i {
    let (low, high) = x.split_at(x.len().min(LANES));
    neighbours(load(low), load(high))
}

/// Pairs each number of `one` with the number of `two` in the same lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn together(one: __m512, two: __m512) -> __m512i {
    _mm512_or_si512(halves(one), _mm512_slli_epi32::<16>(halves(two)))
}

/// Rounds 16 numbers, one in the lower half of each lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn halves(x: __m512) -> __m512i {
    // SAFETY: both types have 32 bytes, and every bit pattern is valid.
    let rounded = unsafe { std::mem::transmute::<__m256bh, __m256i>(_mm512_cvtneps_pbh(x)) };
    _mm512_cvtepu16_epi32(rounded)
}

/// Transposes 16 rows of 16 lanes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn transpose(x: [__m512i; LANES]) -> [__m512i; LANES] {
    let zero = _mm512_setzero_si512();
    // Within 128-bit lanes: pairs of rows, then groups of four.
    let (mut two, mut four) = ([zero; LANES], [zero; LANES]);
    for i in 0..LANES / 2 {
        two[2 * i] = _mm512_unpacklo_epi32(x[2 * i], x[2 * i + 1]);
        two[2 * i + 1] = _mm512_unpackhi_epi32(x[2 * i], x[2 * i + 1]);
    }
    for i in 0..LANES / 4 {
        let group = &two[4 * i..4 * i + 4];
        four[4 * i] = _mm512_unpacklo_epi64(group[0], group[2]);
        four[4 * i + 1] = _mm512_unpackhi_epi64(group[0], group[2]);
        four[4 * i + 2] = _mm512_unpacklo_epi64(group[1], group[3]);
        four[4 * i + 3] = _mm512_unpackhi_epi64(group[1], group[3]);
    }
    // Across 128-bit lanes: lane q of `four[4 g + r]` holds column 4 q + r of rows 4 g to 4 g + 3.
    let mut out = [zero; LANES];
    for r in 0..4 {
        let [a, b, c, d] = [four[r], four[4 + r], four[8 + r], four[12 + r]];
        let (ab_even, ab_odd) =
            (_mm512_shuffle_i32x4::<0x88>(a, b), _mm512_shuffle_i32x4::<0xdd>(a, b));
        let (cd_even, cd_odd) =
            (_mm512_shuffle_i32x4::<0x88>(c, d), _mm512_shuffle_i32x4::<0xdd>(c, d));
        out[r] = _mm512_shuffle_i32x4::<0x88>(ab_even, cd_even);
        out[8 + r] = _mm512_shuffle_i32x4::<0xdd>(ab_even, cd_even);
        out[4 + r] = _mm512_shuffle_i32x4::<0x88>(ab_odd, cd_odd);
        out[12 + r] = _mm512_shuffle_i32x4::<0xdd>(ab_odd, cd_odd);
    }
    out
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn bf16(pairs: __m512i) -> __m512bh {
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    unsafe { std::mem::transmute::<__m512i, __m512bh>(pairs) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn sums_of<const ROWS: usize>(
    left: Left,
    right: &[Panel],
    c: &mut [f32],
    stride: usize,
    add: bool,
) {
    let end = (ROWS - 1).checked_mul(stride).and_then(|start| start.checked_add(N));
    assert!(end.is_some_and(|end| c.len() >= end), "a tile's rows are within c");
    let down = (ROWS - 1).checked_mul(left.row);
    let along = right.len().saturating_sub(1).checked_mul(left.step);
    let last = down.zip(along).and_then(|(down, along)| down.checked_add(along));
    assert!(
        right.is_empty() || last.is_some_and(|last| left.pairs.len() > last),
        "a tile's pairs are within the left factor"
    );
    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    for (p, right) in right.iter().enumerate() {
        // SAFETY: `right` is 32 pairs of 4 bytes: two vectors of 64 bytes.
        let right = unsafe {
            let at = right.as_ptr().cast::<__m512i>();
            [_mm512_loadu_si512(at), _mm512_loadu_si512(at.add(1))]
        };
        for (i, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the second assertion above.
            let pair = unsafe { *left.pairs.get_unchecked(i * left.row + p * left.step) };
            let pair = bf16(_mm512_set1_epi32(pair as i32));
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = _mm512_dpbf16_ps(*sum, pair, bf16(right));
            }
        }
    }
    for (i, sums) in sums.into_iter().enumerate() {
        // SAFETY: by the first assertion above, at least 32 numbers follow `i * stride`.
        unsafe {
            let at = c.as_mut_ptr().add(i * stride);
            for (j, sum) in sums.into_iter().enumerate() {
                let at = at.add(LANES * j);
                let sum = if add { _mm512_add_ps(_mm512_loadu_ps(at), sum) } else { sum };
                _mm512_storeu_ps(at, sum);
            }
        }
    }
}
