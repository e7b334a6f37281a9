//! Text with every kind of issue that needs no encoder, and text without issues.

use std::path::Path;

use super::*;
use crate::{ReadOptions, read_bytes};

/// A data set of files with these names and texts.
pub(super) fn set(name: &str, files: &[(&str, &str)]) -> DataSet {
    let parts = files.iter().map(|(file, text)| {
        let corpus = read_bytes(text.as_bytes(), Path::new(file), &ReadOptions::default());
        (Part::of_file(Path::new(file)), corpus.unwrap())
    });
    DataSet::new(name.to_owned(), parts.collect())
}

/// CoNLL of sentences written `Anna/B-PER sings`, one a line.
fn conll(lines: &str) -> String {
    let sentence = |line: &str| -> String {
        let word = |word: &str| match word.rsplit_once('/') {
            Some((word, tag)) => format!("{word}\t{tag}\n"),
            None => format!("{word}\tO\n"),
        };
        line.split_whitespace().map(word).collect::<String>() + "\n"
    };
    lines.lines().map(sentence).collect()
}

const CLEAN: [&str; 3] = [
    "Anna/B-PER Berg/I-PER sings in Oslo/B-LOC tonight .
     The mayor of Brakpan/B-LOC resigned after the scandal .
     Shares of Acme/B-ORG Mining/I-ORG fell sharply on Tuesday .",
    "Nobody in Bergen/B-LOC expected such heavy rain .",
    "He plays for Rovers/B-ORG , a club from the north .",
];

fn clean_set(name: &str) -> DataSet {
    let [train, dev, test] = CLEAN.map(conll);
    set(name, &[("train.conll", &train), ("dev.conll", &dev), ("test.conll", &test)])
}

/// Issues of some sets as `file:line kind other`.
fn found(sets: &[DataSet]) -> Vec<String> {
    audit(sets, &AuditOptions::default())
        .iter()
        .map(|issue| {
            let other = issue.other.as_ref().map_or_else(String::new, |place| format!(" {place}"));
            format!("{} {}{other}", issue.place, issue.kind)
        })
        .collect()
}

/// The clean set with more sentences at the end of each part.
fn with(more: [&str; 3]) -> Vec<DataSet> {
    let texts = [0, 1, 2].map(|part| conll(CLEAN[part]) + &conll(more[part]));
    let [train, dev, test] = texts;
    vec![set("x", &[("train.conll", &train), ("dev.conll", &dev), ("test.conll", &test)])]
}

#[test]
fn clean_text_has_no_issues() {
    assert_eq!(found(&[clean_set("x")]), [""; 0]);
}

#[test]
fn leaks_are_at_the_held_out_sentence() {
    let sets = with(["Bo/B-PER hums\nBo/B-PER hums", "Bo/B-PER hums", "Bo/B-PER hums"]);
    assert_eq!(
        found(&sets),
        [
            "dev.conll:10 leak train.conll:29",
            "test.conll:13 leak train.conll:29",
            "test.conll:13 dev-test-duplicate dev.conll:10",
            "train.conll:32 duplicate train.conll:29",
        ]
    );
    let issues = audit(&sets, &AuditOptions::default());
    assert_eq!(issues[0].detail, "also in train (2 times), at train.conll:29");
    assert_eq!((issues[0].place.part, issues[0].text.as_str()), (Part::Dev, "Bo hums"));
}

#[test]
fn duplicates_have_equal_words_after_composition() {
    let sets = with(["été/B-LOC x", "e\u{301}te\u{301}/B-LOC x", ""]);
    assert_eq!(found(&sets), ["dev.conll:10 leak train.conll:29"]);
    assert_eq!(found(&with(["a b/B-LOC", "ab c/B-LOC", ""])), [""; 0]);
}

