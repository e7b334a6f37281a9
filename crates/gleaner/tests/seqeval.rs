//! Scores of tags that may break their scheme, read from files, against seqeval.

use std::path::Path;

use gleaner_corpus::{Corpus, ReadOptions, Scheme, Sentence, read_bytes};
use gleaner_metrics::{Evaluation, Report, SeqevalMode, Side};
use serde::Deserialize;

/// A gold and a predicted sequence, and seqeval's scores in both modes.
#[derive(Deserialize)]
struct Case {
    scheme: String,
    gold: String,
    predicted: String,
    default: Scores,
    strict: Scores,
}

/// Micro precision, recall and F1; macro F1, which is null without entities.
#[derive(Deserialize)]
struct Scores([Option<f64>; 4]);

fn corpus<'a>(sentences: impl IntoIterator<Item = &'a str>) -> Corpus {
    let lines = |tags: &str| tags.split(' ').map(|tag| format!("w\t{tag}\n")).collect::<String>();
    let text: String = sentences.into_iter().map(|tags| lines(tags) + "\n").collect();
    read_bytes(text.as_bytes(), Path::new("x.tsv"), &ReadOptions::default()).unwrap()
}

fn side(sentence: &Sentence) -> Side<'_, String> {
    Side::with_strict(sentence.scored_tags(), sentence.strict_entities()).unwrap()
}

fn check(report: &Report, expected: &Scores, what: &str) {
    let micro = &report.micro;
    let macro_f1 = report.macro_avg.map(|average| average.f1);
    let ours = [Some(micro.precision), Some(micro.recall), Some(micro.f1), macro_f1];
    for (ours, theirs) in ours.iter().zip(&expected.0) {
        let difference = ours.unwrap_or(-1.0) - theirs.unwrap_or(-1.0);
        assert!(difference.abs() < 1e-9, "{what}: {ours:?} here, {theirs:?} in seqeval");
    }
}

#[test]
fn valid_and_broken_tags_of_every_scheme_are_scored_as_seqeval_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles/schemes.json");
    let text = std::fs::read_to_string(path).expect("the oracle can be read");
    let cases: Vec<Case> = serde_json::from_str(&text).expect("the oracle is JSON");
    assert_eq!(cases.len(), 1000);
    let mut differ = 0;
    for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
        let cases: Vec<&Case> = cases.iter().filter(|c| c.scheme == scheme.to_string()).collect();
        assert_eq!(cases.len(), 250, "{scheme}");
        let gold = corpus(cases.iter().map(|case| case.gold.as_str()));
        let predicted = corpus(cases.iter().map(|case| case.predicted.as_str()));
        assert_eq!((gold.scheme, predicted.scheme), (scheme, scheme));
        for (case, pair) in cases.iter().zip(gold.sentences.iter().zip(&predicted.sentences)) {
            let mut evaluation = Evaluation::default();
            evaluation.add_sides(0, side(pair.0), side(pair.1)).unwrap();
            let what = format!("{scheme}, {} / {}", case.gold, case.predicted);
            let [default, strict] = SeqevalMode::ALL.map(|mode| evaluation.report(mode));
            check(&default, &case.default, &format!("default, {what}"));
            check(&strict, &case.strict, &format!("strict, {what}"));
            differ += usize::from(default.micro.f1 != strict.micro.f1);
        }
    }
    assert!(differ > 200, "only {differ} cases tell the modes apart");
}

#[test]
fn repaired_predictions_of_a_broken_text_are_not_perfect_in_strict_mode() {
    let gold = corpus(["I-PER O O B-LOC O", "B-PER O O B-LOC O", "B-PER I-LOC O O"]);
    let mut evaluation = Evaluation::default();
    for sentence in &gold.sentences {
        let repaired = Side::new(&sentence.tags).unwrap();
        evaluation.add_sides(evaluation.sentences(), side(sentence), repaired).unwrap();
    }
    let counts = |mode| {
        let micro = evaluation.report(mode).micro;
        (micro.gold, micro.predicted, micro.correct)
    };
    assert_eq!(counts(SeqevalMode::Default), (6, 6, 6));
    assert_eq!(counts(SeqevalMode::Strict), (4, 6, 4));
}
