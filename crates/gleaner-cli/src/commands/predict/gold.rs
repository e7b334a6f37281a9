//! The tags of the input, to be written beside the predicted ones.

use gleaner_corpus::{Corpus, CorpusError, Problem, ReadOptions, Sentence, read_bytes};
use std::{iter::Peekable, path::Path, vec};

/// The labelled sentences of the input, in order.
pub struct Gold(Peekable<vec::IntoIter<Sentence>>);

impl Gold {
    /// The labelled sentences of an input. Those with malformed tags are left out.
    ///
    /// # Errors
    /// The input has no tags, or they cannot be read.
    pub fn read(bytes: &[u8], name: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
        let options = ReadOptions { unlabelled: false, skip_bad: true, ..options.clone() };
        read_bytes(bytes, name, &options)
    }

    /// Why tags that the input has are not read, if an option is needed to read them.
    pub fn missed(error: &CorpusError) -> Option<String> {
        let problem = error.problem();
        let asks = matches!(
            problem,
            Problem::TagColumns { .. } | Problem::TagKeys { .. } | Problem::NoLabelNames
        );
        asks.then(|| format!("its tags are left out: {problem}"))
    }

    pub fn new(corpus: Corpus) -> Self {
        Self(corpus.sentences.into_iter().peekable())
    }

    /// The tags of the next sentence, which has these words.
    pub fn of(&mut self, line: usize, words: &[String]) -> Option<Vec<String>> {
        while self.0.peek().is_some_and(|sentence| sentence.line < line) {
            self.0.next();
        }
        let found = self.0.next_if(|sentence| sentence.line == line && sentence.words == words);
        found.map(|sentence| sentence.scored_tags().to_vec())
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
        let none = Gold::read(b"a\nb\n", Path::new("a.conll"), &ReadOptions::default());
        assert_eq!(Gold::missed(&none.unwrap_err()), None);
    }
}
