//! The tags of the input, to be written beside the predicted ones.

use gleaner_corpus::{
    Corpus, CorpusError, Finding, FindingKind, Format, Problem, ReadOptions, Sentence, read_bytes,
};
use std::{
    collections::{HashMap, VecDeque},
    path::Path,
};

/// The labelled sentences of the input, by line and words. Several objects can be on one line.
pub struct Gold(HashMap<(usize, Vec<String>), VecDeque<Sentence>>);

impl Gold {
    /// The labelled sentences of an input. Those with malformed tags are left out.
    ///
    /// # Errors
    /// The input has no tags, or they cannot be read.
    pub fn read(bytes: &[u8], name: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
        let options = ReadOptions { unlabelled: false, skip_bad: true, ..options.clone() };
        read_bytes(bytes, name, &options)
    }

    /// Why tags that the input has are not read: an option is needed to read them, or the spans of all texts are
    /// faulty. Columns without tags are not missed.
    pub fn missed(error: &CorpusError, format: Format) -> Option<String> {
        let problem = error.problem();
        let is_missed = match problem {
            Problem::TagColumns { .. } | Problem::TagKeys { .. } | Problem::NoLabelNames => true,
            Problem::AllSkipped { first, .. } => {
                !format.has_columns() && *first != Problem::NoTags.to_string()
            }
            _ => false,
        };
        is_missed.then(|| format!("its tags are left out: {problem}"))
    }

    /// The texts whose tags are not read although those of others are, for users. In columns, tags stay as they are.
    pub fn partly_missed(corpus: &Corpus, format: Format) -> Option<String> {
        let harmless = [Problem::NoTags.to_string(), Problem::NoWords.to_string()];
        let is_missed = |finding: &&Finding| {
            finding.kind == FindingKind::SkippedSentence
                && !harmless.iter().any(|problem| finding.detail.ends_with(problem))
        };
        let mut missed = corpus.findings.iter().filter(is_missed);
        let first = missed.next().filter(|_| !format.has_columns())?;
        let n = 1 + missed.count();
        Some(format!("texts whose tags are left out: {n}, the first: {first}"))
    }

    pub fn new(corpus: Corpus) -> Self {
        let mut sentences: HashMap<_, VecDeque<Sentence>> = HashMap::new();
        for sentence in corpus.sentences {
            let key = (sentence.line, sentence.words.clone());
            sentences.entry(key).or_default().push_back(sentence);
        }
        Self(sentences)
    }

    /// The tags of the next sentence, which has these words.
    pub fn of(&mut self, line: usize, words: &[String]) -> Option<Vec<String>> {
        let found = self.0.get_mut(&(line, words.to_vec()))?.pop_front()?;
        Some(found.scored_tags().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_belong_to_the_sentence_at_their_line() {
        let text = b"a\tB-X\n\nb\tB_X\n\nc\tI-X\n";
        let corpus = Gold::read(text, Path::new("a.conll"), &ReadOptions::default()).unwrap();
        let mut gold = Gold::new(corpus);
        let mut of = |line: usize, word: &str| gold.of(line, &[word.to_owned()]);
        assert_eq!(of(1, "a").unwrap(), ["B-X"]);
        assert_eq!(of(3, "b"), None, "its tag is malformed");
        assert_eq!(of(5, "c").unwrap(), ["I-X"], "as in the file");
        let text =
            br#"[{"tokens": ["a", "b"], "tags": ["O", "O"]}, {"tokens": ["c"], "tags": ["B-X"]}]"#;
        let corpus = Gold::read(text, Path::new("a.json"), &ReadOptions::default()).unwrap();
        let mut gold = Gold::new(corpus);
        assert_eq!(gold.of(1, &["?".to_owned()]), None);
        assert_eq!(gold.of(1, &["c".to_owned()]).unwrap(), ["B-X"]);
        let missed = |text: &str, name: &str, format| {
            let read = Gold::read(text.as_bytes(), Path::new(name), &ReadOptions::default());
            Gold::missed(&read.unwrap_err(), format)
        };
        assert_eq!(missed("a\nb\n", "a.conll", Format::Conll), None);
        assert_eq!(missed("a\tNN\nb\tVB\n", "a.conll", Format::Conll), None);
        assert_eq!(missed("{\"text\": \"a\"}\n", "a.jsonl", Format::Jsonl), None);
        let utf16 = "{\"text\": \"😀 Jan\", \"label\": [[3, 6, \"PER\"]]}\n";
        let said = missed(utf16, "a.jsonl", Format::Doccano).unwrap();
        assert!(said.contains("--offsets utf16"), "{said}");
        let partly = |text: &str| {
            let corpus = Gold::read(text.as_bytes(), Path::new("a.jsonl"), &ReadOptions::default());
            Gold::partly_missed(&corpus.unwrap(), Format::Doccano)
        };
        let whole = "{\"text\": \"Jan\", \"label\": [[0, 3, \"PER\"]]}\n{\"text\": \"Jan\"}\n{\"text\": \"\", \"label\": []}\n";
        assert_eq!(partly(whole), None);
        let said = partly(&format!("{whole}{utf16}")).unwrap();
        assert!(
            said.starts_with("texts whose tags are left out: 1, the first: a.jsonl:4: "),
            "{said}"
        );
    }
}
