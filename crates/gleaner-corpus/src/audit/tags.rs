//! The same words with other tags.

use super::data_set::{DataSet, Entry};
use super::fault::{Fault, FaultKind};
use super::same::{At, Classes};

/// Sentences whose tags are not those that most copies of them in their data set have. (Across data sets,
/// names of types may differ for good reason.)
pub(super) fn faults(sets: &[DataSet], classes: &Classes) -> Vec<Fault> {
    let mut faults: Vec<(At, Fault)> = Vec::new();
    for class in &classes.0 {
        for copies in class.members.chunk_by(|a, b| a.set == b.set) {
            let model = most_common(sets, copies);
            let other = copies.iter().filter(|at| !same_tags(at.of(sets), model));
            faults.extend(other.map(|at| (*at, fault(at.of(sets), model))));
        }
    }
    faults.sort_by_key(|(at, _)| *at);
    faults.into_iter().map(|(_, fault)| fault).collect()
}

fn same_tags(a: &Entry, b: &Entry) -> bool {
    a.sentence.tags == b.sentence.tags
}

/// The first of the copies whose tags most of them have; of as many, the first.
fn most_common<'a>(sets: &'a [DataSet], copies: &[At]) -> &'a Entry {
    let mut kinds: Vec<(&Entry, usize)> = Vec::new();
    for entry in copies.iter().map(|at| at.of(sets)) {
        match kinds.iter_mut().find(|(first, _)| same_tags(first, entry)) {
            Some((_, count)) => *count += 1,
            None => kinds.push((entry, 1)),
        }
    }
    let most = kinds.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or_else(|| copies[0].of(sets), |(entry, _)| entry)
}

fn fault(entry: &Entry, model: &Entry) -> Fault {
    let (ours, theirs) = (&entry.sentence.tags, &model.sentence.tags);
    let mut differing = (0..ours.len()).filter(|&word| ours.get(word) != theirs.get(word));
    let first = differing.next().unwrap_or(0);
    let more = match differing.count() {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    let other = model.place_of(first);
    let detail = format!(
        "\u{201c}{}\u{201d} is {} here and {} at {other}{more}",
        super::excerpt(&entry.sentence.words[first..=first]),
        ours[first],
        theirs[first],
    );
    let kind = FaultKind::ContradictoryTags;
    Fault::new(kind, entry.place_of(first), detail, &entry.sentence.words).with(other)
}
