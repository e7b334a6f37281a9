//! Pseudo-labelling: a tagger labels a pool of sentences and learns from those it is sure of.

mod opinion;
mod select;

use crate::{Confidence, GleanerError, Labels, Settings, Tagger};
use gleaner_corpus::Corpus;
use gleaner_metrics::{Evaluation, Mode};
use gleaner_nn::crf::Expectations;
use opinion::Opinion;
use select::Choice;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Values of a distribution that are kept of it at most.
const KEPT: usize = 200;

/// A sentence of the pool with labels to train on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PseudoLabelled {
    /// Its position in the pool.
    pub(super) sentence: usize,
    /// A tag for each word.
    pub(super) tags: Vec<u16>,
    /// Words that may carry any tag, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unsure: Vec<usize>,
    /// The tagger's distribution over the tags of its units, where that is learnt. A checkpoint
    /// keeps it among its tensors.
    #[serde(skip)]
    pub(super) soft: Option<Expectations>,
}

/// What one labelling of the pool came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Round {
    /// Sentences of the pool.
    pub pool: usize,
    /// Sentences that were added.
    pub added: usize,
    /// What confidence had to exceed (a quantile of the pool's) or to reach (`sure`).
    pub threshold: f64,
    /// The temperature of the confidences, where they were calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Entities of the added sentences by type, those that are not sure left out.
    #[serde(default)]
    pub types: BTreeMap<String, usize>,
    /// Words of the added sentences that may carry any tag.
    #[serde(default)]
    pub unsure_words: usize,
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

/// Labels the pool after an epoch; gives what was found out and the sentences to add. Calibrated
/// confidences are calibrated on `dev`.
pub(super) fn round(
    settings: &Settings,
    tagger: &Tagger,
    dev: &Corpus,
    pool: &Corpus,
) -> Result<(Round, Labelled), GleanerError> {
    let temperature = match settings.self_training.confidence {
        Confidence::Spans => Some(tagger.fit_temperature(dev)?),
        Confidence::Softmax | Confidence::Marginals => None,
    };
    let opinions = opinion::opinions(settings, tagger, pool, temperature.unwrap_or(1.0))?;
    let Choice { threshold, chosen } = select::select(settings, &tagger.labels, &opinions);
    let confidences: Vec<f64> = opinions.iter().map(|o| o.confidence).collect();
    let of_chosen: Vec<f64> = chosen.iter().map(|&i| confidences[i]).collect();
    let added: Vec<PseudoLabelled> = chosen
        .iter()
        .map(|&i| PseudoLabelled {
            sentence: i,
            tags: opinions[i].tags.clone(),
            unsure: opinions[i].unsure(settings),
            soft: opinions[i].soft.clone(),
        })
        .collect();
    let round = Round {
        pool: opinions.len(),
        added: chosen.len(),
        threshold,
        temperature,
        types: types(settings, tagger, &opinions, &chosen),
        unsure_words: added.iter().map(|a| a.unsure.len()).sum(),
        agreement: agreement(settings, tagger, pool, &opinions, &chosen),
        pool_confidence: spread(&confidences),
        added_confidence: spread(&of_chosen),
    };
    Ok((round, Labelled { added, confidences, chosen }))
}

/// The sentences that a round adds, and where they came from.
pub(super) struct Labelled {
    pub(super) added: Vec<PseudoLabelled>,
    pub(super) confidences: Vec<f64>,
    pub(super) chosen: Vec<usize>,
}

/// Values in ascending order, [`KEPT`] of them at most, the ends included.
fn spread(values: &[f64]) -> Vec<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len().min(KEPT);
    let at = |i: usize| i * (sorted.len() - 1) / (count - 1).max(1);
    (0..count).map(|i| sorted[at(i)] as f32).collect()
}

/// Entities by type, of the chosen sentences and sure ones only.
fn types(
    settings: &Settings,
    tagger: &Tagger,
    opinions: &[Opinion],
    chosen: &[usize],
) -> BTreeMap<String, usize> {
    let mut types = BTreeMap::new();
    for &i in chosen {
        for tag in opinions[i].begins(settings, &tagger.labels) {
            *types.entry(tagger.labels.name(tag)[2..].to_owned()).or_default() += 1;
        }
    }
    types
}

/// What is to be said of a pool whose own tags tell nothing of the tagger's.
pub(super) fn not_compared(labels: &Labels, pool: Option<&Corpus>) -> Option<String> {
    let unknown = labels.unknown(pool?);
    (!unknown.is_empty()).then(|| {
        format!(
            "the pool's own tags are not compared with the tagger's, since it does not know their types {}; map \
             names with pool-map",
            unknown.join(", ")
        )
    })
}

/// Compares with the pool's own tags, where there are some and of types that the tagger knows.
/// Words that may carry any tag count as outside.
fn agreement(
    settings: &Settings,
    tagger: &Tagger,
    pool: &Corpus,
    opinions: &[Opinion],
    chosen: &[usize],
) -> Option<Agreement> {
    if !pool.is_labelled() || !tagger.labels.unknown(pool).is_empty() {
        return None;
    }
    let mut evaluation = Evaluation::default();
    for &i in chosen {
        let tags = opinions[i].sure_tags(settings, tagger.labels.outside());
        let tags: Vec<&str> = tags.iter().map(|&t| tagger.labels.name(t)).collect();
        evaluation.add(&pool.sentences[i].tags, &tags).ok()?;
    }
    let score = evaluation.report(Mode::Default).micro;
    Some(Agreement { gold: score.gold, predicted: score.predicted, correct: score.correct })
}

#[cfg(test)]
mod tests;
