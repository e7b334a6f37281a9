//! Pseudo-labelling: a tagger labels a pool of sentences and learns from those it is sure of.

use crate::{Confidence, GleanerError, Settings, Tagger, batches::Sequence, tagger::Emitted};
use gleaner_corpus::{Corpus, Sentence};
use gleaner_metrics::{Evaluation, Mode};
use gleaner_nn::crf::Crf;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Sentences that are labelled together: emissions of no more are held at a time.
const CHUNK: usize = 512;

/// Values of a distribution that are kept of it at most.
const KEPT: usize = 200;

/// A sentence of the pool with labels to train on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PseudoLabelled {
    /// Its position in the pool.
    pub(super) sentence: usize,
    /// A tag for each word.
    pub(super) tags: Vec<u16>,
}

/// What one labelling of the pool came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Round {
    /// Sentences of the pool.
    pub pool: usize,
    /// Sentences that were added.
    pub added: usize,
    /// The quantile that confidence had to exceed.
    pub threshold: f64,
    /// How the labels of the added sentences compare with the pool's own, where it has any.
    pub agreement: Option<Agreement>,
    /// Confidences of the pool in ascending order: all, or some at even distances.
    pub pool_confidence: Vec<f32>,
    /// The same of the sentences that were added.
    pub added_confidence: Vec<f32>,
}

/// Entities of the added sentences, read as in seqeval's default mode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// In the pool's own tags.
    pub gold: usize,
    /// In the tagger's.
    pub predicted: usize,
    /// In both, with the same type and borders.
    pub correct: usize,
}

impl Agreement {
    /// correct / predicted; `None` of no prediction.
    pub fn precision(&self) -> Option<f64> {
        (self.predicted > 0).then(|| self.correct as f64 / self.predicted as f64)
    }

    /// correct / gold; `None` of no gold entity.
    pub fn recall(&self) -> Option<f64> {
        (self.gold > 0).then(|| self.correct as f64 / self.gold as f64)
    }
}

/// A sentence of the pool as the tagger sees it.
#[derive(Clone, Debug, PartialEq)]
struct Opinion {
    /// From 0 to 1; see [`Confidence`].
    confidence: f64,
    /// Mean over units of the entropy of their tag, natural logarithm.
    entropy: f64,
    /// A tag for each word.
    tags: Vec<u16>,
}

/// Labels the pool after an epoch; gives what was found out and the sentences to add.
pub(super) fn round(
    settings: &Settings,
    tagger: &Tagger,
    pool: &Corpus,
) -> Result<(Round, Labelled), GleanerError> {
    let opinions = opinions(tagger, pool, settings.confidence)?;
    let outside = tagger.labels.outside();
    let (threshold, chosen) = select(&opinions, outside, settings.quantile, settings.entropy);
    let confidences: Vec<f64> = opinions.iter().map(|o| o.confidence).collect();
    let of_chosen: Vec<f64> = chosen.iter().map(|&i| confidences[i]).collect();
    let round = Round {
        pool: opinions.len(),
        added: chosen.len(),
        threshold,
        agreement: agreement(tagger, pool, &opinions, &chosen),
        pool_confidence: spread(&confidences),
        added_confidence: spread(&of_chosen),
    };
    let added = chosen
        .iter()
        .map(|&i| PseudoLabelled { sentence: i, tags: opinions[i].tags.clone() })
        .collect();
    Ok((round, Labelled { added, confidences, chosen }))
}

/// The sentences that a round adds, and where they came from.
pub(super) struct Labelled {
    pub(super) added: Vec<PseudoLabelled>,
    pub(super) confidences: Vec<f64>,
    pub(super) chosen: Vec<usize>,
}

/// What the tagger thinks of every sentence, labelled in evaluation mode. A sentence too long for
/// the encoder is cut as in training: only what could be trained on is looked at, and words cut
/// off are O.
fn opinions(
    tagger: &Tagger,
    pool: &Corpus,
    kind: Confidence,
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
            match kind {
                Confidence::Softmax => softmax_opinion(tagger, &crf, emitted, words),
                Confidence::Marginals => marginal_opinion(tagger, &crf, emitted, words),
            }
        };
        opinions.par_extend(emitted.par_iter().zip(chunk).map(of));
    }
    Ok(opinions)
}

