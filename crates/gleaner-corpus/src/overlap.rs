//! Sentences that stand more than once: within a corpus, or in training and held-out data.
//!
//! Two sentences are the same where their words are, after canonical composition (NFC); tags do not
//! matter.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use crate::corpus::Sentence;

/// Stands between words in a key: readers of words refuse it in one, no tokenizer leaves it there, and
/// nothing composes with it.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// What two sentences share if and only if they are the same: the NFC of their words, each followed
/// by U+001F.
pub fn sentence_key<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().flat_map(|word| word.as_ref().chars().chain([SEPARATOR])).nfc().collect()
}

/// The positions in `sentences` of those that also stand in one of `others`, ascending. With
/// training data first and held-out data second, these are the leaks to drop.
pub fn also_in(sentences: &[Sentence], others: &[&[Sentence]]) -> Vec<usize> {
    let known: HashSet<String> =
        others.iter().copied().flatten().map(|other| sentence_key(&other.words)).collect();
    positions(sentences, |key| known.contains(&key))
}

/// The positions in `sentences` of those that repeat an earlier one, ascending.
pub fn duplicates(sentences: &[Sentence]) -> Vec<usize> {
    let mut seen = HashSet::new();
    positions(sentences, |key| !seen.insert(key))
}

fn positions(sentences: &[Sentence], mut wanted: impl FnMut(String) -> bool) -> Vec<usize> {
    let wanted = |(position, sentence): (usize, &Sentence)| {
        wanted(sentence_key(&sentence.words)).then_some(position)
    };
    sentences.iter().enumerate().filter_map(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(lines: &[&str]) -> Vec<Sentence> {
        let sentence = |line: &&str| Sentence {
            words: line.split(' ').map(str::to_owned).collect(),
            ..Sentence::default()
        };
        lines.iter().map(sentence).collect()
    }

    #[test]
    fn composition_does_not_matter_but_word_borders_do() {
        assert_eq!(sentence_key(&["e\u{301}t", "a"]), sentence_key(&["ét", "a"]));
        assert_ne!(sentence_key(&["ab"]), sentence_key(&["a", "b"]));
        assert_ne!(sentence_key(&["e", "\u{301}"]), sentence_key(&["é"]));
        assert_ne!(sentence_key(&["A"]), sentence_key(&["a"]));
        assert_ne!(sentence_key::<&str>(&[]), sentence_key(&[""]));
    }

    #[test]
    fn finds_leaks_and_duplicates() {
        let train = sentences(&["a b", "c", "a b", "d", "e\u{301}"]);
        let (dev, test) = (sentences(&["é", "x"]), sentences(&["a b"]));
        assert_eq!(also_in(&train, &[&dev, &test]), [0, 2, 4]);
        assert_eq!(also_in(&train, &[]), Vec::<usize>::new());
        assert_eq!(duplicates(&train), [2]);
    }
}
