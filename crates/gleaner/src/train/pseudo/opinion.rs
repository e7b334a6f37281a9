//! What a tagger thinks of the sentences of a pool.

use crate::{
    Confidence, GleanerError, Labels, Settings, Tagger, Targets, Unsure,
    batches::Sequence,
    tagger::{Emitted, decode},
};
use gleaner_corpus::{Corpus, Sentence};
use gleaner_nn::crf::{Crf, Expectations};
use rayon::prelude::*;
use std::ops::Range;

/// Sentences that are labelled together: emissions of no more are held at a time.
const CHUNK: usize = 512;

/// A sentence of the pool as the tagger sees it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opinion {
    /// From 0 to 1; see [`Confidence`].
    pub(super) confidence: f64,
    /// Mean over units of the entropy of their tag, natural logarithm.
    pub(super) entropy: f64,
    /// A tag for each word.
    pub(super) tags: Vec<u16>,
    /// How probable the decision about each word is: that of its span where it is in one. 1 of words
    /// that were cut off.
    pub(super) certainty: Vec<f64>,
    /// The distribution over the tags of the units, where it is to be learnt.
    pub(super) soft: Option<Expectations>,
}

impl Opinion {
    /// Whether the decision about a word counts.
    fn is_sure(&self, settings: &Settings, word: usize) -> bool {
        settings.self_training.unsure == Unsure::Drop
            || self.certainty[word] >= settings.self_training.sure
    }

    /// Words that may carry any tag, ascending.
    pub(super) fn unsure(&self, settings: &Settings) -> Vec<usize> {
        (0..self.tags.len()).filter(|&word| !self.is_sure(settings, word)).collect()
    }

    /// The tags, those that are not sure outside.
    pub(super) fn sure_tags(&self, settings: &Settings, outside: u16) -> Vec<u16> {
        let tags = self.tags.iter().enumerate();
        tags.map(|(word, &tag)| if self.is_sure(settings, word) { tag } else { outside }).collect()
    }

    /// The first tags of the entities that are sure.
    pub(super) fn begins(&self, settings: &Settings, labels: &Labels) -> Vec<u16> {
        let mut before = labels.outside();
        let mut begins = Vec::new();
        for tag in self.sure_tags(settings, labels.outside()) {
            let continues = labels.inside(before) == Some(tag);
            if tag != labels.outside() && !continues {
                begins.push(labels.begin(tag));
            }
            before = tag;
        }
        begins
    }
}

/// What the tagger thinks of every sentence, labelled in evaluation mode, at a temperature where
/// confidence is that of the CRF. A sentence too long for the encoder is cut as in training: only
/// what could be trained on is looked at, and words cut off are O.
pub(super) fn opinions(
    settings: &Settings,
    tagger: &Tagger,
    pool: &Corpus,
    temperature: f64,
) -> Result<Vec<Opinion>, GleanerError> {
    let crf = tagger.network.crf();
    let mut opinions = Vec::with_capacity(pool.sentences.len());
    for chunk in pool.sentences.chunks(CHUNK) {
        let sequences: Vec<(usize, Range<usize>, Sequence)> = chunk
            .par_iter()
            .enumerate()
            .map(|(i, sentence)| {
                let pieces = tagger.pieces.sentence(&sentence.words);
                let (sequence, words) = tagger.framing.cut(&tagger.pieces, &pieces);
                (i, 0..words, sequence)
            })
            .collect();
        let emitted = tagger.emit(&sequences)?;
        let of = |(emitted, sentence): (&Emitted, &Sentence)| {
            let words = sentence.words.len();
            let opinion = match settings.self_training.confidence {
                Confidence::Softmax => softmax_opinion(&tagger.labels, &crf, emitted, words),
                Confidence::Marginals | Confidence::Spans => {
                    marginal_opinion(tagger, &crf, temperature, emitted, words)
                }
            };
            let soft = (settings.self_training.targets == Targets::Soft)
                .then(|| crf.lattice_at(&emitted.emissions, temperature).expectations());
            Opinion { soft, ..opinion }
        };
        opinions.par_extend(emitted.par_iter().zip(chunk).map(of));
    }
    Ok(opinions)
}

/// Confidence as published: of the tags that the CRF chose, under the emissions alone. A word's
/// tag is its first piece's.
fn softmax_opinion(labels: &Labels, crf: &Crf, emitted: &Emitted, words: usize) -> Opinion {
    let path = crf.best(&emitted.emissions);
    let (confidence, entropy) = of_choice(&emitted.emissions, crf.tags, &path);
    let mut tags = vec![labels.outside(); words];
    let mut certainty = vec![1.0; words];
    for (word, unit) in emitted.sequence.first_units() {
        tags[word] = path[unit];
        let of_unit = softmax(&emitted.emissions[unit * crf.tags..(unit + 1) * crf.tags]);
        certainty[word] = of_unit[usize::from(path[unit])];
    }
    if crf.rules.is_some() {
        // The first pieces of a path that keeps the rules may break them.
        decode::repair(labels, &mut tags);
    }
    for (start, end) in decode::spans(labels, &tags) {
        let least = certainty[start..end].iter().copied().fold(1.0, f64::min);
        certainty[start..end].fill(least);
    }
    Opinion { confidence, entropy, tags, certainty, soft: None }
}

