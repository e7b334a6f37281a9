//! Scores as JSON: today's names, and the names in files of older builds.

use gleaner_metrics::{
    Bootstrap, Comparison, Confusion, Entity, Evaluation, Intervals, Report, ScoredSpan,
    SeqevalMode,
};

/// The same JSON with the names of older builds.
fn with_old_names(json: &str) -> String {
    json.replace("macro-avg", "macro_avg")
        .replace("micro-f1", "micro_f1")
        .replace("macro-f1", "macro_f1")
}

#[test]
fn names_have_hyphens_and_old_names_are_read() {
    let mut evaluation = Evaluation::default();
    evaluation.add(&["B-PER", "O", "B-LOC"], &["B-PER", "O", "O"]).unwrap();
    let report = evaluation.report(SeqevalMode::Default);
    let intervals = evaluation.intervals(SeqevalMode::Default, &Bootstrap::default()).unwrap();
    let json = serde_json::to_string(&report).unwrap();
    let old = with_old_names(&json);
    assert_ne!(old, json);
    assert_eq!(serde_json::from_str::<Report>(&old).unwrap(), report);
    let json = serde_json::to_string(&intervals).unwrap();
    let old = with_old_names(&json);
    assert_eq!(old.matches('_').count(), 2, "{old}");
    assert_eq!(serde_json::from_str::<Intervals>(&old).unwrap(), intervals);
}

#[test]
fn renamed_fields_are_read_under_their_old_names() {
    let old = r#"{"baseline":0.5,"baseline-deviation":null,"system":0.6,"system-deviation":null,"gain":0.1,
        "interval":{"low":0.0,"high":0.2},"p-value":0.04,"order":0.25}"#;
    assert_eq!(serde_json::from_str::<Comparison>(old).unwrap().aso, Some(0.25));
    let old = r#"{"matched":{},"wrong-borders":{"PER":2},"missed":{},"spurious":{}}"#;
    assert_eq!(serde_json::from_str::<Confusion>(old).unwrap().wrong_boundaries["PER"], 2);
    let old = r#"{"confidence":0.5,"right":true}"#;
    assert!(serde_json::from_str::<ScoredSpan>(old).unwrap().correct);
    let old = r#"{"kind":"PER","start":1,"end":3}"#;
    assert_eq!(serde_json::from_str::<Entity>(old).unwrap().entity_type, "PER");
}
