//! Layer normalisation (Ba, Kiros and Hinton 2016) of the sum of a residual and a branch with dropout.

use super::{
    math, multiversion,
    rows::{BLOCK, Parts},
};
use crate::rng::Dropout;
use rayon::prelude::*;

/// The parameters of a normalisation.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// Factor of every column, `[width]`.
    pub weight: &'a [f32],
    /// Summand of every column, `[width]`.
    pub bias: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

/// The values that are combined with a branch before normalisation.
#[derive(Clone, Copy)]
pub struct Residual<'a> {
    /// The branch's bias, `[width]`.
    pub bias: &'a [f32],
    /// The dropout mask of the branch.
    pub mask: Option<Dropout>,
    /// The residual, of the same shape as the branch.
    pub input: &'a [f32],
}

/// The gradients that [`Norm::backward`] sums over rows, `[width]` each.
pub struct Sums {
    /// Of the normalisation's weight.
    pub weight: Vec<f32>,
    /// Of the normalisation's bias.
    pub bias: Vec<f32>,
    /// Of the branch's bias.
    pub branch_bias: Vec<f32>,
}

impl Norm<'_> {
    /// `y = norm(x)` or, with a residual, `y = norm(residual + dropout(x + bias))`. Replaces `x` with the
    /// normalised rows before weight and bias, and writes the scale of every row to `scales`.
    pub fn forward(
        self,
        residual: Option<Residual>,
        x: &mut [f32],
        scales: &mut [f32],
        y: &mut [f32],
    ) {
        let size = BLOCK * self.weight.len();
        x.par_chunks_mut(size)
            .zip(y.par_chunks_mut(size))
            .zip(scales.par_chunks_mut(BLOCK))
            .enumerate()
            .for_each(|(i, ((x, y), scales))| {
                if let Some(r) = residual {
                    let first = i * size;
                    add_residual(x, r.bias, r.mask, first as u32, &r.input[first..]);
                }
                normalise(x, self, scales, y);
            });
    }

    /// Turns the gradient `d` of the result of [`Norm::forward`] into that of the residual, and writes the
    /// gradient of the branch to `branch`. `x` and `scales` are those written by [`Norm::forward`].
    pub fn backward(
        self,
        mask: Option<Dropout>,
        x: &[f32],
        scales: &[f32],
        d: &mut [f32],
        branch: &mut [f32],
    ) -> Sums {
        let width = self.weight.len();
        let size = BLOCK * width;
        let mut parts = Parts::new(scales.len(), 3 * width);
        parts
            .blocks()
            .zip(x.par_chunks(size))
            .zip(scales.par_chunks(BLOCK))
            .zip(d.par_chunks_mut(size))
            .zip(branch.par_chunks_mut(size))
            .enumerate()
            .for_each(|(i, ((((sums, x), scales), d), branch))| {
                let (norm_sums, branch_sums) = sums.split_at_mut(2 * width);
                normalise_backward(x, self.weight, scales, d, norm_sums);
                split_branch(d, mask, (i * size) as u32, branch, branch_sums);
            });
        let mut weight = parts.total();
        let mut bias = weight.split_off(width);
        let branch_bias = bias.split_off(width);
        Sums { weight, bias, branch_bias }
    }
}

multiversion! {
    /// `x = residual + (x + bias) · mask`.
    fn add_residual(x: &mut [f32], bias: &[f32], mask: Option<Dropout>, first: u32, residual: &[f32]) {
        let width = bias.len();
        for (i, (x, r)) in x.chunks_exact_mut(width).zip(residual.chunks_exact(width)).enumerate() {
            let start = first.wrapping_add((i * width) as u32);
            let columns = x.iter_mut().zip(r).zip(bias);
            match mask {
                None => columns.for_each(|((x, &r), &b)| *x = r + (*x + b)),
                Some(mask) => {
                    for (j, ((x, &r), &b)) in columns.enumerate() {
                        let factor = mask.factor(start.wrapping_add(j as u32));
                        *x = math::mul_add::<FMA>(*x + b, factor, r);
                    }
                }
            }
        }
    }
}

multiversion! {
    fn normalise(x: &mut [f32], norm: Norm, scales: &mut [f32], y: &mut [f32]) {
        let width = norm.weight.len();
        let n = width as f32;
        let rows = x.chunks_exact_mut(width).zip(y.chunks_exact_mut(width));
        for ((x, y), scale) in rows.zip(scales) {
            let mean = math::sum(x, |x| x) / n;
            let variance = math::sum(x, |x| (x - mean) * (x - mean)) / n;
            *scale = 1.0 / (variance + norm.epsilon).sqrt();
            for (((x, y), &w), &b) in x.iter_mut().zip(y).zip(norm.weight).zip(norm.bias) {
                *x = (*x - mean) * *scale;
                *y = math::mul_add::<FMA>(*x, w, b);
            }
        }
    }
}

