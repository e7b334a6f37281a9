//! Random sentences, and what formats keep of sentences.

use gleaner_corpus::Sentence;
use proptest::prelude::*;

/// Several sentences of some words, with valid IOB2 tags of two types.
pub fn sentences(
    word: impl Strategy<Value = String>,
    types: [&'static str; 2],
) -> impl Strategy<Value = Vec<Sentence>> {
    prop::collection::vec(sentence(word, types), 1..6)
}

/// A sentence of some words, with valid IOB2 tags of two types.
fn sentence(
    word: impl Strategy<Value = String>,
    types: [&'static str; 2],
) -> impl Strategy<Value = Sentence> {
    prop::collection::vec((word, 0..5_usize), 1..8).prop_map(move |pairs| {
        let mut open = None;
        let mut sentence = Sentence::default();
        for (word, choice) in pairs {
            let label = types[choice % 2];
            let (tag, now) = match choice {
                0 | 1 => (format!("B-{label}"), Some(label)),
                2 | 3 if open == Some(label) => (format!("I-{label}"), open),
                _ => ("O".to_owned(), None),
            };
            open = now;
            sentence.words.push(word);
            sentence.tags.push(tag);
        }
        sentence
    })
}

/// The sentences without their lines.
pub fn content(sentences: &[Sentence]) -> Vec<(Vec<String>, Vec<String>)> {
    sentences.iter().map(|sentence| (sentence.words.clone(), sentence.tags.clone())).collect()
}
