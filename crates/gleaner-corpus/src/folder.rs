//! Finding the files of a data set in a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gleaner_base::split_names::{SplitName, SplitNameError, files_of};

use crate::error::{CorpusError, Problem};
use crate::format::Format;

/// One value for each split of a data set, such as its files or its corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splits<T> {
    /// Training part.
    pub train: T,
    /// Part to choose checkpoints and settings on.
    pub dev: Option<T>,
    /// Part to measure scores on.
    pub test: Option<T>,
}

impl<T> Splits<T> {
    /// Converts the value of each split.
    ///
    /// # Errors
    /// The first error of `f`.
    pub fn try_map<U, E>(self, mut f: impl FnMut(T) -> Result<U, E>) -> Result<Splits<U>, E> {
        Ok(Splits {
            train: f(self.train)?,
            dev: self.dev.map(&mut f).transpose()?,
            test: self.test.map(&mut f).transpose()?,
        })
    }
}

/// Finds the files of each split in a folder by their names.
///
/// A name is `train`, `dev` (or `val`, `valid`, `validation`, `development`, `testa`) or `test` (or
/// `testb`), with the extension of a [`Format`]. A split can have numbered parts, named as on the
/// Hugging Face hub: `train-00000-of-00002.parquet`, or `train/0000.parquet`. If there are no such
/// files, names that end with the split are used, such as `da_ddt-ud-train.iob2`, `eng.train`, or
/// `train` without an extension. Other files are ignored.
///
/// # Errors
/// The folder cannot be read, it has no training data, several files could be the same split, or a
/// numbered part is missing.
///
/// ```
/// use gleaner_corpus::{ReadOptions, find_splits, read_all};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("train.tsv"), "Anna\tB-PER\n")?;
/// std::fs::write(folder.path().join("test.tsv"), "Bo\tB-PER\n")?;
/// let files = find_splits(folder.path())?;
/// let corpora = files.try_map(|files| read_all(&files, &ReadOptions::default()))?;
/// assert_eq!(corpora.train.sentences.len(), 1);
/// assert!(corpora.dev.is_none() && corpora.test.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn find_splits(folder: &Path) -> Result<Splits<Vec<PathBuf>>, CorpusError> {
    let names = names(folder)?;
    let train = files(folder, &names, SplitName::Train)?;
    let train = train
        .ok_or_else(|| CorpusError::in_file(folder, Problem::NoTrain { found: names.clone() }));
    Ok(Splits {
        train: train?,
        dev: files(folder, &names, SplitName::Dev)?,
        test: files(folder, &names, SplitName::Test)?,
    })
}

/// Finds the test files in a folder, which does not need training data. Names are as for
/// [`find_splits`].
///
/// # Errors
/// As [`find_splits`]; [`Problem::NoTest`] if there are none.
pub fn find_test(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let found = files(folder, &names(folder)?, SplitName::Test)?;
    found.ok_or_else(|| CorpusError::in_file(folder, Problem::NoTest))
}

/// Finds the files of the parts that a folder has, in the order train, dev, test. Names are as for [`find_splits`], but
/// none of the parts is needed.
///
/// # Errors
/// As [`find_splits`]; [`Problem::NoTrain`] if there is no part.
pub fn find_parts(folder: &Path) -> Result<Vec<(SplitName, Vec<PathBuf>)>, CorpusError> {
    let names = names(folder)?;
    let mut parts = Vec::new();
    for split in [SplitName::Train, SplitName::Dev, SplitName::Test] {
        parts.extend(files(folder, &names, split)?.map(|files| (split, files)));
    }
    // A folder of brat's documents, some of which are called so.
    let is_document = |path: &Path| path.extension().is_some_and(|extension| extension == "ann");
    let found: Vec<&PathBuf> = parts.iter().flat_map(|(_, files)| files).collect();
    let documents = names.iter().filter(|name| is_document(Path::new(name))).count();
    let is_dev_alone = matches!(parts.as_slice(), [(SplitName::Dev, _)]);
    if found.iter().all(|file| is_document(file)) && (documents > found.len() || is_dev_alone) {
        parts.clear();
    }
    match parts.is_empty() {
        true => Err(CorpusError::in_file(folder, Problem::NoTrain { found: names })),
        false => Ok(parts),
    }
}

/// Whether a folder has documents of brat and no parts, so that it is read as one text.
pub fn is_annotated(folder: &Path) -> bool {
    if find_parts(folder).is_ok() {
        return false;
    }
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| entry.path().extension().is_some_and(|end| end == "ann"))
}

/// The names of the files in a folder, sorted. Files in a folder of a split have its name before
/// theirs.
fn names(folder: &Path) -> Result<Vec<String>, CorpusError> {
    let in_folder = |error: std::io::Error| CorpusError::in_file(folder, error.into());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(in_folder)? {
        let path = entry.map_err(in_folder)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if path.is_file() {
            found.push(name.to_owned());
        } else if SplitName::parse(name).is_some() {
            let inner = names(&path)?;
            found.extend(inner.into_iter().map(|inner| format!("{name}/{inner}")));
        }
    }
    // The texts of brat's annotations are read with them.
    let annotated: BTreeSet<String> = found
        .iter()
        .filter_map(|name| Some(format!("{}.txt", name.strip_suffix(".ann")?)))
        .collect();
    found.retain(|name| !annotated.contains(name));
    found.sort_unstable();
    Ok(found)
}

