//! Renaming the entity types of one corpus to those of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::tag::is_label;

/// What each entity type becomes: another type, or `O` (the entity is dropped). `*` stands for
/// every type that the map does not name.
///
/// A type that stands in the map only as a value keeps its name. A type that it does not name at
/// all is an error, so that no label is lost or renamed without a word.
///
/// ```
/// # use gleaner_corpus::LabelMap;
/// let map = LabelMap::from_toml(r#"
///     PERSON = "PER"
///     GPE = "LOC"
///     "*" = "O"
/// "#)?;
/// assert_eq!(map.get("PERSON"), Some("PER"));
/// assert_eq!(map.get("LOC"), Some("LOC"));
/// assert_eq!(map.get("DATE"), Some("O"));
/// # Ok::<(), gleaner_corpus::Problem>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct LabelMap {
    entries: BTreeMap<String, String>,
    targets: BTreeSet<String>,
}

/// An entity type that a label map does not name. Displays as `GPE (12 entities, first at line 3)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmappedType {
    /// The type.
    pub label: String,
    /// Its entities in the file.
    pub entities: usize,
    /// The line of the first one.
    pub first_line: usize,
}

impl fmt::Display for UnmappedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, first at line {})", self.label, counted(self.entities), self.first_line)
    }
}

impl LabelMap {
    /// A map from old names to new ones.
    ///
    /// # Errors
    /// [`Problem::LabelMap`] where a name is empty or holds white space, or `O` is to be renamed.
    pub fn new(entries: BTreeMap<String, String>) -> Result<Self, Problem> {
        for (from, to) in &entries {
            if from == "O" {
                return Err(Problem::LabelMap(
                    "O stands for no entity and cannot be renamed".to_owned(),
                ));
            }
            if let Some(bad) = [from, to].into_iter().find(|name| !is_label(name)) {
                return Err(Problem::LabelMap(format!(
                    "{bad:?} (in {from:?} = {to:?}) is no name of a type"
                )));
            }
            if to == "*" {
                return Err(Problem::LabelMap(format!(
                    "{from:?} = \"*\": * can only stand on the left"
                )));
            }
        }
        let targets = entries.values().filter(|to| *to != "O").cloned().collect();
        Ok(Self { entries, targets })
    }

    /// A map from TOML: one line `OLD = "NEW"` a type.
    ///
    /// # Errors
    /// [`Problem::LabelMap`] where the text is not such TOML, or as [`LabelMap::new`].
    pub fn from_toml(text: &str) -> Result<Self, Problem> {
        let entries =
            toml::from_str(text).map_err(|error| Problem::LabelMap(error.message().to_owned()))?;
        Self::new(entries)
    }

    /// A map from a TOML file.
    ///
    /// # Errors
    /// Where the file cannot be read, or as [`LabelMap::from_toml`].
    pub fn read(path: &Path) -> Result<Self, CorpusError> {
        fs::read_to_string(path)
            .map_err(Problem::from)
            .and_then(|text| Self::from_toml(&text))
            .map_err(|problem| CorpusError::in_file(path, problem))
    }

    /// What a type becomes: another name, its own, or `O`; `None` where the map does not name it.
    pub fn get<'a>(&'a self, label: &'a str) -> Option<&'a str> {
        match self.entries.get(label) {
            Some(to) => Some(to),
            None if self.targets.contains(label) => Some(label),
            None => self.entries.get("*").map(String::as_str),
        }
    }

    /// Renames the types of IOB2 sentences; `path` and `line_of` place the findings and the error.
    pub(crate) fn apply(
        &self,
        sentences: &mut [Sentence],
        path: &Path,
        line_of: impl Fn(&Sentence, usize) -> usize,
    ) -> Result<Vec<Finding>, CorpusError> {
        let mut dropped = Tally::default();
        let mut unmapped = Tally::default();
        for sentence in sentences.iter_mut() {
            let mut tags = vec!["O".to_owned(); sentence.tags.len()];
            for entity in sentence.entities() {
                let first = entity.words.start;
                match self.get(entity.label) {
                    None => unmapped.add(entity.label, line_of(sentence, first)),
                    Some("O") => dropped.add(entity.label, line_of(sentence, first)),
                    Some(label) => {
                        for word in entity.words {
                            let prefix = if word == first { "B" } else { "I" };
                            tags[word] = format!("{prefix}-{label}");
                        }
                    }
                }
            }
            sentence.tags = tags;
        }
        if let Some(first) = unmapped.0.values().map(|(_, line)| *line).min() {
            let types = unmapped.0.into_iter();
            let types = types.map(|(label, (entities, first_line))| UnmappedType {
                label,
                entities,
                first_line,
            });
            return Err(CorpusError::at_line(path, first, Problem::Unmapped(types.collect())));
        }
        let dropped = dropped.0.into_iter().map(|(label, (entities, line))| Finding {
            path: path.to_owned(),
            line,
            kind: FindingKind::MappedAway,
            detail: format!(
                "{} of type {label} dropped by the label map, the first here",
                counted(entities)
            ),
        });
        Ok(dropped.collect())
    }
}

