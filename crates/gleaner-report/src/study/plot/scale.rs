//! Axes with round numbers: from numbers to places.

use crate::study::spread::usable;

/// An axis from a round number to a round number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    /// The first and the last tick, counted in steps from zero.
    ticks: (i64, i64),
    step: f64,
    /// The places of the first and of the last tick.
    start: f64,
    end: f64,
}

impl Scale {
    /// A scale that covers all usable values with about `count` ticks; 0 to 1 if there are none.
    pub(crate) fn covering(values: impl IntoIterator<Item = f64>, count: usize) -> Self {
        let (mut low, mut high) = values
            .into_iter()
            .filter(|value| usable(*value))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // Numbers that differ in their last digits only count as one point.
        let largest = low.abs().max(high.abs());
        if high - low <= largest.max(1.0) * 1e-9 {
            let room = if largest < 1e-9 { 1.0 } else { largest * 0.1 };
            (low, high) = (low - room, high + room);
        }
        let step = round_step((high - low) / count as f64);
        Scale {
            // A value that differs from a tick in its last bits needs no further tick.
            ticks: ((low / step + 1e-6).floor() as i64, (high / step - 1e-6).ceil() as i64),
            step,
            start: 0.0,
            end: 1.0,
        }
    }

    /// As [`Scale::covering`], with ticks at whole numbers only.
    pub(crate) fn whole(values: impl IntoIterator<Item = f64>, count: usize) -> Self {
        let scale = Self::covering(values, count);
        if scale.step >= 1.0 {
            return scale;
        }
        let [low, high] = [scale.ticks.0, scale.ticks.1].map(|tick| tick as f64 * scale.step);
        Scale { ticks: (low.floor() as i64, high.ceil() as i64), step: 1.0, ..scale }
    }

    /// The scale drawn from one place to another.
    pub(crate) fn drawn(self, start: f64, end: f64) -> Self {
        Scale { start, end, ..self }
    }

    /// The first tick's number.
    pub(crate) fn low(&self) -> f64 {
        self.ticks.0 as f64 * self.step
    }

    /// The last tick's number.
    pub(crate) fn high(&self) -> f64 {
        self.ticks.1 as f64 * self.step
    }

    /// The place of a number.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let part = (value - self.low()) / (self.high() - self.low());
        self.start + part * (self.end - self.start)
    }

    /// The numbers beside the axis.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        (self.ticks.0..=self.ticks.1).map(|tick| tick as f64 * self.step).collect()
    }

    /// Number of decimals that distinguish neighbouring ticks.
    pub(crate) fn decimals(&self) -> usize {
        // A step is a power of ten times 1, 2 or 5.
        (-(self.step * 1.000_001).log10().floor()).max(0.0) as usize
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is no smaller than the step.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powi(step.log10().floor() as i32);
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step * 0.999_999);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(values: &[f64], count: usize) -> Vec<String> {
        let scale = Scale::covering(values.iter().copied(), count);
        let decimals = scale.decimals();
        scale.numbers().iter().map(|number| format!("{number:.decimals$}")).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(written(&[0.0, 1.0], 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(written(&[-3.2, 7.9], 4), ["-5", "0", "5", "10"]);
        assert_eq!(written(&[1.0, 23.0], 6), ["0", "5", "10", "15", "20", "25"]);
        assert_eq!(written(&[0.9412, 0.9437], 3), ["0.941", "0.942", "0.943", "0.944"]);
        assert_eq!(written(&[0.82, 0.99], 4), ["0.80", "0.85", "0.90", "0.95", "1.00"]);
    }

    #[test]
    fn odd_values_still_give_an_axis() {
        assert_eq!(written(&[], 2), ["0.0", "0.5", "1.0"]);
        assert_eq!(written(&[f64::NAN, f64::INFINITY, f64::MAX], 2), ["0.0", "0.5", "1.0"]);
        assert_eq!(written(&[0.0], 2), ["-1", "0", "1"]);
        assert_eq!(written(&[-1e-300], 2), ["-1", "0", "1"]);
        assert_eq!(written(&[50.0], 2), ["45", "50", "55"]);
        assert_eq!(written(&[-1e12, 1e12], 2), ["-1000000000000", "0", "1000000000000"]);
    }

    #[test]
    fn whole_numbers_have_whole_ticks() {
        let scale = Scale::whole([1.0, 2.0], 5);
        assert_eq!(scale.numbers(), [1.0, 2.0]);
        assert_eq!(Scale::whole([3.0], 5).numbers(), [2.0, 3.0, 4.0]);
    }

    proptest! {
        #[test]
        fn every_value_lies_within(values in prop::collection::vec(prop::num::f64::ANY, 0..20), count in 2..8_usize) {
            let scale = Scale::covering(values.iter().copied(), count).drawn(10.0, 90.0);
            let ticks = scale.numbers();
            prop_assert!((2..=count + 2).contains(&ticks.len()), "{:?}", ticks);
            prop_assert!(ticks.iter().all(|tick| tick.is_finite()));
            for value in values.into_iter().filter(|value| usable(*value)) {
                let place = scale.at(value);
                prop_assert!((9.99..=90.01).contains(&place), "{} at {}", value, place);
            }
        }
    }
}
