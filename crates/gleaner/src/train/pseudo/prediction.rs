//! A tagger's predictions for the sentences of a pool.

use crate::{
    Confidence, GleanerError, Labels, Settings, Tagger, Targets, Unsure,
    ensemble::Lesson,
    framing::Window,
    pieces::WordPieces,
    tagger::{Emitted, decode},
};
use gleaner_nn::crf::{Crf, Expectations};
use rayon::prelude::*;

/// Number of sentences that are labelled together, to bound the memory for emissions.
const CHUNK: usize = 512;

/// The prediction for one sentence of the pool.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct PoolPrediction {
    /// From 0 to 1; see [`Confidence`].
    pub(super) confidence: f64,
    /// The mean entropy of the tag over labelled positions (natural logarithm).
    pub(super) entropy: f64,
    /// A tag for each word.
    pub(super) tags: Vec<u16>,
    /// The probability of the decision about each word, `[words]`: of its span where it is in one. 1 for words that are
    /// cut off.
    pub(super) certainty: Vec<f64>,
    /// The distribution over the tags of the labelled positions, where it is to be learnt.
    pub(super) soft: Option<Expectations>,
}

impl PoolPrediction {
    /// What teachers say of a sentence, of which the tagger can learn the first words only; the others are O.
    pub(in crate::train) fn of_lesson(
        settings: &Settings,
        labels: &Labels,
        words: usize,
        lesson: Lesson,
    ) -> Self {
        let Lesson { tagged, expectations } = lesson;
        let outside = labels.outside();
        let mut tags = vec![outside; words];
        for (tag, name) in tags.iter_mut().zip(&tagged.tags) {
            *tag = labels.id(name).unwrap_or(outside);
        }
        let of_words = expectations.positions.chunks(labels.len());
        let mut certainty: Vec<f64> =
            of_words.clone().map(|p| f64::from(p[usize::from(outside)])).collect();
        certainty.resize(words, 1.0);
        for span in &tagged.spans {
            certainty[span.start..span.end].fill(span.confidence);
        }
        let entropy = of_words
            .clone()
            .map(|p| entropy_of(&p.iter().map(|&x| x.into()).collect::<Vec<f64>>()));
        Self {
            confidence: certainty.iter().copied().fold(1.0, f64::min),
            entropy: entropy.sum::<f64>() / of_words.len().max(1) as f64,
            tags,
            certainty,
            soft: (settings.self_training.targets == Targets::Soft).then_some(expectations),
        }
    }

    /// Nothing is known of the sentence, so it is never added.
    pub(in crate::train) fn unknown(labels: &Labels, words: usize) -> Self {
        let (tags, certainty) = (vec![labels.outside(); words], vec![0.0; words]);
        Self { confidence: 0.0, entropy: f64::INFINITY, tags, certainty, soft: None }
    }

    /// Whether the decision about a word is sure enough to learn.
    fn is_sure(&self, settings: &Settings, word: usize) -> bool {
        settings.self_training.unsure == Unsure::Drop
            || self.certainty[word] >= settings.self_training.sure
    }

    /// The words that may carry any tag, ascending.
    pub(super) fn unsure(&self, settings: &Settings) -> Vec<usize> {
        (0..self.tags.len()).filter(|&word| !self.is_sure(settings, word)).collect()
    }

    /// The tags, with unsure words outside.
    pub(super) fn sure_tags(&self, settings: &Settings, outside: u16) -> Vec<u16> {
        let tags = self.tags.iter().enumerate();
        tags.map(|(word, &tag)| if self.is_sure(settings, word) { tag } else { outside }).collect()
    }

