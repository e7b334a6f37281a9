//! Sentences without context.

use super::data_set::Entry;
use super::issue::{Issue, IssueKind};

/// The issue of a sentence that consists of one entity: it teaches a tagger nothing about context. Words
/// without a letter or digit, such as punctuation, do not count as context.
pub(super) fn issue(entry: &Entry) -> Option<Issue> {
    let entities = entry.sentence.entities();
    let [entity] = entities.as_slice() else { return None };
    let is_context = |(position, word): (usize, &String)| {
        !entity.words().contains(&position) && word.contains(char::is_alphanumeric)
    };
    if entry.sentence.words.iter().enumerate().any(is_context) {
        return None;
    }
    let detail = format!("only one entity, {}", entity.entity_type);
    Some(Issue::new(IssueKind::NoContext, entry.place(), detail, &entry.sentence.words))
}
