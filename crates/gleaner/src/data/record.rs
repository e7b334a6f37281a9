//! A text by size and fingerprint, to recognise it again.

use crate::GleanerError;
use gleaner_base::hash::{Digest, Fingerprint, Sha256, hex};
use gleaner_corpus::Corpus;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A text, by size and fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRecord {
    /// Number of sentences.
    pub sentences: usize,
    /// Number of words.
    pub words: usize,
    /// SHA-256 of words and tags, in hexadecimal.
    pub sha256: String,
}

impl TextRecord {
    /// The record of a text.
    pub(crate) fn of(corpus: &Corpus) -> Self {
        Self {
            sentences: corpus.sentences.len(),
            words: corpus.word_count(),
            sha256: fingerprint(corpus),
        }
    }
}

/// A SHA-256 of a corpus's words and tags, in hexadecimal.
fn fingerprint(corpus: &Corpus) -> String {
    let mut hash = Sha256::new();
    for s in &corpus.sentences {
        for (i, word) in s.words.iter().enumerate() {
            hash.update(word);
            hash.update("\t");
            hash.update(s.tags.get(i).map_or("", String::as_str));
            hash.update("\n");
        }
        hash.update("\n");
    }
    hex(hash.finalize())
}

/// A SHA-256 of bytes, in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

/// A SHA-256 of a file, in hexadecimal.
pub(crate) fn digest_file(path: &Path) -> Result<String, GleanerError> {
    Ok(Fingerprint::of_file(path).map_err(|e| GleanerError::io(path, e))?.sha256)
}
