//! How numbers lie: means, deviations, quartiles.

/// A number that can be averaged and drawn: finite, and no larger than anything a study measures.
pub(crate) fn usable(value: f64) -> bool {
    // Never so for NaN.
    value.abs() <= 1e12
}

/// The sum of counts, or the largest count there is.
pub(crate) fn total(counts: impl IntoIterator<Item = usize>) -> usize {
    counts.into_iter().fold(0, usize::saturating_add)
}

/// The mean of the usable values; NaN where there is none.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values
        .into_iter()
        .filter(|value| usable(*value))
        .fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { f64::NAN } else { sum / count as f64 }
}

/// The standard deviation of a sample (divisor n − 1); NaN for fewer than two usable values.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    let values: Vec<f64> = values.iter().copied().filter(|value| usable(*value)).collect();
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values.iter().copied());
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// The usable values in ascending order.
pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| usable(*value)).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// A quantile of ascending values by linear interpolation (Hyndman and Fan 1996, type 7); NaN for
/// none.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = part * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// A box of Tukey's: quartiles, and the outermost values within one and a half times their
/// distance.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BoxOf {
    pub(crate) low: f64,
    pub(crate) first: f64,
    pub(crate) median: f64,
    pub(crate) third: f64,
    pub(crate) high: f64,
}

impl BoxOf {
    /// The box of ascending values; none of none.
    pub(crate) fn of(sorted: &[f64]) -> Option<Self> {
        let (first, third) = (quantile(sorted, 0.25), quantile(sorted, 0.75));
        let reach = 1.5 * (third - first);
        let low = sorted.iter().copied().find(|value| *value >= first - reach)?;
        let high = sorted.iter().copied().rev().find(|value| *value <= third + reach)?;
        Some(BoxOf { low, first, median: quantile(sorted, 0.5), third, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_interpolated() {
        let values = sorted([4.0, 1.0, 2.0, 3.0]);
        let quartiles = [0.0, 0.25, 0.5, 0.75, 1.0].map(|part| quantile(&values, part));
        assert_eq!(quartiles, [1.0, 1.75, 2.5, 3.25, 4.0]);
        assert!(quantile(&[], 0.5).is_nan());
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
    }

    #[test]
    fn whiskers_end_at_values_and_leave_out_outliers() {
        let values = sorted([1.0, 2.0, 3.0, 4.0, 5.0, 9.5, -4.0, f64::NAN, f64::INFINITY]);
        let expected = BoxOf { low: 1.0, first: 1.5, median: 3.0, third: 4.5, high: 5.0 };
        assert_eq!(BoxOf::of(&values), Some(expected));
        let one = BoxOf { low: 2.0, first: 2.0, median: 2.0, third: 2.0, high: 2.0 };
        assert_eq!(BoxOf::of(&[2.0]), Some(one));
        assert_eq!(BoxOf::of(&[]), None);
    }

    #[test]
    fn means_leave_out_what_is_not_known() {
        assert_eq!(mean([1.0, f64::NAN, 3.0, f64::INFINITY, f64::MAX]), 2.0);
        assert!(mean([f64::NAN]).is_nan());
        assert_eq!(deviation(&[2.0, 4.0, 4.0, 6.0, f64::NAN]), (8.0_f64 / 3.0).sqrt());
        assert!(deviation(&[1.0]).is_nan());
    }
}
