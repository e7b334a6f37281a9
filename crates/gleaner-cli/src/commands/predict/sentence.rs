//! A sentence to label, and what else the input has of it.

use gleaner::Words;
use gleaner_corpus::{CorpusError, Problem, conll::Other};
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, PoisonError};

/// A sentence to label.
#[derive(Default)]
pub struct Waiting {
    pub words: Vec<String>,
    /// The line of the input, from 1.
    pub line: usize,
    /// Offsets of the words, where the input is a text.
    pub offsets: Option<Vec<(usize, usize)>>,
    /// The tags of the input, as they are scored.
    pub gold: Option<Vec<String>>,
    /// What is kept in the output.
    pub kept: Kept,
}

/// What the input has beside words and tags.
#[derive(Default)]
pub enum Kept {
    #[default]
    Nothing,
    /// Plain text: the text from the first to the last word.
    Text(String),
    /// CoNLL: comments, the columns of every word without that of the tag, and other lines, also without it.
    Columns { comments: Vec<String>, columns: Vec<Vec<String>>, others: Vec<Other> },
    /// JSON: the object that the sentence is from, and whether it is its last sentence.
    Object { fields: Arc<Map<String, Value>>, last: bool },
}

impl Words for Waiting {
    fn words(&self) -> &[String] {
        &self.words
    }
}

/// What was left out of the input. Shared, because another thread reads.
#[derive(Clone, Default)]
pub struct Skipped(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    sentences: usize,
    words: usize,
    /// The first error.
    first: Option<String>,
}

impl Skipped {
    /// Counts a malformed sentence, or an empty word.
    pub fn add(&self, error: &CorpusError) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match error.problem() {
            Problem::EmptyWord { .. } => counts.words += 1,
            _ => counts.sentences += 1,
        }
        counts.first.get_or_insert_with(|| error.to_string());
    }

    /// What was left out, for users.
    pub fn said(&self) -> Option<String> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = counts.first.as_ref()?;
        let parts = [(counts.sentences, "malformed sentences"), (counts.words, "empty words")];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what}: {n}"));
        let parts: Vec<String> = parts.collect();
        Some(format!("note: left out: {}; the first: {first}", parts.join(", ")))
    }
}
