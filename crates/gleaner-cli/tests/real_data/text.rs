//! Reading, converting, splitting and auditing real corpora.

use crate::shared;
use gleaner_corpus::audit::{AuditOptions, DataSet, Issue, IssueKind, Part, audit};
use gleaner_corpus::splits::{Split, split_80_10_10};
use gleaner_corpus::{
    Corpus, Finding, FindingKind, LabelMap, ReadOptions, Scheme, Sentence, find_splits, overlap,
    read, read_all,
    text::{self, Segmenter},
};
use std::collections::BTreeSet;

fn wikiann(language: &str) -> Vec<Corpus> {
    let splits =
        find_splits(&shared("data/hub/datasets/unimelb-nlp/wikiann").join(language)).unwrap();
    let splits = splits.try_map(|paths| read_all(&paths, &ReadOptions::default())).unwrap();
    [Some(splits.train), splits.dev, splits.test].into_iter().flatten().collect()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn wikiann_is_read_whole() {
    let small = vec![100, 100, 100];
    let large = vec![10_000, 1_000, 1_000];
    let low = ["mg", "fo", "co", "hsb", "bh", "cv"].map(|language| (language, small.clone()));
    let high = ["pl", "ru", "en", "id"].map(|language| (language, large.clone()));
    for (language, sizes) in low.into_iter().chain(high).chain([("is", vec![6_285, 2_693])]) {
        let parts = wikiann(language);
        let found: Vec<usize> = parts.iter().map(|corpus| corpus.sentences.len()).collect();
        assert_eq!(found, sizes, "{language}");
        for corpus in &parts {
            assert_eq!((corpus.scheme, corpus.findings.len()), (Scheme::Iob2, 0), "{language}");
            assert_eq!(corpus.entity_types(), ["LOC", "ORG", "PER"], "{language}");
            if sizes == small {
                assert!(
                    corpus.sentences.iter().all(|sentence| !sentence.entities().is_empty()),
                    "{language}"
                );
            }
        }
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn conll_is_read_whole_with_its_stray_tags() {
    for (language, sizes, stray) in [
        ("da", [4_383, 564, 565], 7),
        ("it", [10_000, 1_000, 1_000], 67),
        ("hi", [9_000, 900, 951], 0),
        ("tr", [10_000, 1_000, 1_000], 0),
    ] {
        let splits = find_splits(&shared("data/conll").join(language)).unwrap();
        let splits = splits.try_map(|paths| read_all(&paths, &ReadOptions::default())).unwrap();
        let parts = [splits.train, splits.dev.unwrap(), splits.test.unwrap()];
        assert_eq!(parts.each_ref().map(|corpus| corpus.sentences.len()), sizes, "{language}");
        assert!(parts.iter().all(|corpus| corpus.scheme == Scheme::Iob2), "{language}");
        let findings: Vec<&Finding> = parts.iter().flat_map(|corpus| &corpus.findings).collect();
        assert_eq!(findings.len(), stray, "{language}");
        assert!(
            findings.iter().all(|finding| finding.kind == FindingKind::StrayInside),
            "{language}"
        );
    }
    let strict = ReadOptions { strict: true, ..ReadOptions::default() };
    let error = read(&shared("data/conll/da/train.conll"), &strict).unwrap_err();
    assert!(error.to_string().contains("before it, which IOB2 does not allow"), "{error}");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn label_maps_name_all_types_or_say_which() {
    let path = shared("data/conll/tr/dev.conll");
    let with = |text: &str| ReadOptions {
        label_map: Some(LabelMap::from_toml(text).unwrap()),
        ..ReadOptions::default()
    };
    let error = read(&path, &with("PERSON = \"PER\"\nGPE = \"LOC\"")).unwrap_err().to_string();
    for part in ["DATE (335 entities, first at line ", "PERCENT (2 entities", "ORG (252 entities"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!error.contains("PERSON") && !error.contains(" LOC ("), "{error}");

    let corpus =
        read(&path, &with("PERSON = \"PER\"\nGPE = \"LOC\"\nORG = \"ORG\"\n\"*\" = \"O\""))
            .unwrap();
    assert_eq!(corpus.entity_types(), ["LOC", "ORG", "PER"]);
    assert_eq!(corpus.entity_count(), 641 + 593 + 47 + 252);
    assert!(corpus.findings.iter().all(|finding| finding.kind == FindingKind::MappedAway));
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn published_split_leaks_as_measured() {
    for (language, leaks) in [("mg", 5), ("fo", 2), ("co", 5), ("hsb", 4), ("bh", 8), ("cv", 7)] {
        let all: Vec<Sentence> =
            wikiann(language).into_iter().flat_map(|corpus| corpus.sentences).collect();
        let Split { train, dev, test } = split_80_10_10(all.len(), 42).unwrap();
        assert_eq!((train.len(), dev.len(), test.len()), (240, 30, 30));
        let part = |positions: &[usize]| -> Vec<Sentence> {
            positions.iter().map(|&at| all[at].clone()).collect()
        };
        assert_eq!(overlap::also_in(&part(&test), &[&part(&train)]).len(), leaks, "{language}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn raw_text_is_segmented_without_loss() {
    for (language, lines) in [("hsb", 29_986), ("fo", 7_707), ("bh", 6_190), ("mg", 11_858)] {
        let path = shared("data/raw").join(language).with_extension("txt");
        let bytes = std::fs::read(&path).unwrap();
        let scalars: Vec<char> = std::str::from_utf8(&bytes).unwrap().chars().collect();
        let mut covered = vec![false; scalars.len()];
        let mut last = 0;
        for sentence in text::Reader::new(&bytes[..], &path, false) {
            let sentence = sentence.unwrap();
            last = sentence.line;
            for token in sentence.tokens {
                assert!(
                    token.text.chars().eq(scalars[token.start..token.end].iter().copied()),
                    "{language}"
                );
                covered[token.start..token.end].fill(true);
            }
        }
        assert_eq!(last, lines, "{language}");
        // Alone, these characters are not words: they cannot be seen.
        let unseen = ['\u{ad}', '\u{200b}', '\u{200e}', '\u{200f}', '\u{feff}'];
        let lost = scalars.iter().zip(covered).filter(|(scalar, covered)| {
            !covered && !scalar.is_whitespace() && !unseen.contains(scalar)
        });
        assert_eq!(lost.count(), 0, "{language}");
        let whole_lines = text::Reader::new(&bytes[..], &path, true).map(Result::unwrap);
        assert!(whole_lines.map(|sentence| sentence.line).is_sorted_by(|a, b| a < b), "{language}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn the_audit_finds_the_known_leaks_of_the_published_split() {
    for (language, leaks) in [("mg", 5), ("fo", 2), ("co", 5), ("hsb", 4), ("bh", 8), ("cv", 7)] {
        let folder = shared("data/hub/datasets/unimelb-nlp/wikiann").join(language);
        let set = DataSet::read_folder(&folder, &ReadOptions::default()).unwrap();
        let issues = audit(&[set.divided(None, 42).unwrap()], &AuditOptions::default());
        let of_test = |f: &&Issue| f.kind == IssueKind::Leak && f.place.part == Part::Test;
        assert_eq!(issues.iter().filter(of_test).count(), leaks, "{language}");
        for issue in issues.iter().filter(of_test) {
            assert_eq!(issue.other.as_ref().map(|other| other.part), Some(Part::Train));
        }
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn ten_thousand_sentences_are_audited() {
    let folder = shared("data/hub/datasets/unimelb-nlp/wikiann/pl");
    let set = DataSet::read_folder(&folder, &ReadOptions::default()).unwrap();
    let issues = audit(&[set], &AuditOptions::default());
    assert!(issues.len() > 100);
}

/// The segmenter of a language's training sentences and, if there is any, of its raw text.
fn segmenter(train: &Corpus, raw: &str) -> Segmenter {
    Segmenter::learn(&train.sentences).with_text(raw.lines())
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn sentences_of_real_text_start_where_a_reader_says() {
    let raw = std::fs::read_to_string(shared("data/raw/fo.txt")).unwrap();
    let segmenter = segmenter(&wikiann("fo")[0], &raw);
    let reader = text::Reader::with_segmenter(raw.as_bytes(), "fo.txt".as_ref(), false, segmenter);
    let starts: BTreeSet<usize> =
        reader.map(|sentence| sentence.unwrap().tokens[0].start).collect();
    let checked = include_str!("../fixtures/fo-breaks.txt").lines().filter(|l| !l.starts_with('#'));
    let (mut right, mut wrong, mut missed, mut kept) = (0, Vec::new(), Vec::new(), 0);
    for line in checked {
        let (at, is_break) = line.split_once(' ').unwrap();
        let at: usize = at.parse().unwrap();
        match (starts.contains(&at), is_break == "yes") {
            (true, true) => right += 1,
            (true, false) => wrong.push(at),
            (false, true) => missed.push(at),
            (false, false) => kept += 1,
        }
    }
    // Both kinds of places are many enough for their shares to mean something.
    assert!(right + missed.len() > 150 && kept + wrong.len() > 90, "{right} {kept}");
    assert!(wrong.len() * 50 <= right + wrong.len(), "wrong breaks: {wrong:?}");
    assert!(wrong.len() * 20 <= kept, "wrong breaks: {wrong:?}");
    assert!(missed.len() * 20 <= right, "missed breaks: {missed:?}");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn few_words_of_entities_are_cut_otherwise_than_in_the_corpus() {
    let conll = |language: &str| {
        let of = |part: &str| {
            let path = shared("data/conll").join(language).join(part).with_extension("conll");
            read(&path, &ReadOptions::default()).unwrap()
        };
        vec![of("train"), of("dev"), of("test")]
    };
    for language in ["da", "tr", "cv", "mg", "hsb"] {
        let parts =
            if matches!(language, "da" | "tr") { conll(language) } else { wikiann(language) };
        let segmenter = Segmenter::learn(&parts[0].sentences);
        // The rule is learnt from the training part alone, and has to hold for the others.
        for part in &parts {
            let difference = segmenter.difference(&part.sentences);
            assert!(difference.share() < 0.02, "{}: {difference:?}", part.path.display());
        }
    }
}
