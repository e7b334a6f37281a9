//! Guarantees of the sample corpus.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_sample::{
    SampleSentence, pretraining_text, source, source_dev, target, to_conll, unlabelled,
    unlabelled_gold,
};

/// All labelled sets, and the unlabelled one with its tags at the end.
fn labelled() -> Vec<Vec<SampleSentence>> {
    let target = target();
    vec![target.train, target.dev, target.test, source(), source_dev(), unlabelled_gold()]
}

/// The type and words of each entity.
fn entities(sentences: &[SampleSentence]) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for sentence in sentences {
        for (word, tag) in sentence.words.iter().zip(&sentence.tags) {
            match tag.split_once('-') {
                Some(("B", label)) => found.push((label.to_owned(), vec![word.clone()])),
                Some(_) => found.last_mut().expect("an entity starts with B").1.push(word.clone()),
                None => {}
            }
        }
    }
    found
}

/// FNV-1a, 64 bits.
fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[test]
fn the_sets_have_their_sizes() {
    let sizes: Vec<usize> = labelled().iter().map(Vec::len).collect();
    assert_eq!(sizes, [240, 30, 30, 1_500, 150, 500]);
    assert_eq!(pretraining_text(37, 0).count(), 37);
}

#[test]
fn every_byte_has_a_checksum() {
    let labelled: String = labelled().iter().map(|set| to_conll(set)).collect();
    let text: Vec<String> = pretraining_text(2_000, 1).map(|words| words.join(" ")).collect();
    assert_eq!(
        (checksum(&labelled), checksum(&text.join("\n"))),
        (0xF7A2_9580_E90E_499D, 0xDBF9_6381_3FBF_A7DD)
    );
}

#[test]
fn the_text_depends_on_the_seed_and_a_larger_n_appends() {
    let text = |n, seed| pretraining_text(n, seed).collect::<Vec<_>>();
    assert_eq!(text(50, 3), text(100, 3)[..50]);
    assert_ne!(text(50, 3), text(50, 4));
}

#[test]
fn tags_are_valid_iob2() {
    for sentence in labelled().concat() {
        assert_eq!(sentence.words.len(), sentence.tags.len());
        let mut previous = "O";
        for tag in &sentence.tags {
            match tag.split_once('-') {
                None => assert_eq!(tag, "O"),
                Some(("B", label)) => assert!(["PER", "LOC", "ORG"].contains(&label), "{tag}"),
                Some(("I", label)) => assert_eq!(previous.get(2..), Some(label), "{sentence:?}"),
                Some(_) => panic!("{tag}"),
            }
            previous = tag;
        }
    }
}

#[test]
fn no_sentence_is_repeated_in_any_set() {
    let mut seen = BTreeSet::new();
    let labelled = labelled().concat().into_iter().map(|sentence| sentence.words);
    for words in labelled.chain(pretraining_text(3_000, 1)) {
        assert!(seen.insert(words.clone()), "{words:?}");
    }
}

#[test]
fn the_unlabelled_sentences_equal_those_with_tags() {
    let gold: Vec<Vec<String>> =
        unlabelled_gold().into_iter().map(|sentence| sentence.words).collect();
    assert_eq!(unlabelled(), gold);
}

#[test]
fn words_are_clean_and_sentences_start_with_a_capital() {
    for words in labelled()
        .concat()
        .into_iter()
        .map(|sentence| sentence.words)
        .chain(pretraining_text(3_000, 2))
    {
        assert!((4..=25).contains(&words.len()), "{words:?}");
        let leftover = |word: &String| {
            word.is_empty() || word.contains(['{', '}', '<', '>', '|', '*', ' ', '~'])
        };
        assert!(!words.iter().any(leftover), "{words:?}");
        let opening =
            words.iter().find(|word| !word.starts_with(['“', '\''])).expect("a sentence has words");
        assert!(opening.starts_with(char::is_uppercase), "{words:?}");
    }
}

#[test]
fn no_name_is_a_known_place() {
    let known: BTreeSet<&str> =
        include_str!("../grammar/known-places.txt").split_ascii_whitespace().collect();
    assert!(known.len() > 100);
    for words in labelled()
        .concat()
        .into_iter()
        .map(|sentence| sentence.words)
        .chain(pretraining_text(3_000, 3))
    {
        assert!(!words.iter().any(|word| known.contains(word.as_str())), "{words:?}");
    }
}

#[test]
fn most_names_of_dev_and_test_are_unseen() {
    let target = target();
    let train: BTreeSet<_> = entities(&target.train).into_iter().collect();
    for part in [&target.dev, &target.test] {
        let names = entities(part);
        let unseen =
            names.iter().filter(|name| !train.contains(*name)).count() as f64 / names.len() as f64;
        assert!((0.5..=0.95).contains(&unseen), "{unseen}");
    }
}

#[test]
fn name_words_are_ambiguous_between_types() {
    let mut types: BTreeMap<String, (usize, BTreeSet<String>)> = BTreeMap::new();
    for (label, words) in entities(&labelled().concat()) {
        for word in words.into_iter().filter(|word| word.starts_with(char::is_uppercase)) {
            let (count, labels) = types.entry(word).or_default();
            *count += 1;
            labels.insert(label.clone());
        }
    }
    let frequent: Vec<usize> =
        types.values().filter(|(count, _)| *count >= 3).map(|(_, labels)| labels.len()).collect();
    let ambiguous =
        frequent.iter().filter(|&&labels| labels >= 2).count() as f64 / frequent.len() as f64;
    assert!(ambiguous > 0.4, "{ambiguous} of {}", frequent.len());
}

#[test]
fn sentences_have_zero_to_several_entities() {
    let counts: Vec<usize> = target()
        .train
        .iter()
        .map(|sentence| entities(std::slice::from_ref(sentence)).len())
        .collect();
    let share = |wanted: std::ops::RangeInclusive<usize>| {
        counts.iter().filter(|count| wanted.contains(count)).count() as f64 / counts.len() as f64
    };
    assert!(share(0..=0) > 0.08 && share(2..=5) > 0.4, "{} {}", share(0..=0), share(2..=5));
}

#[test]
fn conll_has_one_line_per_word_and_an_empty_line_per_sentence() {
    let sentence = SampleSentence {
        words: ["In", "Elsburg"].map(String::from).to_vec(),
        tags: ["O", "B-LOC"].map(String::from).to_vec(),
    };
    assert_eq!(
        to_conll(&[sentence.clone(), sentence]),
        "In\tO\nElsburg\tB-LOC\n\nIn\tO\nElsburg\tB-LOC\n\n"
    );
}
