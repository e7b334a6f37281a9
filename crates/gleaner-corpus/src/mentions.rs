//! Mentions of entities by type: those of a corpus, or of a list.
//!
//! A list has one mention a line: its type, a tab, and its words with spaces between them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use gleaner_base::tags::without_spaces;

use crate::corpus::Corpus;
use crate::error::{CorpusError, Problem};
use crate::invisible::is_edge;

/// Mentions of entities by type, each once, sorted.
///
/// ```
/// use gleaner_corpus::{Mentions, ReadOptions, read_bytes};
/// use std::path::Path;
///
/// let text = "Anna\tB-PER\nlives\tO\nin\tO\nNew\tB-LOC\nYork\tI-LOC\n";
/// let corpus = read_bytes(text.as_bytes(), Path::new("a.conll"), &ReadOptions::default())?;
/// assert_eq!(Mentions::of(&corpus).to_text(), "LOC\tNew York\nPER\tAnna\n");
/// # Ok::<(), gleaner_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    by_type: BTreeMap<String, BTreeSet<Vec<String>>>,
}

impl Mentions {
    /// The mentions of a labelled corpus.
    pub fn of(corpus: &Corpus) -> Self {
        let mut mentions = Self::default();
        for sentence in &corpus.sentences {
            for entity in sentence.entities() {
                let words = sentence.words[entity.start..entity.end].to_vec();
                mentions.by_type.entry(entity.entity_type).or_default().insert(words);
            }
        }
        mentions
    }

    /// Reads a list.
    ///
    /// # Errors
    /// The file cannot be read, is not UTF-8, has no mention, or has a line without a type and a mention.
    pub fn read(path: &Path) -> Result<Self, CorpusError> {
        let bytes = std::fs::read(path).map_err(|e| CorpusError::in_file(path, e.into()))?;
        Self::parse(&bytes, path)
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self, CorpusError> {
        let mut lines = crate::lines::Lines::new(bytes, path);
        let mut mentions = Self::default();
        while let Some(line) = lines.next_line() {
            let (number, text) = line.map(|line| (line.number, line.text.to_owned()))?;
            if text.trim().is_empty() {
                continue;
            }
            let parts = text.split_once('\t').map(|(entity_type, words)| {
                let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
                // As types of tags are read.
                (without_spaces(entity_type.trim_matches(is_edge)), words)
            });
            match parts {
                Some((entity_type, words)) if !entity_type.is_empty() && !words.is_empty() => {
                    mentions.by_type.entry(entity_type).or_default().insert(words);
                }
                _ => return Err(CorpusError::at_line(path, number, Problem::NoMention)),
            }
        }
        match mentions.by_type.is_empty() {
            true => Err(CorpusError::in_file(path, Problem::NoMention)),
            false => Ok(mentions),
        }
    }

    /// Adds other mentions.
    pub fn append(&mut self, others: Self) {
        for (entity_type, mentions) in others.by_type {
            self.by_type.entry(entity_type).or_default().extend(mentions);
        }
    }

    /// The types, sorted.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        self.by_type.keys().map(String::as_str)
    }

    /// The mentions of a type, sorted.
    pub fn of_type(&self, entity_type: &str) -> impl Iterator<Item = &[String]> {
        self.by_type.get(entity_type).into_iter().flatten().map(Vec::as_slice)
    }

    /// The list, as [`Mentions::read`] reads it.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (entity_type, mentions) in &self.by_type {
            for words in mentions {
                let _ = writeln!(text, "{entity_type}\t{}", words.join(" "));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Mentions, String> {
        Mentions::parse(text.as_bytes(), Path::new("names.tsv")).map_err(|e| e.to_string())
    }

    #[test]
    fn a_list_is_read_as_it_is_written() {
        let text = "LOC\tNew York\nLOC\tOudrif\nPER\tAnna\n";
        let mentions = parse("PER\tAnna\r\n\nLOC\tOudrif\nLOC\tNew  York \nPER\tAnna\n").unwrap();
        assert_eq!(mentions.to_text(), text);
        assert_eq!(parse(text).unwrap(), mentions);
        assert_eq!(mentions.types().collect::<Vec<_>>(), ["LOC", "PER"]);
        assert_eq!(mentions.of_type("LOC").count(), 2);
        assert_eq!(mentions.of_type("ORG").count(), 0);
        let spaced = parse("work of art\tMona Lisa\n").unwrap();
        assert_eq!(spaced.types().collect::<Vec<_>>(), ["work_of_art"]);
    }

    #[test]
    fn a_line_without_a_type_or_a_mention_is_refused() {
        let what = "expected a type, a tab and a mention; write LOC, a tab and New York";
        for (text, line) in [("PER\tAnna\nOudrif\n", ":2"), ("\tAnna\n", ":1"), ("LOC\t \n", ":1")]
        {
            assert_eq!(parse(text).unwrap_err(), format!("names.tsv{line}: {what}"));
        }
        assert_eq!(parse("\n").unwrap_err(), format!("names.tsv: {what}"));
    }
}
