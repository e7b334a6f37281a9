//! Lists of spans, as annotation tools write them.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::document::Span;
use crate::error::Problem;

/// The keys of an object.
pub(super) type Object = Map<String, Value>;

/// A span as a file has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RawSpan {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: String,
    /// The text that it covers, if the file states it.
    pub(super) covered: Option<String>,
}

impl RawSpan {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<RawSpan> for Span {
    fn from(span: RawSpan) -> Self {
        Self { start: span.start, end: span.end, entity_type: span.label }
    }
}

/// The keys that can hold spans beside a text: ours and Prodigy's, then doccano's and spaCy's.
const KEYS: [&str; 5] = ["spans", "entities", "label", "labels", "annotations"];

/// The spans of an object with a text; `None` if no key has any.
pub(super) fn of_object(object: &Object) -> Result<Option<Vec<RawSpan>>, Problem> {
    let mut found = Found::default();
    for key in KEYS {
        match object.get(key) {
            Some(Value::Array(items)) if key == "spans" || items.iter().any(is_span) => {
                found.add(key, list(items, key)?)?;
            }
            Some(Value::Array(items)) if items.is_empty() => found.add(key, Vec::new())?,
            Some(Value::Null) | None => {}
            Some(_) if key == "spans" => return Err(json(format!("`{key}` is not a list"))),
            Some(_) => {}
        }
    }
    if found.spans.is_empty() {
        // JSON-MIN of Label Studio has the spans under the name that the project's set-up gives them.
        for (key, value) in object.iter().filter(|(key, _)| !KEYS.contains(&key.as_str())) {
            match value {
                Value::Array(items) if items.iter().any(has_labels) => {
                    found.add(key, list(items, key)?)?
                }
                _ => {}
            }
        }
    }
    if found.key.is_none() && is_annotated(object) {
        return Ok(Some(Vec::new()));
    }
    Ok(found.key.map(|_| found.spans))
}

/// The spans of the keys seen so far.
#[derive(Default)]
struct Found {
    key: Option<String>,
    spans: Vec<RawSpan>,
}

impl Found {
    fn add(&mut self, key: &str, mut spans: Vec<RawSpan>) -> Result<(), Problem> {
        spans.sort();
        match &self.key {
            Some(other) if !spans.is_empty() && !self.spans.is_empty() && self.spans != spans => {
                Err(Problem::Annotation(format!(
                    "`{other}` and `{key}` have different spans; remove one of them"
                )))
            }
            Some(_) if spans.is_empty() => Ok(()),
            _ => {
                (self.key, self.spans) = (Some(key.to_owned()), spans);
                Ok(())
            }
        }
    }
}

/// Whether an object without any key for spans is annotated all the same: an accepted task of Prodigy, or an annotation
/// in JSON-MIN, which leaves out empty results. Tasks with a key for labels or choices are about whole texts.
fn is_annotated(object: &Object) -> bool {
    let accepted = object.get("answer").is_some_and(|answer| answer == "accept");
    let whole_text =
        ["label", "labels", "accept", "options"].iter().any(|key| object.contains_key(*key));
    (accepted && !whole_text) || object.contains_key("annotation_id")
}

/// Whether an item of a list is meant as a span.
fn is_span(item: &Value) -> bool {
    match item {
        Value::Array(parts) => parts.len() == 3 && parts[0].is_number() && parts[1].is_number(),
        Value::Object(keys) => START.iter().any(|key| keys.contains_key(*key)),
        _ => false,
    }
}

/// Whether an item is a region of Label Studio.
fn has_labels(item: &Value) -> bool {
    is_span(item) && NOT_TEXT.iter().chain(&["labels"]).any(|key| item.get(key).is_some())
}

const START: [&str; 2] = ["start", "start_offset"];
const END: [&str; 2] = ["end", "end_offset"];
const LABEL: [&str; 2] = ["label", "type"];
/// Labels of Label Studio for texts that are not plain.
const NOT_TEXT: [&str; 3] = ["hypertextlabels", "paragraphlabels", "timeserieslabels"];

/// Parses a list of spans.
pub(super) fn list(items: &[Value], key: &str) -> Result<Vec<RawSpan>, Problem> {
    let parse = |(at, item): (usize, &Value)| {
        let bad = |what: String| json(format!("`{key}`: item {} {what}", at + 1));
        match item {
            Value::Array(parts) => {
                let [start, end, label] = parts.as_slice() else {
                    return Err(bad("is not [start, end, label]".to_owned()));
                };
                let label = label
                    .as_str()
                    .ok_or_else(|| bad("has a label that is not a name".to_owned()))?;
                Ok(RawSpan {
                    start: offset(start).ok_or_else(|| bad(NOT_OFFSET.to_owned()))?,
                    end: offset(end).ok_or_else(|| bad(NOT_OFFSET.to_owned()))?,
                    label: label.to_owned(),
                    covered: None,
                })
            }
            Value::Object(keys) => region(keys).map_err(bad),
            _ => Err(bad("is neither an object nor [start, end, label]".to_owned())),
        }
    };
    items.iter().enumerate().map(parse).collect()
}

/// Parses a span that is an object. The error completes `item 1 …`.
pub(super) fn region(keys: &Object) -> Result<RawSpan, String> {
    if let Some(key) = NOT_TEXT.iter().find(|key| keys.contains_key(**key)) {
        return Err(format!("has `{key}`, which mark no plain text"));
    }
    let number = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| keys.get(*name));
        let value = value.ok_or_else(|| format!("has no `{}`", names[0]))?;
        offset(value).ok_or_else(|| NOT_OFFSET.to_owned())
    };
    let (start, end) = (number(START)?, number(END)?);
    let label = match keys.get("labels") {
        Some(Value::Array(labels)) => match labels.as_slice() {
            [label] => Some(label),
            _ => return Err(format!("has {} labels; give it one", labels.len())),
        },
        _ => LABEL.iter().find_map(|name| keys.get(*name)),
    };
    let label = label.ok_or("has no `label`")?;
    let label =
        label.as_str().ok_or("has a label that is not a name; export the names of labels")?;
    let covered = keys.get("text").and_then(Value::as_str).map(str::to_owned);
    Ok(RawSpan { start, end, label: label.to_owned(), covered })
}

const NOT_OFFSET: &str = "has an offset that is not a whole number from 0";

fn offset(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|offset| usize::try_from(offset).ok())
}

/// A range of `[start, end]` or of an object with `start` and `end`.
pub(super) fn range(value: &Value) -> Option<Range<usize>> {
    let (start, end) = match value {
        Value::Array(pair) if pair.len() == 2 => (&pair[0], &pair[1]),
        Value::Object(keys) => (keys.get("start")?, keys.get("end")?),
        _ => return None,
    };
    Some(offset(start)?..offset(end)?)
}

pub(super) fn json(what: String) -> Problem {
    Problem::Json(what)
}
