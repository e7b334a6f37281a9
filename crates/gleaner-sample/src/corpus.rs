//! The sets of the sample corpus, drawn from the two grammars without repetition.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use gleaner_base::random::SplitMix64;

use crate::generator::Generator;
use crate::sentence::{SampleSentence, SampleSplits};

/// Number of words of a sentence, including punctuation.
const LENGTH: std::ops::RangeInclusive<usize> = 4..=25;

pub(crate) static AFRIKAANS: LazyLock<Generator> = LazyLock::new(|| {
    Generator::new(
        &[
            include_str!("../grammar/af-names.txt"),
            include_str!("../grammar/af-words.txt"),
            include_str!("../grammar/af-sentences.txt"),
        ],
        0xAF,
    )
});

pub(crate) static DUTCH: LazyLock<Generator> = LazyLock::new(|| {
    Generator::new(
        &[
            include_str!("../grammar/nl-names.txt"),
            include_str!("../grammar/nl-words.txt"),
            include_str!("../grammar/nl-sentences.txt"),
        ],
        0x17,
    )
});

/// The size of each set and the seed of its random numbers.
const TARGET_TRAIN: (usize, u64) = (240, 11);
const TARGET_DEV: (usize, u64) = (30, 12);
const TARGET_TEST: (usize, u64) = (30, 13);
const SOURCE: (usize, u64) = (1_500, 14);
const SOURCE_DEV: (usize, u64) = (150, 15);
const UNLABELLED: (usize, u64) = (500, 16);

/// All sets of fixed size.
pub(crate) static CORPUS: LazyLock<Corpus> = LazyLock::new(Corpus::new);

pub(crate) struct Corpus {
    pub(crate) target: SampleSplits,
    pub(crate) source: Vec<SampleSentence>,
    pub(crate) source_dev: Vec<SampleSentence>,
    pub(crate) unlabelled: Vec<SampleSentence>,
}

impl Corpus {
    fn new() -> Self {
        let mut seen = BTreeSet::new();
        // Each set has its own random numbers, so that the size of a set does not change later sets, except for
        // sentences that would occur in both.
        let mut set = |generator: &Generator, (size, seed): (usize, u64)| -> Vec<SampleSentence> {
            let mut random = SplitMix64::new(seed);
            (0..size).map(|_| new_sentence(generator, &mut random, &mut seen).1).collect()
        };
        Self {
            target: SampleSplits {
                train: set(&AFRIKAANS, TARGET_TRAIN),
                dev: set(&AFRIKAANS, TARGET_DEV),
                test: set(&AFRIKAANS, TARGET_TEST),
            },
            source: set(&DUTCH, SOURCE),
            source_dev: set(&DUTCH, SOURCE_DEV),
            unlabelled: set(&AFRIKAANS, UNLABELLED),
        }
    }

    /// The sentences of all sets, in the order in which they were drawn.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = &SampleSentence> {
        let target = [&self.target.train, &self.target.dev, &self.target.test];
        target.into_iter().chain([&self.source, &self.source_dev, &self.unlabelled]).flatten()
    }
}

/// Draws sentences until one is new, neither too short nor too long, and has no repeated name. Returns it with the
/// position of its template.
pub(crate) fn new_sentence(
    generator: &Generator,
    random: &mut SplitMix64,
    seen: &mut BTreeSet<Vec<String>>,
) -> (usize, SampleSentence) {
    loop {
        let (template, sentence) = generator.sentence(random);
        let fits = LENGTH.contains(&sentence.words.len()) && !has_repeated_name(&sentence);
        if fits && seen.insert(sentence.words.clone()) {
            return (template, sentence);
        }
    }
}

fn has_repeated_name(sentence: &SampleSentence) -> bool {
    let mut names = BTreeSet::new();
    sentence.names().any(|name| !names.insert(name.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn templates_used(generator: &Generator, sets: &[(usize, u64)]) -> usize {
        let mut seen = BTreeSet::new();
        let mut used = BTreeSet::new();
        for &(size, seed) in sets {
            let mut random = SplitMix64::new(seed);
            used.extend((0..size).map(|_| new_sentence(generator, &mut random, &mut seen).0));
        }
        used.len()
    }

    #[test]
    fn the_sets_and_running_text_use_every_template() {
        assert!(AFRIKAANS.templates() >= 100 && DUTCH.templates() >= 100);
        assert_eq!(templates_used(&DUTCH, &[SOURCE]), DUTCH.templates());
        assert_eq!(
            templates_used(
                &AFRIKAANS,
                &[TARGET_TRAIN, TARGET_DEV, TARGET_TEST, UNLABELLED, (500, 1)]
            ),
            AFRIKAANS.templates()
        );
    }

    #[test]
    fn a_repeated_name_is_found() {
        let sentence = |tags: [&str; 3]| SampleSentence {
            words: ["Elsburg", "Elsburg", "."].map(String::from).to_vec(),
            tags: tags.map(String::from).to_vec(),
        };
        assert!(has_repeated_name(&sentence(["B-PER", "B-LOC", "O"])));
        assert!(!has_repeated_name(&sentence(["B-PER", "I-PER", "O"])));
    }
}
