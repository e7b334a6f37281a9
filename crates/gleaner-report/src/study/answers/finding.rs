//! What a gain shows, and where the evidence is too small to show anything.

use super::{Measured, Verdict};
use crate::study::LEVEL;
use crate::study::number::counted;
use serde::Serialize;

/// What a gain shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Finding {
    /// A significant gain.
    Significant,
    /// A significant loss.
    SignificantLoss,
    /// Neither a significant gain nor a significant loss.
    NotSignificant,
    /// One seed: the verdict holds for the trained models only.
    TooFewSeeds,
    /// With this few different test sentences no corrected p-value can be below the level.
    TooFewSentences,
    /// With this few resamples no corrected p-value can be below the level.
    TooFewResamples,
    /// There is no entity, gold or predicted.
    NothingMeasured,
}

/// The size of the evidence behind a gain.
pub(super) struct Evidence {
    pub(super) seeds: usize,
    /// Different test sentences.
    pub(super) sentences: usize,
    /// Tests that Holm's correction covers.
    pub(super) tests: usize,
    pub(super) resamples: Option<usize>,
}

impl Evidence {
    /// Whether a p-value of this size is not significant after Holm's correction, which multiplies the smallest by the
    /// number of tests.
    fn hides(&self, smallest: f64) -> bool {
        smallest * self.tests as f64 >= LEVEL
    }

    /// The smallest p-value with this many sentences: of all 2ⁿ exchanges, none and all give the observed difference.
    fn has_too_few_sentences(&self) -> bool {
        self.hides(2.0 * 0.5_f64.powi(self.sentences.min(1000) as i32))
    }

    /// The smallest p-value of R drawn exchanges is 1 / (R + 1).
    fn has_too_few_resamples(&self) -> bool {
        self.resamples.is_some_and(|resamples| self.hides(1.0 / (resamples as f64 + 1.0)))
    }

    /// A number of resamples with which the smallest p-value is half of what the level needs.
    fn enough_resamples(&self) -> f64 {
        (2.0 * self.tests as f64 / LEVEL).ceil()
    }
}

impl Finding {
    pub(super) fn of(measured: Option<&Measured>, evidence: &Evidence) -> Self {
        let Some(measured) = measured else { return Finding::NothingMeasured };
        match measured.verdict() {
            Verdict::NotSignificant if evidence.has_too_few_sentences() => Finding::TooFewSentences,
            Verdict::NotSignificant if evidence.has_too_few_resamples() => Finding::TooFewResamples,
            _ if evidence.seeds < 2 => Finding::TooFewSeeds,
            Verdict::Significant => Finding::Significant,
            Verdict::SignificantLoss => Finding::SignificantLoss,
            Verdict::NotSignificant | Verdict::NothingMeasured => Finding::NotSignificant,
        }
    }

    /// The finding in words.
    pub(super) fn said(self, verdict: Verdict, evidence: &Evidence) -> String {
        match self {
            Finding::Significant | Finding::SignificantLoss | Finding::NotSignificant => {
                verdict.name().to_owned()
            }
            Finding::TooFewSeeds => {
                format!("{} for the trained models; too few seeds (1) to say more", verdict.name())
            }
            Finding::TooFewSentences => format!(
                "too few sentences to say ({} for {})",
                counted(evidence.sentences, "different test sentence"),
                counted(evidence.tests, "test")
            ),
            Finding::TooFewResamples => format!(
                "too few resamples to say: set `resamples` to {} or more",
                evidence.enough_resamples()
            ),
            Finding::NothingMeasured => {
                "nothing to measure: no entity, gold or predicted".to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(corrected: f64, interval: (f64, f64)) -> Measured {
        Measured {
            baseline: 0.5,
            baseline_deviation: None,
            system: 0.6,
            system_deviation: None,
            gain: 10.0,
            interval,
            p_value: corrected,
            corrected,
            aso: None,
        }
    }

    fn evidence(seeds: usize, sentences: usize, tests: usize, resamples: usize) -> Evidence {
        Evidence { seeds, sentences, tests, resamples: Some(resamples) }
    }

    #[test]
    fn verdicts_are_findings_where_the_evidence_suffices() {
        let enough = evidence(2, 30, 1, 1000);
        let of = |corrected, interval| Finding::of(Some(&measured(corrected, interval)), &enough);
        assert_eq!(of(0.01, (1.0, 2.0)), Finding::Significant);
        assert_eq!(of(0.01, (-2.0, -1.0)), Finding::SignificantLoss);
        assert_eq!(of(0.2, (-1.0, 2.0)), Finding::NotSignificant);
        assert_eq!(Finding::of(None, &enough), Finding::NothingMeasured);
    }

    #[test]
    fn too_little_evidence_is_named() {
        let unclear = measured(0.2, (-1.0, 2.0));
        let of = |evidence: Evidence| Finding::of(Some(&unclear), &evidence);
        assert_eq!(of(evidence(1, 30, 1, 1000)), Finding::TooFewSeeds);
        // 2 / 2⁵ is above 0.05, 2 / 2⁶ below.
        assert_eq!(of(evidence(2, 5, 1, 1000)), Finding::TooFewSentences);
        assert_eq!(of(evidence(2, 6, 1, 1000)), Finding::NotSignificant);
        assert_eq!(of(evidence(2, 6, 2, 1000)), Finding::TooFewSentences);
        // 50 / 1001 is below 0.05, 51 / 1001 above.
        assert_eq!(of(evidence(2, 300, 50, 1000)), Finding::NotSignificant);
        assert_eq!(of(evidence(2, 300, 51, 1000)), Finding::TooFewResamples);
        assert_eq!(evidence(2, 300, 51, 1000).enough_resamples(), 2040.0);
        let unknown = Evidence { resamples: None, ..evidence(2, 300, 51, 0) };
        assert_eq!(of(unknown), Finding::NotSignificant);
        // What is significant needs no more evidence, except for seeds.
        let clear = measured(0.01, (1.0, 2.0));
        assert_eq!(Finding::of(Some(&clear), &evidence(1, 30, 1, 9)), Finding::TooFewSeeds);
        assert_eq!(Finding::of(Some(&clear), &evidence(2, 30, 1, 9)), Finding::Significant);
    }
}
