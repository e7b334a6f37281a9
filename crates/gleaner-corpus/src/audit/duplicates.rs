//! Sentences that occur more than once, word for word.

use super::data_set::{DataSet, Part};
use super::issue::{Issue, IssueKind};
use super::same::{At, Class, Classes};

/// Leaks, and duplicates across dev and test, within a part, and across data sets, in the order of their
/// sentences.
pub(super) fn issues(sets: &[DataSet], classes: &Classes) -> Vec<Issue> {
    let mut issues: Vec<(At, Issue)> = Vec::new();
    for class in classes.0.iter().filter(|class| class.members.len() > 1) {
        for (number, &at) in class.members.iter().enumerate() {
            issues.extend(of_member(sets, class, number, at).map(|issue| (at, issue)));
        }
    }
    issues.sort_by_key(|(at, _)| *at);
    issues.into_iter().map(|(_, issue)| issue).collect()
}

/// The issues of member `number` of a class, whose position is `at`.
fn of_member(
    sets: &[DataSet],
    class: &Class,
    number: usize,
    at: At,
) -> impl Iterator<Item = Issue> {
    let entry = at.of(sets);
    let issue = |kind: IssueKind, other: At, what: String| {
        let place = other.of(sets).place();
        let detail = format!("{what}, at {place}");
        Issue::new(kind, entry.place(), detail, &entry.sentence.words).with(place)
    };
    let in_train = |part: Part| !part.is_held_out();
    let leak = class.first(sets, at.set, in_train).filter(|_| entry.part.is_held_out());
    let leak = leak.map(|other| {
        let there = |m: &&At| m.set == at.set && in_train(m.of(sets).part);
        let copies = match class.members.iter().filter(there).count() {
            1 => String::new(),
            n => format!(" ({n} times)"),
        };
        issue(IssueKind::Leak, other, format!("also in train{copies}"))
    });
    let in_dev = class.first(sets, at.set, |part| part == Part::Dev);
    let in_dev = in_dev
        .filter(|_| entry.part == Part::Test)
        .map(|other| issue(IssueKind::DevTestDuplicate, other, "also in dev".to_owned()));
    let before = class.members[..number]
        .iter()
        .find(|m| m.set == at.set && m.of(sets).part == entry.part)
        .map(|&other| {
            let part = match entry.part {
                Part::Whole => "its file".to_owned(),
                part => part.to_string(),
            };
            issue(IssueKind::Duplicate, other, format!("repeats a sentence of {part}"))
        });
    // Once per part of a set: further copies are duplicates already.
    let elsewhere = class.members.first().filter(|m| m.set < at.set && before.is_none());
    let elsewhere = elsewhere.map(|&other| {
        let other_tags = match other.of(sets).sentence.tags == entry.sentence.tags {
            true => "",
            false => ", with other tags",
        };
        let what = format!("also in {}{other_tags}", sets[other.set].name);
        issue(IssueKind::CrossDuplicate, other, what)
    });
    [leak, in_dev, before, elsewhere].into_iter().flatten()
}
