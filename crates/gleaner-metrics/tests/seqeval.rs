//! Agreement with seqeval and scikit-learn on recorded cases, whole and broken.

use std::fs;
use std::path::Path;

use gleaner_metrics::{Evaluation, Report, SeqevalMode};
use serde_json::Value;

fn close(ours: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what} is not a number: {theirs}"));
    assert!((ours - theirs).abs() < 1e-9, "{what}: {ours} here, {theirs} there");
}

fn compare(ours: &Report, theirs: &Value, case: &str) {
    let averages = ["micro avg", "macro avg", "weighted avg"];
    let theirs = theirs.as_object().expect("a report is an object");
    let their_types: Vec<&String> =
        theirs.keys().filter(|name| !averages.contains(&name.as_str())).collect();
    assert_eq!(ours.types.keys().collect::<Vec<_>>(), their_types, "{case}: types");

    let total = ours.micro.gold;
    let rows = (ours
        .types
        .iter()
        .map(|(name, s)| (name.as_str(), Some((s.precision, s.recall, s.f1)), s.gold)))
    .chain([
        ("micro avg", Some((ours.micro.precision, ours.micro.recall, ours.micro.f1)), total),
        ("macro avg", ours.macro_avg.map(|a| (a.precision, a.recall, a.f1)), total),
        (
            "weighted avg",
            Some((ours.weighted.precision, ours.weighted.recall, ours.weighted.f1)),
            total,
        ),
    ]);
    for (name, ours, gold) in rows {
        let theirs = &theirs[name];
        let what = format!("{case}: {name}");
        close(gold as f64, &theirs["support"], &what);
        match ours {
            Some((precision, recall, f1)) => {
                close(precision, &theirs["precision"], &what);
                close(recall, &theirs["recall"], &what);
                close(f1, &theirs["f1-score"], &what);
            }
            None => assert!(theirs["f1-score"].is_null(), "{what}: none here, {theirs} there"),
        }
    }
}

#[test]
fn agrees_with_seqeval_and_scikit_learn() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles/metrics.json");
    let text = fs::read_to_string(path).expect("the oracle can be read");
    // seqeval's mean over no types is NaN, which is null in JSON.
    let cases: Vec<Value> = serde_json::from_str(&text).expect("the oracle is JSON");
    assert_eq!(cases.len(), 60);
    for (number, case) in cases.iter().enumerate() {
        let tags = |side: &str| -> Vec<Vec<String>> {
            serde_json::from_value(case[side].clone()).expect("sentences of tags")
        };
        let mut evaluation = Evaluation::default();
        for (gold, predicted) in tags("gold").iter().zip(&tags("pred")) {
            evaluation.add(gold, predicted).expect("a sentence of IOB2 tags");
        }
        let name = |mode| format!("case {number}, {mode}");
        compare(
            &evaluation.report(SeqevalMode::Default),
            &case["seqeval_default"],
            &name(SeqevalMode::Default),
        );
        compare(
            &evaluation.report(SeqevalMode::Strict),
            &case["seqeval_strict_iob2"],
            &name(SeqevalMode::Strict),
        );
        close(evaluation.token_accuracy(), &case["token_micro_f1"], "micro F1 over words");
        close(evaluation.token_macro_f1(), &case["token_macro_f1"], "macro F1 over words");
    }
}
