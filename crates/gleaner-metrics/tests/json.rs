//! Scores as JSON.

use gleaner_metrics::{Bootstrap, Evaluation, Intervals, Mode, Report};

/// The same JSON with the names that earlier builds wrote.
fn of_earlier_builds(json: &str) -> String {
    json.replace("macro-avg", "macro_avg")
        .replace("micro-f1", "micro_f1")
        .replace("macro-f1", "macro_f1")
}

#[test]
fn names_have_hyphens_and_those_of_earlier_builds_are_read() {
    let mut evaluation = Evaluation::default();
    evaluation.add(&["B-PER", "O", "B-LOC"], &["B-PER", "O", "O"]).unwrap();
    let report = evaluation.report(Mode::Default);
    let intervals = evaluation.intervals(Mode::Default, &Bootstrap::default()).unwrap();
    let json = serde_json::to_string(&report).unwrap();
    let earlier = of_earlier_builds(&json);
    assert_ne!(earlier, json);
    assert_eq!(serde_json::from_str::<Report>(&earlier).unwrap(), report);
    let json = serde_json::to_string(&intervals).unwrap();
    let earlier = of_earlier_builds(&json);
    assert_eq!(earlier.matches('_').count(), 2, "{earlier}");
    assert_eq!(serde_json::from_str::<Intervals>(&earlier).unwrap(), intervals);
}
