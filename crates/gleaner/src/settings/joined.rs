//! A corpus that is added to the main one.

use super::corpus::{CorpusPath, suffix, table};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};
use std::{fmt, str::FromStr};

/// A corpus whose training part precedes that of the main one. In files it is a table with `path` and
/// optionally `limit`, `whole` and options of its own, or text as for the option: `PATH[=N][,KEY=VALUE]...`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Joined {
    /// Folder with its files, or `sample:nl`, and how it is read.
    pub corpus: CorpusPath,
    /// Use only the first N sentences, as `cutoff` does.
    pub limit: Option<usize>,
    /// Train on all its parts, in the order train, dev, test, instead of the training part only: for a
    /// text on which nothing is measured.
    pub whole: bool,
}

impl FromStr for Joined {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, mut corpus) = suffix::parse(text)?;
        let (path, limit) = match name.rsplit_once('=') {
            Some((path, limit)) => (path, Some(limit)),
            None => (name, None),
        };
        suffix::no_unknown_key(name, &[name, path])?;
        let limit = limit.map(|limit| {
            let wrong = |_| format!("invalid sentence count `{limit}`; write FOLDER=N");
            limit.parse().map_err(wrong)
        });
        corpus.path = path.into();
        Ok(Self { corpus, limit: limit.transpose()?, whole: false })
    }
}

/// Keys of a joined corpus beside those of every corpus.
const OTHERS: [&str; 2] = ["limit", "whole"];

impl Serialize for Joined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.corpus.path)?;
        map.serialize_entry("limit", &self.limit)?;
        map.serialize_entry("label-map", &self.corpus.options.label_map)?;
        map.serialize_entry("whole", &self.whole)?;
        let given = self.corpus.given().into_iter().filter(|(key, _)| key != "label-map");
        for (key, value) in given {
            map.serialize_entry(&key, &value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Joined {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrTable)
    }
}

struct TextOrTable;

impl<'de> Visitor<'de> for TextOrTable {
    type Value = Joined;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a folder, or a table with path, limit, whole and options such as label-map")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Joined, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Joined, A::Error> {
        let (mut limit, mut whole) = (None, false);
        let corpus = table::read(map, &OTHERS, |key, map| {
            match key {
                "limit" => limit = map.next_value()?,
                _ => whole = map.next_value()?,
            }
            Ok(())
        })?;
        Ok(Joined { corpus, limit, whole })
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
            "join = [\"a\", \"sample:nl=9\", { path = \"b=c\", limit = 3, label-map = { X = \"Y\" }, whole = true }, \"d=5,word-column=2\"]",
        )
        .unwrap();
        let found: Vec<_> =
            file.join.iter().map(|j| (j.corpus.path.to_str().unwrap(), j.limit)).collect();
        assert_eq!(found, [("a", None), ("sample:nl", Some(9)), ("b=c", Some(3)), ("d", Some(5))]);
        let whole: Vec<bool> = file.join.iter().map(|j| j.whole).collect();
        assert_eq!(whole, [false, false, true, false]);
        assert_eq!(file.join[2].corpus.options.label_map.as_ref().unwrap().get("X"), Some("Y"));
        assert_eq!(file.join[3].corpus.options.word_column, Some(2));
        let json = serde_json::to_string(&file.join).unwrap();
        assert!(
            json.starts_with(r#"[{"path":"a","limit":null,"label-map":null,"whole":false}"#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Vec<Joined>>(&json).unwrap(), file.join);
    }

    #[test]
    fn errors_name_the_problem() {
        for (text, says) in [
            ("join = [\"a=b\"]", "invalid sentence count `b`"),
            ("join = [\"a=3,wordcolumn=2\"]", "unknown key `wordcolumn`; the keys are format"),
            ("join = [3]", "expected a folder, or a table"),
            (
                "join = [{ path = \"a\", limits = 3 }]",
                "unknown key `limits`; the keys are path, limit",
            ),
            ("join = [{ limit = 3 }]", "no path"),
            ("join = [{ path = \"a\", word-column = 0 }]", "word-column"),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