#[test]
fn the_same_words_with_other_tags_contradict() {
    let more = "the Oslo/B-ORG thing\nthe Oslo/B-LOC thing\nthe Oslo/B-LOC thing";
    let issues = audit(&with([more, "", ""]), &AuditOptions::default());
    let contradictory: Vec<_> =
        issues.iter().filter(|f| f.kind == IssueKind::ContradictoryTags).collect();
    assert_eq!(contradictory.len(), 1);
    assert_eq!(
        contradictory[0].to_string(),
        "train.conll:30: contradictory-tags: “Oslo” is B-ORG here and B-LOC at train.conll:34"
    );
    assert_eq!(contradictory[0].other.as_ref().unwrap().line, 34);
    // Of two equally frequent versions the first is right. Sets do not contradict each other.
    let two = found(&with(["a/B-LOC b", "a/B-ORG b", ""]));
    assert!(two.contains(&"dev.conll:10 contradictory-tags train.conll:29".to_owned()), "{two:?}");
    let mut sets = with(["a/B-LOC b", "", ""]);
    sets.push(set("y", &[("y.conll", &conll("a/B-ORG b"))]));
    assert_eq!(found(&sets), ["y.conll:1 cross-duplicate train.conll:29"]);
    let issues = audit(&sets, &AuditOptions::default());
    assert_eq!(issues[0].detail, "also in x, with other tags, at train.conll:29");
}

#[test]
fn further_copies_in_another_set_are_duplicates_there() {
    let mut sets = with(["a/B-LOC b", "", ""]);
    sets.push(set("y", &[("y.conll", &conll("a/B-LOC b\na/B-LOC b"))]));
    assert_eq!(
        found(&sets),
        ["y.conll:1 cross-duplicate train.conll:29", "y.conll:4 duplicate y.conll:1"]
    );
}

#[test]
fn issues_of_a_kind_are_in_the_order_of_their_sentences() {
    let sets = with(["a/B-LOC b\nc/B-LOC d", "c/B-LOC d\na/B-LOC b", ""]);
    assert_eq!(
        found(&sets),
        ["dev.conll:10 leak train.conll:32", "dev.conll:13 leak train.conll:29"]
    );
}

#[test]
fn near_duplicates_have_a_kind_for_each_relation() {
    let song = "Anna/B-PER Berg/I-PER sings in Oslo/B-LOC tonight !";
    let shares = "Shares of ACME/B-ORG Mining/I-ORG fell sharply on Tuesday .";
    let mut sets = with([shares, song, "Nobody in Bergen/B-LOC expected such heavy rains ."]);
    sets.push(set(
        "y",
        &[("y.conll", &conll("the mayor of Brakpan/B-LOC resigned after a scandal ."))],
    ));
    assert_eq!(
        found(&sets),
        [
            "dev.conll:10 near-leak train.conll:1",
            "train.conll:29 near-duplicate train.conll:19",
            "test.conll:13 near-duplicate dev.conll:1",
            "y.conll:1 cross-near-duplicate train.conll:9",
        ]
    );
    let issues = audit(&sets, &AuditOptions::default());
    assert!(issues[0].score.is_some_and(|score| (0.8..1.0).contains(&score)));
    assert_eq!(issues[1].score, Some(1.0));
    assert!(audit(&sets, &AuditOptions { similarity: 1.0 }).iter().all(|f| f.score == Some(1.0)));
}

#[test]
fn the_most_similar_sentence_is_the_other_place() {
    let long = "the quick brown fox jumps over the lazy dog in Oslo/B-LOC";
    let sets = with([&format!("{long} maybe\n{long} !\n{long} today"), "", &format!("{long} ?")]);
    let leak = found(&sets).into_iter().find(|issue| issue.contains("near-leak"));
    assert_eq!(leak.as_deref(), Some("test.conll:13 near-leak train.conll:42"));
    // A leak is not also a near leak.
    let sets = with([&format!("{long}\n{long} !"), "", long]);
    assert!(found(&sets).iter().all(|issue| !issue.contains("near-leak")));
}

