//! Gated linear units with the exact GELU, gelu(a) b (Shazeer 2020). A row has all a, then all b.

use super::{math, multiversion, rows::BLOCK};
use rayon::prelude::*;

/// `out = gelu(a) b` of rows `x`, `[rows, 2 width]`; `out` is `[rows, width]`.
pub fn forward(x: &[f32], width: usize, out: &mut [f32]) {
    x.par_chunks(2 * BLOCK * width)
        .zip(out.par_chunks_mut(BLOCK * width))
        .for_each(|(x, out)| forward_block(x, width, out));
}

/// Writes the gradient of x to `d_x`, given that of gelu(a) b, `d`, and writes gelu(a) b to `out` again.
pub fn backward(x: &[f32], width: usize, d: &[f32], d_x: &mut [f32], out: &mut [f32]) {
    x.par_chunks(2 * BLOCK * width)
        .zip(d.par_chunks(BLOCK * width))
        .zip(d_x.par_chunks_mut(2 * BLOCK * width))
        .zip(out.par_chunks_mut(BLOCK * width))
        .for_each(|(((x, d), d_x), out)| backward_block(x, width, d, d_x, out));
}

multiversion! {
    fn forward_block(x: &[f32], width: usize, out: &mut [f32]) {
        for (x, out) in x.chunks_exact(2 * width).zip(out.chunks_exact_mut(width)) {
            let (a, b) = x.split_at(width);
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *out = a * math::normal::<FMA>(a).0 * b;
            }
        }
    }
}

multiversion! {
    fn backward_block(x: &[f32], width: usize, d: &[f32], d_x: &mut [f32], out: &mut [f32]) {
        let rows = x.chunks_exact(2 * width).zip(d.chunks_exact(width));
        let results = d_x.chunks_exact_mut(2 * width).zip(out.chunks_exact_mut(width));
        for ((x, d), (d_x, out)) in rows.zip(results) {
            let ((a, b), (d_a, d_b)) = (x.split_at(width), d_x.split_at_mut(width));
            let results = d_a.iter_mut().zip(d_b).zip(out);
            for (((&a, &b), &d), ((d_a, d_b), out)) in a.iter().zip(b).zip(d).zip(results) {
                let (cdf, density) = math::normal::<FMA>(a);
                let gelu = a * cdf;
                *out = gelu * b;
                *d_a = d * b * math::mul_add::<FMA>(a, density, cdf);
                *d_b = d * gelu;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{at_every_level, gelu};

    #[test]
    fn values_and_slopes_are_those_of_gelu_times_the_gate() {
        at_every_level(|| {
            for (rows, width) in [(1, 1), (33, 20), (40, 16)] {
                let x: Vec<f32> =
                    (0..2 * rows * width).map(|i| (i as f32 * 0.7).sin() * 3.0).collect();
                let at = |x: &[f32]| {
                    let mut out = vec![0.0; rows * width];
                    forward(x, width, &mut out);
                    out
                };
                let out = at(&x);
                let mut units = vec![0.0; 2 * rows * width];
                gelu::forward(&x, &vec![0.0; 2 * width], &mut units);
                for (i, out) in out.iter().enumerate() {
                    let place = i / width * 2 * width + i % width;
                    assert!((out - units[place] * x[place + width]).abs() < 1e-6);
                }
                let d = vec![2.0; rows * width];
                let (mut d_x, mut again) = (vec![0.0; 2 * rows * width], vec![0.0; rows * width]);
                backward(&x, width, &d, &mut d_x, &mut again);
                assert_eq!(again, out);
                // Every sum has one term for a and one for b, which are moved one after the other.
                for gates in [false, true] {
                    let moved = |by: f32| -> Vec<f32> {
                        let is_gate = |i: usize| i / width % 2 == 1;
                        let by = |i| if is_gate(i) == gates { by } else { 0.0 };
                        x.iter().enumerate().map(|(i, x)| x + by(i)).collect()
                    };
                    let (high, low) = (at(&moved(1e-2)), at(&moved(-1e-2)));
                    for (i, (high, low)) in high.iter().zip(low).enumerate() {
                        let place = (2 * (i / width) + usize::from(gates)) * width + i % width;
                        let slope = (high - low) / 1e-2;
                        assert!((d_x[place] - slope).abs() < 2e-3, "{} {slope}", d_x[place]);
                    }
                }
            }
        });
    }
}
