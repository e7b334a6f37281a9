//! Tags that are names or numbers.

use serde::Deserialize;

use crate::error::Problem;

/// Maximum length in bytes of a label that a file has once and many words get, so that a small file cannot fill the
/// memory.
pub(crate) const LONGEST_LABEL: usize = 256;

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
    match label {
        Some(label) if label.len() > LONGEST_LABEL => {
            Err(Problem::LongLabel { bytes: label.len(), most: LONGEST_LABEL })
        }
        Some(label) => Ok(label),
        None => Err(Problem::LabelId { id, labels: labels.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_many_words_get_are_not_long() {
        let labels = ["x".repeat(LONGEST_LABEL), "x".repeat(1_000_000)];
        assert_eq!(named(RawTags::Ids(vec![0; 3]), Some(&labels)).unwrap().len(), 3);
        let error = named(RawTags::Ids(vec![0, 1]), Some(&labels)).unwrap_err().to_string();
        assert_eq!(error, "a label name of 1000000 bytes; use names of at most 256 bytes");
    }
}
