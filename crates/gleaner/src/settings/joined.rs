//! A corpus that is added to the main one.

use gleaner_corpus::LabelMap;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, path::PathBuf, str::FromStr};

/// A corpus whose training part precedes that of the main one. In files it is a table with `path` and
/// optionally `limit`, `label-map` and `whole`, or text as for the option: `FOLDER` or `FOLDER=LIMIT`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Joined {
    /// Folder with its files, or `sample:nl`.
    pub path: PathBuf,
    /// Use only the first N sentences, as `cutoff` does.
    pub limit: Option<usize>,
    /// New names of its entity types.
    pub label_map: Option<LabelMap>,
    /// Train on all its parts, in the order train, dev, test, instead of the training part only: for a
    /// text on which nothing is measured.
    pub whole: bool,
}

impl FromStr for Joined {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part =
            |path: &str, limit| Self { path: path.into(), limit, label_map: None, whole: false };
        let Some((path, limit)) = text.rsplit_once('=') else { return Ok(part(text, None)) };
        match limit.parse() {
            Ok(limit) => Ok(part(path, Some(limit))),
            Err(_) => Err(format!("invalid sentence count `{limit}`; write FOLDER=N")),
        }
    }
}

impl<'de> Deserialize<'de> for Joined {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrTable)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    path: PathBuf,
    limit: Option<usize>,
    label_map: Option<LabelMap>,
    #[serde(default)]
    whole: bool,
}

struct TextOrTable;

impl<'de> Visitor<'de> for TextOrTable {
    type Value = Joined;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a folder, or a table with path, limit, label-map and whole")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Joined, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Joined, A::Error> {
        let Table { path, limit, label_map, whole } =
            Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Joined { path, limit, label_map, whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        join: Vec<Joined>,
    }

    #[test]
    fn texts_and_tables_are_read() {
        let file: File = toml::from_str(
            "join = [\"a\", \"sample:nl=9\", { path = \"b=c\", limit = 3, label-map = { X = \"Y\" }, whole = true }]",
        )
        .unwrap();
        let found: Vec<_> = file.join.iter().map(|j| (j.path.to_str().unwrap(), j.limit)).collect();
        assert_eq!(found, [("a", None), ("sample:nl", Some(9)), ("b=c", Some(3))]);
        assert_eq!(file.join.iter().map(|j| j.whole).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(file.join[2].label_map.as_ref().unwrap().get("X"), Some("Y"));
        let json = serde_json::to_string(&file.join).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Joined>>(&json).unwrap(), file.join);
    }

    #[test]
    fn errors_name_the_problem() {
        for (text, says) in [
            ("join = [\"a=b\"]", "invalid sentence count `b`"),
            ("join = [3]", "expected a folder, or a table"),
            ("join = [{ path = \"a\", limits = 3 }]", "unknown field `limits`"),
            ("join = [{ limit = 3 }]", "missing field `path`"),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
