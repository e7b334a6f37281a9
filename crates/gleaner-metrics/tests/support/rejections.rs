//! How often a test rejects.

/// The part of the trials whose p-value, given their number, is at most 0.05, and at most 0.2.
pub fn rejections(trials: u64, p_value: impl FnMut(u64) -> f64) -> [f64; 2] {
    let p_values: Vec<f64> = (0..trials).map(p_value).collect();
    [0.05, 0.2].map(|level| p_values.iter().filter(|&&p| p <= level).count() as f64 / trials as f64)
}
