//! The exact GELU, x Φ(x) (Hendrycks and Gimpel 2016), with a bias added to its input.

use super::{
    math, multiversion,
    rows::{BLOCK, Parts},
};
use rayon::prelude::*;

/// `out = gelu(x + bias)`.
pub fn forward(x: &[f32], bias: &[f32], out: &mut [f32]) {
    let size = BLOCK * bias.len();
    x.par_chunks(size)
        .zip(out.par_chunks_mut(size))
        .for_each(|(x, out)| forward_block(x, bias, out));
}

/// Turns the gradient `d` of gelu(x + bias) into that of x, and writes gelu(x + bias) to `out` again. Returns the
/// gradient of the bias.
pub fn backward(x: &[f32], bias: &[f32], d: &mut [f32], out: &mut [f32]) -> Vec<f32> {
    let size = BLOCK * bias.len();
    let mut parts = Parts::new(x.len() / bias.len(), bias.len());
    parts
        .blocks()
        .zip(x.par_chunks(size))
        .zip(d.par_chunks_mut(size))
        .zip(out.par_chunks_mut(size))
        .for_each(|(((part, x), d), out)| backward_block(x, bias, d, out, part));
    parts.total()
}

multiversion! {
    fn forward_block(x: &[f32], bias: &[f32], out: &mut [f32]) {
        let width = bias.len();
        for (x, out) in x.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            for ((out, &x), &b) in out.iter_mut().zip(x).zip(bias) {
                let x = x + b;
                *out = x * math::normal::<FMA>(x).0;
            }
        }
    }
}

multiversion! {
    fn backward_block(x: &[f32], bias: &[f32], d: &mut [f32], out: &mut [f32], d_bias: &mut [f32]) {
        let width = bias.len();
        let rows = x.chunks_exact(width).zip(d.chunks_exact_mut(width));
        for ((x, d), out) in rows.zip(out.chunks_exact_mut(width)) {
            for ((((&x, &b), d), out), sum) in x.iter().zip(bias).zip(d).zip(out).zip(&mut *d_bias) {
                let x = x + b;
                let (cdf, density) = math::normal::<FMA>(x);
                *out = x * cdf;
                *d *= math::mul_add::<FMA>(x, density, cdf);
                *sum += *d;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;

    #[test]
    fn values_and_slopes_are_those_of_gelu() {
        at_every_level(|| {
            let known = [(0.0, 0.0), (1.0, 0.841_344_7), (-1.0, -0.158_655_25), (2.5, 2.484_475_8)];
            for (x, y) in known {
                let mut out = [0.0];
                forward(&[x - 0.25], &[0.25], &mut out);
                assert!((out[0] - y).abs() < 1e-6, "{x}: {} {y}", out[0]);
            }
            for (rows, width) in [(1, 1), (33, 20), (40, 16)] {
                let n = rows * width;
                let x: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin() * 4.0).collect();
                let bias: Vec<f32> = (0..width).map(|i| (i as f32).cos()).collect();
                let at = |shift: f32| {
                    let x: Vec<f32> = x.iter().map(|x| x + shift).collect();
                    let mut out = vec![0.0; n];
                    forward(&x, &bias, &mut out);
                    out
                };
                let (mut d, mut again) = (vec![2.0; n], vec![0.0; n]);
                let d_bias = backward(&x, &bias, &mut d, &mut again);
                assert_eq!(again, at(0.0));
                for ((d, high), low) in d.iter().zip(at(1e-2)).zip(at(-1e-2)) {
                    assert!((d - (high - low) / 1e-2).abs() < 2e-4, "{d} {}", (high - low) / 1e-2);
                }
                for (c, sum) in d_bias.iter().enumerate() {
                    let plain: f32 = d.iter().skip(c).step_by(width).sum();
                    assert!((sum - plain).abs() < 1e-4);
                }
            }
        });
    }
}
