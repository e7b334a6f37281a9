//! Ranges of numbers among settings.

use crate::GleanerError;

/// The numbers that a setting may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Range {
    NotNegative,
    Positive,
    /// From 0 to 1.
    Share,
    /// From 0 to below 1.
    ShareBelowOne,
    /// Above 0, up to 1.
    ShareAboveZero,
}

impl Range {
    fn contains(self, value: f64) -> bool {
        match self {
            Self::NotNegative => value >= 0.0 && value.is_finite(),
            Self::Positive => value > 0.0 && value.is_finite(),
            Self::Share => (0.0..=1.0).contains(&value),
            Self::ShareBelowOne => (0.0..1.0).contains(&value),
            Self::ShareAboveZero => value > 0.0 && value <= 1.0,
        }
    }

    /// For users: `use …`.
    fn words(self) -> &'static str {
        match self {
            Self::NotNegative => "a number of 0 or more",
            Self::Positive => "a number above 0",
            Self::Share => "a number from 0 to 1",
            Self::ShareBelowOne => "a number from 0 to below 1",
            Self::ShareAboveZero => "a number above 0 and up to 1",
        }
    }

    /// Refuses the first number out of this range. Each has the key of its setting.
    pub(crate) fn check(self, values: &[(&str, f64)]) -> Result<(), GleanerError> {
        match values.iter().find(|(_, value)| !self.contains(*value)) {
            None => Ok(()),
            Some((key, value)) => Err(GleanerError::Settings(format!(
                "{key}: {value} is out of range; use {}",
                self.words()
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_ranges() {
        let accepted = |range: Range| {
            let values = [-1.0, 0.0, 0.5, 1.0, 2.0, f64::INFINITY, f64::NAN];
            values.map(|value| u8::from(range.contains(value)))
        };
        assert_eq!(accepted(Range::NotNegative), [0, 1, 1, 1, 1, 0, 0]);
        assert_eq!(accepted(Range::Positive), [0, 0, 1, 1, 1, 0, 0]);
        assert_eq!(accepted(Range::Share), [0, 1, 1, 1, 0, 0, 0]);
        assert_eq!(accepted(Range::ShareBelowOne), [0, 1, 1, 0, 0, 0, 0]);
        assert_eq!(accepted(Range::ShareAboveZero), [0, 0, 1, 1, 0, 0, 0]);
    }
}
