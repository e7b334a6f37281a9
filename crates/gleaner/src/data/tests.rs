//! What a run's texts become.

use super::*;
use crate::Overrides;

fn load(toml: &str) -> Result<RunData, GleanerError> {
    let file: Overrides = toml::from_str(toml).unwrap();
    RunData::load(&Settings::resolve(&[&file]).unwrap())
}

fn sizes(data: &RunData) -> (usize, usize, Option<usize>) {
    let test = data.test.as_ref().map(|c| c.sentences.len());
    (data.train.sentences.len(), data.dev.sentences.len(), test)
}

fn words(corpus: &Corpus) -> Vec<Vec<String>> {
    corpus.sentences.iter().map(|s| s.words.clone()).collect()
}

#[test]
fn the_sample_is_divided_as_given_or_anew() {
    let given = load("data = \"sample:af\"").unwrap();
    assert_eq!(sizes(&given), (240, 30, Some(30)));
    let divided = load("data = \"sample:af\"\nsplit = \"80-10-10\"").unwrap();
    assert_eq!(sizes(&divided), (240, 30, Some(30)));
    let sorted = |data: &RunData| {
        let mut all: Vec<_> = data.corpora().flat_map(words).collect();
        all.sort_unstable();
        all
    };
    assert_eq!(sorted(&given), sorted(&divided));
    assert_ne!(words(&given.dev), words(&divided.dev));
    let cut = load("data = \"sample:af\"\nsplit = \"80-10-10\"\ncutoff = 100").unwrap();
    assert_eq!(sizes(&cut), (80, 10, Some(10)));
    let first: Vec<_> = words(&given.train)[..100].to_vec();
    assert!(cut.corpora().flat_map(words).all(|s| first.contains(&s)));
}

#[test]
fn a_drawn_dev_part_is_taken_out_of_the_training_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train.conll");
    let text: String = (0..20).map(|i| format!("w{i}\tB-X\n\n")).collect();
    std::fs::write(&path, text).unwrap();
    let load = |seed: u32| load(&format!("train = [{path:?}]\nsplit-seed = {seed}")).unwrap();
    let data = load(1);
    assert_eq!(sizes(&data), (18, 2, None));
    assert!(words(&data.dev).iter().all(|s| !words(&data.train).contains(s)));
    assert_eq!(data.notes.len(), 1);
    assert_eq!(words(&load(1).dev), words(&data.dev));
    assert_ne!(words(&load(2).dev), words(&data.dev));
}

#[test]
fn leaks_are_dropped_by_words_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("train.conll", "a\tB-X\n\nb\tO\n\na\tO\n\nc\tB-X\n\nd\tO\n\n"),
        ("dev.conll", "a\tB-Y\n\n"),
        ("test.conll", "c\tB-X\n\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let load = |more: &str| load(&format!("data = {:?}\n{more}", folder.path())).unwrap();
    assert_eq!(words(&load("").train), [["b"], ["d"]]);
    assert_eq!(sizes(&load("drop-leaks = false")), (5, 1, Some(1)));
}

#[test]
fn fingerprints_tell_words_tags_and_borders_apart() {
    let of = |text: &str| {
        let options = ReadOptions::default();
        fingerprint(&read_bytes(text.as_bytes(), Path::new("x.conll"), &options).unwrap())
    };
    let texts = ["a\tO\nb\tB-X\n", "a\tO\n\nb\tB-X\n", "a\tO\nb\tB-Y\n", "a\tO\nc\tB-X\n"];
    let prints: std::collections::BTreeSet<String> = texts.iter().map(|t| of(t)).collect();
    assert_eq!(prints.len(), texts.len());
    assert_eq!(of(texts[0]), of("# comment\na O\nb  B-X\n\n\n"));
}
