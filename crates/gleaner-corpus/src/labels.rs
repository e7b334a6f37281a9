//! Tags given as names or as numbers.

use serde::Deserialize;

use crate::error::Problem;

/// The tags of a sentence before numbers have names.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "tags are neither a list of names nor a list of numbers")]
pub(crate) enum RawTags {
    Names(Vec<String>),
    Ids(Vec<i64>),
}

/// The names of the tags; `labels` are the names of numbers, in their order.
pub(crate) fn named(tags: RawTags, labels: Option<&[String]>) -> Result<Vec<String>, Problem> {
    let ids = match tags {
        RawTags::Names(names) => return Ok(names),
        RawTags::Ids(ids) => ids,
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let labels = labels.ok_or(Problem::NoLabelNames)?;
    let name = |id: i64| {
        let label = usize::try_from(id).ok().and_then(|position| labels.get(position));
        label.cloned().ok_or(Problem::LabelId { id, labels: labels.len() })
    };
    ids.into_iter().map(name).collect()
}
