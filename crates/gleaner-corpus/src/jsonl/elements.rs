//! The objects of a file that is one JSON value: an array, or an object with a list of rows.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::spans::Object;
use crate::error::Problem;

/// An object and the line on which it starts, counted from the line of the whole value.
pub(super) type Element = (usize, String);

/// The keys under which programs put their rows: `rows` on the hub's server, `data` in files for `datasets`, `examples`
/// and `documents` in others.
#[derive(Deserialize)]
struct Container<'a> {
    #[serde(borrow)]
    rows: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    examples: Option<&'a RawValue>,
    #[serde(borrow)]
    documents: Option<&'a RawValue>,
}

/// The elements of an array. The error has the line in `text`, from 1.
pub(super) fn of_array(text: &str, line: usize) -> Result<Vec<Element>, (usize, Problem)> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head);
        let at = error.line().max(1) - 1;
        (line + at, Problem::JsonArray(format!("{message}, column {}", error.column())))
    })?;
    Ok(placed(text, line, &elements))
}

/// The rows of an object that contains them, and its other keys; `None` if the text is another value. An object with a
/// text, which can be under `text_field`, is a row itself.
pub(super) fn of_object(
    text: &str,
    line: usize,
    text_field: Option<&str>,
) -> Option<(Object, Vec<Element>)> {
    let container: Container<'_> = serde_json::from_str(text).ok()?;
    let Container { rows, data, examples, documents } = container;
    let elements: Vec<&RawValue> = [rows, data, examples, documents]
        .into_iter()
        .flatten()
        .find_map(|list| serde_json::from_str(list.get()).ok())?;
    let is_object = |element: &&RawValue| element.get().starts_with('{');
    if !elements.iter().all(is_object) {
        return None;
    }
    let others: Object = serde_json::from_str(text).ok()?;
    let mut keys = ["text", "tokens", "words"].into_iter().chain(text_field);
    let is_text = keys.any(|key| others.contains_key(key));
    (!is_text).then(|| (others, placed(text, line, &elements)))
}

/// Elements with their lines. Each is a part of `text`, in order.
fn placed(text: &str, line: usize, elements: &[&RawValue]) -> Vec<Element> {
    let mut line = line;
    let mut before = 0;
    let start = text.as_ptr().addr();
    let place = |element: &&RawValue| {
        let element = element.get();
        let at = element.as_ptr().addr().saturating_sub(start).clamp(before, text.len());
        line += text.as_bytes()[before..at].iter().filter(|&&byte| byte == b'\n').count();
        before = at;
        (line, element.to_owned())
    };
    elements.iter().map(place).collect()
}
