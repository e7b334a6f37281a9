//! Softmax cross-entropy of rows of scores.

use super::{
    math::{self, LANES},
    multiversion,
};
use rayon::prelude::*;

/// The cross-entropy −ln softmax(row)\[target\] of every row of `scores`, `[rows, classes]`. Replaces the scores by the
/// gradient of `weight` × the sum of the cross-entropies.
///
/// # Panics
/// A target is not a class.
pub fn cross_entropy(scores: &mut [f32], targets: &[u32], weight: f32) -> Vec<f64> {
    if targets.is_empty() {
        return Vec::new();
    }
    let classes = scores.len() / targets.len();
    scores
        .par_chunks_exact_mut(classes)
        .zip(targets)
        .map(|(row, &target)| cross_entropy_of_row(row, target as usize, weight))
        .collect()
}

multiversion! {
    fn cross_entropy_of_row(row: &mut [f32], target: usize, weight: f32) -> f64 {
        let own = row[target];
        let (chunks, rest) = row.as_chunks::<LANES>();
        let largest = rest.iter().fold(math::largest(chunks), |a, &b| if b > a { b } else { a });
        for x in row.iter_mut() {
            *x = math::exp::<FMA>(*x - largest);
        }
        let sum = math::sum(row, |x| x);
        let factor = weight / sum;
        for x in row.iter_mut() {
            *x *= factor;
        }
        row[target] -= weight;
        f64::from(sum).ln() + (f64::from(largest) - f64::from(own))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;

    #[test]
    fn losses_and_gradients_equal_plain_loops_at_odd_widths() {
        at_every_level(|| {
            for (rows, classes) in [(1, 1), (3, 7), (5, 16), (4, 33), (2, 1000)] {
                check(rows, classes);
            }
        });
    }

    fn check(rows: usize, classes: usize) {
        let start: Vec<f32> =
            (0..rows * classes).map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0).collect();
        let targets: Vec<u32> = (0..rows).map(|row| (row * 5 % classes) as u32).collect();
        let mut found = start.clone();
        let losses = cross_entropy(&mut found, &targets, 0.5);
        for (row, &target) in targets.iter().enumerate() {
            let scores = &start[row * classes..(row + 1) * classes];
            let exps: Vec<f64> = scores.iter().map(|&x| f64::from(x).exp()).collect();
            let sum: f64 = exps.iter().sum();
            let loss = sum.ln() - f64::from(scores[target as usize]);
            assert!((losses[row] - loss).abs() < 1e-5, "{} {loss}", losses[row]);
            for (class, exp) in exps.iter().enumerate() {
                let one = f64::from(u8::from(class == target as usize));
                let expected = 0.5 * (exp / sum - one);
                let found = f64::from(found[row * classes + class]);
                assert!((found - expected).abs() < 1e-6, "{found} {expected}");
            }
        }
    }

    #[test]
    fn large_scores_do_not_overflow_and_nan_stays_nan() {
        at_every_level(|| {
            let mut scores = vec![3000.0, -3000.0, 2999.0];
            let losses = cross_entropy(&mut scores, &[0], 1.0);
            assert!((losses[0] - (1.0 + (-1.0f64).exp()).ln()).abs() < 1e-6, "{losses:?}");
            assert!(scores.iter().all(|x| x.is_finite()));
            assert!(cross_entropy(&mut [1.0, f32::NAN], &[0], 1.0)[0].is_nan());
        });
    }
}
