//! Almost stochastic order (del Barrio, Cuesta-Albertos and Matrán 2018; Dror, Shlomov and Reichart 2019):
//! how far one system's scores over seeds are from being better at every quantile.

use crate::bootstrap::{Bootstrap, Draws};
use statrs::distribution::{ContinuousCDF, Normal};

/// ε_min: an upper bound, at `bootstrap.level`, of how much of the squared distance between the
/// distributions of `better` and `worse` comes from quantiles at which `better` is the worse one. 0 says that
/// it is better throughout, below 0.5 that it is better for the most part (0.2 is a common
/// threshold), 1 that it is never better. Equal distributions give 1.
pub fn almost_stochastic_order(better: &[f64], worse: &[f64], bootstrap: &Bootstrap) -> f64 {
    let (better, worse) = (sorted(better), sorted(worse));
    let ratio = violation(&better, &worse);
    let resampled: Vec<f64> = (0..bootstrap.resamples)
        .map(|resample| {
            let mut draws = Draws::new(bootstrap.seed, resample as u64);
            let mut drawn = |of: &[f64]| {
                sorted(&(0..of.len()).map(|_| of[draws.below(of.len())]).collect::<Vec<_>>())
            };
            violation(&drawn(&better), &drawn(&worse))
        })
        .collect();
    // At a level of 1 nothing but 1 is an upper bound, at 0 nothing but 0.
    let level = bootstrap.level.clamp(0.0, 1.0);
    if level == 0.0 || level == 1.0 {
        return level;
    }
    let bound = ratio - Normal::standard().inverse_cdf(1.0 - level) * deviation(&resampled);
    bound.clamp(0.0, 1.0)
}

/// The share of the squared Wasserstein distance that quantiles bring at which `better` is below
/// `worse` (Dror et al., equations 4 and 5); 1 where there is no distance. Both are sorted.
fn violation(better: &[f64], worse: &[f64]) -> f64 {
    let (n, m) = (better.len(), worse.len());
    let (mut i, mut j, mut from) = (0, 0, 0.0);
    let (mut distance, mut violated) = (0.0, 0.0);
    // Quantile functions are steps: between two ends of steps both are constant.
    while i < n && j < m {
        let ends = ((i + 1) as f64 / n as f64, (j + 1) as f64 / m as f64);
        let to = ends.0.min(ends.1);
        let square = (worse[j] - better[i]).powi(2) * (to - from);
        distance += square;
        violated += if better[i] < worse[j] { square } else { 0.0 };
        // Whole numbers compare without rounding: (i + 1) / n against (j + 1) / m.
        match ((i + 1) * m).cmp(&((j + 1) * n)) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j) = (i + 1, j + 1),
        }
        from = to;
    }
    if distance > 0.0 { violated / distance } else { 1.0 }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

fn deviation(values: &[f64]) -> f64 {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
}
