//! Sums of a strip and a panel with the dot-product instructions of x86-64.

use super::{Group, N, Panel};
use std::arch::x86_64::*;

/// The sums of a strip and a panel of shifted fours. Four products are added up in 16 bits, two from each of two rows
/// of the panel; weights are so small that they do not overflow.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn sums_avx2<const M: usize>(strip: &[[Group; M]], panel: &[Panel]) -> [[i32; N]; M] {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; M];
    let (strip, panel) = (strip.as_chunks::<2>().0, panel.as_chunks::<2>().0);
    for ([a, next_a], [b, next_b]) in strip.iter().zip(panel) {
        let (b, next_b) = (halves(b), halves(next_b));
        for i in 0..M {
            let (a, next_a) = (_mm256_set1_epi32(a[i] as i32), _mm256_set1_epi32(next_a[i] as i32));
            for v in 0..2 {
                let pairs = _mm256_maddubs_epi16(a, b[v]);
                let fours = _mm256_add_epi16(pairs, _mm256_maddubs_epi16(next_a, next_b[v]));
                sums[i][v] = _mm256_add_epi32(sums[i][v], _mm256_madd_epi16(fours, ones));
            }
        }
    }
    sums.map(integers)
}

/// The sums of a strip and a panel of shifted fours.
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
pub(super) fn sums_avx_vnni<const M: usize>(
    strip: &[[Group; M]],
    panel: &[Panel],
) -> [[i32; N]; M] {
    let mut sums = [[_mm256_setzero_si256(); 2]; M];
    for (a, b) in strip.iter().zip(panel) {
        let b = halves(b);
        for (a, sums) in a.iter().zip(&mut sums) {
            let a = _mm256_set1_epi32(*a as i32);
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = _mm256_dpbusd_avx_epi32(*sum, a, b);
            }
        }
    }
    sums.map(integers)
}

/// The sums of a strip and a panel of shifted fours.
#[inline]
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) fn sums_avx512_vnni<const M: usize>(
    strip: &[[Group; M]],
    panel: &[Panel],
) -> [[i32; N]; M] {
    let mut sums = [_mm512_setzero_si512(); M];
    for (a, b) in strip.iter().zip(panel) {
        // SAFETY: a panel's row has 64 bytes.
        let b = unsafe { _mm512_loadu_si512(b.as_ptr().cast()) };
        for (a, sum) in a.iter().zip(&mut sums) {
            *sum = _mm512_dpbusd_epi32(*sum, _mm512_set1_epi32(*a as i32), b);
        }
    }
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    sums.map(|sum| unsafe { std::mem::transmute::<__m512i, [i32; N]>(sum) })
}

/// The two vectors of a panel's row.
#[inline]
#[target_feature(enable = "avx2")]
fn halves(row: &Panel) -> [__m256i; 2] {
    let (halves, _) = row.as_chunks::<{ N / 2 }>();
    // SAFETY: each half has 32 bytes.
    [0, 1].map(|i| unsafe { _mm256_loadu_si256(halves[i].as_ptr().cast()) })
}

/// The numbers of two vectors.
#[inline(always)]
fn integers(vectors: [__m256i; 2]) -> [i32; N] {
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    unsafe { std::mem::transmute::<[__m256i; 2], [i32; N]>(vectors) }
}
