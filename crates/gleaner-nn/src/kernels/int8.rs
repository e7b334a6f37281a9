//! Products with factors of 8 bits, for labelling.
//!
//! A weight is `w ≈ s q`: an integer q from -127 to 127, and a scale s of its output channel. A row of inputs is
//! `x / d ≈ a p`: integers p in the same range, a scale a of the row, and divisors d of the input channels that are
//! multiplied into the weights instead, so that channels with large values do not use up the range of the row (Xiao et
//! al. 2023, SmoothQuant, section 4). Sums of products p q are exact, so every instruction set gives the same result.
//!
//! A few inputs of a row can be many times as large as the others, and a scale for them would round the others away. The
//! integers of such *outliers* may be larger: the part beyond 127 is multiplied on its own (as Dettmers et al. 2022,
//! LLM.int8(), section 3.2, keep whole columns in a higher precision).
//!
//! AVX2 sums four products in 16 bits before it widens them. The scales of weights are chosen so that no such sum
//! overflows.

#[cfg(target_arch = "aarch64")]
mod arm;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::{math::sum, multiversion, rectangle::Rectangle, rows::BLOCK};
use kernel::Kernel;
use rayon::prelude::*;

/// Four bytes of a factor: neighbours along the inner dimension, as [`kernel::Layout`] says.
type Group = u32;
/// Columns of a panel.
const N: usize = 16;
/// The groups of N columns at one position along the inner dimension.
type Panel = [Group; N];

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
const SUMMED: [usize; 4] = [0, 1, 4, 5];
/// Bytes of the strips of a block, which stay in the second-level cache beside a panel.
const STRIPS: usize = 192 << 10;

/// The weights of a linear layer, rounded to 8 bits.
pub struct Weights {
    kernel: Kernel,
    inputs: usize,
    outputs: usize,
    /// 1 / d of every input channel, `[inputs]`.
    factors: Vec<f32>,
    /// s of every output channel, `[outputs]`.
    scales: Vec<f32>,
    /// The sum of the integers of every output channel, `[outputs]`.
    sums: Vec<i32>,
    /// Panels of N output channels, one after the other.
    panels: Vec<Panel>,
}

/// Rows of inputs, rounded to 8 bits for some [`Weights`].
#[derive(Default)]
pub struct Rows {
    /// a of every row.
    scales: Vec<f32>,
    /// The outliers of every row, in memory for as many as a row may have.
    outliers: Vec<Outlier>,
    /// Number of outliers of every row.
    counts: Vec<u32>,
    /// Strips of rows: the groups of all its rows at the first position, then at the next.
    strips: Vec<Group>,
}

/// The part of an input's integer that is beyond the range of the others.
#[derive(Clone, Copy, Default)]
struct Outlier {
    input: u16,
    beyond: i16,
}

impl Rows {
    /// The outliers of a row, for weights with this number of inputs.
    fn outliers(&self, row: usize, inputs: usize) -> &[Outlier] {
        &self.outliers[row * most_outliers(inputs)..][..self.counts[row] as usize]
    }
}

/// Number of outliers that a row may have.
fn most_outliers(inputs: usize) -> usize {
    inputs.div_ceil(INPUTS_OF_AN_OUTLIER)
}

impl Weights {
    /// Rounds weights `[outputs, inputs]`, given the divisors of the inputs, `[inputs]`.
    ///
    /// # Panics
    /// The weights are not rows of as many numbers as there are divisors.
    pub fn new(weights: &[f32], divisors: &[f32]) -> Self {
        Self::of_kernel(Kernel::current(), weights, divisors)
    }

