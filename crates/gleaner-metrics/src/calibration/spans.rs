//! Predicted spans with their confidence and whether they are correct.

use super::{Calibration, bins::equal_width, bins::error};
use crate::bootstrap::Bootstrap;
use gleaner_base::random::SplitMix64;
use serde::{Deserialize, Serialize};

/// An entity that a tagger predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredSpan {
    /// The tagger's confidence in it, from 0 to 1.
    pub confidence: f64,
    /// Whether its type and boundaries are correct.
    #[serde(alias = "right")] // the name in older files
    pub correct: bool,
}

impl ScoredSpan {
    /// 1 if the span is correct, 0 if it is not.
    pub(super) fn outcome(&self) -> f64 {
        f64::from(u8::from(self.correct))
    }
}

/// The entities that a tagger predicted, sentence by sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoredSpans {
    spans: Vec<ScoredSpan>,
    /// For every sentence, the end of its part of `spans`.
    ends: Vec<usize>,
}

impl ScoredSpans {
    /// Number of bins that Gleaner uses. With the few hundred spans of a usual test set, more bins would be empty.
    pub const BINS: usize = 10;

    /// Adds one sentence with its spans, of which there may be none.
    pub fn add(&mut self, spans: impl IntoIterator<Item = ScoredSpan>) {
        self.spans.extend(spans);
        self.ends.push(self.spans.len());
    }

    /// Appends the sentences of `other`.
    pub fn append(&mut self, other: &Self) {
        let before = self.spans.len();
        self.spans.extend_from_slice(&other.spans);
        self.ends.extend(other.ends.iter().map(|end| end + before));
    }

    /// Number of sentences.
    pub fn sentences(&self) -> usize {
        self.ends.len()
    }

    /// The expected calibration error over `bins` bins of equal width; `None` without spans.
    pub fn ece(&self, bins: usize) -> Option<f64> {
        error(&equal_width(self.iter(), bins))
    }

    /// The calibration of this tagger alone, with `bins` bins; `None` without spans.
    pub fn report(&self, bins: usize, bootstrap: Option<&Bootstrap>) -> Option<Calibration> {
        Calibration::of(&[self], bins, bootstrap)
    }

    /// All spans in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = ScoredSpan> {
        self.spans.iter().copied()
    }

    /// The spans of a sentence.
    pub(super) fn of_sentence(&self, sentence: usize) -> &[ScoredSpan] {
        let start = if sentence == 0 { 0 } else { self.ends[sentence - 1] };
        &self.spans[start..self.ends[sentence]]
    }

    /// The error over a resample with as many sentences as there are.
    pub(super) fn resampled_error(&self, bins: usize, draws: &mut SplitMix64) -> Option<f64> {
        let drawn = (0..self.sentences()).map(|_| draws.below(self.sentences()));
        let spans = drawn.flat_map(|sentence| self.of_sentence(sentence)).copied();
        error(&equal_width(spans, bins))
    }
}
