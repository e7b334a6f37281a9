//! A corpus by its path, with options of its own.

use super::{CorpusOptions, suffix, table};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;
use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A corpus that accompanies the main one: a file, a folder, a data set of the hub or a sample, with options of its
/// own. In files it is a text as for options, `PATH[,KEY=VALUE]...`, or a table with `path` and the options.
///
/// ```
/// let path: gleaner::CorpusPath = "b.tsv,word-column=2,map=PERSON:PER".parse()?;
/// assert_eq!(path.path.to_str(), Some("b.tsv"));
/// assert_eq!(path.options.word_column, Some(2));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CorpusPath {
    /// The file, folder or name.
    pub path: PathBuf,
    /// Its own options.
    pub options: CorpusOptions,
    /// Whether it takes no option from the main corpus.
    pub alone: bool,
}

impl CorpusPath {
    /// How it is read beside the main corpus: see [`CorpusOptions::beside`].
    #[must_use]
    pub fn beside(&self, main: &CorpusOptions) -> CorpusOptions {
        if self.alone { self.options.clone() } else { self.options.beside(main) }
    }

    /// How it is read as one of several corpora: see [`CorpusOptions::or`].
    #[must_use]
    pub fn among(&self, common: &CorpusOptions) -> CorpusOptions {
        if self.alone { self.options.clone() } else { self.options.or(common) }
    }

    /// The keys of its table, apart from `path`, with the values that are given.
    pub(crate) fn given(&self) -> Vec<(String, Value)> {
        let mut given = self.options.given();
        given.extend(self.alone.then(|| ("alone".to_owned(), Value::Bool(true))));
        given
    }
}

impl FromStr for CorpusPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (path, corpus) = suffix::parse(text)?;
        suffix::no_unknown_key(path, &[path])?;
        Ok(corpus)
    }
}

impl From<PathBuf> for CorpusPath {
    fn from(path: PathBuf) -> Self {
        Self { path, ..Self::default() }
    }
}

impl From<&Path> for CorpusPath {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}

impl From<&str> for CorpusPath {
    fn from(path: &str) -> Self {
        PathBuf::from(path).into()
    }
}

impl From<String> for CorpusPath {
    fn from(path: String) -> Self {
        PathBuf::from(path).into()
    }
}

/// Text without options, so that settings which have none are as those of earlier versions.
impl Serialize for CorpusPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let given = self.given();
        let is_plain = self.path.to_str().is_some_and(|path| path.parse() == Ok(Self::from(path)));
        if given.is_empty() && is_plain {
            return self.path.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        given.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for CorpusPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrTable)
    }
}

struct TextOrTable;

impl<'de> Visitor<'de> for TextOrTable {
    type Value = CorpusPath;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a path, or a table with path and options")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<CorpusPath, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CorpusPath, A::Error> {
        table::read(map, &[], |_, _| Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        pool: Vec<CorpusPath>,
    }

    fn parsed(text: &str) -> Result<(String, Vec<String>), String> {
        let corpus: CorpusPath = text.parse()?;
        let given = corpus.given().into_iter().map(|(key, value)| format!("{key} {value}"));
        Ok((corpus.path.display().to_string(), given.collect()))
    }

    #[test]
    fn options_follow_the_path() {
        let of = |text: &str| parsed(text).unwrap();
        assert_eq!(of("a"), ("a".into(), vec![]));
        assert_eq!(of("a, b.tsv"), ("a, b.tsv".into(), vec![]), "a comma of a name");
        assert_eq!(of("a=3"), ("a=3".into(), vec![]));
        let (path, given) = of("a,b,labels=O B-X,map=A:B,map=*:O,text-field=x=y,nested=outermost");
        assert_eq!(path, "a,b");
        assert_eq!(of("a,alone=true").1, ["alone true"]);
        assert_eq!(
            given,
            [
                r#"labels ["O","B-X"]"#,
                r#"label-map {"*":"O","A":"B"}"#,
                r#"nested "outermost""#,
                r#"text-field "x=y""#
            ]
        );
    }

    #[test]
    fn errors_name_the_keys() {
        let error = |text: &str| parsed(text).unwrap_err();
        let keys = "the keys are format, word-column, tag-column, labels, map, nested, offsets, text-field, alone";
        assert_eq!(error("a,columns=2"), format!("unknown key `columns`; {keys}"));
        assert_eq!(error("a,word-column=2,columns=2"), format!("unknown key `columns`; {keys}"));
        assert_eq!(error("a,word-column=2,b"), format!("`b` is not KEY=VALUE; {keys}"));
        assert_eq!(
            error("a,word-column=0"),
            "word-column: `0` is not a column; columns count from 1"
        );
        assert_eq!(error("a,labels="), "labels: no value; write labels=VALUE");
        assert_eq!(error("a,map=X"), "map: `X` is not OLD:NEW; write map=PERSON:PER");
        assert_eq!(error("a,offsets=utf16,offsets=utf16"), "offsets is given twice; give it once");
        for (text, named) in [
            ("a,alone=no", "true"),
            ("a,format=doc", "doccano"),
            ("a,nested=in", "innermost"),
            ("a,offsets=x", "utf16"),
        ] {
            assert!(error(text).contains(named), "{}", error(text));
        }
    }

    #[test]
    fn an_existing_path_with_something_like_a_key_is_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a,b=2");
        std::fs::write(&path, "").unwrap();
        let text = path.to_str().unwrap();
        assert_eq!(parsed(text).unwrap(), (text.to_owned(), vec![]));
    }

    #[test]
    fn texts_and_tables_are_read_and_written() {
        let file: File = toml::from_str(
            "pool = [\"a\", \"b,word-column=2\", { path = \"c,format=jsonl\", labels = [\"O\"], label-map = { X = \"Y\" } }]",
        )
        .unwrap();
        assert_eq!(file.pool[1].options.word_column, Some(2));
        assert_eq!(file.pool[2].path.to_str(), Some("c,format=jsonl"));
        assert_eq!(file.pool[2].options.label_map.as_ref().unwrap().get("X"), Some("Y"));
        let json = serde_json::to_string(&file.pool).unwrap();
        assert!(json.starts_with(r#"["a",{"path":"b","word-column":2},"#), "{json}");
        assert_eq!(serde_json::from_str::<Vec<CorpusPath>>(&json).unwrap(), file.pool);
        for (text, says) in [
            ("pool = [3]", "expected a path, or a table with path and options"),
            (
                "pool = [{ path = \"a\", column = 3 }]",
                "unknown key `column`; the keys are path, format",
            ),
            ("pool = [{ format = \"conll\" }]", "no path"),
            ("pool = [{ path = \"a\", format = \"x\" }]", "label-studio"),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
