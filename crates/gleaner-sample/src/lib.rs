//! A small labelled corpus in two related languages that travels inside the binary as a seeded grammar.
//!
//! The *source* is Dutch, the *target* Afrikaans; the task is to find persons (PER), places (LOC) and
//! organisations (ORG). Every sentence is drawn from the templates in `grammar/`, and every full name is invented: put
//! together from morphemes, so that the same surface may be a town, a family, a club or a firm, and only the
//! sentence tells which. Nothing is read, downloaded or left to chance: the same version gives the same corpus.
//!
//! The generated sentences are dedicated to the public domain (CC0 1.0).
//!
//! ```
//! let target = gleaner_sample::target();
//! assert_eq!((target.train.len(), target.dev.len(), target.test.len()), (240, 30, 30));
//! println!("{}", gleaner_sample::to_conll(&target.train[..2]));
//! ```

mod corpus;
mod deny;
mod encoder;
mod generator;
mod grammar;
mod rng;

use std::collections::BTreeSet;

use corpus::{AFRIKAANS, CORPUS, DUTCH};
pub use encoder::{EncoderFiles, encoder};
use rng::Rng;

/// A tokenized sentence with one IOB2 tag a word: `O`, or `B-` and `I-` with `PER`, `LOC` or `ORG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleSentence {
    /// The words; punctuation marks are words of their own.
    pub words: Vec<String>,
    /// The tags, as many as the words.
    pub tags: Vec<String>,
}

impl SampleSentence {
    /// Its entities from left to right: the type and the words.
    fn entities(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.tags.iter().enumerate().filter_map(|(start, tag)| {
            let label = tag.strip_prefix("B-")?;
            let inside =
                self.tags[start + 1..].iter().take_while(|tag| tag.starts_with("I-")).count();
            Some((label, &self.words[start..=start + inside]))
        })
    }
}

/// Labelled sentences in three parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleSplits {
    /// To learn from.
    pub train: Vec<SampleSentence>,
    /// To choose by.
    pub dev: Vec<SampleSentence>,
    /// To measure on.
    pub test: Vec<SampleSentence>,
}

/// The labelled set of a language: `af`, the target (240, 30 and 30 sentences), or `nl`, the source (1,500, 75
/// and 75: the test part is the second half of [`source_dev`]). `None` for any other name.
pub fn labelled(name: &str) -> Option<SampleSplits> {
    match name {
        "af" => Some(target()),
        "nl" => {
            let (dev, test) = CORPUS.source_dev.split_at(CORPUS.source_dev.len() / 2);
            Some(SampleSplits { train: source(), dev: dev.to_vec(), test: test.to_vec() })
        }
        _ => None,
    }
}

/// 300 labelled Afrikaans sentences, 240 to learn from and 30 for each other part: the proportions of the
/// published study.
pub fn target() -> SampleSplits {
    CORPUS.target.clone()
}

/// 1,500 labelled Dutch sentences.
pub fn source() -> Vec<SampleSentence> {
    CORPUS.source.clone()
}

/// 150 further labelled Dutch sentences, to choose a source model by.
pub fn source_dev() -> Vec<SampleSentence> {
    CORPUS.source_dev.clone()
}

/// 500 Afrikaans sentences without labels.
pub fn unlabelled() -> Vec<Vec<String>> {
    CORPUS.unlabelled.iter().map(|sentence| sentence.words.clone()).collect()
}

/// The sentences of [`unlabelled`], in the same order, with their tags: to measure pseudo-labels, not to train on.
pub fn unlabelled_gold() -> Vec<SampleSentence> {
    CORPUS.unlabelled.clone()
}

/// `n` sentences of running text to pre-train a language model on, Afrikaans and Dutch in turn, without labels.
///
/// None stands in any other set, and none comes twice. The same `seed` gives the same sentences, and a larger
/// `n` only adds to them.
pub fn pretraining_text(n: usize, seed: u64) -> impl Iterator<Item = Vec<String>> {
    let mut seen: BTreeSet<Vec<String>> =
        CORPUS.sentences().map(|sentence| sentence.words.clone()).collect();
    let mut rng = Rng::new(seed);
    (0..n).map(move |position| {
        let generator = if position % 2 == 0 { &AFRIKAANS } else { &DUTCH };
        corpus::fresh_sentence(generator, &mut rng, &mut seen).1.words
    })
}

/// Two-column CoNLL text: word, tab, tag; an empty line after every sentence.
pub fn to_conll(sentences: &[SampleSentence]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        for (word, tag) in sentence.words.iter().zip(&sentence.tags) {
            text.extend([word, "\t", tag, "\n"]);
        }
        text.push('\n');
    }
    text
}
