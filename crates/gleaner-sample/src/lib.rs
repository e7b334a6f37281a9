//! A small labelled corpus for named-entity recognition in two related languages, and a tiny encoder for them.
//!
//! The *source* language is Dutch, the *target* language Afrikaans. The entity types are persons (PER), places (LOC)
//! and organisations (ORG). Sentences are generated from the grammars in `grammar/` with fixed seeds, so the same
//! version always gives the same corpus, without reading or downloading files. All full names are invented: they are
//! composed of morphemes, so that the same name can be a town, a family, a club or a company, and only the sentence
//! tells which.
//!
//! The generated sentences are dedicated to the public domain (CC0 1.0).
//!
//! ```
//! let target = gleaner_sample::target();
//! assert_eq!((target.train.len(), target.dev.len(), target.test.len()), (240, 30, 30));
//! println!("{}", gleaner_sample::to_conll(&target.train[..2]));
//! ```

mod corpus;
mod draft;
mod encoder;
mod generator;
mod grammar;
mod known_places;
mod sentence;
mod skew;

use std::collections::BTreeSet;

use corpus::{AFRIKAANS, CORPUS, DUTCH};
pub use encoder::{EncoderFiles, encoder};
use gleaner_base::random::SplitMix64;
pub use sentence::{SampleSentence, SampleSplits};

/// The labelled data of a language: `af`, the target language (240, 30 and 30 sentences), or `nl`, the source language
/// (1,500, 75 and 75; dev and test are the halves of [`source_dev`]). `None` for other names.
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

/// 300 labelled Afrikaans sentences: 240 for training, 30 each for dev and test, as in the published study.
pub fn target() -> SampleSplits {
    CORPUS.target.clone()
}

/// 1,500 labelled Dutch sentences.
pub fn source() -> Vec<SampleSentence> {
    CORPUS.source.clone()
}

/// 150 more labelled Dutch sentences, for example as a dev part.
pub fn source_dev() -> Vec<SampleSentence> {
    CORPUS.source_dev.clone()
}

/// 500 Afrikaans sentences without labels.
pub fn unlabelled() -> Vec<Vec<String>> {
    CORPUS.unlabelled.iter().map(|sentence| sentence.words.clone()).collect()
}

/// The sentences of [`unlabelled`] in the same order, with tags, for measuring pseudo-labels.
pub fn unlabelled_gold() -> Vec<SampleSentence> {
    CORPUS.unlabelled.clone()
}

/// `n` unlabelled sentences for pre-training a language model, alternating between Afrikaans and Dutch.
///
/// No sentence is repeated or occurs in another set. The same `seed` gives the same sentences; a larger `n` appends to
/// them.
pub fn pretraining_text(n: usize, seed: u64) -> impl Iterator<Item = Vec<String>> {
    let mut seen: BTreeSet<Vec<String>> =
        CORPUS.sentences().map(|sentence| sentence.words.clone()).collect();
    let mut random = SplitMix64::new(seed);
    (0..n).map(move |position| {
        let generator = if position % 2 == 0 { &AFRIKAANS } else { &DUTCH };
        corpus::new_sentence(generator, &mut random, &mut seen).1.words
    })
}

/// Sentences as two-column CoNLL: word, tab, tag, and an empty line after each sentence.
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
