//! The loops for one instruction set, and the layout of factors that they read.

use super::{Group, N, Panel, Rows, Weights};
use crate::kernels::rectangle::Rectangle;

/// How neighbours along the inner dimension share a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Two integers of 16 bits.
    Pairs,
    /// Four integers of 8 bits.
    #[cfg_attr(not(any(test, target_arch = "aarch64")), expect(dead_code))]
    Fours,
    /// Four integers of 8 bits, where 128 is added to inputs: instructions take one factor without a sign. The number
    /// of groups is even.
    ShiftedFours,
}

/// The number that [`Layout::ShiftedFours`] adds to inputs.
const SHIFT: i32 = 128;

impl Layout {
    /// Number of groups of this many inputs.
    fn depth(self, inputs: usize) -> usize {
        match self {
            Self::Pairs => inputs.div_ceil(2),
            Self::Fours => inputs.div_ceil(4),
            Self::ShiftedFours => 2 * inputs.div_ceil(8),
        }
    }

    /// Writes the groups of weights to every `step`-th place. There are as many integers as groups need, or more.
    pub(super) fn write_weights(self, integers: &[i8], step: usize, to: &mut [Group]) {
        let places = to.iter_mut().step_by(step);
        match self {
            Self::Pairs => {
                let groups = integers.as_chunks::<2>().0.iter();
                let half = |x: i8| u32::from(i16::from(x) as u16);
                places.zip(groups).for_each(|(to, &[a, b])| *to = half(a) | half(b) << 16);
            }
            Self::Fours | Self::ShiftedFours => {
                let groups = integers.as_chunks::<4>().0.iter();
                let group = |four: &[i8; 4]| u32::from_le_bytes(four.map(|x| x as u8));
                places.zip(groups).for_each(|(to, four)| *to = group(four));
            }
        }
    }

    /// The weights of one input in a panel.
    #[inline(always)]
    fn weights(self, panel: &[Panel], input: usize) -> [i32; N] {
        // Bits above the integer, and below it.
        let (group, above, below) = match self {
            Self::Pairs => (input / 2, 16 - 16 * (input % 2), 16),
            Self::Fours | Self::ShiftedFours => (input / 4, 24 - 8 * (input % 4), 24),
        };
        panel[group].map(|group| (group << above) as i32 >> below)
    }

    /// As [`Layout::write_weights`], of inputs.
    pub(super) fn write_inputs(self, integers: &[i8], step: usize, to: &mut [Group]) {
        self.write_weights(integers, step, to);
        if self == Self::ShiftedFours {
            // Flipping the highest bit adds 128 to a number with a sign.
            to.iter_mut().step_by(step).for_each(|group| *group ^= 0x8080_8080);
        }
    }
}

/// Computes the part of a product in a rectangle.
///
/// # Safety
/// The processor has the instructions of the kernel.
type Compute = unsafe fn(&Weights, &Rows, Option<&[f32]>, &mut Rectangle);

/// The loops for one instruction set.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    pub(super) layout: Layout,
    /// Rows of a strip.
    pub(super) rows: usize,
    compute: Compute,
}

