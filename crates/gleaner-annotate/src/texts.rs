//! `texts.jsonl`: the sentences of a project, one per line.

use crate::{answer::Span, error::AnnotateError};
use gleaner_base::{
    files,
    tags::{Prefix, Tag},
};
use gleaner_corpus::audit::{DataSet, Entry};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

/// A sentence of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Its number, from 0: its place in the file.
    pub id: usize,
    /// Its words, at least one.
    pub words: Vec<String>,
    /// The file and line that it was imported from.
    pub from: String,
    /// Its imported labels, one IOB2 tag per word, if it has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

impl Text {
    /// The imported labels as spans.
    pub fn spans(&self) -> Option<Vec<Span>> {
        self.tags.as_deref().map(Span::of_tags)
    }

    /// What is wrong with the sentence in the place `at`, if anything.
    fn fault(&self, at: usize, types: &[String]) -> Option<String> {
        if self.id != at {
            return Some(format!("sentence {}, expected {at}", self.id));
        }
        if self.words.is_empty() {
            return Some("a sentence without words".into());
        }
        if let Some(word) = self.words.iter().position(String::is_empty) {
            return Some(format!("word {} is empty", word + 1));
        }
        let tags = self.tags.as_ref()?;
        if tags.len() != self.words.len() {
            return Some(format!("{} words, but {} tags", self.words.len(), tags.len()));
        }
        let is_iob2 = |tag: &str| {
            matches!(
                Tag::parse(tag),
                Some(Tag::Outside | Tag::Entity(Prefix::Begin | Prefix::Inside, _))
            )
        };
        if let Some(tag) = tags.iter().find(|tag| !is_iob2(tag)) {
            return Some(format!("`{tag}` is not an IOB2 tag"));
        }
        let spans = Span::of_tags(tags);
        let unknown = spans.iter().find(|span| !types.contains(&span.entity_type));
        unknown.map(|span| format!("`{}` is not among the types of project.toml", span.entity_type))
    }
}

/// Reads the sentences; none if the file does not exist.
///
/// # Errors
/// The file cannot be read, or a line is not a sentence of a project with these `types`.
pub(crate) fn read(path: &Path, types: &[String]) -> Result<Vec<Text>, AnnotateError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(AnnotateError::io(path, e)),
    };
    let sentence = |(at, line): (usize, &str)| {
        let fix = "restore the file, or import the texts into a new project";
        let damaged = |what| AnnotateError::damaged(path, at + 1, what, fix);
        let text: Text = serde_json::from_str(line).map_err(|e| damaged(e.to_string()))?;
        match text.fault(at, types) {
            Some(what) => Err(damaged(what)),
            None => Ok(text),
        }
    };
    text.lines().enumerate().map(sentence).collect()
}

/// All sentences of a data set, with the tags that its files have.
pub(crate) fn of_set(set: &DataSet) -> Vec<Text> {
    let text = |(id, entry): (usize, &Entry)| Text {
        id,
        words: entry.sentence.words.clone(),
        from: entry.place().to_string(),
        tags: Some(entry.sentence.scored_tags().to_vec()),
    };
    set.entries.iter().enumerate().map(text).collect()
}

/// Replaces the file.
///
/// # Errors
/// It cannot be written. What was there before is unchanged.
pub(crate) fn write(path: &Path, texts: &[Text]) -> Result<(), AnnotateError> {
    let written = files::write_with(path, |file| {
        texts.iter().try_for_each(|text| {
            serde_json::to_writer(&mut *file, text).map_err(io::Error::from)?;
            file.write_all(b"\n")
        })
    });
    written.map_err(|e| AnnotateError::io(path, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_reported_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("texts.jsonl");
        assert_eq!(read(&path, &[]).unwrap(), []);
        let first = "{\"id\":0,\"words\":[\"a\"],\"from\":\"a:1\",\"tags\":[\"B-X\"]}";
        for (second, expected) in [
            ("{\"id\":2,\"words\":[\"a\"],\"from\":\"\"}", ":2: sentence 2, expected 1; restore"),
            ("{\"id\":1,\"words\":[],\"from\":\"\"}", ":2: a sentence without words"),
            ("{\"id\":1,\"words\":[\"a\",\"\"],\"from\":\"\"}", ":2: word 2 is empty"),
            ("{\"id\":1,\"wor", ":2: EOF while parsing"),
            ("{\"id\":1,\"words\":[\"a\"],\"from\":\"\",\"tags\":[]}", ":2: 1 words, but 0 tags"),
            (
                "{\"id\":1,\"words\":[\"a\"],\"from\":\"\",\"tags\":[\"S-X\"]}",
                ":2: `S-X` is not an IOB2 tag",
            ),
            (
                "{\"id\":1,\"words\":[\"a\"],\"from\":\"\",\"tags\":[\"I-Y\"]}",
                ":2: `Y` is not among the types",
            ),
        ] {
            fs::write(&path, format!("{first}\n{second}\n")).unwrap();
            let error = read(&path, &["X".into()]).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
