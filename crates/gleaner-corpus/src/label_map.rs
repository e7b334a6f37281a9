//! Mapping the entity types of a corpus to others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gleaner_base::tags::{SeqevalMode, entities, is_entity_type, without_spaces};
use serde::{Deserialize, Serialize};

use crate::corpus::{Sentence, Unrepaired};
use crate::counted;
use crate::error::{CorpusError, Problem, UnmappedType};
use crate::finding::{Finding, FindingKind};

/// A map from entity types to other types, or to `O`, which drops the entity. `*` matches all types
/// that the map does not name.
///
/// White space in a type is read as `_` in files, and so it is in the names on the left.
///
/// A type that only occurs as a value keeps its name. Any other type without an entry is an error, so
/// that no label is lost silently.
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

impl LabelMap {
    /// A map from old names to new names.
    ///
    /// # Errors
    /// [`Problem::LabelMap`] if a name is empty, if a new name contains white space, if `O` is a key, if
    /// two keys are the same, or if `*` is a value.
    pub fn new(named: BTreeMap<String, String>) -> Result<Self, Problem> {
        let mut entries = BTreeMap::new();
        for (from, to) in named {
            let joined = without_spaces(&from);
            if entries.insert(joined.clone(), to).is_some() {
                return Err(Problem::LabelMap(format!("{from:?} is the same type as {joined:?}")));
            }
        }
        for (from, to) in &entries {
            if from == "O" {
                return Err(Problem::LabelMap(
                    "O marks words outside of entities and cannot be mapped".to_owned(),
                ));
            }
            if let Some(bad) = [from, to].into_iter().find(|name| !is_entity_type(name)) {
                return Err(Problem::LabelMap(format!(
                    "invalid entity type {bad:?} in {from:?} = {to:?}"
                )));
            }
            if to == "*" {
                return Err(Problem::LabelMap(format!(
                    "{from:?} = \"*\": * is only allowed on the left"
                )));
            }
        }
        let targets = entries.values().filter(|to| *to != "O").cloned().collect();
        Ok(Self { entries, targets })
    }

    /// Parses a map from TOML, with one line `OLD = "NEW"` per type.
    ///
    /// # Errors
    /// [`Problem::LabelMap`] if the text is not such TOML; as [`LabelMap::new`].
    pub fn from_toml(text: &str) -> Result<Self, Problem> {
        let entries =
            toml::from_str(text).map_err(|error| Problem::LabelMap(error.message().to_owned()))?;
        Self::new(entries)
    }

    /// Reads a map from a TOML file.
    ///
    /// # Errors
    /// The file cannot be read; as [`LabelMap::from_toml`].
    pub fn read(path: &Path) -> Result<Self, CorpusError> {
        fs::read_to_string(path)
            .map_err(Problem::from)
            .and_then(|text| Self::from_toml(&text))
            .map_err(|problem| CorpusError::in_file(path, problem))
    }

    /// The new name of a type, which can be the same name or `O`; `None` if the map does not name it.
    pub fn get<'a>(&'a self, entity_type: &'a str) -> Option<&'a str> {
        match self.entries.get(entity_type) {
            Some(to) => Some(to),
            None if self.targets.contains(entity_type) => Some(entity_type),
            None => self.entries.get("*").map(String::as_str),
        }
    }

    /// Whether a type is named, other than by `*`.
    pub(crate) fn names(&self, entity_type: &str) -> bool {
        self.entries.contains_key(entity_type) || self.targets.contains(entity_type)
    }

