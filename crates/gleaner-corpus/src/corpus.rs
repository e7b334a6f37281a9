//! Sentences and corpora in memory.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gleaner_base::tags::{Entity, SeqevalMode, entities};

use crate::finding::Finding;
use crate::reading::Reading;
use crate::scheme::Scheme;

/// A sentence: its words and, if it is labelled, a tag for each word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sentence {
    /// The words. A corpus that was read has no sentence without words.
    pub words: Vec<String>,
    /// One IOB2 tag per word: `O`, `B-X` or `I-X`. Empty if the sentence is unlabelled.
    pub tags: Vec<String>,
    /// The line of the first word, from 1; the row of a parquet file.
    pub line: usize,
    /// What the file has, if its tags break its scheme so that [`tags`](Self::tags) are repaired.
    pub unrepaired: Option<Box<Unrepaired>>,
}

/// The tags of a sentence before repair. A text is scored by them: a repaired tag would let a tagger
/// find entities in strict mode that the text does not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unrepaired {
    /// IOB2 files: the tags as the file has them. Other schemes: the repaired tags, because
    /// predictions are compared word by word and are IOB2. In the default mode both have the same
    /// entities.
    pub tags: Vec<String>,
    /// The entities of seqeval's strict mode in the file's scheme.
    pub strict: Vec<Entity>,
}

impl Sentence {
    /// The entities, in order. An I-X without an entity of type X before it starts an entity, as in
    /// seqeval's default mode.
    ///
    /// ```
    /// let words = ["Anna", "Berg", "sings"].map(String::from).to_vec();
    /// let tags = ["B-PER", "I-PER", "O"].map(String::from).to_vec();
    /// let sentence = gleaner_corpus::Sentence { words, tags, ..Default::default() };
    /// let entities = sentence.entities();
    /// assert_eq!((entities[0].entity_type.as_str(), entities[0].start, entities[0].end), ("PER", 0, 2));
    /// ```
    pub fn entities(&self) -> Vec<Entity> {
        entities(&self.tags, SeqevalMode::Default)
    }

    /// The tags by which predictions are scored: those of the file, not repaired.
    pub fn scored_tags(&self) -> &[String] {
        self.unrepaired.as_ref().map_or(&self.tags, |unrepaired| &unrepaired.tags)
    }

    /// The entities of seqeval's strict mode in the scheme of the file.
    pub fn strict_entities(&self) -> Vec<Entity> {
        match &self.unrepaired {
            Some(unrepaired) => unrepaired.strict.clone(),
            None => entities(&self.tags, SeqevalMode::Strict),
        }
    }
}

/// The contents of a file, or of several files of one split.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// The file; the first one if there are several.
    pub path: PathBuf,
    /// The sentences in the file's order, with IOB2 tags.
    pub sentences: Vec<Sentence>,
    /// The scheme of the tags in the file.
    pub scheme: Scheme,
    /// What was unusual, by line.
    pub findings: Vec<Finding>,
    /// How each file was read. Empty if the corpus was not read from files.
    pub files: Vec<Reading>,
}

impl Corpus {
    /// Whether the sentences have tags.
    pub fn is_labelled(&self) -> bool {
        self.scheme != Scheme::Unlabelled
    }

    /// The entity types that occur, sorted.
    pub fn entity_types(&self) -> Vec<String> {
        let entities = self.sentences.iter().flat_map(Sentence::entities);
        let types: BTreeSet<String> = entities.map(|entity| entity.entity_type).collect();
        types.into_iter().collect()
    }

    /// The number of words.
    pub fn word_count(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.words.len()).sum()
    }

    /// The number of entities.
    pub fn entity_count(&self) -> usize {
        self.sentences.iter().map(|sentence| sentence.entities().len()).sum()
    }

    /// The same words without tags, for example as a pool for self-training.
    pub fn without_tags(mut self) -> Self {
        for sentence in &mut self.sentences {
            sentence.tags.clear();
            sentence.unrepaired = None;
        }
        self.scheme = Scheme::Unlabelled;
        self
    }

    /// Appends the sentences and findings of another file of the same split. The scheme becomes that
    /// of the first file with an entity.
    pub fn append(&mut self, other: Self) {
        // The first entity answers; to count all of them would take time for each file.
        let has_entity = || self.sentences.iter().flat_map(|s| &s.tags).any(|tag| tag != "O");
        if self.is_labelled() && !has_entity() {
            self.scheme = other.scheme;
        }
        self.sentences.extend(other.sentences);
        self.findings.extend(other.findings);
        self.files.extend(other.files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(tags: &str) -> Sentence {
        let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
        Sentence { words: tags.clone(), tags, line: 1, ..Sentence::default() }
    }

    fn corpus(sentences: Vec<Sentence>, scheme: Scheme) -> Corpus {
        Corpus { path: "x".into(), sentences, scheme, findings: vec![], files: vec![] }
    }

    #[test]
    fn entities_of_iob2() {
        let sentence = sentence("B-A I-A B-A O I-A I-B");
        let found = sentence.entities().into_iter().map(|e| (e.entity_type, e.start, e.end));
        let expected = [("A", 0, 2), ("A", 2, 3), ("A", 4, 5), ("B", 5, 6)];
        assert!(found.eq(expected.map(|(name, start, end)| (name.to_owned(), start, end))));
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
    fn appending_keeps_the_scheme_of_the_first_file_with_entities() {
        let mut all = corpus(vec![sentence("O")], Scheme::Iob2);
        all.append(corpus(vec![sentence("B-A")], Scheme::Bioes));
        all.append(corpus(vec![sentence("B-A")], Scheme::Iob1));
        assert_eq!((all.scheme, all.sentences.len()), (Scheme::Bioes, 3));
    }
}
