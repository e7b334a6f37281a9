//! Learning rate schedules.

use serde::{Deserialize, Serialize};

/// The factor of the learning rate at `step` (from 0) of `total` steps: linear warm-up from 0 over `warmup` steps,
/// then linear decay to 0.
pub fn warmup_linear(step: u64, warmup: u64, total: u64) -> f64 {
    if step < warmup {
        step as f64 / warmup.max(1) as f64
    } else {
        total.saturating_sub(step) as f64 / total.saturating_sub(warmup).max(1) as f64
    }
}

/// PyTorch's `ReduceLROnPlateau` (mode min, relative threshold, no cooldown). It reduces the learning rate if a
/// value has not improved for more than `patience` epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    factor: f64,
    patience: u32,
    threshold: f64,
    best: Option<f64>,
    bad_epochs: u32,
    scale: f64,
}

impl Plateau {
    /// A schedule that multiplies the learning rate by `factor` after more than `patience` epochs without an
    /// improvement by the relative `threshold`.
    pub fn new(factor: f64, patience: u32, threshold: f64) -> Self {
        Self { factor, patience, threshold, best: None, bad_epochs: 0, scale: 1.0 }
    }

    /// The current factor of the learning rate.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Updates the schedule with the value of an epoch.
    pub fn observe(&mut self, value: f64) {
        if self.best.is_none_or(|best| value < best * (1.0 - self.threshold)) {
            self.best = Some(value);
            self.bad_epochs = 0;
        } else {
            self.bad_epochs += 1;
        }
        if self.bad_epochs > self.patience {
            self.scale *= self.factor;
            self.bad_epochs = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warms_up_and_decays_linearly() {
        let f = |s| warmup_linear(s, 10, 110);
        assert_eq!([f(0), f(5), f(10), f(60), f(110), f(200)], [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]);
        assert_eq!(warmup_linear(0, 0, 10), 1.0);
    }

    #[test]
    fn a_plateau_longer_than_the_patience_shrinks_the_rate() {
        let mut p = Plateau::new(0.1, 2, 1e-4);
        let scales: Vec<f64> = [5.0, 4.0, 4.0, 3.99999, 4.0, 4.0, 4.0, 4.0, 3.0]
            .map(|v| {
                p.observe(v);
                p.scale()
            })
            .to_vec();
        let expected = [1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.01, 0.01];
        assert!(scales.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{scales:?}");
    }
}
