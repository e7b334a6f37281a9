//! Sums of a strip and a panel with the dot-product instructions of 64-bit Arm.

use super::{Group, N, Panel};
use std::arch::{aarch64::*, asm};

/// The sums of a strip and a panel of fours.
#[inline]
#[target_feature(enable = "neon,dotprod")]
pub(super) fn sums<const M: usize>(strip: &[[Group; M]], panel: &[Panel]) -> [[i32; N]; M] {
    let mut sums = [[vdupq_n_s32(0); 4]; M];
    for (a, b) in strip.iter().zip(panel) {
        let (quarters, _) = b.as_chunks::<{ N / 4 }>();
        // SAFETY: each quarter has 16 bytes.
        let b = [0, 1, 2, 3].map(|i| unsafe { vld1q_u32(quarters[i].as_ptr()) });
        for (a, sums) in a.iter().zip(&mut sums) {
            let a = vdupq_n_u32(*a);
            for (sum, b) in sums.iter_mut().zip(b) {
                dot(sum, a, b);
            }
        }
    }
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    sums.map(|sums| unsafe { std::mem::transmute::<[int32x4_t; 4], [i32; N]>(sums) })
}

/// Adds to every lane the products of four pairs of bytes. The intrinsic is not stable yet.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(sum: &mut int32x4_t, a: uint32x4_t, b: uint32x4_t) {
    // SAFETY: the instruction reads and writes these registers only, and the processor has it by this function's
    // features.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
            sum = inlateout(vreg) *sum,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
}
