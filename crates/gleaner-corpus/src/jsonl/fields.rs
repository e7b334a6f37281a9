//! Fields of objects that projects name as they like.

use serde_json::Value;

use super::spans::{Object, json};
use crate::error::Problem;

/// The text of an object under the chosen key. If none is chosen: under `text`, or `data` as some versions of doccano
/// write it.
pub(super) fn text(object: &Object, field: Option<&str>) -> Result<Option<String>, Problem> {
    let key = match field {
        Some(field) => field,
        None if !object.contains_key("text")
            && object.get("data").is_some_and(Value::is_string) =>
        {
            "data"
        }
        None => "text",
    };
    match object.get(key) {
        Some(Value::String(text)) => Ok(Some(text.clone())),
        None | Some(Value::Null) => Ok(None),
        Some(_) => Err(json(format!("`{key}` is not a string"))),
    }
}

/// The only text of an object of JSON-MIN, which has the fields of the task beside those of the annotation.
pub(super) fn text_of_annotation(object: &Object) -> Result<String, Problem> {
    const OF_ANNOTATION: [&str; 4] = ["annotator", "created_at", "updated_at", "agreement"];
    let is_of_task = |key: &str| !OF_ANNOTATION.contains(&key);
    let task = object.iter().filter(|(key, _)| is_of_task(key));
    only_text(&task.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// The only string of a task's data. Projects name it as they like.
pub(super) fn only_text(data: &Object) -> Result<String, Problem> {
    let texts: Vec<(&String, &String)> = data
        .iter()
        .filter_map(|(key, value)| match value {
            Value::String(text) => Some((key, text)),
            _ => None,
        })
        .collect();
    match texts.as_slice() {
        [(_, text)] => Ok((*text).clone()),
        [] => Err(Problem::Annotation(
            "the task has no text; export a project of plain texts".to_owned(),
        )),
        several => {
            let names: Vec<&str> = several.iter().map(|(key, _)| key.as_str()).collect();
            Err(Problem::Annotation(format!(
                "the task has several texts: {}; choose one (--text-field {})",
                names.join(", "),
                names[0]
            )))
        }
    }
}

/// The positions of the words that start sentences; `None` for a field that only has the same name.
pub(super) fn positions(value: &Value) -> Option<Vec<usize>> {
    let position = |value: &Value| value.as_u64().and_then(|at| usize::try_from(at).ok());
    value.as_array()?.iter().map(position).collect()
}
