//! Which sentences of the pool are added.

use super::opinion::Opinion;
use crate::{Confidence, Labels, Settings, Unsure};

/// What a selection came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    /// What confidence had to exceed or to reach.
    pub(super) threshold: f64,
    /// The positions of the sentences to add, ascending.
    pub(super) chosen: Vec<usize>,
}

/// Chooses among the sentences of the pool those that hold an entity and
///
/// - with `unsure = "partial"`, one that is at least `sure`;
/// - with `confidence = "spans"`, whose confidence is at least `sure`;
/// - else, whose confidence is strictly above the quantile of all and whose entropy is below its
///   limit.
///
/// Then drops what types have too much of.
pub(super) fn select(settings: &Settings, labels: &Labels, opinions: &[Opinion]) -> Choice {
    let by_quantile = settings.self_training.unsure == Unsure::Drop
        && settings.self_training.confidence != Confidence::Spans;
    let threshold = match by_quantile {
        true => quantile_of(
            opinions.iter().map(|o| o.confidence).collect(),
            settings.self_training.quantile,
        ),
        false => settings.self_training.sure,
    };
    let wanted = |o: &Opinion| {
        let enough = match (settings.self_training.unsure, by_quantile) {
            (Unsure::Partial, _) => true,
            (Unsure::Drop, false) => o.confidence >= threshold,
            (Unsure::Drop, true) => {
                o.confidence > threshold && o.entropy < settings.self_training.entropy
            }
        };
        enough && !o.begins(settings, labels).is_empty()
    };
    let positions = opinions.iter().enumerate().filter(|(_, o)| wanted(o)).map(|(i, _)| i);
    let chosen = capped(settings, labels, opinions, positions.collect());
    Choice { threshold, chosen }
}

/// Drops sentences until at most the part `type-cap` of those that are left is due to one type (an
/// equal part for each where types are too few for that), the least confident ones first. A sentence
/// is due to that of its types that the fewest entities of all these sentences have, so that a
/// frequent type never costs a rare one its sentences.
fn capped(
    settings: &Settings,
    labels: &Labels,
    opinions: &[Opinion],
    chosen: Vec<usize>,
) -> Vec<usize> {
    if settings.self_training.type_cap >= 1.0 {
        return chosen;
    }
    let begins: Vec<Vec<u16>> =
        chosen.iter().map(|&i| opinions[i].begins(settings, labels)).collect();
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
                opinions[*b].confidence.total_cmp(&opinions[*a].confidence).then(a.cmp(b))
            };
            sentences.sort_by(surest);
            sentences.truncate(limit);
            sentences
        })
        .collect();
    left.sort_unstable();
    left
}

/// The largest limit to every type's sentences under which none has more than the part `cap` of all
/// that are left; at least that of equal parts.
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

/// A quantile by linear interpolation between neighbours (numpy's default); 0 of no values.
fn quantile_of(mut values: Vec<f64>, quantile: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    values.sort_unstable_by(f64::total_cmp);
    let position = quantile * last as f64;
    let below = values[position.floor() as usize];
    let above = values[position.ceil() as usize];
    below + (above - below) * position.fract()
}

#[cfg(test)]
mod tests;
