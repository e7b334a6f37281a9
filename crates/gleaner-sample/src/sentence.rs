//! Labelled sentences.

use gleaner_base::tags::{SeqevalMode, entities};

/// A sentence with one IOB2 tag per word: `O`, or `B-` or `I-` with `PER`, `LOC` or `ORG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleSentence {
    /// The words, including punctuation marks.
    pub words: Vec<String>,
    /// The tags, one per word.
    pub tags: Vec<String>,
}

impl SampleSentence {
    /// The words of each entity, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[String]> {
        let entities = entities(&self.tags, SeqevalMode::Strict).into_iter();
        entities.map(|entity| &self.words[entity.words()])
    }
}

/// Labelled sentences in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleSplits {
    /// Training part.
    pub train: Vec<SampleSentence>,
    /// Part to choose checkpoints and settings on.
    pub dev: Vec<SampleSentence>,
    /// Part to measure scores on.
    pub test: Vec<SampleSentence>,
}
