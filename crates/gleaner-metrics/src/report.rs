//! Precision, recall and F1 by entity type, with micro, macro and weighted averages.

use crate::counts::{Counts, SentenceCounts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Precision, recall and F1, with the counts they are computed from. A ratio whose denominator is zero is 0, as in
/// seqeval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// correct / predicted, from 0 to 1.
    pub precision: f64,
    /// correct / gold, from 0 to 1.
    pub recall: f64,
    /// 2 correct / (gold + predicted), the harmonic mean of precision and recall, from 0 to 1.
    pub f1: f64,
    /// Number of entities in the gold standard (seqeval's "support").
    pub gold: usize,
    /// Number of entities in the prediction.
    pub predicted: usize,
    /// Number of predicted entities that are in the gold standard with the same type and boundaries.
    pub correct: usize,
}

impl From<Counts> for Score {
    fn from(counts: Counts) -> Self {
        let Counts { gold, predicted, correct } = counts;
        Score {
            precision: counts.precision().unwrap_or(0.0),
            recall: counts.recall().unwrap_or(0.0),
            f1: counts.f1().unwrap_or(0.0),
            gold,
            predicted,
            correct,
        }
    }
}

/// Means over types, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Averages {
    /// The mean precision.
    pub precision: f64,
    /// The mean recall.
    pub recall: f64,
    /// The mean of the F1s (not the F1 of the means).
    pub f1: f64,
}

impl Averages {
    /// The weighted mean; `None` where the weights sum to zero.
    fn of<'a>(scores: impl Iterator<Item = (&'a Score, f64)>) -> Option<Self> {
        let mut sum = Averages { precision: 0.0, recall: 0.0, f1: 0.0 };
        let mut weights = 0.0;
        for (score, weight) in scores {
            sum.precision += weight * score.precision;
            sum.recall += weight * score.recall;
            sum.f1 += weight * score.f1;
            weights += weight;
        }
        (weights > 0.0).then(|| Averages {
            precision: sum.precision / weights,
            recall: sum.recall / weights,
            f1: sum.f1 / weights,
        })
    }
}

/// The scores of seqeval's `classification_report` in one [`SeqevalMode`](crate::SeqevalMode).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// The score of every type that has an entity, in this mode, in gold or prediction.
    pub types: BTreeMap<String, Score>,
    /// The score over all entities together. Its F1 is the "entity F1" of Gleaner's reports.
    pub micro: Score,
    /// The unweighted mean over `types`; `None` (null in JSON) without types, where seqeval gives NaN.
    #[serde(alias = "macro_avg")] // the name in older model folders
    pub macro_avg: Option<Averages>,
    /// The mean over `types` weighted by their gold entities; zeros without gold entities, as in seqeval.
    pub weighted: Averages,
}

impl Report {
    pub(crate) fn of(counts: &SentenceCounts) -> Self {
        let sums = counts.sum(0..counts.sentences());
        let types: BTreeMap<String, Score> =
            counts.types().map(|(name, column)| (name.to_owned(), sums[column].into())).collect();
        let mut all = Counts::default();
        sums.into_iter().for_each(|sum| all += sum);
        Report {
            micro: all.into(),
            macro_avg: Averages::of(types.values().map(|score| (score, 1.0))),
            weighted: Averages::of(types.values().map(|score| (score, score.gold as f64)))
                .unwrap_or(Averages { precision: 0.0, recall: 0.0, f1: 0.0 }),
            types,
        }
    }
}
