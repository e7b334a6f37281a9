//! Sequences of words, and all places of a text where one occurs.

use aho_corasick::AhoCorasick;
use gleaner_corpus::overlap::sentence_key;
use std::{collections::HashMap, slice::from_ref};

/// Known sequences of words, which are equal if [`sentence_key`] is. Each is named by a number.
///
/// The time of a search is that of reading the text and of listing what is found, however long the sequences are.
pub(super) struct Phrases {
    numbers: HashMap<String, usize>,
    automaton: AhoCorasick,
}

impl Phrases {
    /// The sequences of some texts; those without words are left out.
    pub(super) fn new<'a>(all: impl IntoIterator<Item = &'a [String]>) -> Self {
        let (mut numbers, mut keys) = (HashMap::new(), Vec::new());
        for words in all.into_iter().filter(|words| !words.is_empty()) {
            let key = sentence_key(words);
            if !numbers.contains_key(&key) {
                numbers.insert(key.clone(), keys.len());
                keys.push(key);
            }
        }
        let automaton = AhoCorasick::new(keys).expect("mentions have fewer than 2^31 bytes");
        Self { numbers, automaton }
    }

    /// The number of a sequence; `None` if it is not known.
    pub(super) fn number(&self, words: &[String]) -> Option<usize> {
        self.numbers.get(&sentence_key(words)).copied()
    }

    /// All places of a text where a sequence occurs: its first word, the word after its last, and its number. They may
    /// overlap.
    pub(super) fn find(&self, text: &[String]) -> Vec<(usize, usize, usize)> {
        // The key of a text is that of its words, one after the other.
        let (mut key, mut borders) = (String::new(), vec![0]);
        for word in text {
            key.push_str(&sentence_key(from_ref(word)));
            borders.push(key.len());
        }
        let word_at = |byte: usize| borders.binary_search(&byte).ok();
        let found = self.automaton.find_overlapping_iter(&key);
        // A sequence may begin within a word, but ends with one.
        found
            .filter_map(|m| Some((word_at(m.start())?, word_at(m.end())?, m.pattern().as_usize())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn text() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..30)
            .prop_map(|words| words.into_iter().map(str::to_owned).collect())
    }

    proptest! {
        #[test]
        fn every_place_is_found(
            all in proptest::collection::vec(text().prop_map(|mut words| { words.truncate(4); words }), 0..6),
            text in text(),
        ) {
            let phrases = Phrases::new(all.iter().map(Vec::as_slice));
            let mut found = phrases.find(&text);
            found.sort_unstable();
            let mut expected = Vec::new();
            for start in 0..text.len() {
                for end in start + 1..=text.len() {
                    if all.iter().any(|words| *words == text[start..end]) {
                        expected.push((start, end, phrases.number(&text[start..end]).unwrap()));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn equal_sequences_have_the_same_number() {
        let all = ["Ny Havn", "Havn", "\u{e9}"].map(words);
        let phrases = Phrases::new(all.iter().map(Vec::as_slice));
        assert_eq!(phrases.number(&words("e\u{301}")), phrases.number(&all[2]));
        assert_ne!(phrases.number(&all[0]), phrases.number(&all[1]));
        assert_eq!((phrases.number(&words("Ny")), phrases.number(&[])), (None, None));
        let places = |text: &str| -> Vec<_> {
            phrases.find(&words(text)).iter().map(|found| (found.0, found.1)).collect()
        };
        assert_eq!(places("Ny Havn"), [(0, 2), (1, 2)]);
        // Neither a part of a word nor of two.
        assert_eq!(places("StHavn Nye Havnen"), []);
    }
}
