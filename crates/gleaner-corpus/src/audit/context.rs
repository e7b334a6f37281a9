//! Sentences without context.

use super::data_set::Entry;
use super::fault::{Fault, FaultKind};

/// The fault of a sentence that is nothing but one entity: a tagger learns from it that anything is one.
/// Words without a letter or digit (punctuation, markup) are no context.
pub(super) fn fault(entry: &Entry) -> Option<Fault> {
    let entities = entry.sentence.entities();
    let [entity] = entities.as_slice() else { return None };
    let is_context = |(position, word): (usize, &String)| {
        !entity.words.contains(&position) && word.contains(char::is_alphanumeric)
    };
    if entry.sentence.words.iter().enumerate().any(is_context) {
        return None;
    }
    let detail = format!("nothing but one entity, {}", entity.label);
    Some(Fault::new(FaultKind::NoContext, entry.place(), detail, &entry.sentence.words))
}