multiversion! {
    /// `sums` holds the gradients of weight and bias, one after the other.
    fn normalise_backward(x: &[f32], weight: &[f32], scales: &[f32], d: &mut [f32], sums: &mut [f32]) {
        let width = weight.len();
        let n = width as f32;
        let (d_weight, d_bias) = sums.split_at_mut(width);
        let rows = x.chunks_exact(width).zip(d.chunks_exact_mut(width));
        for ((x, d), &scale) in rows.zip(scales) {
            let columns = x.iter().zip(&mut *d).zip(weight).zip(&mut *d_weight).zip(&mut *d_bias);
            for ((((&x, d), &w), d_weight), d_bias) in columns {
                *d_weight = math::mul_add::<FMA>(*d, x, *d_weight);
                *d_bias += *d;
                *d *= w;
            }
            let mean = math::sum(d, |d| d) / n;
            let slope = math::dot::<FMA>(d, x) / n;
            for (d, &x) in d.iter_mut().zip(x) {
                *d = scale * math::mul_add::<FMA>(-x, slope, *d - mean);
            }
        }
    }
}

multiversion! {
    /// `branch = d · mask`. Adds its rows to `sums`.
    fn split_branch(d: &[f32], mask: Option<Dropout>, first: u32, branch: &mut [f32], sums: &mut [f32]) {
        let width = sums.len();
        for (i, (d, branch)) in d.chunks_exact(width).zip(branch.chunks_exact_mut(width)).enumerate() {
            let start = first.wrapping_add((i * width) as u32);
            for (j, ((&d, branch), sum)) in d.iter().zip(branch).zip(&mut *sums).enumerate() {
                let factor = mask.map_or(1.0, |m| m.factor(start.wrapping_add(j as u32)));
                *branch = d * factor;
                *sum += *branch;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{kernels::at_every_level, rng::Stream};

    /// Random numbers between -1 and 1.
    fn numbers(n: usize, seed: u64) -> Vec<f32> {
        (0..n as u64).map(|i| 2.0 * Stream::new(seed).uniform(i) - 1.0).collect()
    }

    #[test]
    fn rows_are_normalised_and_gradients_are_slopes_at_odd_sizes() {
        at_every_level(|| {
            for (rows, width) in [(1, 20), (33, 16), (70, 19)] {
                for mask in [None, Some(Stream::new(1).dropout(0.25))] {
                    check(rows, width, mask);
                }
            }
        });
    }

    fn check(rows: usize, width: usize, mask: Option<Dropout>) {
        let n = rows * width;
        let (x, input, d) = (numbers(n, 1), numbers(n, 2), numbers(n, 3));
        let (weight, bias, branch_bias) = (numbers(width, 4), numbers(width, 5), numbers(width, 6));
        let norm = Norm { weight: &weight, bias: &bias, epsilon: 1e-6 };
        let mut kept = x.clone();
        let (mut scales, mut y) = (vec![0.0; rows], vec![0.0; n]);
        let residual = Residual { bias: &branch_bias, mask, input: &input };
        norm.forward(Some(residual), &mut kept, &mut scales, &mut y);

        // Plain loops in double precision.
        let wide = |v: &[f32]| v.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let plain = |x: &[f64], input: &[f64], weight: &[f64]| -> Vec<f64> {
            let factor = |i: usize| f64::from(mask.map_or(1.0, |m| m.factor(i as u32)));
            let sum = |i: usize| input[i] + (x[i] + f64::from(branch_bias[i % width])) * factor(i);
            (0..n)
                .map(|i| {
                    let row = || (i - i % width..).take(width).map(sum);
                    let mean = row().sum::<f64>() / width as f64;
                    let variance = row().map(|z| (z - mean).powi(2)).sum::<f64>() / width as f64;
                    let w = weight[i % width];
                    (sum(i) - mean) / (variance + 1e-6).sqrt() * w + f64::from(bias[i % width])
                })
                .collect()
        };
        let (x, input, weight) = (wide(&x), wide(&input), wide(&weight));
        for (found, expected) in y.iter().zip(plain(&x, &input, &weight)) {
            assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
        }

        let (mut d_residual, mut d_branch) = (d.clone(), vec![0.0; n]);
        let sums = norm.backward(mask, &kept, &scales, &mut d_residual, &mut d_branch);
        let loss = |y: Vec<f64>| y.iter().zip(&d).map(|(y, &d)| y * f64::from(d)).sum::<f64>();
        let slope =
            |change: &dyn Fn(f64) -> Vec<f64>| (loss(change(1e-4)) - loss(change(-1e-4))) / 2e-4;
        let moved = |v: &[f64], i: usize, by: f64| {
            let mut v = v.to_vec();
            v[i] += by;
            v
        };
        let close = |found: f32, expected: f64| {
            assert!((f64::from(found) - expected).abs() < 1e-3, "{found} {expected}");
        };
        for i in [0, n / 2, n - 1] {
            close(d_residual[i], slope(&|by| plain(&x, &moved(&input, i, by), &weight)));
            close(d_branch[i], slope(&|by| plain(&moved(&x, i, by), &input, &weight)));
        }
        for c in [0, width - 1] {
            close(sums.weight[c], slope(&|by| plain(&x, &input, &moved(&weight, c, by))));
            let column = |v: &[f32]| v.iter().skip(c).step_by(width).sum::<f32>();
            close(sums.bias[c], f64::from(column(&d)));
            close(sums.branch_bias[c], f64::from(column(&d_branch)));
        }
    }
}