/// Defines a kernel with M × N sums for processors with some features.
macro_rules! kernel {
    ($name:ident, $rows:literal, $layout:expr, $sums:expr, $(#[$attribute:meta])*) => {
        const $name: Kernel = {
            $(#[$attribute])*
            fn compute(weights: &Weights, rows: &Rows, bias: Option<&[f32]>, y: &mut Rectangle) {
                // A closure has the features of its function, so the compiler checks that they suffice.
                block::<$rows>(weights, rows, bias, y, |strip, panel| $sums(strip, panel));
            }
            Kernel { layout: $layout, rows: $rows, compute }
        };
    };
}

#[cfg(target_arch = "x86_64")]
use {super::x86, crate::kernels::Level};
#[cfg(target_arch = "x86_64")]
kernel!(AVX512_VNNI, 24, Layout::ShiftedFours, x86::sums_avx512_vnni, #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma")]);
#[cfg(target_arch = "x86_64")]
kernel!(AVX_VNNI, 6, Layout::ShiftedFours, x86::sums_avx_vnni, #[target_feature(enable = "avx2,fma,avxvnni")]);
#[cfg(target_arch = "x86_64")]
kernel!(AVX2, 4, Layout::ShiftedFours, x86::sums_avx2, #[target_feature(enable = "avx2,fma")]);
#[cfg(target_arch = "aarch64")]
kernel!(DOT_PRODUCT, 6, Layout::Fours, super::arm::sums, #[target_feature(enable = "neon,dotprod")]);
kernel!(PORTABLE, 2, Layout::Pairs, sums_of_pairs,);

impl Kernel {
    /// The fastest kernel of the processor at the current level.
    pub(super) fn current() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has; // the result is cached
            let level = Level::current();
            if level == Level::Avx512 && has!("avx512vnni") {
                return AVX512_VNNI;
            }
            if level <= Level::Avx2 {
                return if has!("avxvnni") { AVX_VNNI } else { AVX2 };
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("dotprod") {
            return DOT_PRODUCT;
        }
        PORTABLE
    }

    /// Number of groups of this many inputs.
    pub(super) fn depth(self, inputs: usize) -> usize {
        self.layout.depth(inputs)
    }

    pub(super) fn compute(
        self,
        weights: &Weights,
        x: &Rows,
        bias: Option<&[f32]>,
        y: &mut Rectangle,
    ) {
        // SAFETY: kernels for processors with some features come from `current`, which found these features.
        unsafe { (self.compute)(weights, x, bias, y) }
    }
}

/// Computes the part of a product in a rectangle that starts at a whole strip and a whole panel.
#[inline(always)]
fn block<const M: usize>(
    weights: &Weights,
    x: &Rows,
    bias: Option<&[f32]>,
    y: &mut Rectangle,
    sums: impl Fn(&[[Group; M]], &[Panel]) -> [[i32; N]; M],
) {
    let depth = weights.kernel.depth(weights.inputs);
    let shift = if weights.kernel.layout == Layout::ShiftedFours { SHIFT } else { 0 };
    let strips = &x.strips.as_chunks::<M>().0[y.row() / M * depth..];
    for first in (0..y.columns()).step_by(N) {
        let columns = first..y.columns().min(first + N);
        let place = y.column() + first;
        let panel = &weights.panels[place / N * depth..][..depth];
        let scales = padded(&weights.scales[place..], columns.len());
        let shifts = padded(&weights.sums[place..], columns.len()).map(|sum| shift * sum);
        let biases = bias.map_or([0.0; N], |bias| padded(&bias[place..], columns.len()));
        for (i, strip) in (0..y.rows()).step_by(M).zip(strips.chunks_exact(depth)) {
            let sums = sums(strip, panel);
            for (row, mut sums) in (i..y.rows()).zip(sums) {
                let scale = x.scales[y.row() + row];
                for outlier in x.outliers(y.row() + row) {
                    let beyond = i32::from(outlier.beyond);
                    let q = weights.kernel.layout.weights(panel, outlier.input.into());
                    for j in 0..N {
                        sums[j] += beyond * q[j];
                    }
                }
                let mut result = [0.0; N];
                for j in 0..N {
                    result[j] = (sums[j] - shifts[j]) as f32 * (scale * scales[j]) + biases[j];
                }
                let y = &mut y.row_mut(row)[columns.clone()];
                match y.first_chunk_mut::<N>() {
                    Some(y) => *y = result,
                    None => y.copy_from_slice(&result[..columns.len()]),
                }
            }
        }
    }
}

/// The first `n` of some numbers, and zeros up to a whole panel.
#[inline(always)]
fn padded<T: Copy + Default>(numbers: &[T], n: usize) -> [T; N] {
    let mut padded = [T::default(); N];
    padded[..n].copy_from_slice(&numbers[..n]);
    padded
}

/// The sums of a strip and a panel of pairs.
#[inline(always)]
fn sums_of_pairs<const M: usize>(strip: &[[Group; M]], panel: &[Panel]) -> [[i32; N]; M] {
    let product = |a: u32, b: u32| i32::from(a as i16) * i32::from(b as i16);
    let mut sums = [[0; N]; M];
    for (a, b) in strip.iter().zip(panel) {
        for i in 0..M {
            for j in 0..N {
                sums[i][j] += product(a[i], b[j]) + product(a[i] >> 16, b[j] >> 16);
            }
        }
    }
    sums
}

/// Kernels in plain loops for every layout, which every processor can run.
#[cfg(test)]
pub(super) const PLAIN: [Kernel; 3] = {
    kernel!(FOURS, 6, Layout::Fours, plain::sums::<6, false>,);
    kernel!(SHIFTED, 24, Layout::ShiftedFours, plain::sums::<24, true>,);
    [PORTABLE, FOURS, SHIFTED]
};

#[cfg(test)]
mod plain {
    use super::{Group, N, Panel};

    /// The sums of a strip and a panel of fours, which are shifted or not.
    pub(super) fn sums<const M: usize, const SHIFTED: bool>(
        strip: &[[Group; M]],
        panel: &[Panel],
    ) -> [[i32; N]; M] {
        let input = |a: u8| if SHIFTED { i32::from(a) } else { i32::from(a as i8) };
        let mut sums = [[0; N]; M];
        for (a, b) in strip.iter().zip(panel) {
            for i in 0..M {
                for j in 0..N {
                    let bytes = a[i].to_le_bytes().into_iter().zip(b[j].to_le_bytes());
                    sums[i][j] += bytes.map(|(a, b)| input(a) * i32::from(b as i8)).sum::<i32>();
                }
            }
        }
        sums
    }
}
