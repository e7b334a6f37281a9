//! Which sentences of the pool are added.

use super::prediction::PoolPrediction;
use crate::{Confidence, Labels, Settings, Unsure};
use gleaner_base::summary::quantile;

/// The result of a selection.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    /// The confidence to exceed or to reach.
    pub(super) threshold: f64,
    /// The positions of the sentences to add, ascending.
    pub(super) chosen: Vec<usize>,
}

/// Chooses the sentences of the pool to add: those with an entity that
///
/// - with `unsure = "partial"`: is at least as probable as `sure`;
/// - with `confidence = "spans"`: are in a sentence whose confidence is at least `sure`;
/// - otherwise: are in a sentence whose confidence is strictly above the quantile of the pool and whose entropy is
///   below the limit.
///
/// Then applies the limit per type.
pub(super) fn select(
    settings: &Settings,
    labels: &Labels,
    predictions: &[PoolPrediction],
) -> Choice {
    let by_quantile = settings.self_training.unsure == Unsure::Drop
        && settings.self_training.confidence != Confidence::Spans;
    let threshold = match by_quantile {
        true => quantile_of(predictions, settings.self_training.quantile),
        false => settings.self_training.sure,
    };
    let wanted = |p: &PoolPrediction| {
        let enough = match (settings.self_training.unsure, by_quantile) {
            (Unsure::Partial, _) => true,
            (Unsure::Drop, false) => p.confidence >= threshold,
            (Unsure::Drop, true) => {
                p.confidence > threshold && p.entropy < settings.self_training.entropy
            }
        };
        enough && !p.begins(settings, labels).is_empty()
    };
    let positions = predictions.iter().enumerate().filter(|(_, p)| wanted(p)).map(|(i, _)| i);
    let chosen = capped(settings, labels, predictions, positions.collect());
    Choice { threshold, chosen }
}

/// Drops sentences, the least confident first, until no type has more than the share `type-cap` of the rest (or an
/// equal share, where there are too few types for that). A sentence counts for the rarest of its types, so that a
/// frequent type never costs a rare one its sentences.
fn capped(
    settings: &Settings,
    labels: &Labels,
    predictions: &[PoolPrediction],
    chosen: Vec<usize>,
) -> Vec<usize> {
    if settings.self_training.type_cap >= 1.0 {
        return chosen;
    }
    let begins: Vec<Vec<u16>> =
        chosen.iter().map(|&i| predictions[i].begins(settings, labels)).collect();
    let mut entities = vec![0usize; labels.len()];
    begins.iter().flatten().for_each(|&tag| entities[usize::from(tag)] += 1);
    let mut of_type: Vec<Vec<usize>> = vec![Vec::new(); labels.len()];
    for (&i, begins) in chosen.iter().zip(&begins) {
        let rarest = begins.iter().map(|&tag| usize::from(tag)).min_by_key(|&t| (entities[t], t));
        of_type[rarest.expect("a chosen sentence holds an entity")].push(i);
    }
    of_type.retain(|sentences| !sentences.is_empty());
    let counts: Vec<usize> = of_type.iter().map(Vec::len).collect();
    let limit = limit(&counts, settings.self_training.type_cap);
    let mut left: Vec<usize> = of_type
        .into_iter()
        .flat_map(|mut sentences| {
            let surest = |a: &usize, b: &usize| {
                predictions[*b].confidence.total_cmp(&predictions[*a].confidence).then(a.cmp(b))
            };
            sentences.sort_by(surest);
            sentences.truncate(limit);
            sentences
        })
        .collect();
    left.sort_unstable();
    left
}

/// The largest limit on the sentences of each type under which no type has more than the share `cap` of the rest; at
/// least the limit of equal shares.
fn limit(counts: &[usize], cap: f64) -> usize {
    let cap = cap.max(1.0 / counts.len().max(1) as f64);
    let most = counts.iter().copied().max().unwrap_or(0);
    let fits = |limit: usize| {
        let left: usize = counts.iter().map(|&n| n.min(limit)).sum();
        // A little more than the product: 0.2 × 5 is not 1 in binary.
        limit.min(most) as f64 <= cap * left as f64 + 1e-9
    };
    (0..=most).rev().find(|&limit| fits(limit)).unwrap_or(0)
}

/// A quantile of the confidences; 0 without any.
fn quantile_of(predictions: &[PoolPrediction], q: f64) -> f64 {
    let mut confidences: Vec<f64> = predictions.iter().map(|p| p.confidence).collect();
    confidences.sort_unstable_by(f64::total_cmp);
    quantile(&confidences, q).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
