//! Statistics of a corpus.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::corpus::Corpus;
use crate::finding::FindingKind;
use crate::overlap;
use crate::scheme::Scheme;

/// Statistics of a corpus.
///
/// ```
/// use gleaner_corpus::{ReadOptions, inspect::Summary, read_bytes};
/// use std::path::Path;
///
/// let text = "Anna\tB-PER\nsings\tO\n\nRain\tO\n";
/// let corpus = read_bytes(text.as_bytes(), Path::new("a.conll"), &ReadOptions::default())?;
/// let summary = Summary::of(&corpus);
/// assert_eq!((summary.sentences, summary.words, summary.without_entity), (2, 3, Some(1)));
/// # Ok::<(), gleaner_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Summary {
    /// The file.
    pub path: PathBuf,
    /// The tag scheme of the file.
    pub scheme: Scheme,
    /// Number of sentences.
    pub sentences: usize,
    /// Number of words.
    pub words: usize,
    /// Mean number of words per sentence.
    pub mean_length: f64,
    /// Number of words of the longest sentence.
    pub longest: usize,
    /// The line of the longest sentence (the first one of several).
    pub longest_line: usize,
    /// Number of entities of each type.
    pub entities: BTreeMap<String, usize>,
    /// Number of sentences without an entity; `None` if the corpus is unlabelled.
    pub without_entity: Option<usize>,
    /// Number of sentences that repeat an earlier one word for word.
    pub duplicates: usize,
    /// Number of findings of each kind.
    pub findings: BTreeMap<FindingKind, usize>,
}

impl Summary {
    /// The statistics of a corpus.
    pub fn of(corpus: &Corpus) -> Self {
        let mut entities = BTreeMap::new();
        let mut without_entity = 0;
        let (mut longest, mut longest_line) = (0, 0);
        for sentence in &corpus.sentences {
            let found = sentence.entities();
            without_entity += usize::from(found.is_empty());
            for entity in found {
                *entities.entry(entity.entity_type).or_insert(0) += 1;
            }
            if sentence.words.len() > longest {
                (longest, longest_line) = (sentence.words.len(), sentence.line);
            }
        }
        let mut findings = BTreeMap::new();
        for finding in &corpus.findings {
            *findings.entry(finding.kind).or_insert(0) += 1;
        }
        let (sentences, words) = (corpus.sentences.len(), corpus.word_count());
        Self {
            path: corpus.path.clone(),
            scheme: corpus.scheme,
            sentences,
            words,
            mean_length: words as f64 / sentences.max(1) as f64,
            longest,
            longest_line,
            entities,
            without_entity: corpus.is_labelled().then_some(without_entity),
            duplicates: overlap::duplicates(&corpus.sentences).len(),
            findings,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{ReadOptions, read_bytes};

    const TEXT: &str = "a\tO\nb\tI-P\n\nc\tB-Q\nd\tI-Q\ne\tB-Q\n\nf\tO\n\nf\tO\n";

    #[test]
    fn counts_everything() {
        let corpus =
            read_bytes(TEXT.as_bytes(), Path::new("x.conll"), &ReadOptions::default()).unwrap();
        let summary = serde_json::to_string_pretty(&Summary::of(&corpus)).unwrap();
        insta::assert_snapshot!(summary);
    }

    #[test]
    fn unlabelled_corpora_have_no_count_of_sentences_without_entity() {
        let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
        let corpus = read_bytes(TEXT.as_bytes(), Path::new("x.conll"), &options).unwrap();
        assert_eq!(Summary::of(&corpus).without_entity, None);
        let empty = Corpus {
            path: "x".into(),
            sentences: vec![],
            scheme: Scheme::Iob2,
            findings: vec![],
            files: vec![],
        };
        assert_eq!(Summary::of(&empty).mean_length, 0.0);
    }
}
