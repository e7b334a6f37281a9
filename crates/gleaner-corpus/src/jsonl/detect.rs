//! Recognising JSON and the program that wrote it.

use serde_json::{Deserializer, Value};

use super::label_studio;
use super::spans::Object;
use crate::format::Format;

/// The format of a text by its start; `None` if it is not JSON with objects.
pub(crate) fn detect(head: &str) -> Option<Format> {
    let head = head.trim_ascii_start();
    let (array, objects) = match head.strip_prefix('[') {
        Some(elements) => (true, elements.trim_ascii_start()),
        None => (false, head),
    };
    let plain = if array { Format::Json } else { Format::Jsonl };
    if array && objects.starts_with(']') {
        return Some(plain);
    }
    // A bracket can be a word of CoNLL. After the bracket of an object comes a key.
    if !objects.strip_prefix('{')?.trim_ascii_start().starts_with(['"', '}']) {
        return None;
    }
    match Deserializer::from_str(objects).into_iter::<Object>().next()? {
        Ok(object) => Some(written_by(&object, plain)),
        // The first object is longer than the head.
        Err(error) if error.is_eof() => {
            let has = |key: &str| objects.contains(key);
            let task = has("\"data\"") && (has("\"annotations\"") || has("\"completions\""));
            Some(if task { Format::LabelStudio } else { plain })
        }
        Err(_) => None,
    }
}

/// The format of the file whose first object is given, `plain` if it is of no tool.
fn written_by(object: &Object, plain: Format) -> Format {
    let any = |key: &str, test: fn(&Value) -> bool| {
        object.get(key).and_then(Value::as_array).is_some_and(|items| items.iter().any(test))
    };
    let answer = object.get("answer").and_then(Value::as_str);
    // doccano writes an empty list where nothing is labelled.
    let spans = |key: &str| {
        let items = object.get(key).and_then(Value::as_array);
        object.contains_key("text") && items.is_some_and(|items| items.iter().all(Value::is_array))
    };
    let region = |item: &Value| item.get("labels").is_some() && item.get("start").is_some();
    let regions = |value: &Value| value.as_array().is_some_and(|items| items.iter().any(region));
    if label_studio::is_task(object) {
        Format::LabelStudio
    } else if matches!(answer, Some("accept" | "reject" | "ignore"))
        || any("tokens", Value::is_object)
    {
        Format::Prodigy
    } else if object.contains_key("annotation_id") || object.values().any(regions) {
        Format::LabelStudioMin
    } else if spans("label")
        || spans("labels")
        || any("entities", |item| item.get("start_offset").is_some())
    {
        Format::Doccano
    } else {
        plain
    }
}
