//! How often a test rejects the null hypothesis.

/// The shares of trials whose p-value is no more than 0.05 and 0.2. `p_value` takes the trial's number.
pub fn rejections(trials: u64, p_value: impl FnMut(u64) -> f64) -> [f64; 2] {
    let p_values: Vec<f64> = (0..trials).map(p_value).collect();
    [0.05, 0.2].map(|level| p_values.iter().filter(|&&p| p <= level).count() as f64 / trials as f64)
}