impl TryFrom<BTreeMap<String, String>> for LabelMap {
    type Error = Problem;

    fn try_from(entries: BTreeMap<String, String>) -> Result<Self, Problem> {
        Self::new(entries)
    }
}

impl From<LabelMap> for BTreeMap<String, String> {
    fn from(map: LabelMap) -> Self {
        map.entries
    }
}

/// How many entities of each type, and the line of the first.
#[derive(Default)]
struct Tally(BTreeMap<String, (usize, usize)>);

impl Tally {
    fn add(&mut self, label: &str, line: usize) {
        match self.0.get_mut(label) {
            Some((count, _)) => *count += 1,
            None => {
                self.0.insert(label.to_owned(), (1, line));
            }
        }
    }
}

pub(crate) fn counted(entities: usize) -> String {
    match entities {
        1 => "1 entity".to_owned(),
        n => format!("{n} entities"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> LabelMap {
        LabelMap::from_toml(text).unwrap()
    }

    fn apply(map: &LabelMap, lines: &[&str]) -> Result<(Vec<String>, Vec<Finding>), CorpusError> {
        let split = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
        let sentence = |(line, text): (usize, &&str)| Sentence {
            words: split(text),
            tags: split(text),
            line: 10 * line,
        };
        let mut sentences: Vec<Sentence> = lines.iter().enumerate().map(sentence).collect();
        let findings =
            map.apply(&mut sentences, Path::new("x"), |sentence, word| sentence.line + word)?;
        Ok((sentences.iter().map(|sentence| sentence.tags.join(" ")).collect(), findings))
    }

    #[test]
    fn renames_drops_and_keeps() {
        let map = map("A = \"X\"\nB = \"O\"");
        let (tags, findings) = apply(&map, &["B-A I-A B-A O", "B-B I-B B-X", "B-B B-A"]).unwrap();
        assert_eq!(tags, ["B-X I-X B-X O", "O O B-X", "O B-X"]);
        let findings: Vec<String> = findings.iter().map(Finding::to_string).collect();
        assert_eq!(
            findings,
            ["x:10: 2 entities of type B dropped by the label map, the first here"]
        );
    }

    #[test]
    fn lists_all_types_it_does_not_name() {
        let error = apply(&map("A = \"X\""), &["B-A B-D I-D", "O B-C", "B-D"]).unwrap_err();
        insta::assert_snapshot!(error, @"x:1: the label map does not name C (1 entity, first at line 11), D (2 entities, first at line 1); name each, as itself to keep it or as O to drop it (LOC=LOC, MISC=O), or drop all others with *=O");
    }

    #[test]
    fn a_star_names_the_rest() {
        let (tags, _) = apply(&map("A = \"X\"\n\"*\" = \"O\""), &["B-A B-D B-X"]).unwrap();
        assert_eq!(tags, ["B-X O B-X"]);
        let (tags, _) = apply(&map("\"*\" = \"MISC\""), &["B-A I-A B-MISC"]).unwrap();
        assert_eq!(tags, ["B-MISC I-MISC B-MISC"]);
    }

    #[test]
    fn refuses_maps_that_cannot_be_meant() {
        for bad in ["O = \"PER\"", "A = \"\"", "\"A B\" = \"C\"", "A = \"*\"", "A = 3", "A ="] {
            let problem = LabelMap::from_toml(bad).unwrap_err();
            assert!(matches!(problem, Problem::LabelMap(_)), "{bad}: {problem}");
            assert!(!problem.to_string().contains('\n'), "{problem}");
        }
    }

    #[test]
    fn goes_through_serde_unchanged() {
        let map = map("A = \"X\"\n\"*\" = \"O\"");
        assert_eq!(LabelMap::from_toml(&toml::to_string(&map).unwrap()).unwrap(), map);
    }
}
