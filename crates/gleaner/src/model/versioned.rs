//! JSON files that say which version of their format they have.

use crate::GleanerError;
use serde::{Deserialize, de::DeserializeOwned};
use std::path::Path;

/// The version of a file's format, by which it is known how to read the rest.
#[derive(Deserialize)]
pub(crate) struct Version {
    pub(crate) format: Option<u64>,
}

/// Parses a file of the format `known`. Its errors advise `fix`.
pub(crate) fn parse<T: DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
    known: u32,
    fix: &str,
) -> Result<T, GleanerError> {
    let malformed = |what: String| GleanerError::model(path, what, fix);
    let version: Version =
        serde_json::from_slice(bytes).map_err(|e| malformed(format!("not JSON ({e})")))?;
    match version.format {
        Some(format) if format == u64::from(known) => {
            serde_json::from_slice(bytes).map_err(|e| malformed(e.to_string()))
        }
        Some(format) if format > u64::from(known) => Err(newer_format(path, format, known)),
        Some(format) => {
            Err(malformed(format!("format {format}, but this program reads format {known}")))
        }
        None => Err(malformed("no format in it".to_owned())),
    }
}

/// The error of a file whose format is newer than `known`, which this program reads.
pub(crate) fn newer_format(path: &Path, format: u64, known: u32) -> GleanerError {
    let what = format!("format {format}, but this program reads format {known}");
    GleanerError::model(path, what, "a newer version of Gleaner wrote it: update Gleaner")
}
