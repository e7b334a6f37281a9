//! Products with factors of 8 bits, for labelling.
//!
//! A weight is `w ≈ s q`: an integer q from -127 to 127, and a scale s of its output channel. A row of inputs is
//! `x / d ≈ a p`: integers p in the same range, a scale a of the row, and divisors d of the input channels that are
//! multiplied into the weights instead, so that channels with large values do not use up the range of the row (Xiao et
//! al. 2023, SmoothQuant, section 4). Sums of products p q are exact, so every instruction set gives the same result.
//!
//! A few inputs of a row can be many times as large as the others, and a scale for them would round the others away.
//! The integers of such *outliers* may be larger: the part beyond 127 is multiplied on its own (as Dettmers et al.
//! 2022, LLM.int8(), section 3.2, keep whole columns in a higher precision).
//!
//! AVX2 sums four products in 16 bits before it widens them. The scales of weights are chosen so that no such sum
//! overflows.

#[cfg(target_arch = "aarch64")]
mod arm;
mod integers;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::{rectangle::Rectangle, rows::BLOCK};
use integers::{Outlier, most_outliers, multiply, round_inputs, round_weights};
use kernel::Kernel;
use rayon::prelude::*;

/// Four bytes of a factor: neighbours along the inner dimension, as [`kernel::Layout`] says.
type Group = u32;
/// Columns of a panel.
const N: usize = 16;
/// The groups of N columns at one position along the inner dimension.
type Panel = [Group; N];

/// Maximum bytes of the strips of a block, which stay in the second-level cache beside a panel.
const STRIPS: usize = 192 << 10;
/// Maximum rows and columns of a block, so that every thread has several.
const BLOCK_SIZE: [usize; 2] = [144, 512];

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
    /// The number of inputs of those weights.
    inputs: usize,
    /// a of every row.
    scales: Vec<f32>,
    /// The outliers of every row, in memory for as many as a row may have.
    outliers: Vec<Outlier>,
    /// Number of outliers of every row.
    counts: Vec<u32>,
    /// Strips of rows: the groups of all its rows at the first position, then at the next. Rows of the last strip that
    /// do not exist have any groups.
    strips: Vec<Group>,
}

impl Rows {
    /// The outliers of a row.
    fn outliers(&self, row: usize) -> &[Outlier] {
        &self.outliers[row * most_outliers(self.inputs)..][..self.counts[row] as usize]
    }
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
                let (mut scaled, mut integers) = (vec![0.0; inputs], integers::memory(inputs));
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
        to.inputs = inputs;
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
                || (vec![0.0; inputs], integers::memory(inputs)),
                |(scaled, integers), ((((scales, counts), outliers), strip), x)| {
                    for (i, row) in x.chunks_exact(inputs).enumerate() {
                        multiply(row, &self.factors, scaled);
                        let outliers = &mut outliers[i * most..][..most];
                        (scales[i], counts[i]) = round_inputs(scaled, integers, outliers);
                        kernel.layout.write_inputs(integers, kernel.rows, &mut strip[i..]);
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
        assert_eq!(x.inputs, self.inputs, "inputs");
        let depth = kernel.depth(self.inputs);
        assert_eq!(Some(y.len()), count.checked_mul(self.outputs), "size of the result");
        assert!(bias.is_none_or(|bias| bias.len() == self.outputs), "size of the bias");
        assert_eq!(x.strips.len(), count.div_ceil(kernel.rows) * kernel.rows * depth, "layout");
        let rows = (STRIPS / size_of::<Group>() / depth).clamp(kernel.rows, BLOCK_SIZE[0]);
        let rows = rows / kernel.rows * kernel.rows;
        let blocks: Vec<Rectangle> =
            Rectangle::divide(y, self.outputs, [rows, BLOCK_SIZE[1]]).collect();
        blocks.into_par_iter().with_max_len(1).for_each(|mut block| {
            kernel.compute(self, x, bias, &mut block);
        });
    }
}

#[cfg(test)]
mod tests;
