//! Equal sentences with different tags.

use super::data_set::{DataSet, Entry};
use super::issue::{Issue, IssueKind};
use super::same::{At, Class, Classes};

/// Sentences whose tags differ from those of most of their copies in the same data set. (Different data
/// sets can have different entity types.)
pub(super) fn issues(sets: &[DataSet], classes: &Classes) -> Vec<Issue> {
    let mut issues: Vec<(At, Issue)> = Vec::new();
    for class in &classes.0 {
        for copies in class.members.chunk_by(|a, b| a.set == b.set) {
            let model = most_common(sets, copies);
            let other = copies.iter().filter(|at| !same_tags(at.of(sets), model));
            issues.extend(other.map(|at| (*at, issue(at.of(sets), model))));
        }
    }
    issues.sort_by_key(|(at, _)| *at);
    issues.into_iter().map(|(_, issue)| issue).collect()
}

/// The sentences of a data set that have the same words as others but not the same tags: for each such sentence, the
/// positions of all its copies in the data set's entries, ascending.
pub fn contradictions(set: &DataSet) -> Vec<Vec<usize>> {
    let sets = std::slice::from_ref(set);
    let differ = |class: &Class| {
        let first = class.members[0].of(sets);
        class.members.iter().any(|at| !same_tags(at.of(sets), first))
    };
    let classes = Classes::of(sets).0.into_iter().filter(differ);
    classes.map(|class| class.members.into_iter().map(|at| at.entry).collect()).collect()
}

fn same_tags(a: &Entry, b: &Entry) -> bool {
    a.sentence.tags == b.sentence.tags
}

/// The first copy with the most frequent tags. If two versions are equally frequent, the first one.
fn most_common<'a>(sets: &'a [DataSet], copies: &[At]) -> &'a Entry {
    let mut versions: Vec<(&Entry, usize)> = Vec::new();
    for entry in copies.iter().map(|at| at.of(sets)) {
        match versions.iter_mut().find(|(first, _)| same_tags(first, entry)) {
            Some((_, count)) => *count += 1,
            None => versions.push((entry, 1)),
        }
    }
    let most = versions.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or_else(|| copies[0].of(sets), |(entry, _)| entry)
}

fn issue(entry: &Entry, model: &Entry) -> Issue {
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
    let kind = IssueKind::ContradictoryTags;
    Issue::new(kind, entry.place_of(first), detail, &entry.sentence.words).with(other)
}
