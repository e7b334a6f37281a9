//! Sentences to label, and what else the input has of them.

use gleaner::Words;
use gleaner_corpus::{CorpusError, conll::Other};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The sentences of an input, in its order.
pub type Sentences = Box<dyn Iterator<Item = Result<Waiting, CorpusError>> + Send>;

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