    fn of_kernel(kernel: Kernel, weights: &[f32], divisors: &[f32]) -> Self {
        let inputs = divisors.len();
        assert!(u16::try_from(inputs).is_ok(), "inputs are numbered in 16 bits");
        assert!(weights.len().is_multiple_of(inputs), "whole rows of weights");
        let outputs = weights.len() / inputs;
        let depth = kernel.depth(inputs);
        let (mut scales, mut sums) = (vec![0.0; outputs], vec![0; outputs]);
        let mut panels = vec![[0; N]; outputs.div_ceil(N) * depth];
        scales
            .par_chunks_mut(N)
            .zip(sums.par_chunks_mut(N))
            .zip(panels.par_chunks_exact_mut(depth))
            .zip(weights.par_chunks(N * inputs))
            .for_each(|(((scales, sums), panel), weights)| {
                let (mut scaled, mut integers) = (vec![0.0; inputs], integers(inputs));
                let (panel, rows) = (panel.as_flattened_mut(), weights.chunks_exact(inputs));
                for (j, row) in rows.enumerate() {
                    multiply(row, divisors, &mut scaled);
                    scales[j] = round_weights(&scaled, &mut integers);
                    sums[j] = integers.iter().map(|&q| i32::from(q)).sum();
                    kernel.layout.write_weights(&integers, N, &mut panel[j..]);
                }
            });
        let factors = divisors.iter().map(|d| 1.0 / d).collect();
        Self { kernel, inputs, outputs, factors, scales, sums, panels }
    }

    /// Number of output channels.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Rounds rows `x`, `[rows, inputs]`, for these weights and for others with the same divisors.
    pub fn round(&self, x: &[f32], to: &mut Rows) {
        let (inputs, kernel) = (self.inputs, self.kernel);
        let (count, depth) = (x.len() / inputs, kernel.depth(inputs));
        let (strip, most) = (kernel.rows * depth, most_outliers(inputs));
        to.scales.resize(count, 0.0);
        to.counts.resize(count, 0);
        to.outliers.resize(count * most, Outlier::default());
        to.strips.resize(count.div_ceil(kernel.rows) * strip, 0);
        to.scales
            .par_chunks_mut(kernel.rows)
            .zip(to.counts.par_chunks_mut(kernel.rows))
            .zip(to.outliers.par_chunks_mut(kernel.rows * most))
            .zip(to.strips.par_chunks_exact_mut(strip))
            .zip(x.par_chunks(kernel.rows * inputs))
            .with_min_len(BLOCK / kernel.rows)
            .for_each_init(
                || (vec![0.0; inputs], integers(inputs)),
                |(scaled, integers), ((((scales, counts), outliers), strip), x)| {
                    for (i, row) in x.chunks_exact(inputs).enumerate() {
                        multiply(row, &self.factors, scaled);
                        let outliers = &mut outliers[i * most..][..most];
                        let limit = limit(scaled, most);
                        scales[i] = limit / LARGEST;
                        let factor = if limit > 0.0 { LARGEST / limit } else { 0.0 };
                        counts[i] = clip(scaled, limit, factor, outliers);
                        round(scaled, factor, integers);
                        kernel.layout.write_inputs(integers, kernel.rows, &mut strip[i..]);
                    }
                    // Rows that do not exist have no result, but the sums read their groups.
                    for strip in strip.chunks_exact_mut(kernel.rows) {
                        strip[x.len() / inputs..].fill(0);
                    }
                },
            );
    }

    /// `y = x Wᵀ + bias`, `[rows, outputs]`, for rows that were rounded for these weights.
    ///
    /// # Panics
    /// `y` or `bias` have the wrong size, or the rows were rounded for weights with another number of inputs.
    pub fn multiply(&self, x: &Rows, bias: Option<&[f32]>, y: &mut [f32]) {
        let (kernel, count) = (self.kernel, x.scales.len());
        assert_eq!(x.outliers.len(), count * most_outliers(self.inputs), "inputs");
        let depth = kernel.depth(self.inputs);
        assert_eq!(y.len(), count * self.outputs, "size of the result");
        assert!(bias.is_none_or(|bias| bias.len() == self.outputs), "size of the bias");
        assert_eq!(x.strips.len(), count.div_ceil(kernel.rows) * kernel.rows * depth, "inputs");
        let rows = (STRIPS / 4 / depth.max(1)).clamp(kernel.rows, 144);
        let rows = rows / kernel.rows * kernel.rows;
        let blocks: Vec<Rectangle> =
            Rectangle::divide(y, self.outputs, [rows, self.outputs.min(512)]).collect();
        blocks.into_par_iter().with_max_len(1).for_each(|mut block| {
            kernel.compute(self, x, bias, &mut block);
        });
    }
}

