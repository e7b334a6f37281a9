//! Tasks of Label Studio, as its JSON export has them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::spans::{Object, RawSpan, region};
use crate::error::Problem;

/// The result of the annotators of a task.
pub(super) enum Annotations {
    /// The spans, possibly none, and the names of the controls that made them.
    Spans(Vec<RawSpan>, BTreeSet<String>),
    /// Why there is none.
    None(&'static str),
}

/// Whether an object is a task: its text is under `data`. A row with words of its own can have other data there.
pub(super) fn is_task(object: &Object) -> bool {
    let results = ["annotations", "completions", "predictions", "result"];
    let has_words =
        ["tokens", "words"].iter().any(|key| object.get(*key).is_some_and(Value::is_array));
    object.get("data").is_some_and(Value::is_object)
        && !has_words
        && (results.iter().any(|key| object.contains_key(*key)) || !object.contains_key("text"))
}

/// The spans of a task. Several annotations must agree, or one must be the ground truth.
pub(super) fn annotations(task: &Object) -> Result<Annotations, Problem> {
    // Older versions write `completions`.
    let list = ["annotations", "completions"].iter().find_map(|key| task.get(*key)?.as_array());
    let list = list.map(Vec::as_slice).unwrap_or_default();
    let is = |annotation: &Value, key: &str| annotation.get(key).is_some_and(|value| value == true);
    let valid: Vec<&Value> =
        list.iter().filter(|annotation| !is(annotation, "was_cancelled")).collect();
    if valid.is_empty() {
        return Ok(Annotations::None(if list.is_empty() {
            "not annotated"
        } else {
            "annotation cancelled"
        }));
    }
    let true_ones: Vec<&Value> =
        valid.iter().copied().filter(|annotation| is(annotation, "ground_truth")).collect();
    let chosen = if true_ones.is_empty() { valid } else { true_ones };
    let mut results = chosen.into_iter().map(spans).collect::<Result<Vec<_>, _>>()?.into_iter();
    let (first, controls) = results.next().unwrap_or_default();
    if results.any(|(other, _)| other != first) {
        return Err(Problem::Annotation(
            "the task has annotations that differ; mark one as ground truth, or delete the others"
                .to_owned(),
        ));
    }
    Ok(Annotations::Spans(first, controls))
}

/// The spans of an annotation, sorted, and the names of their controls. Relations, choices and ratings are ignored.
fn spans(annotation: &Value) -> Result<(Vec<RawSpan>, BTreeSet<String>), Problem> {
    let Some(Value::Array(results)) = annotation.get("result") else {
        return Err(Problem::Annotation(
            "an annotation has no list `result`; export the project as JSON".to_owned(),
        ));
    };
    let (mut spans, mut controls) = (Vec::new(), BTreeSet::new());
    for (at, result) in results.iter().enumerate() {
        let kind = result.get("type").and_then(Value::as_str);
        let Some(Value::Object(value)) = result.get("value") else { continue };
        if kind.map_or(!value.contains_key("labels"), |kind| !kind.ends_with("labels")) {
            continue;
        }
        let span = region(value).map_err(|what| {
            Problem::Annotation(format!("result {} {what}; export labels of plain text", at + 1))
        })?;
        spans.push(span);
        let control = result.get("from_name").and_then(Value::as_str);
        controls.extend(control.map(str::to_owned));
    }
    spans.sort();
    Ok((spans, controls))
}
