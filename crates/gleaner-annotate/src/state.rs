//! What a journal says: the answers that count.

use crate::{
    answer::{Action, Answer},
    journal::Entry,
};
use std::collections::BTreeMap;

/// The answers that count, as a function of the journal.
///
/// The latest answer of an annotator for a sentence counts. `undo` takes back the annotator's previous answer that has
/// not been taken back yet; an earlier answer for the same sentence counts again after that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The number of the last entry.
    last: u64,
    /// The answers of each annotator that were not taken back, in order. None is empty.
    answers: BTreeMap<String, Vec<Entry>>,
}

impl State {
    /// Why `entry` cannot follow, if it cannot.
    pub(crate) fn fault(&self, entry: &Entry) -> Option<String> {
        if entry.n != self.last + 1 {
            return Some(format!("entry {}, expected {}", entry.n, self.last + 1));
        }
        let previous = self.previous(&entry.annotator).map(|previous| previous.id);
        match (entry.action, previous) {
            (Action::Undo, None) => Some("no answer to take back".into()),
            (Action::Undo, Some(id)) if id != entry.id => {
                Some(format!("takes back sentence {}, but the last was {id}", entry.id))
            }
            _ => None,
        }
    }

    /// Applies an entry that has no fault.
    pub(crate) fn apply(&mut self, entry: Entry) {
        self.last = entry.n;
        if entry.action != Action::Undo {
            self.answers.entry(entry.annotator.clone()).or_default().push(entry);
        } else if let Some(own) = self.answers.get_mut(&entry.annotator) {
            own.pop();
            if own.is_empty() {
                self.answers.remove(&entry.annotator);
            }
        }
    }

    /// The number of the next entry.
    pub(crate) fn next(&self) -> u64 {
        self.last + 1
    }

    /// Who has answered, sorted by name.
    pub fn annotators(&self) -> impl Iterator<Item = &str> {
        self.answers.keys().map(String::as_str)
    }

    /// The last answer of an annotator that was not taken back.
    pub fn previous(&self, annotator: &str) -> Option<&Entry> {
        self.answers.get(annotator)?.last()
    }

    /// The answers of an annotator that count, by sentence.
    pub fn of(&self, annotator: &str) -> BTreeMap<usize, &Entry> {
        // A later answer replaces an earlier one.
        self.answers.get(annotator).into_iter().flatten().map(|entry| (entry.id, entry)).collect()
    }

    /// The number of the entry with this answer, if it is the one that counts.
    pub(crate) fn same(&self, answer: &Answer) -> Option<u64> {
        let counts = self.answers.get(&answer.annotator)?.iter().rfind(|e| e.id == answer.id)?;
        let is_same = counts.action == answer.action && counts.spans == answer.spans;
        is_same.then_some(counts.n)
    }

    /// What was decided on each sentence: the latest answer of all annotators that accepts or rejects it.
    pub fn verdicts(&self) -> BTreeMap<usize, &Entry> {
        let mut verdicts: BTreeMap<usize, &Entry> = BTreeMap::new();
        let counting = self.answers.keys().flat_map(|annotator| self.of(annotator));
        for (id, entry) in counting.filter(|(_, entry)| entry.action != Action::Skip) {
            let verdict = verdicts.entry(id).or_insert(entry);
            if verdict.n < entry.n {
                *verdict = entry;
            }
        }
        verdicts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Span;
    use proptest::prelude::*;

    /// An answer of a random annotator for a random sentence; `None` takes one back.
    fn step() -> impl Strategy<Value = (&'static str, Option<(usize, Action, bool)>)> {
        let action = prop_oneof![Just(Action::Accept), Just(Action::Skip), Just(Action::Reject)];
        let answer = proptest::option::weighted(0.7, (0..4_usize, action, any::<bool>()));
        (prop_oneof![Just("a"), Just("b")], answer)
    }

    fn entry(
        state: &State,
        annotator: &str,
        answer: Option<(usize, Action, bool)>,
    ) -> Option<Entry> {
        let (id, action, has_span) = match answer {
            Some(answer) => answer,
            None => (state.previous(annotator)?.id, Action::Undo, false),
        };
        let span = has_span.then(|| Span { start: 0, end: 1, entity_type: "X".into() });
        Some(Entry {
            n: state.next(),
            id,
            annotator: annotator.into(),
            action,
            spans: span.into_iter().collect(),
            proposed: None,
            model: None,
        })
    }

    proptest! {
        #[test]
        fn undo_restores_what_counted_before(steps in proptest::collection::vec(step(), 0..40)) {
            let mut state = State::default();
            for (annotator, answer) in steps {
                let Some(next) = entry(&state, annotator, answer) else { continue };
                prop_assert_eq!(state.fault(&next), None);
                let before = state.clone();
                state.apply(next);
                if answer.is_some() {
                    let undo = entry(&state, annotator, None).unwrap();
                    let mut undone = state.clone();
                    prop_assert_eq!(undone.fault(&undo), None);
                    undone.apply(undo);
                    prop_assert_eq!(undone.answers, before.answers);
                }
            }
        }

        #[test]
        fn the_latest_answer_that_was_not_taken_back_counts(steps in proptest::collection::vec(step(), 0..40)) {
            let mut state = State::default();
            // Another way to compute the same: a list of all answers, from which `undo` removes the last of an
            // annotator.
            let mut list: Vec<Entry> = Vec::new();
            for (annotator, answer) in steps {
                let Some(next) = entry(&state, annotator, answer) else { continue };
                match next.action {
                    Action::Undo => {
                        let at = list.iter().rposition(|e| e.annotator == annotator).unwrap();
                        prop_assert_eq!(list.remove(at).id, next.id);
                    }
                    _ => list.push(next.clone()),
                }
                state.apply(next);
            }
            for id in 0..4 {
                let of = |name: &str| list.iter().rfind(|e| e.id == id && e.annotator == name);
                for name in ["a", "b"] {
                    prop_assert_eq!(state.of(name).get(&id).copied(), of(name));
                }
                let latest = ["a", "b"].into_iter().filter_map(of);
                let verdict = latest.filter(|e| e.action != Action::Skip).max_by_key(|e| e.n);
                prop_assert_eq!(state.verdicts().get(&id).copied(), verdict);
            }
        }
    }

    #[test]
    fn entries_that_cannot_follow_are_found() {
        let mut state = State::default();
        let first = entry(&state, "a", Some((2, Action::Accept, true))).unwrap();
        let undo = Entry { action: Action::Undo, ..first.clone() };
        assert_eq!(state.fault(&undo).unwrap(), "no answer to take back");
        state.apply(first.clone());
        assert_eq!(state.fault(&first).unwrap(), "entry 1, expected 2");
        let other = Entry { n: 2, id: 3, ..undo };
        assert_eq!(state.fault(&other).unwrap(), "takes back sentence 3, but the last was 2");
    }
}