/// Confidence as published: of the tags that the CRF chose, under the emissions alone. A word's
/// tag is its first piece's.
fn softmax_opinion(tagger: &Tagger, crf: &Crf, emitted: &Emitted, words: usize) -> Opinion {
    let path = crf.best(&emitted.emissions);
    let (confidence, entropy) = of_choice(&emitted.emissions, crf.tags, &path);
    let mut tags = vec![tagger.labels.outside(); words];
    for (word, unit) in emitted.sequence.first_units() {
        tags[word] = path[unit];
    }
    Opinion { confidence, entropy, tags }
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
fn marginal_opinion(tagger: &Tagger, crf: &Crf, emitted: &Emitted, words: usize) -> Opinion {
    let tagged = tagger.decode(crf, words, std::slice::from_ref(emitted));
    let marginals = crf.lattice(&emitted.emissions).marginals();
    let outside = usize::from(tagger.labels.outside());
    let of_spans = tagged.spans.iter().map(|s| s.confidence);
    let of_outside = emitted
        .sequence
        .first_units()
        .filter(|(word, _)| tagged.tags[*word] == "O")
        .map(|(_, unit)| marginals[unit * crf.tags + outside]);
    let confidence = of_spans.chain(of_outside).fold(1.0, f64::min);
    let units = (marginals.len() / crf.tags).max(1) as f64;
    let entropy = marginals.chunks(crf.tags).map(entropy_of).sum::<f64>() / units;
    let id = |tag: &String| tagger.labels.id(tag).unwrap_or(outside as u16);
    Opinion { confidence, entropy, tags: tagged.tags.iter().map(id).collect() }
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

/// The threshold and the positions, ascending, of the sentences to add: confidence strictly above
/// the quantile of all, entropy below its limit, and an entity.
fn select(
    opinions: &[Opinion],
    outside: u16,
    quantile: f64,
    most_entropy: f64,
) -> (f64, Vec<usize>) {
    let threshold = quantile_of(opinions.iter().map(|o| o.confidence).collect(), quantile);
    let wanted = |o: &Opinion| {
        o.confidence > threshold
            && o.entropy < most_entropy
            && o.tags.iter().any(|&tag| tag != outside)
    };
    let positions = opinions.iter().enumerate().filter(|(_, o)| wanted(o)).map(|(i, _)| i);
    (threshold, positions.collect())
}

/// A quantile by linear interpolation between neighbours (numpy's default); 0 of no values.
fn quantile_of(mut values: Vec<f64>, quantile: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    values.sort_unstable_by(f64::total_cmp);
    let position = quantile * last as f64;
    let below = values[position.floor() as usize];
    let above = values[position.ceil() as usize];
    below + (above - below) * position.fract()
}

/// Values in ascending order, [`KEPT`] of them at most, the ends included.
fn spread(values: &[f64]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len().min(KEPT);
    let at = |i: usize| i * (sorted.len() - 1) / (count - 1).max(1);
    (0..count).map(|i| sorted[at(i)] as f32).collect()
}

/// Compares with the pool's own tags, where there are some and of types that the tagger knows.
fn agreement(
    tagger: &Tagger,
    pool: &Corpus,
    opinions: &[Opinion],
    chosen: &[usize],
) -> Option<Agreement> {
    if !pool.is_labelled() || tagger.labels.check(pool).is_err() {
        return None;
    }
    let mut evaluation = Evaluation::default();
    for &i in chosen {
        let tags: Vec<&str> = opinions[i].tags.iter().map(|&t| tagger.labels.name(t)).collect();
        evaluation.add(&pool.sentences[i].tags, &tags).ok()?;
    }
    let score = evaluation.report(Mode::Default).micro;
    Some(Agreement { gold: score.gold, predicted: score.predicted, correct: score.correct })
}

#[cfg(test)]
mod tests;
