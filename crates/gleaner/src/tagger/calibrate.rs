//! Temperature scaling: the temperature at which confidences match the rate of correct predictions.
//!
//! A fully trained network is overconfident. Dividing all its scores by one number, fitted on held-out text, corrects
//! most of that (Guo et al. 2017, section 4.2).
//!
//! The temperature maximises the likelihood of the dev tags, not of the predicted spans being correct. Where dev
//! chose the epoch, it did so by those very spans: they look better on dev than they are, and a temperature fitted to
//! them is too low. The likelihood is less affected by that choice, uses every word, and has a single minimum.

use super::{Encoded, Tagger};
use crate::GleanerError;
use gleaner_corpus::{Corpus, Sentence};
use gleaner_nn::crf::Crf;
use rayon::prelude::*;

/// The range of the search: powers of 2 from the lowest to the highest.
const POWERS: [f64; 2] = [-2.0, 4.0];
/// Steps of the golden-section search; each keeps 0.62 of the range.
const STEPS: usize = 18;
/// The prior on the temperature's natural logarithm: normal around 0 with this deviation. Without it, a few dozen
/// sentences that are all tagged correctly would ask for certainty.
const DEVIATION: f64 = 0.5;

impl Tagger {
    /// The most probable temperature given the tags of `corpus` and the prior, to three decimals. `encoded` is the
    /// same corpus.
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer.
    pub(crate) fn fit_temperature(
        &self,
        corpus: &Corpus,
        encoded: &Encoded,
    ) -> Result<f64, GleanerError> {
        let crf = self.network.crf();
        let emitted = self.emit(&encoded.windows)?;
        let ids = |s: &Sentence| s.tags.iter().map(|t| self.labels.id(t).unwrap_or(0)).collect();
        let gold: Vec<Vec<u16>> = corpus.sentences.iter().map(ids).collect();
        let with_tags: Vec<_> = emitted
            .into_iter()
            .map(|e| {
                let gold = &gold[e.window.sentence];
                (e.emissions, e.window.sequence.tags(self.framing, &self.labels, gold))
            })
            .collect();
        Ok(fit(&crf, &with_tags))
    }
}

/// The temperature that fits sequences given by their emissions `[labelled, tags]` and their tags.
fn fit(crf: &Crf, sequences: &[(Vec<f32>, Vec<u16>)]) -> f64 {
    most_probable(|temperature| {
        let of = |(emissions, tags): &(Vec<f32>, Vec<u16>)| {
            -crf.lattice_at(emissions, temperature).log_likelihood(tags)
        };
        let losses: Vec<f64> = sequences.par_iter().map(of).collect();
        losses.iter().sum()
    })
}

/// The most probable temperature given the prior and a text, of which `loss` is the negative log-likelihood at a
/// temperature; to three decimals.
pub(crate) fn most_probable(loss: impl Fn(f64) -> f64) -> f64 {
    let with_prior = |power: f64| {
        let prior = (power * std::f64::consts::LN_2 / DEVIATION).powi(2) / 2.0;
        loss(2f64.powf(power)) + prior
    };
    (2f64.powf(lowest(with_prior)) * 1e3).round() / 1e3
}

/// The minimum of a loss with a single dip between the ends of [`POWERS`], by golden-section search.
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
    fn the_minimum_is_found_or_else_the_end_of_the_range() {
        for at in [-1.3, 0.0, 0.77, 3.1] {
            let found = lowest(|power| (power - at).powi(2));
            assert!((found - at).abs() < 1e-3, "{found} {at}");
        }
        assert!(lowest(|power| power) < -1.99 && lowest(|power| -power) > 3.99);
    }

    /// Single words whose log-odds are `scale` times those of their tag being 1.
    fn words(scale: f32) -> Vec<(Vec<f32>, Vec<u16>)> {
        let of_odds = |odds: f32| {
            let correct = (1000.0 / (1.0 + (-odds).exp())).round() as usize;
            (0..1000).map(move |i| (vec![0.0, odds * scale], vec![u16::from(i < correct)]))
        };
        [0.2, 0.8, 1.4, 2.0, 2.6, 3.2].into_iter().flat_map(of_odds).collect()
    }

    #[test]
    fn the_temperature_corrects_a_known_overconfidence() {
        for scale in [0.5f32, 1.0, 3.0, 8.0] {
            let found = fit(&Crf::zeros(2), &words(scale));
            assert!((found / f64::from(scale) - 1.0).abs() < 0.02, "{found} {scale}");
        }
    }

    #[test]
    fn little_text_does_not_ask_for_certainty_and_no_text_changes_nothing() {
        let correct: Vec<(Vec<f32>, Vec<u16>)> = vec![(vec![0.0, 2.0], vec![1]); 8];
        let found = fit(&Crf::zeros(2), &correct);
        assert!((0.5..0.9).contains(&found), "{found}");
        assert_eq!(fit(&Crf::zeros(2), &[]), 1.0);
    }
}
