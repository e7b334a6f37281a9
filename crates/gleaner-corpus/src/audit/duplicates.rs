//! Sentences that stand more than once, word for word.

use super::data_set::{DataSet, Part};
use super::fault::{Fault, FaultKind};
use super::same::{At, Class, Classes};

/// Leaks, and duplicates between dev and test, within a part, and across data sets, in the order of the
/// sentences that are at fault.
pub(super) fn faults(sets: &[DataSet], classes: &Classes) -> Vec<Fault> {
    let mut faults: Vec<(At, Fault)> = Vec::new();
    for class in classes.0.iter().filter(|class| class.members.len() > 1) {
        for (number, &at) in class.members.iter().enumerate() {
            faults.extend(of_member(sets, class, number, at).map(|fault| (at, fault)));
        }
    }
    faults.sort_by_key(|(at, _)| *at);
    faults.into_iter().map(|(_, fault)| fault).collect()
}

/// What is wrong with the member `number` of a class, which stands at `at`.
fn of_member(
    sets: &[DataSet],
    class: &Class,
    number: usize,
    at: At,
) -> impl Iterator<Item = Fault> {
    let entry = at.of(sets);
    let fault = |kind: FaultKind, other: At, what: String| {
        let place = other.of(sets).place();
        let detail = format!("{what}, at {place}");
        Fault::new(kind, entry.place(), detail, &entry.sentence.words).with(place)
    };
    let in_train = |part: Part| !part.is_held_out();
    let leak = class.first(sets, at.set, in_train).filter(|_| entry.part.is_held_out());
    let leak = leak.map(|other| {
        let there = |m: &&At| m.set == at.set && in_train(m.of(sets).part);
        let copies = match class.members.iter().filter(there).count() {
            1 => String::new(),
            n => format!(" ({n} times)"),
        };
        fault(FaultKind::Leak, other, format!("stands in train too{copies}"))
    });
    let in_dev = class.first(sets, at.set, |part| part == Part::Dev);
    let in_dev = in_dev
        .filter(|_| entry.part == Part::Test)
        .map(|other| fault(FaultKind::DevTestDuplicate, other, "stands in dev too".to_owned()));
    let before = class.members[..number]
        .iter()
        .find(|m| m.set == at.set && m.of(sets).part == entry.part)
        .map(|&other| {
            let part = match entry.part {
                Part::Whole => "its file".to_owned(),
                part => part.to_string(),
            };
            fault(FaultKind::Duplicate, other, format!("stands in {part} before"))
        });
    // Once for every part of a set: its further copies are duplicates already.
    let elsewhere = class.members.first().filter(|m| m.set < at.set && before.is_none());
    let elsewhere = elsewhere.map(|&other| {
        let other_tags = match other.of(sets).sentence.tags == entry.sentence.tags {
            true => "",
            false => ", with other tags",
        };
        let what = format!("stands in {} too{other_tags}", sets[other.set].name);
        fault(FaultKind::CrossDuplicate, other, what)
    });
    [leak, in_dev, before, elsewhere].into_iter().flatten()
}
