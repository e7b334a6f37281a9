//! Pairs of symbols that follow one another in words, and joining them.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap, HashMap},
};

/// Two symbols.
pub(super) type Pair = [u32; 2];

/// A word that occurs `count` times.
pub(super) struct Word {
    pub(super) symbols: Vec<u32>,
    pub(super) count: u64,
}

/// How often pairs occur, and in which words.
#[derive(Default)]
pub(super) struct Pairs {
    counts: HashMap<Pair, u64>,
    places: HashMap<Pair, BTreeSet<usize>>,
    /// Every count that a pair had: only its present one is valid.
    queue: BinaryHeap<(u64, Reverse<Pair>)>,
}

impl Pairs {
    pub(super) fn of(words: &[Word]) -> Self {
        let mut pairs = Self::default();
        let mut touched = BTreeSet::new();
        for (place, word) in words.iter().enumerate() {
            pairs.add(place, word, &mut touched);
        }
        pairs.enqueue(touched);
        pairs
    }

    /// The most frequent pair and its count; of equal ones, that of the smallest symbols.
    pub(super) fn most_frequent(&mut self) -> Option<(Pair, u64)> {
        while let Some(&(count, Reverse(pair))) = self.queue.peek() {
            if self.counts.get(&pair) == Some(&count) {
                return Some((pair, count));
            }
            self.queue.pop();
        }
        None
    }

    /// Joins a pair to one symbol, from left to right in every word.
    pub(super) fn merge(&mut self, words: &mut [Word], pair: Pair, joined: u32) {
        let mut touched = BTreeSet::new();
        for place in self.places.get(&pair).cloned().unwrap_or_default() {
            let word = &mut words[place];
            self.remove(place, word, &mut touched);
            word.symbols = replaced(&word.symbols, pair, joined);
            self.add(place, word, &mut touched);
        }
        self.forget(pair);
        touched.remove(&pair);
        self.enqueue(touched);
    }

    /// Leaves a pair out from now on.
    pub(super) fn forget(&mut self, pair: Pair) {
        self.counts.remove(&pair);
        self.places.remove(&pair);
    }

    fn add(&mut self, place: usize, word: &Word, touched: &mut BTreeSet<Pair>) {
        for pair in word.symbols.array_windows() {
            *self.counts.entry(*pair).or_default() += word.count;
            self.places.entry(*pair).or_default().insert(place);
            touched.insert(*pair);
        }
    }

    fn remove(&mut self, place: usize, word: &Word, touched: &mut BTreeSet<Pair>) {
        for pair in word.symbols.array_windows() {
            // Forgotten pairs have no count.
            if let Some(count) = self.counts.get_mut(pair) {
                *count = count.saturating_sub(word.count);
                touched.insert(*pair);
            }
            if let Some(places) = self.places.get_mut(pair) {
                places.remove(&place);
            }
        }
    }

    fn enqueue(&mut self, pairs: BTreeSet<Pair>) {
        for pair in pairs {
            let count = self.counts.get(&pair).copied().unwrap_or(0);
            if count > 0 {
                self.queue.push((count, Reverse(pair)));
            }
        }
    }
}

/// The symbols with every occurrence of a pair replaced, from left to right.
fn replaced(symbols: &[u32], pair: Pair, joined: u32) -> Vec<u32> {
    let (mut out, mut rest) = (Vec::with_capacity(symbols.len()), symbols);
    while let Some((&first, others)) = rest.split_first() {
        match rest.strip_prefix(&pair) {
            Some(after) => {
                out.push(joined);
                rest = after;
            }
            None => {
                out.push(first);
                rest = others;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(all: &[(&[u32], u64)]) -> Vec<Word> {
        all.iter().map(|&(symbols, count)| Word { symbols: symbols.to_vec(), count }).collect()
    }

    #[test]
    fn the_most_frequent_pair_is_joined_first_and_ties_go_to_smaller_symbols() {
        let mut words = words(&[(&[1, 2, 3], 5), (&[2, 3], 4), (&[4, 5], 5)]);
        let mut pairs = Pairs::of(&words);
        assert_eq!(pairs.most_frequent(), Some(([2, 3], 9)));
        pairs.merge(&mut words, [2, 3], 6);
        assert_eq!(words[0].symbols, [1, 6]);
        assert_eq!(pairs.most_frequent(), Some(([1, 6], 5)));
        pairs.forget([1, 6]);
        assert_eq!(pairs.most_frequent(), Some(([4, 5], 5)));
        pairs.merge(&mut words, [4, 5], 7);
        assert_eq!(pairs.most_frequent(), None);
    }

    #[test]
    fn pairs_of_equal_symbols_are_joined_from_the_left() {
        assert_eq!(replaced(&[1, 1, 1, 2, 1, 1], [1, 1], 9), [9, 1, 2, 9]);
        assert!(replaced(&[], [1, 1], 9).is_empty());
    }

    proptest! {
        /// Counts are kept up to date: they equal those of a new count after every merge.
        #[test]
        fn counts_are_those_of_the_words(
            all in prop::collection::vec((prop::collection::vec(0..4u32, 0..9), 1..5u64), 1..9)
        ) {
            let mut words: Vec<Word> =
                all.into_iter().map(|(symbols, count)| Word { symbols, count }).collect();
            let mut pairs = Pairs::of(&words);
            for joined in 4..12 {
                let Some((pair, _)) = pairs.most_frequent() else { break };
                pairs.merge(&mut words, pair, joined);
                let mut anew = Pairs::of(&words);
                anew.forget(pair); // what is left of `aaa` may have it
                prop_assert_eq!(pairs.most_frequent(), anew.most_frequent());
            }
        }
    }
}
