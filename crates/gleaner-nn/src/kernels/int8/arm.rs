//! Sums of a strip and a panel with the dot-product instructions of 64-bit Arm.

use super::{Group, N, Panel};
use std::arch::{aarch64::*, asm};

/// Rows of a strip.
const ROWS: usize = 6;

/// The vectors of a panel's row, or of a row of sums.
type Quarters<T> = [T; 4];

/// The sums of a strip and a panel of fours.
#[inline]
#[target_feature(enable = "neon,dotprod")]
pub(super) fn sums(strip: &[[Group; ROWS]], panel: &[Panel]) -> [[i32; N]; ROWS] {
    let mut sums = [[vdupq_n_s32(0); 4]; ROWS];
    for (a, b) in strip.iter().zip(panel) {
        let (quarters, _) = b.as_chunks::<{ N / 4 }>();
        // SAFETY: each quarter has 16 bytes.
        let b = [0, 1, 2, 3].map(|i| unsafe { vld1q_u32(quarters[i].as_ptr()) });
        // A broadcast of every group would occupy the units of the dot products.
        // SAFETY: four groups have 16 bytes.
        let [first, last] = [&a[..4], &a[2..]].map(|a| unsafe { vld1q_u32(a.as_ptr()) });
        add::<0>(&mut sums[0], first, b);
        add::<1>(&mut sums[1], first, b);
        add::<2>(&mut sums[2], first, b);
        add::<3>(&mut sums[3], first, b);
        add::<2>(&mut sums[4], last, b);
        add::<3>(&mut sums[5], last, b);
    }
    // SAFETY: both types have 64 bytes, and every bit pattern is valid.
    sums.map(|sums| unsafe { std::mem::transmute::<Quarters<int32x4_t>, [i32; N]>(sums) })
}

/// Adds to every sum the products of four pairs of bytes: those of one group of `a` and one group of `b`. The
/// intrinsic is not stable yet.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn add<const GROUP: usize>(sums: &mut Quarters<int32x4_t>, a: uint32x4_t, b: Quarters<uint32x4_t>) {
    for (sum, b) in sums.iter_mut().zip(b) {
        // SAFETY: the instruction reads and writes these registers only, and the processor has it by this function's
        // features.
        unsafe {
            asm!(
                "sdot {sum:v}.4s, {b:v}.16b, {a:v}.4b[{group}]",
                sum = inlateout(vreg) *sum,
                a = in(vreg) a,
                b = in(vreg) b,
                group = const GROUP,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
    }
}
