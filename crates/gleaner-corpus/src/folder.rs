//! Finding the parts of a data set in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus::Corpus;
use crate::error::{CorpusError, Problem};
use crate::read::{Format, ReadOptions, read};

/// Something for each part of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splits<T> {
    /// For training.
    pub train: T,
    /// For choosing among models.
    pub dev: Option<T>,
    /// For the score.
    pub test: Option<T>,
}

impl<T> Splits<T> {
    /// Makes something else of each part.
    ///
    /// # Errors
    /// The first one of `f`.
    pub fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<Splits<U>, E> {
        Ok(Splits {
            train: f(self.train)?,
            dev: self.dev.map(&mut f).transpose()?,
            test: self.test.map(&mut f).transpose()?,
        })
    }
}

/// The files of a data set in a folder, by their names.
///
/// A name is `train`; `dev`, `valid` or `validation`; or `test`, and an extension that tells a
/// [`Format`]. Between the two, `-00000-of-00002` makes a file a part of its split, as on the
/// Hugging Face hub, where a hash may follow, and so does `train/0000.parquet`, as the hub converts data
/// sets: the parts come in the order of their numbers. Other files are passed over.
///
/// # Errors
/// Where the folder cannot be read, there is no training data, two files could be the same split,
/// or a numbered part is missing.
pub fn find_splits(folder: &Path) -> Result<Splits<Vec<PathBuf>>, CorpusError> {
    let in_folder = |problem| CorpusError::in_file(folder, problem);
    let names = names(folder)?;
    let files =
        |split| Ok(files(&names, split).map_err(in_folder)?.map(|names| paths(folder, &names)));
    let train = files("train")?;
    Ok(Splits {
        train: train.ok_or_else(|| in_folder(Problem::NoTrain { found: names.clone() }))?,
        dev: files("dev")?,
        test: files("test")?,
    })
}

/// The test files of a folder, which need not hold training data; named as [`find_splits`] says.
///
/// # Errors
/// As [`find_splits`], and [`Problem::NoTest`] where there are none.
pub fn find_test(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let in_folder = |problem| CorpusError::in_file(folder, problem);
    let found = files(&names(folder)?, "test").map_err(in_folder)?;
    found.map(|found| paths(folder, &found)).ok_or_else(|| in_folder(Problem::NoTest))
}

/// The names of the files in a folder, sorted; those in folders of splits with the folder's name.
fn names(folder: &Path) -> Result<Vec<String>, CorpusError> {
    let in_folder = |problem| CorpusError::in_file(folder, problem);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| in_folder(error.into()))? {
        let path = entry.map_err(|error| in_folder(error.into()))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_file() {
            found.push(name.to_owned());
        } else if split_of(name).is_some() {
            let inner = names(&path)?;
            found.extend(inner.into_iter().map(|inner| format!("{name}/{inner}")));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads the files of one split, one behind the other. Lines and rows count from 1 in each.
///
/// # Errors
/// As [`read`]; [`Problem::Empty`] where there are no files.
pub fn read_all(paths: &[PathBuf], options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let (first, others) =
        paths.split_first().ok_or_else(|| CorpusError::in_file(Path::new(""), Problem::Empty))?;
    let mut corpus = read(first, options)?;
    for path in others {
        corpus.append(read(path, options)?);
    }
    Ok(corpus)
}

/// A file's name taken apart.
struct Candidate<'a> {
    split: &'static str,
    /// Number of the part and, where that is told, how many there are.
    part: Option<(usize, Option<usize>)>,
    /// The name without the number of the part: files of one split share it.
    family: (&'a str, &'a str),
}

/// The files of one split among the sorted `names`; `None` where there are none.
fn files(names: &[String], split: &'static str) -> Result<Option<Vec<String>>, Problem> {
    let ours = |name: &&String| candidate(name).is_some_and(|candidate| candidate.split == split);
    let names: Vec<String> = names.iter().filter(ours).cloned().collect();
    let mut parts = BTreeMap::new();
    let mut families = Vec::new();
    for (name, candidate) in names.iter().filter_map(|name| Some((name, candidate(name)?))) {
        let (number, of) = candidate.part.unwrap_or((0, Some(1)));
        let numbered = candidate.part.is_some();
        families.push((candidate.family, numbered, of));
        parts.insert(number, name.clone());
    }
    families.dedup();
    let Some((_, _, expected)) = families.first().copied() else { return Ok(None) };
    if families.len() > 1 || parts.len() < names.len() {
        return Err(Problem::AmbiguousSplit { split, names });
    }
    // Where it is not told how many there are, the last number tells it.
    let last = parts.keys().last().map_or(0, |last| last + 1);
    let expected = expected.unwrap_or(last);
    match parts.keys().copied().eq(0..expected) {
        true => Ok(Some(parts.into_values().collect())),
        false => Err(Problem::MissingPart { split, found: parts.len(), expected }),
    }
}

/// `train`, `dev` or `test`, where the name of a file tells one.
pub(crate) fn part_of(name: &str) -> Option<&'static str> {
    candidate(name).map(|candidate| candidate.split)
}

fn candidate(name: &str) -> Option<Candidate<'_>> {
    Format::of(Path::new(name))?;
    let (stem, extension) = name.rsplit_once('.')?;
    if let Some((folder, number)) = stem.split_once('/') {
        let part = Some((number.parse().ok()?, None));
        return Some(Candidate { split: split_of(folder)?, part, family: (folder, extension) });
    }
    let (base, part) = match part(stem) {
        Some((base, number, of)) => (base, Some((number, Some(of)))),
        None => (stem, None),
    };
    Some(Candidate { split: split_of(base)?, part, family: (base, extension) })
}

