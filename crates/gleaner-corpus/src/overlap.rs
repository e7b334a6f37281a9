//! Repeated sentences, within a corpus or across training and held-out data.
//!
//! Two sentences are equal if their words are equal after canonical composition (NFC). Tags are
//! ignored.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

use crate::corpus::Sentence;

/// Separates words in a key. Readers reject words that contain it, and it never composes with
/// another character.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// A key that is the same for equal sentences only: the NFC of the words, each followed by U+001F.
///
/// ```
/// use gleaner_corpus::overlap::sentence_key;
///
/// assert_eq!(sentence_key(&["e\u{301}te\u{301}"]), sentence_key(&["été"]));
/// assert_ne!(sentence_key(&["a", "b"]), sentence_key(&["ab"]));
/// ```
pub fn sentence_key<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().flat_map(|word| word.as_ref().chars().chain([SEPARATOR])).nfc().collect()
}

/// The positions in `sentences` of those that also occur in one of `others`, ascending. With training
/// data as `sentences` and held-out data as `others`, these are the leaks to drop.
pub fn also_in(sentences: &[Sentence], others: &[&[Sentence]]) -> Vec<usize> {
    let known: HashSet<String> =
        others.iter().copied().flatten().map(|other| sentence_key(&other.words)).collect();
    positions(sentences, |key| known.contains(&key))
}

/// The positions in `sentences` of those that repeat an earlier sentence, ascending.
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
    fn composition_does_not_matter_but_word_boundaries_do() {
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
