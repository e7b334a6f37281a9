//! Sentences with the same words and other tags.

use super::{
    Reason,
    doubts::{Remark, place, quoted},
};
use crate::answer::{ShownSpan, Span};
use gleaner_corpus::audit::{DataSet, contradictions};
use std::{cmp::Reverse, collections::HashMap};

/// The remarks on all sentences that contradict a copy. The most frequent other version is suggested; of equally
/// frequent ones, the first.
pub(super) fn remarks(set: &DataSet, own: &[Vec<Span>]) -> Vec<Remark> {
    let all = contradictions(set);
    all.iter().flat_map(|copies| of_copies(set, own, copies)).collect()
}

/// Copies of a sentence with the same tags.
struct Version {
    /// The place of the first one among all copies.
    first: usize,
    /// Number of copies.
    copies: usize,
}

/// The remarks on the copies of one sentence.
fn of_copies(set: &DataSet, own: &[Vec<Span>], copies: &[usize]) -> Vec<Remark> {
    let tags = |id: usize| set.entries[id].sentence.tags.as_slice();
    let mut versions: HashMap<&[String], Version> = HashMap::new();
    for (at, id) in copies.iter().enumerate() {
        versions.entry(tags(*id)).or_insert(Version { first: at, copies: 0 }).copies += 1;
    }
    let mut versions: Vec<Version> = versions.into_values().collect();
    versions.sort_by_key(|version| (Reverse(version.copies), version.first));
    let remark = |id: &usize| {
        // The first two are enough: at most one of them has the tags of this copy.
        let other = versions.iter().find(|other| tags(copies[other.first]) != tags(*id))?;
        Some(remark(set, own, copies, *id, other))
    };
    copies.iter().filter_map(remark).collect()
}

fn remark(
    set: &DataSet,
    own: &[Vec<Span>],
    copies: &[usize],
    id: usize,
    version: &Version,
) -> Remark {
    let other = copies[version.first];
    let more = match version.copies - 1 {
        0 => String::new(),
        1 => " and in 1 more place".to_owned(),
        n => format!(" and in {n} more places"),
    };
    let note = format!(
        "the same sentence has other tags at {}{more}: {}",
        place(&set.entries[other]),
        listed(&own[other], &set.entries[other].sentence.words)
    );
    let suggested = own[other].iter().cloned().map(ShownSpan::from).collect();
    Remark {
        id,
        why: Reason::ContradictoryTags,
        score: 1.0,
        group: copies[0],
        note,
        suggested: Some(suggested),
    }
}

fn listed(spans: &[Span], words: &[String]) -> String {
    if spans.is_empty() {
        return "no entities".to_owned();
    }
    let shown = |s: &Span| format!("{} {}", s.entity_type, quoted(&words[s.start..s.end]));
    spans.iter().map(shown).collect::<Vec<_>>().join(", ")
}