/// The split that a name stands for.
fn split_of(name: &str) -> Option<&'static str> {
    match name {
        "train" => Some("train"),
        "dev" | "valid" | "validation" => Some("dev"),
        "test" => Some("test"),
        _ => None,
    }
}

/// `train-00001-of-00002`, maybe with a hash behind it, as `("train", 1, 2)`.
fn part(stem: &str) -> Option<(&str, usize, usize)> {
    let (head, of) = stem.rsplit_once("-of-")?;
    let (base, number) = head.rsplit_once('-')?;
    let (of, hash) = of.split_once('-').unwrap_or((of, ""));
    let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some((base, number.parse().ok()?, of.parse().ok()?))
}

fn paths(folder: &Path, names: &[String]) -> Vec<PathBuf> {
    names.iter().map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with files of these names, and what is found in it without the folder's own path.
    fn found(names: &[&str]) -> Result<Splits<Vec<String>>, String> {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a\tB-X\n").unwrap();
        }
        let own = |paths: Vec<PathBuf>| -> Result<Vec<String>, String> {
            let own = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
            Ok(paths.iter().map(|path| own(path).to_str().unwrap().to_owned()).collect())
        };
        let splits = find_splits(folder.path()).map_err(|error| {
            error.to_string().replace(&format!("{}: ", folder.path().display()), "")
        });
        splits?.try_map(own)
    }

    #[test]
    fn finds_splits_by_name() {
        let splits =
            found(&["train.conll", "valid.txt", "test.jsonl", "README.md", "training.txt", "test"])
                .unwrap();
        assert_eq!(splits.train, ["train.conll"]);
        assert_eq!(splits.dev.unwrap(), ["valid.txt"]);
        assert_eq!(splits.test.unwrap(), ["test.jsonl"]);
        let splits =
            found(&["train-00001-of-00002.parquet", "train-00000-of-00002.parquet"]).unwrap();
        assert_eq!(splits.train, ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]);
        assert_eq!((splits.dev, splits.test), (None, None));
    }

    #[test]
    fn finds_the_layouts_of_the_hub() {
        let hashed = "train-00000-of-00001-0b7e.parquet";
        assert_eq!(found(&[hashed, "train-00000-of-00001-notes.md"]).unwrap().train, [hashed]);
        let converted = ["test/0000.parquet", "train/0000.parquet", "train/0001.parquet"];
        let splits = found(&[&converted[..], &["other/0000.parquet", "train/README.md"]].concat());
        let splits = splits.unwrap();
        assert_eq!(splits.train, converted[1..]);
        assert_eq!((splits.dev, splits.test.unwrap()), (None, vec![converted[0].to_owned()]));
        let gap = found(&["train/0000.parquet", "train/0002.parquet"]).unwrap_err();
        insta::assert_snapshot!(gap, @"train has 2 of 3 numbered parts; fetch the others");
        let twice = found(&["train/0000.parquet", "train.parquet"]).unwrap_err();
        insta::assert_snapshot!(twice, @"more than one file for train: train.parquet, train/0000.parquet; keep one");
    }

    #[test]
    fn parts_stand_by_their_numbers_not_by_their_names() {
        let names: Vec<String> = (0..12).map(|part| format!("train-{part}-of-12.conll")).collect();
        let given: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(found(&given).unwrap().train, names);
    }

    #[test]
    fn a_test_file_may_stand_alone() {
        let folder = tempfile::tempdir().unwrap();
        let none = find_test(folder.path()).unwrap_err().to_string();
        assert!(none.ends_with(
            "no test file in it; expected test.conll, test.jsonl or the like, or name a file"
        ));
        let path = folder.path().join("test.conll");
        fs::write(&path, "a\tO\n").unwrap();
        assert_eq!(find_test(folder.path()).unwrap(), [path]);
    }

    #[test]
    fn doubt_is_an_error() {
        let error = |names: &[&str]| found(names).unwrap_err();
        insta::assert_snapshot!(error(&["test.conll"]), @"no training data; expected train.conll, train.jsonl, train.parquet, train-00000-of-00001.parquet or the like, found test.conll; rename them, or give them as files (--train FILE)");
        insta::assert_snapshot!(error(&["train.conll", "train.txt"]), @"more than one file for train: train.conll, train.txt; keep one");
        insta::assert_snapshot!(error(&["train.conll", "dev.txt", "validation.txt"]), @"more than one file for dev: dev.txt, validation.txt; keep one");
        insta::assert_snapshot!(error(&["train-00000-of-00001.parquet", "train.parquet"]), @"more than one file for train: train-00000-of-00001.parquet, train.parquet; keep one");
        insta::assert_snapshot!(error(&["train-00000-of-00001.parquet", "train-0-of-1.parquet"]), @"more than one file for train: train-0-of-1.parquet, train-00000-of-00001.parquet; keep one");
        insta::assert_snapshot!(error(&["train-00001-of-00002.parquet"]), @"train has 1 of 2 numbered parts; fetch the others");
        let missing = find_splits(Path::new("no/such")).unwrap_err();
        assert_eq!(missing.to_string(), "no/such: no such file or folder; check the path");
    }

    #[test]
    fn parts_are_read_one_behind_the_other() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("train-0-of-2.txt", "a\tB-X\n"),
            ("train-1-of-2.txt", "b\tO\nc\tI-Y\nd\tB-Y\ne\tB-X\n"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let splits = find_splits(folder.path()).unwrap();
        let corpus = read_all(&splits.train, &ReadOptions::default()).unwrap();
        assert_eq!(corpus.word_count(), 5);
        let finding = corpus.findings[0].to_string();
        assert!(
            finding.ends_with("train-1-of-2.txt:2: I-Y with no Y before it, read as B-Y"),
            "{finding}"
        );
    }
}