/// The files of a split among the names in a folder; `None` if there are none.
fn files(
    folder: &Path,
    names: &[String],
    split: SplitName,
) -> Result<Option<Vec<PathBuf>>, CorpusError> {
    let readable = |name: &&str| Format::of(Path::new(name)).is_some();
    let found = files_of(names.iter().map(String::as_str).filter(readable), split);
    let found = found.map_err(|error| CorpusError::in_file(folder, problem(split, error)))?;
    Ok((!found.is_empty()).then(|| found.into_iter().map(|name| folder.join(name)).collect()))
}

fn problem(split: SplitName, error: SplitNameError) -> Problem {
    let split = split.as_str();
    match error {
        SplitNameError::Ambiguous { files } => Problem::AmbiguousSplit { split, names: files },
        SplitNameError::Missing { found, expected } => {
            Problem::MissingPart { split, found, expected }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The splits found in a folder with files of these names, without the folder's path.
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
    fn finds_the_names_of_published_corpora() {
        for [train, dev, test] in [
            ["train.txt", "val.txt", "test.txt"],
            ["eng.train", "eng.testa", "eng.testb"],
            ["da_ddt-ud-train.iob2", "da_ddt-ud-dev.iob2", "da_ddt-ud-test.iob2"],
            ["train.conllup", "development.conllup", "test.conllup"],
            ["train", "dev", "test"],
        ] {
            let splits = found(&[train, dev, test]).unwrap();
            assert_eq!(splits.train, [train]);
            assert_eq!(
                (splits.dev.unwrap(), splits.test.unwrap()),
                (vec![dev.into()], vec![test.into()])
            );
        }
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
        insta::assert_snapshot!(gap, @"train has 2 of 3 numbered parts; download the others");
        let twice = found(&["train/0000.parquet", "train.parquet"]).unwrap_err();
        insta::assert_snapshot!(twice, @"several files for train: train.parquet, train/0000.parquet; keep one");
    }

    #[test]
    fn no_part_is_needed() {
        let parts = |names: &[&str]| -> Option<Vec<SplitName>> {
            let folder = tempfile::tempdir().unwrap();
            names.iter().for_each(|name| fs::write(folder.path().join(name), "").unwrap());
            let found = find_parts(folder.path()).ok()?;
            Some(found.into_iter().map(|(split, _)| split).collect())
        };
        let (train, dev, test) = (SplitName::Train, SplitName::Dev, SplitName::Test);
        assert_eq!(parts(&["test.conll", "valid.conll", "x.md"]), Some(vec![dev, test]));
        assert_eq!(parts(&["train.conll", "test.conll"]), Some(vec![train, test]));
        assert_eq!(parts(&["dev.conll"]), Some(vec![dev]));
        assert_eq!(parts(&["notes.conll"]), None);
        // Documents of brat, one of which is called so.
        assert_eq!(parts(&["report-dev.ann", "letter.ann"]), None);
        assert_eq!(parts(&["a.ann", "b.ann", "blood_test.ann"]), None);
        assert_eq!(parts(&["train.ann", "train.txt", "test.ann"]), Some(vec![train, test]));
    }

    #[test]
    fn a_test_file_needs_no_training_file() {
        let folder = tempfile::tempdir().unwrap();
        let none = find_test(folder.path()).unwrap_err().to_string();
        assert!(
            none.ends_with(
                "no test file; expected test.conll, test.jsonl or similar, or name a file"
            )
        );
        let path = folder.path().join("test.conll");
        fs::write(&path, "a\tO\n").unwrap();
        assert_eq!(find_test(folder.path()).unwrap(), [path]);
    }

    #[test]
    fn ambiguous_and_missing_files_are_errors() {
        let error = |names: &[&str]| found(names).unwrap_err();
        insta::assert_snapshot!(error(&["test.conll"]), @"no training data; expected train.conll, train.jsonl, train.parquet, train-00000-of-00001.parquet or similar, found test.conll; rename them, or give them as files (--train FILE)");
        insta::assert_snapshot!(error(&["train.conll", "train.txt"]), @"several files for train: train.conll, train.txt; keep one");
        insta::assert_snapshot!(error(&["train.conll", "dev.txt", "validation.txt"]), @"several files for dev: dev.txt, validation.txt; keep one");
        insta::assert_snapshot!(error(&["train-00000-of-00001.parquet", "train.parquet"]), @"several files for train: train-00000-of-00001.parquet, train.parquet; keep one");
        insta::assert_snapshot!(error(&["train-00000-of-00001.parquet", "train-0-of-1.parquet"]), @"several files for train: train-0-of-1.parquet, train-00000-of-00001.parquet; keep one");
        insta::assert_snapshot!(error(&["train-00001-of-00002.parquet"]), @"train has 1 of 2 numbered parts; download the others");
        let missing = find_splits(Path::new("no/such")).unwrap_err();
        assert_eq!(missing.to_string(), "no/such: no such file or folder; check the path");
    }
}
