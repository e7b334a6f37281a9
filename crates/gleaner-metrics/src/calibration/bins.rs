//! Bins of spans by confidence.

use super::ScoredSpan;
use serde::{Deserialize, Serialize};

/// The spans whose confidence is above `low` and not above `high`. The first bin includes 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The lower boundary.
    pub low: f64,
    /// The upper boundary.
    pub high: f64,
    /// Number of spans.
    pub spans: usize,
    /// Their mean confidence.
    pub confidence: f64,
    /// The share of them that is correct.
    pub accuracy: f64,
}

impl Bin {
    /// The bins of equal width that hold a span.
    pub(super) fn of(sums: &[Sums]) -> Vec<Self> {
        let boundary = |bin: usize| bin as f64 / sums.len() as f64;
        let filled = sums.iter().enumerate().filter(|(_, sums)| sums.spans > 0);
        filled
            .map(|(bin, sums)| Bin {
                low: boundary(bin),
                high: boundary(bin + 1),
                spans: sums.spans,
                confidence: sums.confidence / sums.spans as f64,
                accuracy: sums.correct as f64 / sums.spans as f64,
            })
            .collect()
    }
}

/// Sums over the spans of a bin.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    spans: usize,
    confidence: f64,
    correct: usize,
}

impl Sums {
    fn add(&mut self, span: ScoredSpan) {
        self.spans += 1;
        self.confidence += span.confidence;
        self.correct += usize::from(span.correct);
    }
}

/// The sums of bins of equal width; one bin or more.
pub(super) fn equal_width(spans: impl Iterator<Item = ScoredSpan>, bins: usize) -> Vec<Sums> {
    let mut sums = vec![Sums::default(); bins.max(1)];
    for span in spans {
        let bin = (span.confidence * sums.len() as f64).ceil() as usize;
        let last = sums.len() - 1;
        sums[bin.saturating_sub(1).min(last)].add(span);
    }
    sums
}

/// The sums of bins with equally many spans, or one more; one bin or more.
pub(super) fn equal_mass(spans: impl Iterator<Item = ScoredSpan>, bins: usize) -> Vec<Sums> {
    let bins = bins.max(1);
    let mut sorted: Vec<ScoredSpan> = spans.collect();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let mut sums = vec![Sums::default(); bins];
    for (place, span) in sorted.iter().enumerate() {
        sums[place * bins / sorted.len()].add(*span);
    }
    sums
}

/// Σ over bins of share of spans × |mean confidence − share of correct spans|; `None` without spans.
pub(super) fn error(sums: &[Sums]) -> Option<f64> {
    let all: usize = sums.iter().map(|s| s.spans).sum();
    let distances = sums.iter().map(|s| (s.confidence - s.correct as f64).abs());
    (all > 0).then(|| distances.sum::<f64>() / all as f64)
}
