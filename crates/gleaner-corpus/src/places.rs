//! The lines of words.

use std::collections::BTreeMap;

use crate::format::Format;

/// On which line of its file a word is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// Whether each word has a line of its own.
    by_word: bool,
    /// The lines of the words of sentences that have other lines between their words, by the line of the sentence.
    gaps: BTreeMap<usize, Vec<usize>>,
}

impl Places {
    pub(crate) fn new(format: Option<Format>) -> Self {
        let by_word = format.is_some_and(Format::has_a_line_for_each_word);
        Self { by_word, gaps: BTreeMap::new() }
    }

    pub(crate) fn by_word(&self) -> bool {
        self.by_word
    }

    /// Adds the lines of the words of a sentence, which do not follow each other.
    pub(crate) fn add_gaps(&mut self, sentence: usize, lines: Vec<usize>) {
        self.gaps.insert(sentence, lines);
    }

    /// The line of the word at a position (from 0) of the sentence at a line.
    pub(crate) fn line_of(&self, sentence: usize, word: usize) -> usize {
        let line = self.gaps.get(&sentence).and_then(|lines| lines.get(word));
        line.copied().unwrap_or(sentence + if self.by_word { word } else { 0 })
    }
}
