//! The temperature at which confidences fit.
//!
//! A network that is trained to the end is too sure of itself; dividing all its scores by one
//! number, fitted on held-out text, mends most of that (Guo et al. 2017, section 4.2). What is
//! fitted are the decisions whose confidence is told: the spans that the tagger finds, right or
//! wrong. The likelihood of whole tag sequences would do too, but is made of easy words outside
//! of any entity for the most part, which need no calibration.

use super::{Emitted, Tagged, Tagger};
use crate::{GleanerError, pieces::WordPieces};
use gleaner_corpus::Corpus;
use gleaner_nn::crf::Crf;
use rayon::prelude::*;

/// Where a temperature is looked for: powers of 2 from the lowest to the highest.
const POWERS: [f64; 2] = [-2.0, 4.0];
/// Steps between two powers in the first, coarse search.
const STEPS_A_POWER: usize = 2;
/// Steps of the fine search; each leaves 0.62 of the range.
const FINE_STEPS: usize = 12;

impl Tagger {
    /// The temperature under which the confidences of the spans that the tagger finds in `corpus`
    /// have the least cross-entropy with their being right, to three decimals; 1 where it finds none.
    ///
    /// A span counts as right with Platt's targets (Platt 1999, section 2.2), (n₊ + 1) / (n₊ + 2) of a
    /// right one and 1 / (n₋ + 2) of a wrong one: with a few dozen spans that all are right the
    /// best temperature would otherwise be 0.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer.
    pub(crate) fn fit_temperature(&self, corpus: &Corpus) -> Result<f64, GleanerError> {
        let pieces: Vec<WordPieces> =
            corpus.sentences.par_iter().map(|s| self.pieces.sentence(&s.words)).collect();
        let sequences = self.sequences(&pieces);
        let windows = self.windows(pieces.len(), &sequences)?;
        let crf = self.network.crf();
        let decode = |at: usize, temperature: f64| -> Tagged {
            self.decode(&crf, temperature, pieces[at].words(), &windows[at])
        };
        let with_spans: Vec<(usize, Vec<bool>)> = (0..pieces.len())
            .into_par_iter()
            .map(|at| (at, decode(at, 1.0).right(&corpus.sentences[at].tags)))
            .filter(|(_, right)| !right.is_empty())
            .collect();
        let right: Vec<bool> = with_spans.iter().flat_map(|(_, r)| r).copied().collect();
        if right.is_empty() {
            return Ok(1.0);
        }
        let loss = |power: f64| {
            let of = |(at, _): &(usize, Vec<bool>)| {
                confidences(self, &crf, *at, power, &pieces, &windows)
            };
            let confidences: Vec<Vec<f64>> = with_spans.par_iter().map(of).collect();
            cross_entropy(&confidences.concat(), &right)
        };
        let power = lowest(loss);
        Ok((2f64.powf(power) * 1e3).round() / 1e3)
    }
}

/// The confidences of a sentence's spans at the temperature 2^`power`.
fn confidences(
    tagger: &Tagger,
    crf: &Crf,
    at: usize,
    power: f64,
    pieces: &[WordPieces],
    windows: &[Vec<Emitted>],
) -> Vec<f64> {
    let tagged = tagger.decode(crf, 2f64.powf(power), pieces[at].words(), &windows[at]);
    tagged.spans.iter().map(|s| s.confidence).collect()
}

/// The mean cross-entropy of confidences with Platt's targets.
fn cross_entropy(confidences: &[f64], right: &[bool]) -> f64 {
    let rights = right.iter().filter(|r| **r).count() as f64;
    let wrongs = right.len() as f64 - rights;
    let (of_right, of_wrong) = ((rights + 1.0) / (rights + 2.0), 1.0 / (wrongs + 2.0));
    let losses = confidences.iter().zip(right).map(|(&confidence, &right)| {
        let (p, target) =
            (confidence.clamp(1e-12, 1.0 - 1e-12), if right { of_right } else { of_wrong });
        -(target * p.ln() + (1.0 - target) * (1.0 - p).ln())
    });
    losses.sum::<f64>() / right.len() as f64
}

/// Where the loss is lowest: a coarse search over all [`POWERS`], since it may have several dips,
/// then a golden section around the best.
fn lowest(loss: impl Fn(f64) -> f64) -> f64 {
    let [low, high] = POWERS;
    let step = 1.0 / STEPS_A_POWER as f64;
    let steps = ((high - low) / step).round() as usize;
    let coarse = (0..=steps).map(|i| low + i as f64 * step);
    let best = coarse.map(|power| (power, loss(power))).min_by(|a, b| a.1.total_cmp(&b.1));
    let middle = best.map_or(0.0, |(power, _)| power);
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut a, mut b) = ((middle - step).max(low), (middle + step).min(high));
    let (mut c, mut d) = (b - golden * (b - a), a + golden * (b - a));
    let (mut at_c, mut at_d) = (loss(c), loss(d));
    for _ in 0..FINE_STEPS {
        if at_c <= at_d {
            (b, d, at_d) = (d, c, at_c);
            c = b - golden * (b - a);
            at_c = loss(c);
        } else {
            (a, c, at_c) = (c, d, at_d);
            d = a + golden * (b - a);
            at_d = loss(d);
        }
    }
    if at_c <= at_d { c } else { d }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_point_is_found_and_a_range_without_one_ends_at_its_border() {
        for at in [-1.3, 0.0, 0.77, 3.1] {
            let found = lowest(|power| (power - at).powi(2));
            assert!((found - at).abs() < 4e-3, "{found} {at}");
        }
        assert!(lowest(|power| power) < -1.99 && lowest(|power| -power) > 3.99);
        // The deeper of two dips, though the other is nearer to 1.
        let dips = |p: f64| (2.0 * (p - 0.1).powi(2)).min((p - 2.6).powi(2) - 0.5);
        assert!((lowest(dips) - 2.6).abs() < 4e-3);
    }

    /// Confidences of spans whose log-odds are `scale` times those of their being right.
    fn loss_of(scale: f64) -> f64 {
        let odds = [0.2, 0.8, 1.4, 2.0, 2.6, 3.2];
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let spans = odds.into_iter().flat_map(|odds| {
            let rights = (1000.0 * sigmoid(odds)).round() as usize;
            (0..1000).map(move |i| (odds, i < rights))
        });
        let (odds, right): (Vec<f64>, Vec<bool>) = spans.unzip();
        let at = |power: f64| -> f64 {
            let confidences: Vec<f64> =
                odds.iter().map(|o| sigmoid(o * scale / 2f64.powf(power))).collect();
            cross_entropy(&confidences, &right)
        };
        2f64.powf(lowest(at))
    }

    #[test]
    fn the_temperature_undoes_a_known_overconfidence() {
        for scale in [0.5, 1.0, 3.0, 8.0] {
            let found = loss_of(scale);
            assert!((found / scale - 1.0).abs() < 0.02, "{found} {scale}");
        }
    }

    #[test]
    fn spans_that_are_all_right_do_not_ask_for_certainty() {
        let right = [true; 30];
        let loss = |p: f64| cross_entropy(&[p; 30], &right);
        assert!(loss(31.0 / 32.0) < loss(0.9) && loss(31.0 / 32.0) < loss(0.9999));
    }
}
