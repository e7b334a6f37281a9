//! Sentences with the same words and other tags.

use super::{
    Reason,
    doubts::{Remark, place, quoted},
};
use crate::answer::{ShownSpan, Span};
use gleaner_corpus::audit::{DataSet, contradictions};

/// The remarks on all sentences that contradict a copy. The most frequent other version is suggested; of equally frequent
/// ones, the first.
pub(super) fn remarks(set: &DataSet, own: &[Vec<Span>]) -> Vec<Remark> {
    let all = contradictions(set);
    all.iter()
        .flat_map(|copies| copies.iter().filter_map(|id| remark(set, own, copies, *id)))
        .collect()
}

fn remark(set: &DataSet, own: &[Vec<Span>], copies: &[usize], id: usize) -> Option<Remark> {
    let tags = |id: usize| &set.entries[id].sentence.tags;
    let as_frequent = |other: usize| copies.iter().filter(|id| tags(**id) == tags(other)).count();
    let others = copies.iter().copied().filter(|other| tags(*other) != tags(id));
    // The last of equal ones in reverse order is the first.
    let other = others.rev().max_by_key(|other| as_frequent(*other))?;
    let more = match as_frequent(other) - 1 {
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
    Some(Remark {
        id,
        why: Reason::ContradictoryTags,
        score: 1.0,
        group: copies[0],
        note,
        suggested: Some(suggested),
    })
}

fn listed(spans: &[Span], words: &[String]) -> String {
    if spans.is_empty() {
        return "no entities".to_owned();
    }
    let shown = |s: &Span| format!("{} {}", s.entity_type, quoted(&words[s.start..s.end]));
    spans.iter().map(shown).collect::<Vec<_>>().join(", ")
}