    /// The first tags of the sure entities.
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

/// The predictions for every sentence of a pool, given as pieces, in evaluation mode. CRF confidences are computed at
/// `temperature`. A sentence too long for the encoder is cut as in training, because only the rest could be trained
/// on; words that are cut off are O.
pub(super) fn predictions(
    settings: &Settings,
    tagger: &Tagger,
    pool: &[WordPieces],
    temperature: f64,
) -> Result<Vec<PoolPrediction>, GleanerError> {
    let crf = tagger.network.crf();
    let mut predictions = Vec::with_capacity(pool.len());
    for chunk in pool.chunks(CHUNK) {
        let windows: Vec<Window> = chunk
            .par_iter()
            .enumerate()
            .map(|(sentence, pieces)| {
                let (sequence, words) = tagger.framing.cut(&tagger.tokenizer, pieces);
                Window { sentence, words: 0..words, sequence }
            })
            .collect();
        let emitted = tagger.emit(&windows)?;
        let of = |(emitted, pieces): (&Emitted, &WordPieces)| {
            let words = pieces.words();
            let prediction = match settings.self_training.confidence {
                Confidence::Softmax => softmax_prediction(&tagger.labels, &crf, emitted, words),
                Confidence::Marginals | Confidence::Spans => {
                    marginal_prediction(tagger, &crf, temperature, emitted, words)
                }
            };
            let soft = (settings.self_training.targets == Targets::Soft)
                .then(|| crf.lattice_at(&emitted.emissions, temperature).expectations());
            PoolPrediction { soft, ..prediction }
        };
        predictions.par_extend(emitted.par_iter().zip(chunk).map(of));
    }
    Ok(predictions)
}

/// Confidence as published: the softmax probability of the tags that the CRF chose, without transitions. The tag of a
/// word is that of its first piece.
fn softmax_prediction(
    labels: &Labels,
    crf: &Crf,
    emitted: &Emitted,
    words: usize,
) -> PoolPrediction {
    let path = crf.best(&emitted.emissions);
    let (confidence, entropy) = of_choice(&emitted.emissions, crf.tags, &path);
    let mut tags = vec![labels.outside(); words];
    let mut certainty = vec![1.0; words];
    for (word, at) in emitted.window.sequence.first_labelled() {
        tags[word] = path[at];
        let probabilities = softmax(&emitted.emissions[at * crf.tags..(at + 1) * crf.tags]);
        certainty[word] = probabilities[usize::from(path[at])];
    }
    if crf.rules.is_some() {
        // The first pieces of a valid path may break the rules.
        decode::repair(labels, &mut tags);
    }
    for (start, end) in decode::spans(labels, &tags) {
        let least = certainty[start..end].iter().copied().fold(1.0, f64::min);
        certainty[start..end].fill(least);
    }
    PoolPrediction { confidence, entropy, tags, certainty, soft: None }
}

/// Means over labelled positions of the softmax probability of the chosen tag, and of the entropy; `emissions` is
/// `[labelled, tags]`.
fn of_choice(emissions: &[f32], tags: usize, chosen: &[u16]) -> (f64, f64) {
    let (mut confidence, mut entropy) = (0.0, 0.0);
    for (of_tags, &tag) in emissions.chunks(tags).zip(chosen) {
        let probabilities = softmax(of_tags);
        confidence += probabilities[usize::from(tag)];
        entropy += entropy_of(&probabilities);
    }
    let positions = chosen.len().max(1) as f64;
    (confidence / positions, entropy / positions)
}

/// Confidence under the CRF: see [`Confidence::Marginals`].
fn marginal_prediction(
    tagger: &Tagger,
    crf: &Crf,
    temperature: f64,
    emitted: &Emitted,
    words: usize,
) -> PoolPrediction {
    let emitted = std::slice::from_ref(emitted);
    let tagged = decode::sentence(&tagger.labels, tagger.framing, crf, temperature, words, emitted);
    let emitted = &emitted[0];
    let marginals = crf.lattice_at(&emitted.emissions, temperature).marginals();
    let outside = tagger.labels.outside();
    let mut certainty = vec![1.0; words];
    for (word, at) in emitted.window.sequence.first_labelled() {
        certainty[word] = marginals[at * crf.tags + usize::from(outside)];
    }
    for span in &tagged.spans {
        certainty[span.start..span.end].fill(span.confidence);
    }
    let confidence = certainty.iter().copied().fold(1.0, f64::min);
    let positions = (marginals.len() / crf.tags).max(1) as f64;
    let entropy = marginals.chunks(crf.tags).map(entropy_of).sum::<f64>() / positions;
    let id = |tag: &String| tagger.labels.id(tag).unwrap_or(outside);
    let tags = tagged.tags.iter().map(id).collect();
    PoolPrediction { confidence, entropy, tags, certainty, soft: None }
}

fn softmax(emissions: &[f32]) -> Vec<f64> {
    let highest = emissions.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = emissions.iter().map(|&x| f64::from(x - highest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

/// −Σ p ln p; a tag of probability 0 contributes nothing.
fn entropy_of(probabilities: &[f64]) -> f64 {
    -probabilities.iter().filter(|p| **p > 0.0).map(|p| p * p.ln()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        PieceLabels,
        framing::Framing,
        testing::{PIECES, labels},
    };
    use gleaner_nn::crf::Rules;

    #[test]
    fn word_tags_keep_the_rules_that_piece_tags_keep() {
        let pieces = PIECES.sentence(&["Brakfontein", "stad"]);
        let framing = Framing { labels: PieceLabels::All, limit: 40 };
        let (sequence, words) = framing.cut(&PIECES, &pieces);
        let first: Vec<usize> = sequence.first_labelled().map(|(_, at)| at).collect();
        assert!(first[1] > 1, "the first word has several pieces");
        // B-PER, then B-LOC on the word's other pieces, which the next word continues.
        let path = (0..sequence.words_end()).map(|at| {
            if at == 0 {
                3
            } else if at < first[1] {
                1
            } else {
                2
            }
        });
        let emissions: Vec<f32> =
            path.flat_map(|tag| (0..5).map(move |k| if k == tag { 9.0 } else { 0.0 })).collect();
        let window = Window { sentence: 0, words: 0..words, sequence };
        let emitted = Emitted { window: &window, emissions };
        let mut crf = Crf::zeros(5);
        assert_eq!(softmax_prediction(&labels(), &crf, &emitted, 2).tags, [3, 2], "as published");
        crf.rules = Some(Rules::iob2(labels().names()));
        let tags = softmax_prediction(&labels(), &crf, &emitted, 2).tags;
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
    fn confidence_is_a_mean_over_the_chosen_tags() {
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
