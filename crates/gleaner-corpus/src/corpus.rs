//! Sentences and corpora in memory.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use crate::finding::Finding;
use crate::scheme::Scheme;
use crate::tag::{Prefix, Tag};

/// A sentence: its words and, where it is labelled, a tag for each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence {
    /// Never empty in a corpus that was read.
    pub words: Vec<String>,
    /// IOB2: `O`, `B-X` or `I-X`, as many as words; none where the sentence is unlabelled.
    pub tags: Vec<String>,
    /// The line of the first word (from 1); the row of a parquet file.
    pub line: usize,
}

impl Sentence {
    /// The entities, in order.
    pub fn entities(&self) -> Vec<Entity<'_>> {
        entities(&self.tags)
    }
}

/// An entity of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity<'a> {
    /// The type, such as `PER`.
    pub label: &'a str,
    /// The positions of its words, from 0.
    pub words: Range<usize>,
}

/// The entities of IOB2 tags, in order. An I-X that continues no X opens an entity, as in seqeval's
/// default mode.
pub fn entities(iob2: &[String]) -> Vec<Entity<'_>> {
    let mut found: Vec<Entity<'_>> = Vec::new();
    for (word, tag) in iob2.iter().enumerate() {
        let Some(Tag::Entity(prefix, label)) = Tag::parse(tag) else { continue };
        match found.last_mut() {
            Some(last)
                if prefix == Prefix::Inside && last.words.end == word && last.label == label =>
            {
                last.words.end += 1;
            }
            _ => found.push(Entity { label, words: word..word + 1 }),
        }
    }
    found
}

/// What was read from a file.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The file; the first one where a split has several parts.
    pub path: PathBuf,
    /// In the file's order.
    pub sentences: Vec<Sentence>,
    /// How the file writes its tags; those of `sentences` are IOB2 in any case.
    pub scheme: Scheme,
    /// What was odd, by line.
    pub findings: Vec<Finding>,
}

impl Corpus {
    /// Whether the sentences have tags.
    pub fn is_labelled(&self) -> bool {
        self.scheme != Scheme::Unlabelled
    }

    /// The types of the entities seen, sorted.
    pub fn entity_types(&self) -> Vec<String> {
        let types: BTreeSet<&str> =
            self.sentences.iter().flat_map(Sentence::entities).map(|entity| entity.label).collect();
        types.into_iter().map(str::to_owned).collect()
    }

    /// Words of all sentences.
    pub fn word_count(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.words.len()).sum()
    }

    /// Entities of all sentences.
    pub fn entity_count(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.entities().len()).sum()
    }

    /// The same words without tags, as a pool for self-training.
    pub fn without_tags(mut self) -> Self {
        for sentence in &mut self.sentences {
            sentence.tags.clear();
        }
        self.scheme = Scheme::Unlabelled;
        self
    }

    /// Adds the sentences and findings of another part of the same split. The scheme becomes that
    /// of the first part that holds an entity.
    pub fn append(&mut self, other: Self) {
        if self.is_labelled() && self.entity_count() == 0 {
            self.scheme = other.scheme;
        }
        self.sentences.extend(other.sentences);
        self.findings.extend(other.findings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(tags: &str) -> Sentence {
        let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
        Sentence { words: tags.clone(), tags, line: 1 }
    }

    fn corpus(sentences: Vec<Sentence>, scheme: Scheme) -> Corpus {
        Corpus { path: "x".into(), sentences, scheme, findings: vec![] }
    }

    #[test]
    fn entities_of_iob2() {
        let sentence = sentence("B-A I-A B-A O I-A I-B");
        let found: Vec<_> = sentence.entities().into_iter().map(|e| (e.label, e.words)).collect();
        assert_eq!(found, [("A", 0..2), ("A", 2..3), ("A", 4..5), ("B", 5..6)]);
    }

    #[test]
    fn counts_types_words_and_entities() {
        let corpus = corpus(vec![sentence("B-B O"), sentence("O B-A B-B")], Scheme::Iob2);
        assert_eq!(corpus.entity_types(), ["A", "B"]);
        assert_eq!((corpus.word_count(), corpus.entity_count()), (5, 3));
        let bare = corpus.without_tags();
        assert!(!bare.is_labelled());
        assert_eq!((bare.word_count(), bare.entity_count()), (5, 0));
    }

    #[test]
    fn appending_keeps_the_scheme_of_the_first_part_with_entities() {
        let mut all = corpus(vec![sentence("O")], Scheme::Iob2);
        all.append(corpus(vec![sentence("B-A")], Scheme::Bioes));
        all.append(corpus(vec![sentence("B-A")], Scheme::Iob1));
        assert_eq!((all.scheme, all.sentences.len()), (Scheme::Bioes, 3));
    }
}
