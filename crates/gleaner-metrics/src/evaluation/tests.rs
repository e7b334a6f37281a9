//! Scores of small texts, worked out by hand.

use super::*;

#[test]
fn a_bad_sentence_is_not_counted_at_all() {
    let mut evaluation = Evaluation::default();
    let error = evaluation.add(&["O", "O"], &["O"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "found 2 gold tags and 1 predicted tags; give every word one of each"
    );
    let error = evaluation.add(&["B-A", "O"], &["O", "S-A"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "word 2: `S-A` is not an IOB2 tag (O, B-TYPE or I-TYPE); convert the tags to IOB2"
    );
    assert_eq!((evaluation.sentences(), evaluation.words()), (0, 0));
    assert!(evaluation.report(SeqevalMode::Default).types.is_empty());
    assert_eq!(*evaluation.confusion(), Confusion::default());
}

#[test]
fn without_entities_scores_are_zero() {
    let mut evaluation = Evaluation::default();
    assert_eq!((evaluation.token_accuracy(), evaluation.token_macro_f1()), (0.0, 0.0));
    evaluation.add(&["O"], &["O"]).unwrap();
    evaluation.add::<&str, &str>(&[], &[]).unwrap();
    assert_eq!((evaluation.sentences(), evaluation.words()), (2, 1));
    for mode in SeqevalMode::ALL {
        let report = evaluation.report(mode);
        assert_eq!((report.micro.f1, report.macro_avg, report.weighted.f1), (0.0, None, 0.0));
        assert_eq!(evaluation.intervals(mode, &Bootstrap::default()), None);
    }
}

#[test]
fn copies_count_in_scores_but_are_not_further_evidence() {
    let sentences = [["B-A", "O"], ["O", "B-A"], ["B-A", "O"]];
    let found = [["B-A", "O"], ["O", "O"], ["B-A", "B-A"]];
    let of = |copies: usize| {
        let mut evaluation = Evaluation::default();
        for (number, (gold, found)) in sentences.iter().zip(&found).enumerate() {
            for copy in 0..copies {
                // A copy may name another copy.
                let other = number * copies + copy.saturating_sub(1);
                evaluation.add_copy(other, gold, found).unwrap();
            }
        }
        evaluation
    };
    let (once, often) = (of(1), of(4));
    assert_eq!(often.sentences(), 12);
    let counts = |e: &Evaluation| e.report(SeqevalMode::Default).micro;
    assert_eq!(counts(&often).f1, counts(&once).f1);
    let intervals =
        |e: &Evaluation| e.intervals(SeqevalMode::Default, &Bootstrap::default()).unwrap();
    assert_eq!(intervals(&often), intervals(&once));
    assert_eq!(intervals(&often).sentences, 3);
}

#[test]
fn each_mode_has_its_own_types() {
    let mut evaluation = Evaluation::default();
    evaluation.add(&["B-A", "O", "B-C"], &["B-A", "I-B", "B-A"]).unwrap();
    let types = |mode| evaluation.report(mode).types.into_keys().collect::<Vec<_>>();
    assert_eq!(types(SeqevalMode::Default), ["A", "B", "C"]);
    assert_eq!(types(SeqevalMode::Strict), ["A", "C"]);
}

#[test]
fn averages_equal_those_computed_by_hand() {
    let mut evaluation = Evaluation::default();
    evaluation.add(&["B-A", "B-A", "B-A", "O"], &["B-A", "O", "O", "B-B"]).unwrap();
    evaluation.add(&["B-B"], &["B-B"]).unwrap();
    let report = evaluation.report(SeqevalMode::Default);
    let close =
        |ours: f64, by_hand: f64| assert!((ours - by_hand).abs() < 1e-12, "{ours} {by_hand}");
    // A: 1 of 3 found, none spurious, F1 1/2. B: 1 of 1 found, one spurious, F1 2/3.
    close(report.types["A"].recall, 1.0 / 3.0);
    close(report.types["B"].precision, 0.5);
    close(report.micro.f1, 4.0 / 7.0);
    let macro_avg = report.macro_avg.unwrap();
    close(macro_avg.precision, 0.75);
    close(macro_avg.f1, 7.0 / 12.0);
    close(report.weighted.f1, (3.0 * 0.5 + 2.0 / 3.0) / 4.0);
    // Words: 2 of 5 correct; the F1 of O is 0.
    close(evaluation.token_accuracy(), 0.4);
    close(evaluation.token_macro_f1(), 7.0 / 18.0);
}