/// Memory for the integers of a row, up to whole groups; those that do not exist stay zero.
fn integers(inputs: usize) -> Vec<i8> {
    vec![0; inputs.next_multiple_of(8)]
}

multiversion! {
    /// to = x · factors.
    fn multiply(x: &[f32], factors: &[f32], to: &mut [f32]) {
        for ((to, x), factor) in to.iter_mut().zip(x).zip(factors) {
            *to = x * factor;
        }
    }
}

/// Rounds the weights of an output channel to integers, and returns their scale: the smallest one for which no integer
/// and no sum in 16 bits is too large.
fn round_weights(w: &[f32], integers: &mut [i8]) -> f32 {
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

/// The largest absolute input of a row that is no outlier. At most `most` inputs are outliers.
fn limit(x: &[f32], most: usize) -> f32 {
    let (largest, mut mean) = (largest(x), 0.0);
    mean_absolute(x, &mut mean);
    let limit = largest.min(OUTLIER * mean).max(largest * (LARGEST / LARGEST_OUTLIER));
    let mut count = 0;
    count_above(x, limit, &mut count);
    // A comparison with NaN is false: a row that is not finite has no outliers.
    if limit < largest && count as usize <= most { limit } else { largest }
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
    fn mean_absolute(x: &[f32], mean: &mut f32) {
        *mean = sum(x, f32::abs) / x.len() as f32;
    }
}

multiversion! {
    fn count_above(x: &[f32], limit: f32, count: &mut u32) {
        *count = x.iter().map(|x| u32::from(x.abs() > limit)).sum();
    }
}

/// The largest absolute value; NaN if there is one.
fn largest(x: &[f32]) -> f32 {
    let mut bits = 0;
    largest_bits(x, &mut bits);
    f32::from_bits(bits)
}

multiversion! {
    fn largest_bits(x: &[f32], largest: &mut u32) {
        // The order of positive floats is that of their bits, and NaN is above all others.
        *largest = x.iter().map(|x| x.abs().to_bits()).fold(0, u32::max);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernels::at_every_level, rng::Stream};

    fn numbers(n: usize, seed: u64) -> Vec<f32> {
        let stream = Stream::new(seed);
        (0..n as u64).map(|i| 2.0 * stream.uniform(i) - 1.0).collect()
    }

    /// The product with plain loops, in the order of operations that kernels promise.
    fn plain(x: &[f32], w: &[f32], divisors: &[f32], bias: &[f32]) -> Vec<f32> {
        let inputs = divisors.len();
        let integers = |x: &[f32], factor: f32| -> Vec<i32> {
            x.iter().map(|x| (x * factor).round_ties_even() as i32).collect()
        };
        let largest = |x: &[f32]| x.iter().map(|x| x.abs()).fold(0.0, f32::max);
        let channel = |w: &[f32]| {
            let w: Vec<f32> = w.iter().zip(divisors).map(|(w, d)| w * d).collect();
            let mut scale = largest(&w) / 127.0;
            for first in (0..inputs).step_by(8).flat_map(|first| [first, first + 2]) {
                for sign in [1.0, -1.0] {
                    let summed = SUMMED.iter().filter_map(|i| w.get(first + i));
                    let sum: f32 = summed.map(|w| (sign * w).max(0.0)).sum();
                    scale = scale.max(sum / 126.0);
                }
            }
            let q = integers(&w, 1.0 / scale);
            for eight in q.chunks(8) {
                let at = |i: usize| eight.get(i).copied().unwrap_or(0);
                let sum = |first: usize, sign: i32| -> i32 {
                    SUMMED.iter().map(|i| (sign * at(first + i)).max(0)).sum()
                };
                assert!([(0, 1), (0, -1), (2, 1), (2, -1)].iter().all(|&(f, s)| sum(f, s) <= 128));
            }
            (scale, q)
        };
        let weights: Vec<_> = w.chunks(inputs).map(channel).collect();
        let of_row = |x: &[f32]| {
            let x: Vec<f32> = x.iter().zip(divisors).map(|(x, d)| x * (1.0 / d)).collect();
            let limit = limit(&x, most_outliers(inputs));
            let p = integers(&x, if limit > 0.0 { 127.0 / limit } else { 0.0 });
            let output = |((s, q), b): (&(f32, Vec<i32>), &f32)| {
                let sum: i32 = p.iter().zip(q).map(|(p, q)| p * q).sum();
                sum as f32 * (limit / 127.0 * s) + b
            };
            weights.iter().zip(bias).map(output).collect::<Vec<f32>>()
        };
        x.chunks(inputs).flat_map(of_row).collect()
    }

    fn check(of: impl Fn(&[f32], &[f32]) -> Weights) {
        for (rows, inputs, outputs) in
            [(1, 1, 1), (7, 3, 5), (24, 8, 16), (61, 33, 50), (150, 64, 530), (49, 1537, 35)]
        {
            let (mut x, mut w) = (numbers(rows * inputs, 1), numbers(outputs * inputs, 2));
            x.iter_mut().step_by(97).for_each(|x| *x *= 50.0); // outliers
            w[..inputs].fill(1.0); // the largest sums, with inputs that are all the largest
            x[..inputs].iter_mut().for_each(|x| *x = x.abs());
            x[(rows - 1) * inputs..].fill(0.0);
            let divisors: Vec<f32> = (0..inputs).map(|j| [8.0, 0.5, 1.0][j % 3]).collect();
            let bias = numbers(outputs, 3);
            let weights = of(&w, &divisors);
            let (mut rounded, mut y) = (Rows::default(), vec![f32::NAN; rows * outputs]);
            // Memory of a larger product is used again.
            weights.round(&numbers((rows + 30) * inputs, 4), &mut rounded);
            weights.round(&x, &mut rounded);
            weights.multiply(&rounded, Some(&bias), &mut y);
            assert_eq!(y, plain(&x, &w, &divisors, &bias), "{rows} {inputs} {outputs}");
            weights.multiply(&rounded, None, &mut y);
            let without = plain(&x, &w, &divisors, &vec![0.0; outputs]);
            assert_eq!(y, without, "{rows} {inputs} {outputs}");
        }
    }

    #[test]
    fn products_equal_plain_loops_at_odd_sizes_with_every_instruction_set() {
        at_every_level(|| check(Weights::new));
    }

    #[test]
    fn products_equal_plain_loops_in_every_layout() {
        for kernel in kernel::PLAIN {
            check(|w, divisors| Weights::of_kernel(kernel, w, divisors));
        }
    }

    #[test]
    fn few_large_inputs_are_outliers_and_many_are_not() {
        let mut x = vec![1.0; 320];
        assert_eq!(limit(&x, 10), 1.0);
        x[7] = -500.0;
        x[300] = 40.0;
        let mean = (318.0 + 540.0) / 320.0;
        assert!((limit(&x, 10) - 6.0 * mean).abs() < 1e-4);
        assert_eq!(limit(&x, 1), 500.0);
        // The largest integer of an outlier has 16 bits.
        let mut sparse = vec![0.0; 4000];
        sparse[7] = 320.0;
        assert!((limit(&sparse, 10) - 1.27).abs() < 1e-6);
        x[7] = f32::NAN;
        assert!(limit(&x, 10).is_nan());
    }

    #[test]
    fn the_product_of_a_number_that_is_not_finite_is_not_finite() {
        let weights = Weights::new(&[1.0, -2.0, 0.5, 3.0], &[1.0, 1.0]);
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let (mut rounded, mut y) = (Rows::default(), [0.0; 4]);
            weights.round(&[1.0, 2.0, bad, 1.0], &mut rounded);
            weights.multiply(&rounded, None, &mut y);
            assert!(y[..2].iter().all(|y| y.is_finite()) && y[2..].iter().all(|y| !y.is_finite()));
        }
    }
}
