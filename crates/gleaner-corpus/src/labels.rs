//! Tags that are names or numbers.

use serde::Deserialize;

use crate::error::Problem;

/// The tags of a sentence as a file has them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "tags are neither a list of names nor a list of numbers")]
pub(crate) enum RawTags {
    Names(Vec<String>),
    Ids(Vec<i64>),
}

/// Replaces numbers by names; `labels` has the name of each number, from 0.
pub(crate) fn named(tags: RawTags, labels: Option<&[String]>) -> Result<Vec<String>, Problem> {
    let ids = match tags {
        RawTags::Names(names) => return Ok(names),
        RawTags::Ids(ids) => ids,
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let labels = labels.ok_or(Problem::NoLabelNames)?;
    ids.into_iter().map(|id| name(id, labels).map(str::to_owned)).collect()
}

/// The name of a number.
pub(crate) fn name(id: i64, labels: &[String]) -> Result<&str, Problem> {
    let label = usize::try_from(id).ok().and_then(|position| labels.get(position));
    label.map(String::as_str).ok_or(Problem::LabelId { id, labels: labels.len() })
}
