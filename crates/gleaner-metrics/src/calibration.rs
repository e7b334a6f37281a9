//! Whether confidences equal the rate of correct predictions.
//!
//! Of the entities that a tagger predicts with confidence 0.8, four in five should be correct. The *expected
//! calibration error* (ECE) measures the deviation: spans are put into bins by confidence, and the distance between a
//! bin's mean confidence and its share of correct spans is averaged over bins, weighted by their spans (Guo et al.
//! 2017, section 2). Bins have equal width or equal numbers of spans. With few spans the shares are noisy, so the ECE
//! is above 0 even for a perfectly calibrated tagger: compare errors of similar numbers of spans in the same bins.

mod bins;
mod change;
mod spans;

pub use bins::Bin;
pub use change::CalibrationChange;
pub use spans::{ScoredSpan, ScoredSpans};

use crate::bootstrap::{Bootstrap, Interval, draws, reflected};
use bins::{equal_mass, equal_width, error};
use gleaner_base::summary::mean;
use serde::{Deserialize, Serialize};

/// How well confidences are calibrated. All numbers except counts are from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    /// Number of sentences.
    pub sentences: usize,
    /// Number of predicted entities, of all taggers.
    pub spans: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that is correct: the precision.
    pub accuracy: f64,
    /// The expected calibration error over bins of equal width; the mean over taggers.
    pub ece: f64,
    /// The interval of `ece` over sentences, if requested: the basic bootstrap, because resampling increases the error.
    /// For errors near 0 it is still too narrow.
    pub interval: Option<Interval>,
    /// The expected calibration error over bins of equally many spans; the mean over taggers.
    pub ece_equal_mass: f64,
    /// The Brier score: the mean squared distance between the confidence and 1 (correct span) or 0 (wrong span) (Brier
    /// 1950).
    pub brier: f64,
    /// Bins of equal width that hold a span, ascending.
    pub bins: Vec<Bin>,
}

impl Calibration {
    /// The calibration of several taggers, such as those of several seeds, which have labelled the same sentences in
    /// the same order. Errors are averaged over taggers: the error of all spans together would be smaller, because
    /// one tagger's overconfidence would cancel another's underconfidence. Counts, means, Brier score and bins are of
    /// all spans. Sentences are resampled for all taggers at once. `None` without spans.
    pub fn of(
        taggers: &[&ScoredSpans],
        bins: usize,
        bootstrap: Option<&Bootstrap>,
    ) -> Option<Self> {
        let all: Vec<ScoredSpan> = taggers.iter().flat_map(|tagger| tagger.iter()).collect();
        let ece = mean_of_known(taggers.iter().map(|tagger| tagger.ece(bins)))?;
        let mean = |of: fn(&ScoredSpan) -> f64| mean(&all.iter().map(of).collect::<Vec<_>>());
        let interval = bootstrap.and_then(|bootstrap| {
            let resampled = (0..bootstrap.resamples).filter_map(|resample| {
                let draws = || draws(bootstrap.seed, resample as u64);
                mean_of_known(taggers.iter().map(|t| t.resampled_error(bins, &mut draws())))
            });
            let interval = reflected(resampled.collect(), ece, bootstrap.level)?;
            let possible = |end: f64| end.clamp(0.0, 1.0);
            Some(Interval { low: possible(interval.low), high: possible(interval.high) })
        });
        let equal_mass_error = |tagger: &&ScoredSpans| error(&equal_mass(tagger.iter(), bins));
        Some(Self {
            sentences: taggers.first()?.sentences(),
            spans: all.len(),
            confidence: mean(|span| span.confidence)?,
            accuracy: mean(ScoredSpan::outcome)?,
            ece,
            interval,
            ece_equal_mass: mean_of_known(taggers.iter().map(equal_mass_error))?,
            brier: mean(|span| (span.confidence - span.outcome()).powi(2))?,
            bins: Bin::of(&equal_width(all.iter().copied(), bins)),
        })
    }
}

/// The mean of the errors that are known; `None` where none is.
fn mean_of_known(errors: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    mean(&errors.flatten().collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
