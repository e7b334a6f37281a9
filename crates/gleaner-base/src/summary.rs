//! Means, deviations and quantiles.

/// The arithmetic mean; `None` of no values.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation of a sample (divisor n − 1); `None` of fewer than two values.
pub fn deviation(values: &[f64]) -> Option<f64> {
    (values.len() > 1).then(|| (squares(values) / (values.len() - 1) as f64).sqrt())
}

/// The standard deviation of a whole population (divisor n); `None` of no values.
pub fn population_deviation(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| (squares(values) / values.len() as f64).sqrt())
}

/// The sum of squared distances from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (value - mean).powi(2)).sum()
}

/// The quantile `q`, from 0 to 1, of values in ascending order, by linear interpolation between neighbours (numpy's
/// default; type 7 of Hyndman and Fan 1996). `None` of no values.
///
/// ```
/// assert_eq!(gleaner_base::summary::quantile(&[0.0, 1.0, 4.0], 0.75), Some(2.5));
/// ```
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = q.clamp(0.0, 1.0) * last as f64;
    let below = sorted[position.floor() as usize];
    let above = sorted[position.ceil() as usize];
    Some(below + (above - below) * position.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        let values = [0.0, 1.0, 2.0, 3.0, 10.0];
        for (q, expected) in [(0.0, 0.0), (0.25, 1.0), (0.9, 7.2), (1.0, 10.0), (7.0, 10.0)] {
            let found = quantile(&values, q).unwrap();
            assert!((found - expected).abs() < 1e-12, "{q}: {found}");
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[3.0], 0.5), Some(3.0));
    }

    #[test]
    fn deviations_differ_by_their_divisor() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        assert_eq!(mean(&values), Some(5.0));
        assert_eq!(population_deviation(&values), Some(2.0));
        assert_eq!(deviation(&values), Some((32.0_f64 / 7.0).sqrt()));
        assert_eq!((deviation(&[1.0]), population_deviation(&[1.0])), (None, Some(0.0)));
        assert_eq!((mean(&[]), population_deviation(&[])), (None, None));
    }
}
