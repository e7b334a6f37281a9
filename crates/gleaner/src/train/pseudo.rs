//! Pseudo-labelling: a tagger labels a pool of sentences and learns from the confident predictions.

mod prediction;
mod select;

use super::EncodedTexts;
use crate::{Confidence, Dataset, GleanerError, Labels, Settings, Tagger};
use gleaner_corpus::Corpus;
use gleaner_metrics::{Counts, Evaluation, SeqevalMode};
use gleaner_nn::crf::Expectations;
pub(super) use prediction::PoolPrediction;
use select::Choice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Maximum number of values that are kept of a distribution.
const KEPT: usize = 200;

/// A sentence of the pool with labels to train on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PseudoLabelled {
    /// Its position in the pool.
    pub(super) sentence: usize,
    /// A tag for each word.
    pub(super) tags: Vec<u16>,
    /// The words that may carry any tag, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unsure: Vec<usize>,
    /// The tagger's distribution over the tags of its labelled positions, where that is learnt. A checkpoint keeps it
    /// among its tensors.
    #[serde(skip)]
    pub(super) soft: Option<Expectations>,
}

/// The result of labelling the pool once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Round {
    /// Number of sentences in the pool.
    pub pool: usize,
    /// Number of added sentences.
    pub added: usize,
    /// The confidence to exceed (a quantile of the pool's) or to reach (`sure`).
    pub threshold: f64,
    /// The temperature of the confidences, where they are calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Number of sure entities in the added sentences, by type.
    #[serde(default)]
    pub types: BTreeMap<String, usize>,
    /// Number of words in the added sentences that may carry any tag.
    #[serde(default)]
    pub unsure_words: usize,
    /// Entities of the added sentences in the pool's own tags (`gold`), in the predicted tags, and in both with the
    /// same type and boundaries, in seqeval's default mode. `None` if the pool has no tags.
    pub agreement: Option<Counts>,
    /// Confidences of the pool in ascending order: all, or an evenly spaced part.
    pub pool_confidence: Vec<f32>,
    /// Confidences of the added sentences, likewise.
    pub added_confidence: Vec<f32>,
}

/// Labels the pool after an epoch. Returns the record of the round and the sentences to add. Calibrated confidences
/// are calibrated on dev.
pub(super) fn round(
    settings: &Settings,
    tagger: &Tagger,
    data: &Dataset,
    texts: &EncodedTexts,
) -> Result<(Round, Labelled), GleanerError> {
    let temperature = match settings.self_training.confidence {
        Confidence::Spans => Some(tagger.fit_temperature(&data.dev, &texts.dev)?),
        Confidence::Softmax | Confidence::Marginals => None,
    };
    let predictions =
        prediction::predictions(settings, tagger, &texts.pool, temperature.unwrap_or(1.0))?;
    Ok(choose(settings, tagger, data, &predictions, temperature))
}

/// Chooses what to add of a pool with these predictions. Returns the record of the round and the sentences to add.
pub(super) fn choose(
    settings: &Settings,
    tagger: &Tagger,
    data: &Dataset,
    predictions: &[PoolPrediction],
    temperature: Option<f64>,
) -> (Round, Labelled) {
    let Choice { threshold, chosen } = select::select(settings, &tagger.labels, predictions);
    let confidences: Vec<f64> = predictions.iter().map(|p| p.confidence).collect();
    let of_chosen: Vec<f64> = chosen.iter().map(|&i| confidences[i]).collect();
    let added: Vec<PseudoLabelled> = chosen
        .iter()
        .map(|&i| PseudoLabelled {
            sentence: i,
            tags: predictions[i].tags.clone(),
            unsure: predictions[i].unsure(settings),
            soft: predictions[i].soft.clone(),
        })
        .collect();
    let round = Round {
        pool: predictions.len(),
        added: chosen.len(),
        threshold,
        temperature,
        types: types(settings, tagger, predictions, &chosen),
        unsure_words: added.iter().map(|a| a.unsure.len()).sum(),
        agreement: data
            .pool
            .as_ref()
            .and_then(|pool| agreement(settings, tagger, pool, predictions, &chosen)),
        pool_confidence: spread(&confidences),
        added_confidence: spread(&of_chosen),
    };
    (round, Labelled { added, confidences, chosen })
}

/// The sentences that a round adds, with the confidences of the whole pool and the positions of the added ones.
pub(super) struct Labelled {
    pub(super) added: Vec<PseudoLabelled>,
    pub(super) confidences: Vec<f64>,
    pub(super) chosen: Vec<usize>,
}

/// Values in ascending order: up to [`KEPT`], evenly spaced, both ends included.
fn spread(values: &[f64]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len().min(KEPT);
    let at = |i: usize| i * (sorted.len() - 1) / (count - 1).max(1);
    (0..count).map(|i| sorted[at(i)] as f32).collect()
}

/// The number of sure entities in the chosen sentences, by type.
fn types(
    settings: &Settings,
    tagger: &Tagger,
    predictions: &[PoolPrediction],
    chosen: &[usize],
) -> BTreeMap<String, usize> {
    let mut types = BTreeMap::new();
    for &i in chosen {
        for tag in predictions[i].begins(settings, &tagger.labels) {
            *types.entry(tagger.labels.name(tag)[2..].to_owned()).or_default() += 1;
        }
    }
    types
}

/// A note where the pool's own tags cannot be compared with the predicted ones.
pub(super) fn not_compared(labels: &Labels, pool: Option<&Corpus>) -> Option<String> {
    let unknown = labels.unknown(pool?);
    (!unknown.is_empty()).then(|| {
        format!(
            "the pool's own tags are not compared with the predicted ones, because the tagger lacks their types {}; map \
             names with pool-map",
            unknown.join(", ")
        )
    })
}

/// The agreement with the pool's own tags, where it has some and the tagger has their types. Words that may carry any
/// tag count as outside.
fn agreement(
    settings: &Settings,
    tagger: &Tagger,
    pool: &Corpus,
    predictions: &[PoolPrediction],
    chosen: &[usize],
) -> Option<Counts> {
    if !pool.is_labelled() || !tagger.labels.unknown(pool).is_empty() {
        return None;
    }
    let mut evaluation = Evaluation::default();
    for &i in chosen {
        let tags = predictions[i].sure_tags(settings, tagger.labels.outside());
        let tags: Vec<&str> = tags.iter().map(|&t| tagger.labels.name(t)).collect();
        evaluation.add(&pool.sentences[i].tags, &tags).ok()?;
    }
    let score = evaluation.report(SeqevalMode::Default).micro;
    Some(Counts { gold: score.gold, predicted: score.predicted, correct: score.correct })
}

#[cfg(test)]
mod tests;