    /// Maps the types of IOB2 sentences. Findings and errors show `path` and the line that `line_of`
    /// returns for a word.
    pub(crate) fn apply(
        &self,
        sentences: &mut [Sentence],
        path: &Path,
        line_of: impl Fn(&Sentence, usize) -> usize,
    ) -> Result<Vec<Finding>, CorpusError> {
        let mut dropped = Tally::default();
        let mut unmapped = Tally::default();
        for sentence in sentences.iter_mut() {
            let before = std::mem::take(&mut sentence.unrepaired);
            let mut tags = vec!["O".to_owned(); sentence.tags.len()];
            for entity in sentence.entities() {
                let line = line_of(sentence, entity.start);
                match self.get(&entity.entity_type) {
                    None => unmapped.add(&entity.entity_type, line),
                    Some("O") => dropped.add(&entity.entity_type, line),
                    Some(new) => {
                        tags[entity.start] = format!("B-{new}");
                        tags[entity.start + 1..entity.end].fill(format!("I-{new}"));
                    }
                }
            }
            sentence.tags = tags;
            sentence.unrepaired =
                before.map(|tags| Box::new(self.unrepaired(*tags, &sentence.tags)));
        }
        if let Some(first) = unmapped.0.values().map(|(_, line)| *line).min() {
            let types = unmapped.0.into_iter();
            let types = types.map(|(entity_type, (entities, first_line))| UnmappedType {
                entity_type,
                entities,
                first_line,
            });
            return Err(CorpusError::at_line(path, first, Problem::Unmapped(types.collect())));
        }
        let dropped = dropped.0.into_iter().map(|(entity_type, (n, line))| Finding {
            path: path.to_owned(),
            line,
            kind: FindingKind::MappedAway,
            detail: format!(
                "{} of type {entity_type} dropped by the label map, the first one here",
                counted::entities(n)
            ),
        });
        Ok(dropped.collect())
    }

    /// Maps the types of tags before repair. `repaired` has the mapped tags after repair.
    fn unrepaired(&self, mut before: Unrepaired, repaired: &[String]) -> Unrepaired {
        for tag in &mut before.tags {
            if let Some((letter, entity_type)) = tag.split_once('-') {
                *tag = match self.get(entity_type) {
                    Some("O") => "O".to_owned(),
                    new => format!("{letter}-{}", new.unwrap_or(entity_type)),
                };
            }
        }
        // Types that are now the same would join entities that touch.
        let default = |tags: &[String]| entities(tags, SeqevalMode::Default);
        if default(&before.tags) != default(repaired) {
            before.tags = repaired.to_vec();
        }
        before.strict.retain_mut(|entity| match self.get(&entity.entity_type).map(str::to_owned) {
            Some(new) => {
                entity.entity_type = new;
                entity.entity_type != "O"
            }
            // seqeval drops hyphens around a type in strict mode, so the map may not name it.
            None => true,
        });
        before
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

/// The number of entities of each type, and the line of the first one.
#[derive(Default)]
struct Tally(BTreeMap<String, (usize, usize)>);

impl Tally {
    fn add(&mut self, entity_type: &str, line: usize) {
        match self.0.get_mut(entity_type) {
            Some((count, _)) => *count += 1,
            None => {
                self.0.insert(entity_type.to_owned(), (1, line));
            }
        }
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
            ..Sentence::default()
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
            ["x:10: 2 entities of type B dropped by the label map, the first one here"]
        );
    }

    #[test]
    fn all_unmapped_types_are_listed() {
        let error = apply(&map("A = \"X\""), &["B-A B-D I-D", "O B-C", "B-D"]).unwrap_err();
        insta::assert_snapshot!(error, @"x:1: the label map does not name C (1 entity, first at line 11), D (2 entities, first at line 1); map each type to itself to keep it or to O to drop it (LOC=LOC, MISC=O), or drop all others with *=O");
    }

    #[test]
    fn a_star_matches_the_rest() {
        let (tags, _) = apply(&map("A = \"X\"\n\"*\" = \"O\""), &["B-A B-D B-X"]).unwrap();
        assert_eq!(tags, ["B-X O B-X"]);
        let (tags, _) = apply(&map("\"*\" = \"MISC\""), &["B-A I-A B-MISC"]).unwrap();
        assert_eq!(tags, ["B-MISC I-MISC B-MISC"]);
    }

    #[test]
    fn invalid_maps_are_errors() {
        for bad in [
            "O = \"PER\"",
            "A = \"\"",
            "A = \"B C\"",
            "\"A B\" = \"C\"\nA_B = \"C\"",
            "\" \" = \"C\"",
            "A = \"*\"",
            "A = 3",
            "A =",
        ] {
            let problem = LabelMap::from_toml(bad).unwrap_err();
            assert!(matches!(problem, Problem::LabelMap(_)), "{bad}: {problem}");
            assert!(!problem.to_string().contains('\n'), "{problem}");
        }
    }

    #[test]
    fn serde_keeps_a_map() {
        let map = map("A = \"X\"\n\"*\" = \"O\"");
        assert_eq!(LabelMap::from_toml(&toml::to_string(&map).unwrap()).unwrap(), map);
    }
}
