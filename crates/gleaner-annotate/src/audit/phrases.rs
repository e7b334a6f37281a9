//! Sequences of words, and all places of a text where one occurs.

use gleaner_corpus::overlap::sentence_key;
use std::collections::{HashMap, VecDeque};

/// The state before any word.
const START: usize = 0;

/// Known sequences of words, which are equal if [`sentence_key`] is. Each is named by a number.
///
/// The automaton of Aho and Corasick (1975), over words: a state is a beginning of a sequence. The time of a search is
/// that of reading the text and of listing what is found, however long the sequences are.
pub(super) struct Phrases {
    /// The numbers of the words that occur in a sequence.
    words: HashMap<String, usize>,
    /// The state after a word.
    next: HashMap<(usize, usize), usize>,
    states: Vec<State>,
}

#[derive(Clone, Default)]
struct State {
    /// Number of words.
    length: usize,
    /// Whether it is a whole sequence.
    is_whole: bool,
    /// The longest other state that it ends with.
    suffix: usize,
    /// The longest whole sequence that it ends with, apart from itself.
    shorter: Option<usize>,
}

impl Phrases {
    /// The sequences of some texts.
    pub(super) fn new<'a>(all: impl IntoIterator<Item = &'a [String]>) -> Self {
        let mut phrases =
            Self { words: HashMap::new(), next: HashMap::new(), states: vec![State::default()] };
        let mut children: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
        for words in all {
            let mut at = START;
            for word in words {
                let number = phrases.words.len();
                let word = *phrases.words.entry(key(word)).or_insert(number);
                let new = phrases.states.len();
                let next = *phrases.next.entry((at, word)).or_insert(new);
                if next == new {
                    let length = phrases.states[at].length + 1;
                    phrases.states.push(State { length, ..State::default() });
                    children.push(Vec::new());
                    children[at].push((word, new));
                }
                at = next;
            }
            phrases.states[at].is_whole = at != START;
        }
        phrases.link(&children);
        phrases
    }

    /// Finds what each state ends with, from the shortest state to the longest.
    fn link(&mut self, children: &[Vec<(usize, usize)>]) {
        let mut waiting = VecDeque::from([START]);
        while let Some(at) = waiting.pop_front() {
            for (word, child) in &children[at] {
                let suffix = match at {
                    START => START,
                    _ => self.after(self.states[at].suffix, *word),
                };
                let of_suffix = &self.states[suffix];
                let shorter = if of_suffix.is_whole { Some(suffix) } else { of_suffix.shorter };
                let state = &mut self.states[*child];
                (state.suffix, state.shorter) = (suffix, shorter);
                waiting.push_back(*child);
            }
        }
    }

    /// The longest state that `at` ends with, followed by a word.
    fn after(&self, mut at: usize, word: usize) -> usize {
        loop {
            match self.next.get(&(at, word)) {
                Some(next) => return *next,
                None if at == START => return START,
                None => at = self.states[at].suffix,
            }
        }
    }

    /// The number of a sequence; `None` if it is not known.
    pub(super) fn number(&self, words: &[String]) -> Option<usize> {
        let step = |at: usize, word: &String| {
            self.next.get(&(at, *self.words.get(key(word).as_str())?)).copied()
        };
        let at = words.iter().try_fold(START, step)?;
        self.states[at].is_whole.then_some(at)
    }

    /// All places of a text where a sequence occurs: its first word, the word after its last, and its number. They may
    /// overlap.
    pub(super) fn find(&self, text: &[String]) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        let mut at = START;
        for (word, end) in text.iter().zip(1..) {
            at = match self.words.get(key(word).as_str()) {
                Some(word) => self.after(at, *word),
                None => START,
            };
            let whole = if self.states[at].is_whole { Some(at) } else { self.states[at].shorter };
            let all = std::iter::successors(whole, |number| self.states[*number].shorter);
            found.extend(all.map(|number| (end - self.states[number].length, end, number)));
        }
        found
    }
}

/// The key of a sequence is that of its words, one after the other.
fn key(word: &String) -> String {
    sentence_key(std::slice::from_ref(word))
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
        let places: Vec<_> = phrases.find(&words("Ny Havn")).iter().map(|f| (f.0, f.1)).collect();
        assert_eq!(places, [(0, 2), (1, 2)]);
    }
}
