//! What is suspicious about the parts of a data set.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::corpus::{Corpus, Sentence};
use crate::counted;
use crate::folder::Splits;
use crate::reading::Reading;

/// Something suspicious about the parts of a data set. Displays as one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// A part is missing.
    NoPart {
        /// `dev` or `test`.
        part: &'static str,
    },
    /// The training part has tags, but no entity.
    NoEntity {
        /// The file.
        path: PathBuf,
    },
    /// A type of dev or test does not occur in the training part, so it cannot be learnt.
    UnknownType {
        /// `dev` or `test`.
        part: &'static str,
        /// The type.
        entity_type: String,
        /// Number of its entities in the part.
        entities: usize,
    },
    /// Two files have the same content.
    SameFile {
        /// The first of them.
        path: PathBuf,
        /// The other one.
        again: PathBuf,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPart { part: "dev" } => f.write_str(
                "no dev part; expected a file named dev, val, valid, validation, development or testa",
            ),
            Self::NoPart { part } => {
                write!(f, "no {part} part; expected a file named test or testb")
            }
            Self::NoEntity { path } => {
                let fix = "check its tags and the column of the tags";
                write!(f, "{}: the training text has no entity; {fix}", path.display())
            }
            Self::UnknownType { part, entity_type, entities } => {
                let n = counted::entities(*entities);
                write!(
                    f,
                    "type {entity_type} occurs in {part} ({n}) but not in train, so it cannot be learnt; map it, or check the files"
                )
            }
            Self::SameFile { path, again } => {
                let (path, again) = (path.display(), again.display());
                write!(f, "{again} has the same content as {path}; check the files of the parts")
            }
        }
    }
}

/// What is suspicious about the parts of a data set. A part that was not read is missing.
///
/// ```
/// use gleaner_corpus::{ReadOptions, Splits, part_warnings, read_bytes};
/// use std::path::Path;
///
/// let read = |text: &str, name| read_bytes(text.as_bytes(), Path::new(name), &ReadOptions::default());
/// let train = read("Anna\tO\n", "train.tsv")?;
/// let test = read("Bo\tB-PER\n", "test.tsv")?;
/// let warnings = part_warnings(&Splits { train, dev: None, test: Some(test) });
/// assert_eq!(warnings.len(), 3);
/// # Ok::<(), gleaner_corpus::CorpusError>(())
/// ```
pub fn part_warnings(parts: &Splits<Corpus>) -> Vec<Warning> {
    warnings(&[&parts.train], [parts.dev.iter().collect(), parts.test.iter().collect()])
}

/// Warnings about the files of joined corpora that have the content of a file of the main data set or of an earlier
/// joined one: their sentences would count twice, or be those of dev or test.
pub fn repeated_files(main: &Splits<Corpus>, joined: &[Corpus]) -> Vec<Warning> {
    let parts = [Some(&main.train), main.dev.as_ref(), main.test.as_ref()];
    let main: Vec<&Reading> = parts.into_iter().flatten().flat_map(|part| &part.files).collect();
    let joined = joined.iter().flat_map(|corpus| &corpus.files);
    let own = same_files(&main).len();
    let all: Vec<&Reading> = main.into_iter().chain(joined).collect();
    // The warnings about the main data set come first.
    same_files(&all).split_off(own)
}

/// The warnings about corpora of the training part, and about those of dev and test.
pub(crate) fn warnings(train: &[&Corpus], held_out: [Vec<&Corpus>; 2]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let types: BTreeSet<String> = train.iter().flat_map(|corpus| corpus.entity_types()).collect();
    if let Some(first) = train.iter().find(|corpus| corpus.is_labelled())
        && types.is_empty()
    {
        warnings.push(Warning::NoEntity { path: first.path.clone() });
    }
    let mut files: Vec<&Reading> = train.iter().flat_map(|corpus| &corpus.files).collect();
    for (part, corpora) in ["dev", "test"].into_iter().zip(held_out) {
        if corpora.is_empty() {
            warnings.push(Warning::NoPart { part });
            continue;
        }
        files.extend(corpora.iter().flat_map(|corpus| &corpus.files));
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let sentences = corpora.iter().flat_map(|corpus| &corpus.sentences);
        for entity in sentences.flat_map(Sentence::entities) {
            *counts.entry(entity.entity_type).or_insert(0) += 1;
        }
        let unknown = counts.into_iter().filter(|(kind, _)| !types.contains(kind));
        warnings.extend(unknown.map(|(entity_type, entities)| Warning::UnknownType {
            part,
            entity_type,
            entities,
        }));
    }
    warnings.extend(same_files(&files));
    warnings
}

/// Files with the content of an earlier one.
pub(crate) fn same_files(files: &[&Reading]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (at, again) in files.iter().enumerate() {
        if let Some(first) = files[..at].iter().find(|first| first.content == again.content) {
            let (path, again) = (first.path.clone(), again.path.clone());
            warnings.push(Warning::SameFile { path, again });
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{ReadOptions, read_bytes};

    fn corpus(name: &str, text: &str) -> Corpus {
        read_bytes(text.as_bytes(), Path::new(name), &ReadOptions::default()).unwrap()
    }

    #[test]
    fn suspicious_parts_are_listed() {
        let same = "Anna\tB-PER\nsings\tO\n";
        let warnings = |train: &str, dev: &str, test: Option<&str>| -> Vec<String> {
            let parts = Splits {
                train: corpus("train.tsv", train),
                dev: Some(corpus("dev.tsv", dev)),
                test: test.map(|text| corpus("test.tsv", text)),
            };
            part_warnings(&parts).iter().map(Warning::to_string).collect()
        };
        assert!(warnings(same, "Bo\tB-PER\n", Some("Eva\tB-PER\n")).is_empty());
        insta::assert_snapshot!(warnings("Anna\tO\nwoon\tO\n", "Anna\tB-PER\n", None).join("\n"), @r"
        train.tsv: the training text has no entity; check its tags and the column of the tags
        type PER occurs in dev (1 entity) but not in train, so it cannot be learnt; map it, or check the files
        no test part; expected a file named test or testb
        ");
        let main = Splits {
            train: corpus("train.tsv", same),
            dev: Some(corpus("dev.tsv", same)),
            test: None,
        };
        let joined = [corpus("other.tsv", "Bo\tB-PER\n"), corpus("again.tsv", same)];
        let repeated = repeated_files(&main, &joined);
        assert_eq!(repeated.len(), 1, "that of dev is one of the parts");
        assert!(repeated[0].to_string().starts_with("again.tsv has the same content as train.tsv"));
        insta::assert_snapshot!(warnings(same, "Bo\tB-PER\n", Some(same)).join("\n"), @"test.tsv has the same content as train.tsv; check the files of the parts");
    }

    #[test]
    fn texts_of_brat_without_entities_are_not_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str, text: &str| {
            let path = |ending: &str| folder.path().join(format!("{name}.{ending}"));
            std::fs::write(path("txt"), text).unwrap();
            std::fs::write(path("ann"), "").unwrap();
            crate::read(&path("ann"), &ReadOptions::default()).unwrap()
        };
        let corpora = [read("a", "Anna sings"), read("b", "Bo hums"), read("c", "Bo hums")];
        let files: Vec<&Reading> = corpora.iter().flat_map(|corpus| &corpus.files).collect();
        let warnings = same_files(&files);
        assert_eq!(warnings.len(), 1);
        assert!(
            warnings[0].to_string().contains("c.ann has the same content as"),
            "{}",
            warnings[0]
        );
    }
}
