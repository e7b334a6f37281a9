//! The names of tag numbers, as the library `datasets` writes them.

use serde_json::Value;

use super::spans::Object;

/// The names for the tags of an object: under `label_names`, or in `features`.
pub(super) fn names(object: &Object) -> Option<Vec<String>> {
    match object.get("label_names") {
        Some(names) => class_names(names),
        None => of_features(object.get("features")?),
    }
}

/// The names of the tags in `features`: an object of columns, or the list of columns that the hub's server returns.
fn of_features(features: &Value) -> Option<Vec<String>> {
    let column = |name: &str| match features {
        Value::Object(columns) => columns.get(name),
        Value::Array(columns) => {
            columns.iter().find(|column| column.get("name").is_some_and(|n| n == name))
        }
        _ => None,
    };
    ["ner_tags", "tags"].iter().find_map(|name| class_names(column(name)?))
}

/// The names of a column's type. It can be nested: a list (`feature`, `sequence`, `list`, `type`) of a class label.
fn class_names(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(names) if names.iter().all(Value::is_string) && !names.is_empty() => {
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect()
        }
        Value::Array(one) if one.len() == 1 => class_names(&one[0]),
        Value::Object(keys) => match keys.get("names") {
            // In cards of data sets the names have their numbers as keys.
            Some(Value::Object(numbered)) => (0..numbered.len())
                .map(|id| numbered.get(&id.to_string())?.as_str().map(str::to_owned))
                .collect(),
            Some(names) => class_names(names),
            None => ["feature", "sequence", "list", "type", "class_label"]
                .iter()
                .find_map(|key| class_names(keys.get(*key)?)),
        },
        _ => None,
    }
}

/// The names of the tags in the text of a `dataset_info.json`.
pub(crate) fn names_in_info(text: &str) -> Option<Vec<String>> {
    let info: Value = serde_json::from_str(text).ok()?;
    of_features(info.get("features")?)
}
