//! Whether a gain is significant.

use super::Measured;

/// A gain is significant if its corrected p-value is below this.
pub const LEVEL: f64 = 0.05;

/// The verdict on a gain: the paired permutation test over test sentences, corrected by Holm's method, and the 95 %
/// interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The corrected p-value is below [`LEVEL`] and the interval lies above 0.
    Significant,
    /// The corrected p-value is below [`LEVEL`] and the interval lies below 0.
    SignificantLoss,
    /// Neither.
    NotSignificant,
    /// There was nothing to measure.
    NothingMeasured,
}

impl Verdict {
    /// The verdict in words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Significant => "significant",
            Verdict::SignificantLoss => "significant loss",
            Verdict::NotSignificant => "not significant",
            Verdict::NothingMeasured => "nothing to measure",
        }
    }

    /// The verdict in words, with a warning where it rests on a single seed.
    pub(crate) fn with_seeds(self, seeds: usize) -> String {
        match self {
            Verdict::Significant | Verdict::SignificantLoss if seeds < 2 => {
                format!("{} (one seed)", self.name())
            }
            _ => self.name().to_owned(),
        }
    }
}

impl Measured {
    /// The verdict on the gain.
    pub fn verdict(&self) -> Verdict {
        match self.interval {
            (low, _) if self.corrected < LEVEL && low > 0.0 => Verdict::Significant,
            (_, high) if self.corrected < LEVEL && high < 0.0 => Verdict::SignificantLoss,
            _ => Verdict::NotSignificant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::ComparisonRow;

    fn row(corrected: f64, interval: (f64, f64)) -> ComparisonRow {
        let mut row = crate::study::example::study().comparisons[0].clone();
        let measured = row.measured.as_mut().unwrap();
        (measured.corrected, measured.interval) = (corrected, interval);
        row
    }

    #[test]
    fn a_verdict_needs_both_the_test_and_the_interval() {
        assert_eq!(row(0.049, (0.1, 2.0)).verdict(), Verdict::Significant);
        assert_eq!(row(0.05, (0.1, 2.0)).verdict(), Verdict::NotSignificant);
        assert_eq!(row(0.001, (-0.1, 2.0)).verdict(), Verdict::NotSignificant);
        assert_eq!(row(0.001, (-2.0, -0.1)).verdict(), Verdict::SignificantLoss);
        assert_eq!(row(0.2, (-2.0, -0.1)).verdict(), Verdict::NotSignificant);
        let nothing = ComparisonRow { measured: None, ..row(0.0, (1.0, 2.0)) };
        assert_eq!(nothing.verdict(), Verdict::NothingMeasured);
    }

    #[test]
    fn a_verdict_on_one_seed_says_so() {
        // Repetitions of one seed share its baseline.
        let one_seed = ComparisonRow { seeds: 1, runs: 5, ..row(0.001, (1.0, 2.0)) };
        let shown = |row: &ComparisonRow| row.verdict().with_seeds(row.seeds);
        let two_seeds = row(0.001, (1.0, 2.0));
        assert_eq!(
            [shown(&one_seed), shown(&two_seeds)],
            ["significant (one seed)", "significant"]
        );
    }
}
