//! Almost stochastic order, ASO (del Barrio, Cuesta-Albertos and Matrán 2018; Dror, Shlomov and Reichart 2019): how far
//! one system's scores over seeds are from being better at every quantile.

use crate::bootstrap::{Bootstrap, draws};
use crate::normal::normal_quantile;
use gleaner_base::summary::population_deviation;

/// Number of seeds that each side needs for ASO. With fewer, its bound depends on the order of single scores.
pub const ASO_SEEDS: usize = 5;

/// ε_min of the scores `better` over the scores `worse`: an upper bound, at `bootstrap.level`, of the share of the
/// squared distance between both distributions that comes from quantiles at which `better` is lower. 0: better at
/// every quantile; below 0.5: better at most (0.2 is a common threshold); 1: never better. Equal distributions give 1.
pub fn almost_stochastic_order(better: &[f64], worse: &[f64], bootstrap: &Bootstrap) -> f64 {
    let (better, worse) = (sorted(better), sorted(worse));
    let ratio = violation(&better, &worse);
    let resampled: Vec<f64> = (0..bootstrap.resamples)
        .map(|resample| {
            let mut draws = draws(bootstrap.seed, resample as u64);
            let mut drawn = |of: &[f64]| {
                sorted(&(0..of.len()).map(|_| of[draws.below(of.len())]).collect::<Vec<_>>())
            };
            violation(&drawn(&better), &drawn(&worse))
        })
        .collect();
    // At level 1 the only bound is 1, at level 0 it is 0.
    let level = bootstrap.level.clamp(0.0, 1.0);
    if level == 0.0 || level == 1.0 {
        return level;
    }
    let spread = population_deviation(&resampled).unwrap_or(0.0);
    (ratio - normal_quantile(1.0 - level) * spread).clamp(0.0, 1.0)
}

/// The share of the squared Wasserstein distance from quantiles at which `better` is below `worse` (Dror et al.,
/// equations 4 and 5); 1 where the distance is 0. Both are sorted.
fn violation(better: &[f64], worse: &[f64]) -> f64 {
    let (n, m) = (better.len(), worse.len());
    let (mut i, mut j, mut from) = (0, 0, 0.0);
    let (mut distance, mut violated) = (0.0, 0.0);
    // Quantile functions are steps: both are constant between two ends of steps.
    while i < n && j < m {
        let ends = ((i + 1) as f64 / n as f64, (j + 1) as f64 / m as f64);
        let to = ends.0.min(ends.1);
        let square = (worse[j] - better[i]).powi(2) * (to - from);
        distance += square;
        violated += if better[i] < worse[j] { square } else { 0.0 };
        // Compares (i + 1) / n with (j + 1) / m without rounding.
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