/// Means over units of the softmax probability of the chosen tag and of the entropy; `emissions`
/// is `[units, tags]`.
fn of_choice(emissions: &[f32], tags: usize, chosen: &[u16]) -> (f64, f64) {
    let (mut confidence, mut entropy) = (0.0, 0.0);
    for (unit, &tag) in emissions.chunks(tags).zip(chosen) {
        let probabilities = softmax(unit);
        confidence += probabilities[usize::from(tag)];
        entropy += entropy_of(&probabilities);
    }
    let units = chosen.len().max(1) as f64;
    (confidence / units, entropy / units)
}

/// Confidence under the CRF: see [`Confidence::Marginals`].
fn marginal_opinion(
    tagger: &Tagger,
    crf: &Crf,
    temperature: f64,
    emitted: &Emitted,
    words: usize,
) -> Opinion {
    let tagged = tagger.decode(crf, temperature, words, std::slice::from_ref(emitted));
    let marginals = crf.lattice_at(&emitted.emissions, temperature).marginals();
    let outside = tagger.labels.outside();
    let mut certainty = vec![1.0; words];
    for (word, unit) in emitted.sequence.first_units() {
        certainty[word] = marginals[unit * crf.tags + usize::from(outside)];
    }
    for span in &tagged.spans {
        certainty[span.start..span.end].fill(span.confidence);
    }
    let confidence = certainty.iter().copied().fold(1.0, f64::min);
    let units = (marginals.len() / crf.tags).max(1) as f64;
    let entropy = marginals.chunks(crf.tags).map(entropy_of).sum::<f64>() / units;
    let id = |tag: &String| tagger.labels.id(tag).unwrap_or(outside);
    let tags = tagged.tags.iter().map(id).collect();
    Opinion { confidence, entropy, tags, certainty, soft: None }
}

fn softmax(emissions: &[f32]) -> Vec<f64> {
    let highest = emissions.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = emissions.iter().map(|&x| f64::from(x - highest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

/// −Σ p ln p; a tag of probability 0 adds nothing.
fn entropy_of(probabilities: &[f64]) -> f64 {
    -probabilities.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        PieceLabels,
        batches::Framing,
        testing::{PIECES, labels},
    };
    use gleaner_nn::crf::Rules;

    #[test]
    fn tags_of_words_keep_the_rules_that_those_of_pieces_keep() {
        let pieces = PIECES.sentence(&["Brakfontein", "stad"]);
        let framing = Framing { labels: PieceLabels::All, limit: 40 };
        let (sequence, words) = framing.cut(&PIECES, &pieces);
        let first: Vec<usize> = sequence.first_units().map(|(_, unit)| unit).collect();
        assert!(first[1] > 1, "the first word has several pieces");
        // B-PER, then B-LOC on the word's other pieces, which the next word continues.
        let units = sequence.units_of_words_end();
        let path = (0..units).map(|u| {
            if u == 0 {
                3
            } else if u < first[1] {
                1
            } else {
                2
            }
        });
        let emissions: Vec<f32> =
            path.flat_map(|tag| (0..5).map(move |k| if k == tag { 9.0 } else { 0.0 })).collect();
        let emitted = Emitted { sentence: 0, words: 0..words, sequence: &sequence, emissions };
        let mut crf = Crf::zeros(5);
        assert_eq!(softmax_opinion(&labels(), &crf, &emitted, 2).tags, [3, 2], "as published");
        crf.rules = Some(Rules::iob2(labels().names()));
        let tags = softmax_opinion(&labels(), &crf, &emitted, 2).tags;
        assert!(tags[0] == 3 && tags[1] == 1, "{tags:?}");
    }

    #[test]
    fn entropy_is_natural_and_softmax_sums_to_one() {
        let even = softmax(&[3.0, 3.0, 3.0, 3.0]);
        assert!((entropy_of(&even) - 4f64.ln()).abs() < 1e-12);
        assert!((entropy_of(&[0.0, 1.0])).abs() < 1e-12);
        let p = softmax(&[0.0, 2f32.ln()]);
        assert!((p[0] - 1.0 / 3.0).abs() < 1e-7 && (p[0] + p[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn confidence_is_of_the_chosen_tag_and_a_mean_over_all_units() {
        // Odds of 3 to 1 for the second tag; then even.
        let emissions = [0.0, 3f32.ln(), 1.0, 1.0];
        let near =
            |(a, b): (f64, f64), c: f64, d: f64| (a - c).abs() < 1e-7 && (b - d).abs() < 1e-7;
        let three_to_one = -(0.75 * 0.75f64.ln() + 0.25 * 0.25f64.ln());
        let entropy = (three_to_one + 2f64.ln()) / 2.0;
        assert!(near(of_choice(&emissions, 2, &[1, 0]), (0.75 + 0.5) / 2.0, entropy));
        // The CRF may choose what the emissions alone would not.
        assert!(near(of_choice(&emissions, 2, &[0, 0]), (0.25 + 0.5) / 2.0, entropy));
    }
}
