//! Options in a table: `{ path = "...", word-column = 2 }`.

use super::{CorpusOptions, CorpusOverrides, CorpusPath};
use serde::de::{Error, MapAccess};
use std::path::PathBuf;

/// Reads a table with `path`, the options and the keys `others`, whose values `read` reads.
pub(crate) fn read<'de, A: MapAccess<'de>>(
    mut map: A,
    others: &[&str],
    mut read: impl FnMut(&str, &mut A) -> Result<(), A::Error>,
) -> Result<CorpusPath, A::Error> {
    let mut path: Option<PathBuf> = None;
    let mut alone = false;
    let mut options = CorpusOverrides::default();
    while let Some(key) = map.next_key::<String>()? {
        if key == "path" {
            path = Some(map.next_value()?);
        } else if key == "alone" {
            alone = map.next_value()?;
        } else if others.contains(&key.as_str()) {
            read(&key, &mut map)?;
        } else if !options.read(&key, &mut map)? {
            let keys = [&["path"], others, CorpusOverrides::KEYS, &["alone"]].concat();
            let what = format!("unknown key `{key}`; the keys are {}", keys.join(", "));
            return Err(A::Error::custom(what));
        }
    }
    let path = path.ok_or_else(|| A::Error::custom("no path; add path = \"FOLDER\""))?;
    let options = CorpusOptions::from(&options);
    // A column 0 and an empty list would only be found when files are read.
    options.check().map_err(A::Error::custom)?;
    Ok(CorpusPath { path, options, alone })
}
