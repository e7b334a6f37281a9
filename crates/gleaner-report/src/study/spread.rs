//! Means, deviations and quartiles of the numbers that are known.

use gleaner_base::summary;

/// Whether a number can be averaged and drawn: finite, and no larger than anything that a study measures.
pub(crate) fn usable(value: f64) -> bool {
    // False for NaN.
    value.abs() <= 1e12
}

fn usable_ones(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    values.into_iter().filter(|value| usable(*value)).collect()
}

/// The sum of counts, or the largest `usize` where it overflows.
pub(crate) fn total(counts: impl IntoIterator<Item = usize>) -> usize {
    counts.into_iter().fold(0, usize::saturating_add)
}

/// The mean of the usable values; NaN where there is none.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    summary::mean(&usable_ones(values)).unwrap_or(f64::NAN)
}

/// The standard deviation (divisor n − 1) of the usable values; NaN for fewer than two.
pub(crate) fn deviation(values: &[f64]) -> f64 {
    summary::deviation(&usable_ones(values.iter().copied())).unwrap_or(f64::NAN)
}

/// The usable values in ascending order.
pub(crate) fn sorted(values: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut values = usable_ones(values);
    values.sort_by(f64::total_cmp);
    values
}

/// A quantile of ascending values; NaN of no values.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    summary::quantile(sorted, part).unwrap_or(f64::NAN)
}

/// Tukey's box: the quartiles, and the outermost values within one and a half interquartile ranges of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BoxOf {
    pub(crate) low: f64,
    pub(crate) first: f64,
    pub(crate) median: f64,
    pub(crate) third: f64,
    pub(crate) high: f64,
}

impl BoxOf {
    /// The box of ascending values; `None` of no values.
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
    fn whiskers_end_at_values_and_leave_out_outliers() {
        let values = sorted([1.0, 2.0, 3.0, 4.0, 5.0, 9.5, -4.0, f64::NAN, f64::INFINITY]);
        let expected = BoxOf { low: 1.0, first: 1.5, median: 3.0, third: 4.5, high: 5.0 };
        assert_eq!(BoxOf::of(&values), Some(expected));
        let one = BoxOf { low: 2.0, first: 2.0, median: 2.0, third: 2.0, high: 2.0 };
        assert_eq!(BoxOf::of(&[2.0]), Some(one));
        assert_eq!(BoxOf::of(&[]), None);
    }

    #[test]
    fn unknown_numbers_are_left_out() {
        assert_eq!(mean([1.0, f64::NAN, 3.0, f64::INFINITY, f64::MAX]), 2.0);
        assert!(mean([f64::NAN]).is_nan());
        assert_eq!(deviation(&[2.0, 4.0, 4.0, 6.0, f64::NAN]), (8.0_f64 / 3.0).sqrt());
        assert!(deviation(&[1.0]).is_nan());
        assert!(quantile(&[], 0.5).is_nan());
    }
}
