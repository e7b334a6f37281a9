//! Whether sentences have tags, for formats that need to know before they write the first one.

use crate::corpus::Sentence;
use crate::error::WriteError;

/// Whether all sentences have tags, as many as words; `false` if none has tags.
///
/// # Errors
/// Only some sentences have tags, or a sentence has too few or too many.
pub(crate) fn are_labelled(sentences: &[Sentence]) -> Result<bool, WriteError> {
    let labelled = sentences.iter().any(|sentence| !sentence.tags.is_empty());
    for Sentence { words, tags, line, .. } in sentences.iter().filter(|_| labelled) {
        if tags.len() != words.len() {
            return Err(WriteError::TagCount { line: *line, words: words.len(), tags: tags.len() });
        }
    }
    Ok(labelled)
}
