//! Sentences of all data sets, grouped by their words.

use std::collections::HashMap;

use super::data_set::{DataSet, Entry, Part};
use crate::overlap::sentence_key;

/// The position of a sentence: its data set, and its entry there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At {
    pub(super) set: usize,
    pub(super) entry: usize,
}

impl At {
    pub(super) fn of(self, sets: &[DataSet]) -> &Entry {
        &sets[self.set].entries[self.entry]
    }
}

/// Sentences with equal words (by [`sentence_key`]).
pub(super) struct Class {
    /// In ascending order, at least one.
    pub(super) members: Vec<At>,
}

impl Class {
    /// The first member in a part of a set.
    pub(super) fn first(
        &self,
        sets: &[DataSet],
        set: usize,
        part: impl Fn(Part) -> bool,
    ) -> Option<At> {
        self.members.iter().copied().find(|at| at.set == set && part(at.of(sets).part))
    }

    /// The first member in every part of every set.
    pub(super) fn slots(&self, sets: &[DataSet]) -> Vec<At> {
        let mut slots: Vec<At> = Vec::new();
        for &at in &self.members {
            let same = |slot: &At| slot.set == at.set && slot.of(sets).part == at.of(sets).part;
            if !slots.iter().any(same) {
                slots.push(at);
            }
        }
        slots
    }
}

/// All classes, in the order of their first members.
pub(super) struct Classes(pub(super) Vec<Class>);

impl Classes {
    pub(super) fn of(sets: &[DataSet]) -> Self {
        let mut number: HashMap<String, usize> = HashMap::new();
        let mut classes: Vec<Class> = Vec::new();
        for (set, data) in sets.iter().enumerate() {
            for (entry, Entry { sentence, .. }) in data.entries.iter().enumerate() {
                let class = *number.entry(sentence_key(&sentence.words)).or_insert(classes.len());
                if class == classes.len() {
                    classes.push(Class { members: Vec::new() });
                }
                classes[class].members.push(At { set, entry });
            }
        }
        Self(classes)
    }
}
