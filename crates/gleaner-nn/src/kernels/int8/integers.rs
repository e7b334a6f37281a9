//! Rounding of weights and inputs to integers.

use crate::kernels::{math::sum, multiversion};

/// The largest integer of a factor.
const LARGEST: f32 = 127.0;
/// The largest integer of an outlier.
const LARGEST_OUTLIER: f32 = 32_000.0;
/// Inputs above this multiple of the mean of a row's absolute inputs are outliers.
const OUTLIER: f32 = 6.0;
/// Adding this to a small number rounds it to an integer, which ends up in the lowest bits.
const ROUND: f32 = 12_582_912.0;
/// One input of this number may be an outlier.
const INPUTS_OF_AN_OUTLIER: usize = 32;
/// The largest sum of weights that are added up in 16 bits, before rounding. Rounding adds up to 4 × 0.5, and 128 times
/// 255, the largest shifted input, is below 2¹⁵.
const LARGEST_SUM: f32 = 126.0;
/// The distances from an input channel to those whose products are added up in 16 bits.
pub(super) const SUMMED: [usize; 4] = [0, 1, 4, 5];

/// The part of an input's integer that is beyond the range of the others.
#[derive(Clone, Copy, Default)]
pub(super) struct Outlier {
    pub(super) input: u16,
    pub(super) beyond: i16,
}

/// Number of outliers that a row may have.
pub(super) fn most_outliers(inputs: usize) -> usize {
    inputs.div_ceil(INPUTS_OF_AN_OUTLIER)
}

/// Memory for the integers of a row, up to whole groups; those that do not exist stay zero.
pub(super) fn memory(inputs: usize) -> Vec<i8> {
    vec![0; inputs.next_multiple_of(8)]
}

/// Rounds the weights of an output channel to integers, and returns their scale: the smallest one for which no integer
/// and no sum in 16 bits is too large.
pub(super) fn round_weights(w: &[f32], integers: &mut [i8]) -> f32 {
    let mut sum: f32 = 0.0;
    for eight in w.chunks(8) {
        for first in [0, 2] {
            let summed = || SUMMED.into_iter().filter_map(|i| eight.get(first + i));
            let positive: f32 = summed().map(|w| w.max(0.0)).sum();
            let negative: f32 = summed().map(|w| w.min(0.0)).sum();
            sum = sum.max(positive).max(-negative);
        }
    }
    let largest = largest(w) / LARGEST;
    let scale = if largest.is_finite() { largest.max(sum / LARGEST_SUM) } else { largest };
    round(w, if scale > 0.0 { 1.0 / scale } else { 0.0 }, integers);
    scale
}

/// Rounds a row of inputs to integers, and writes what is beyond their range to `outliers`, memory for as many as a row
/// may have. Returns the scale and the number of outliers. Outliers in `x` are lowered.
pub(super) fn round_inputs(
    x: &mut [f32],
    integers: &mut [i8],
    outliers: &mut [Outlier],
) -> (f32, u32) {
    let limit = limit(x, outliers.len());
    let factor = if limit > 0.0 { LARGEST / limit } else { 0.0 };
    let count = clip(x, limit, factor, outliers);
    round(x, factor, integers);
    (limit / LARGEST, count)
}

/// The largest absolute input of a row that is no outlier. Maximum `most` inputs are outliers.
pub(super) fn limit(x: &[f32], most: usize) -> f32 {
    let largest = largest(x);
    let limit = largest.min(OUTLIER * mean_absolute(x)).max(largest * (LARGEST / LARGEST_OUTLIER));
    // A comparison with NaN is false: a row that is not finite has no outliers.
    if limit < largest && count_above(x, limit) as usize <= most { limit } else { largest }
}

/// Lowers outliers to the largest integer that others may have, and writes the rest of their integers. Returns their
/// number.
fn clip(x: &mut [f32], limit: f32, factor: f32, outliers: &mut [Outlier]) -> u32 {
    let mut count = 0;
    for (input, x) in x.iter_mut().enumerate() {
        if x.abs() > limit {
            let integer = (*x * factor + ROUND) - ROUND;
            let beyond = integer - LARGEST.copysign(integer);
            outliers[count] = Outlier { input: input as u16, beyond: beyond as i16 };
            *x = limit.copysign(*x);
            count += 1;
        }
    }
    count as u32
}

multiversion! {
    /// to = x · factors.
    pub(super) fn multiply(x: &[f32], factors: &[f32], to: &mut [f32]) {
        for ((to, x), factor) in to.iter_mut().zip(x).zip(factors) {
            *to = x * factor;
        }
    }
}

multiversion! {
    fn mean_absolute(x: &[f32]) -> f32 {
        sum(x, f32::abs) / x.len() as f32
    }
}

multiversion! {
    fn count_above(x: &[f32], limit: f32) -> u32 {
        x.iter().map(|x| u32::from(x.abs() > limit)).sum()
    }
}

multiversion! {
    /// The largest absolute value; NaN if there is one.
    fn largest(x: &[f32]) -> f32 {
        // The order of positive floats is that of their bits, and NaN is above all others.
        f32::from_bits(x.iter().map(|x| x.abs().to_bits()).fold(0, u32::max))
    }
}

multiversion! {
    /// Rounds x · factor to integers, which are from -127 to 127.
    fn round(x: &[f32], factor: f32, integers: &mut [i8]) {
        for (integer, x) in integers.iter_mut().zip(x) {
            *integer = (x * factor + ROUND).to_bits() as i8;
        }
    }
}