#[test]
fn a_single_entity_has_no_context() {
    let sets = with([
        "“ New/B-LOC York/I-LOC ” !\nYork/B-LOC New/B-LOC\nNew/B-LOC 7\nNew/B-LOC !/B-ORG",
        "",
        "",
    ]);
    assert_eq!(found(&sets), ["train.conll:29 no-context"]);
}

#[test]
fn markup_is_at_its_word() {
    let sets = with(["see '''Oslo'''/B-LOC again", "", ""]);
    assert_eq!(found(&sets), ["train.conll:30 markup"]);
}

#[test]
fn names_that_look_alike_are_found_across_all_sets() {
    let mut sets = with(["", "", "and LOC/B-LOCATION was there"]);
    assert_eq!(found(&sets), ["test.conll:14 label-names train.conll:5"]);
    sets = vec![clean_set("x"), set("y", &[("y.conll", &conll("see PERS/B-Per now"))])];
    assert_eq!(found(&sets), ["y.conll:2 label-names train.conll:1"]);
    let issues = audit(&sets, &AuditOptions::default());
    assert_eq!(
        issues[0].detail,
        "Per (1 entity) and PER (1 entity, first at train.conll:1): they differ only in case or punctuation"
    );
}

#[test]
fn a_split_keeps_the_places() {
    let text: String = (0..20).map(|n| format!("w{n}\tB-LOC\nx\tO\n\n")).collect();
    let whole = set("x", &[("train.conll", &text)]);
    let divided = whole.clone().divided(None, 42).unwrap();
    let lines = |part| divided.part(part).map(|entry| entry.place().line).collect::<Vec<_>>();
    assert_eq!([Part::Train, Part::Dev, Part::Test].map(|part| lines(part).len()), [16, 2, 2]);
    let mut all = [Part::Train, Part::Dev, Part::Test].map(lines).concat();
    all.sort_unstable();
    assert_eq!(all, (0..20).map(|n| 3 * n + 1).collect::<Vec<_>>());
    let cut = whole.divided(Some(10), 42).unwrap();
    assert!(cut.entries.iter().all(|entry| entry.place().line < 31));
    assert!(set("x", &[("train.conll", "a\tO\n")]).divided(None, 42).is_err());
}

#[test]
fn json_has_both_places() {
    let issues = audit(&with(["a/B-LOC b", "", "a/B-LOC b"]), &AuditOptions::default());
    let json = serde_json::to_string(&issues[0]).unwrap();
    insta::assert_snapshot!(json, @r#"{"kind":"leak","severity":"error","file":"test.conll","line":13,"part":"test","other":{"file":"train.conll","line":29,"part":"train"},"detail":"also in train, at train.conll:29","text":"a b"}"#);
}

#[test]
fn places_of_words_are_their_lines() {
    let text = "1\tA\tO\n2-3\tzum\t_\n2\tzu\tO\n3\tdem\tO\n";
    let csv = "Sentence #,Word,Tag\n1,A,O\n,b,O\n";
    for (file, text, lines) in [
        ("x.conllu", text, vec![1, 3, 4]),
        ("x.csv", csv, vec![2, 3]),
        ("x.jsonl", r#"{"tokens": ["A", "b"], "tags": ["O", "O"]}"#, vec![1, 1]),
    ] {
        let set = set("x", &[(file, text)]);
        let entry = &set.entries[0];
        let places = (0..entry.sentence.words.len()).map(|word| entry.place_of(word).line);
        assert_eq!(places.collect::<Vec<_>>(), lines, "{file}");
    }
}

#[test]
fn all_copies_of_a_contradictory_sentence_are_found() {
    let sets = with([
        "Oslo/B-LOC won .\nOslo/B-LOC won .",
        "Oslo/B-ORG won .",
        "Rain fell .\nRain fell .",
    ]);
    let words = |at: usize| sets[0].entries[at].sentence.words.join(" ");
    let found = contradictions(&sets[0]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].iter().map(|at| words(*at)).collect::<Vec<_>>(), ["Oslo won ."; 3]);
    assert!(found[0].is_sorted());
}
