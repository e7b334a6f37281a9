//! The temperature at which confidences fit.
//!
//! A network that is trained to the end is too sure of itself; dividing all its scores by one
//! number, fitted on held-out text, mends most of that (Guo et al. 2017, section 4.2).
//!
//! What is fitted is the likelihood of dev's tags, not that of the decisions whose confidence is
//! told, the spans found and their being right. Where dev chose the epoch, it did so by exactly those
//! decisions, so that they look better there than they are, and a temperature fitted to them is too low.
//! The likelihood suffers less from that choice, rests on every word, and has a single dip.

use super::Tagger;
use crate::{GleanerError, pieces::WordPieces};
use gleaner_corpus::Corpus;
use gleaner_nn::crf::Crf;
use rayon::prelude::*;

/// Where a temperature is looked for: powers of 2 from the lowest to the highest.
const POWERS: [f64; 2] = [-2.0, 4.0];
/// Steps of the search; each leaves 0.62 of the range.
const STEPS: usize = 18;
/// What is believed of the temperature's natural logarithm before dev is seen: it is normal around 0
/// with this deviation. A few dozen sentences that are all tagged rightly would ask for certainty.
const DEVIATION: f64 = 0.5;

impl Tagger {
    /// The temperature under which the tags of `corpus` are most probable, given what is believed
    /// before it is seen, to three decimals.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer.
    pub(crate) fn fit_temperature(&self, corpus: &Corpus) -> Result<f64, GleanerError> {
        let pieces: Vec<WordPieces> =
            corpus.sentences.par_iter().map(|s| self.pieces.sentence(&s.words)).collect();
        let sequences = self.sequences(&pieces);
        let crf = self.network.crf();
        let emitted = self.emit(&sequences)?;
        let with_tags: Vec<_> = emitted
            .into_iter()
            .map(|e| {
                let tags = &corpus.sentences[e.sentence].tags;
                let gold: Vec<u16> = tags.iter().map(|t| self.labels.id(t).unwrap_or(0)).collect();
                (e.emissions, e.sequence.tags(self.framing, &self.labels, &gold))
            })
            .collect();
        Ok(fit(&crf, &with_tags))
    }
}

/// The temperature that fits sequences given by their emissions `[units, tags]` and their tags.
fn fit(crf: &Crf, sequences: &[(Vec<f32>, Vec<u16>)]) -> f64 {
    let loss = |power: f64| {
        let of = |(emissions, tags): &(Vec<f32>, Vec<u16>)| {
            -crf.lattice_at(emissions, 2f64.powf(power)).log_likelihood(tags)
        };
        let losses: Vec<f64> = sequences.par_iter().map(of).collect();
        let believed = (power * std::f64::consts::LN_2 / DEVIATION).powi(2) / 2.0;
        losses.iter().sum::<f64>() + believed
    };
    (2f64.powf(lowest(loss)) * 1e3).round() / 1e3
}

/// Where a loss with a single dip is lowest between the ends of [`POWERS`], by golden section.
fn lowest(loss: impl Fn(f64) -> f64) -> f64 {
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let [mut a, mut b] = POWERS;
    let (mut c, mut d) = (b - golden * (b - a), a + golden * (b - a));
    let (mut at_c, mut at_d) = (loss(c), loss(d));
    for _ in 0..STEPS {
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
            assert!((found - at).abs() < 1e-3, "{found} {at}");
        }
        assert!(lowest(|power| power) < -1.99 && lowest(|power| -power) > 3.99);
    }

    /// Single words whose log-odds are `scale` times those of their tag being 1.
    fn words(scale: f32) -> Vec<(Vec<f32>, Vec<u16>)> {
        let of_odds = |odds: f32| {
            let rights = (1000.0 / (1.0 + (-odds).exp())).round() as usize;
            (0..1000).map(move |i| (vec![0.0, odds * scale], vec![u16::from(i < rights)]))
        };
        [0.2, 0.8, 1.4, 2.0, 2.6, 3.2].into_iter().flat_map(of_odds).collect()
    }

    #[test]
    fn the_temperature_undoes_a_known_overconfidence() {
        for scale in [0.5f32, 1.0, 3.0, 8.0] {
            let found = fit(&Crf::zeros(2), &words(scale));
            assert!((found / f64::from(scale) - 1.0).abs() < 0.02, "{found} {scale}");
        }
    }

    #[test]
    fn little_text_does_not_ask_for_certainty_and_no_text_for_nothing() {
        let right: Vec<(Vec<f32>, Vec<u16>)> = vec![(vec![0.0, 2.0], vec![1]); 8];
        let found = fit(&Crf::zeros(2), &right);
        assert!((0.5..0.9).contains(&found), "{found}");
        assert_eq!(fit(&Crf::zeros(2), &[]), 1.0);
    }
}
