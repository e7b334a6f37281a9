//! Which files of a data set are its training, dev and test part, by their names.
//!
//! | name | layout |
//! |---|---|
//! | `train.conll` | one file per split |
//! | `train-00000-of-00002.parquet`, `train-00000-of-00002-0b7e.parquet` | numbered parts, as uploaded to the Hugging Face hub; older uploads append a hash |
//! | `train/0000.parquet` | numbered parts in a folder, as the hub converts data sets |
//! | `eng.train`, `eng.testa` | CoNLL-2003: the extension names the split |
//! | `da_ddt-ud-train.iob2`, `wikiann_test.tsv` | Universal Dependencies and others: the last word names the split |
//! | `train` | WikiANN: no extension |
//!
//! The dev split is named `dev`, `val`, `valid`, `validation`, `development` or `testa`, the test split
//! `test` or `testb`. Upper and lower case are the same. The other rules do not depend on the
//! extension. A file of an upper row is preferred to one of the last three rows.

use std::{collections::BTreeMap, fmt};

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SplitName {
    /// `train`.
    Train,
    /// `dev`, `val`, `valid`, `validation`, `development` or `testa`.
    Dev,
    /// `test` or `testb`.
    Test,
}

impl SplitName {
    /// The split with this name, such as a folder's; `None` for other names.
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "train" => Some(Self::Train),
            "dev" | "val" | "valid" | "validation" | "development" | "testa" => Some(Self::Dev),
            "test" | "testb" => Some(Self::Test),
            _ => None,
        }
    }

    /// The split of a file; `None` if its name belongs to no split.
    ///
    /// ```
    /// use gleaner_base::split_names::SplitName;
    ///
    /// assert_eq!(SplitName::of_file("valid-00000-of-00001.parquet"), Some(SplitName::Dev));
    /// assert_eq!(SplitName::of_file("README.md"), None);
    /// ```
    pub fn of_file(path: &str) -> Option<Self> {
        Name::parse(path).map(|name| name.split)
    }

    /// `train`, `dev` or `test`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for SplitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why the files of a split are ambiguous or incomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SplitNameError {
    /// Several files, or several sets of numbered parts, could be the split.
    Ambiguous {
        /// All of them, sorted.
        files: Vec<String>,
    },
    /// Some numbered parts are missing.
    Missing {
        /// Number of parts found.
        found: usize,
        /// Number of parts expected.
        expected: usize,
    },
}

/// The files of a split among `paths`, in the order of their numbers; empty if there are none. Folders
/// in a path are separated by `/`.
///
/// # Errors
/// Several files could be the split, or a numbered part is missing.
///
/// ```
/// use gleaner_base::split_names::{SplitName, files_of};
///
/// let paths = ["train-1-of-2.parquet", "README.md", "train-0-of-2.parquet"];
/// let files = files_of(paths, SplitName::Train).unwrap();
/// assert_eq!(files, ["train-0-of-2.parquet", "train-1-of-2.parquet"]);
/// ```
pub fn files_of<'a>(
    paths: impl IntoIterator<Item = &'a str>,
    split: SplitName,
) -> Result<Vec<&'a str>, SplitNameError> {
    let named = |path| Some((path, Name::parse(path)?));
    let mut found: Vec<(&str, Name<'_>)> = paths.into_iter().filter_map(named).collect();
    found.retain(|(_, name)| name.split == split);
    // `en-test.conll` is not a second test part beside `test.conll`.
    let plainest = found.iter().map(|(_, name)| name.form).min();
    found.retain(|(_, name)| Some(name.form) == plainest);
    found.sort_unstable_by_key(|(path, _)| *path);
    let Some((_, first)) = found.first() else { return Ok(Vec::new()) };
    let parts: BTreeMap<usize, &str> =
        found.iter().map(|(path, name)| (name.number.unwrap_or(0), *path)).collect();
    let is_one_set = found.iter().all(|(_, name)| name.set() == first.set());
    if !is_one_set || parts.len() < found.len() {
        let files = found.iter().map(|(path, _)| (*path).to_owned()).collect();
        return Err(SplitNameError::Ambiguous { files });
    }
    // If the number of parts is unknown, the highest number decides.
    let last = parts.keys().last().map_or(0, |last| last + 1);
    let expected = first.of.unwrap_or(last);
    match parts.keys().copied().eq(0..expected) {
        true => Ok(parts.into_values().collect()),
        false => Err(SplitNameError::Missing { found: parts.len(), expected }),
    }
}

/// How a name names its split, the plainest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// `train.conll`, and numbered parts.
    Whole,
    /// `train`.
    NoExtension,
    /// `eng.train`.
    Extension,
    /// `da_ddt-ud-train.iob2`.
    LastWord,
}

/// The parts of a file's name.
struct Name<'a> {
    split: SplitName,
    form: Form,
    /// What comes before the split: `da_ddt-ud` of `da_ddt-ud-train.iob2`.
    prefix: &'a str,
    /// What names the split: `valid` of `valid-0-of-1.parquet`.
    word: &'a str,
    extension: &'a str,
    /// The number of the part, from 0.
    number: Option<usize>,
    /// The number of parts, if the name has it.
    of: Option<usize>,
}

impl<'a> Name<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let Some((stem, extension)) = path.rsplit_once('.') else {
            return Self::whole(path, "", Form::NoExtension, "");
        };
        if SplitName::parse(extension).is_some() && !stem.contains('/') {
            return Self::whole(extension, "", Form::Extension, stem);
        }
        let (word, number, of) = match (stem.split_once('/'), numbered(stem)) {
            (Some((folder, number)), _) => (folder, Some(digits(number)?), None),
            (None, Some((word, number, of))) => (word, Some(number), Some(of)),
            (None, None) => {
                let whole = Self::whole(stem, extension, Form::Whole, "");
                let last = || {
                    let (prefix, word) = stem.rsplit_once(['-', '_', '.'])?;
                    Self::whole(word, extension, Form::LastWord, prefix)
                };
                return whole.or_else(last);
            }
        };
        let split = SplitName::parse(word)?;
        Some(Self { split, form: Form::Whole, prefix: "", word, extension, number, of })
    }

    /// A file that is not one of several parts.
    fn whole(word: &'a str, extension: &'a str, form: Form, prefix: &'a str) -> Option<Self> {
        let split = SplitName::parse(word)?;
        Some(Self { split, form, prefix, word, extension, number: None, of: Some(1) })
    }

    /// What all parts of one split share.
    fn set(&self) -> (&str, &str, &str, bool, Option<usize>) {
        (self.prefix, self.word, self.extension, self.number.is_some(), self.of)
    }
}

/// `train-00001-of-00002`, with or without a hash, as `("train", 1, 2)`.
fn numbered(stem: &str) -> Option<(&str, usize, usize)> {
    let (head, of) = stem.rsplit_once("-of-")?;
    let (word, number) = head.rsplit_once('-')?;
    let (of, hash) = of.split_once('-').unwrap_or((of, ""));
    let is_hash = hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some((word, digits(number)?, digits(of)?))
}

fn digits(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train<'a>(paths: &[&'a str]) -> Result<Vec<&'a str>, SplitNameError> {
        files_of(paths.iter().copied(), SplitName::Train)
    }

    #[test]
    fn names_tell_the_split() {
        for (path, split) in [
            ("train.conll", Some(SplitName::Train)),
            ("valid.txt", Some(SplitName::Dev)),
            ("dev-0-of-1.parquet", Some(SplitName::Dev)),
            ("validation/0000.parquet", Some(SplitName::Dev)),
            ("test-00000-of-00001-0b7e.parquet", Some(SplitName::Test)),
            ("val.txt", Some(SplitName::Dev)),
            ("Development.conllup", Some(SplitName::Dev)),
            ("eng.train", Some(SplitName::Train)),
            ("eng.testa", Some(SplitName::Dev)),
            ("eng.testb", Some(SplitName::Test)),
            ("deu.testa.txt", Some(SplitName::Dev)),
            ("da_ddt-ud-train.iob2", Some(SplitName::Train)),
            ("wikiann_test.tsv", Some(SplitName::Test)),
            ("test", Some(SplitName::Test)),
            ("training.txt", None),
            ("contest.txt", None),
            ("latest", None),
            ("train-readme.txt", None),
            ("train/README.md", None),
            ("other/0000.parquet", None),
            ("train-+0-of-1.parquet", None),
            ("train-00000-of-00001-notes.md", None),
        ] {
            assert_eq!(SplitName::of_file(path), split, "{path}");
        }
    }

    #[test]
    fn parts_are_sorted_by_number_not_by_name() {
        let names: Vec<String> = (0..12).map(|part| format!("train-{part}-of-12.conll")).collect();
        let mut paths: Vec<&str> = names.iter().map(String::as_str).collect();
        paths.reverse();
        assert_eq!(train(&paths).unwrap(), names);
        let converted = ["train/0001.parquet", "test/0000.parquet", "train/0000.parquet"];
        assert_eq!(train(&converted).unwrap(), ["train/0000.parquet", "train/0001.parquet"]);
        assert_eq!(train(&["test.conll"]).unwrap(), [""; 0]);
    }

    #[test]
    fn files_that_could_be_the_same_split_are_ambiguous() {
        for paths in [
            ["train.conll", "train.txt"],
            ["train-00000-of-00001.parquet", "train.parquet"],
            ["train-0-of-1.parquet", "train-00000-of-00001.parquet"],
            ["train-0-of-1-aa.parquet", "train-0-of-1-bb.parquet"],
            ["train-0-of-1.parquet", "train-0-of-2.parquet"],
            ["train.parquet", "train/0000.parquet"],
        ] {
            let files = paths.map(str::to_owned).to_vec();
            assert_eq!(train(&paths), Err(SplitNameError::Ambiguous { files }));
        }
        let dev = files_of(["dev.txt", "validation.txt"], SplitName::Dev);
        assert!(matches!(dev, Err(SplitNameError::Ambiguous { .. })));
    }

    #[test]
    fn plain_names_are_preferred_to_longer_ones() {
        let paths = ["af-train.conll", "train", "train.conll"];
        assert_eq!(train(&paths).unwrap(), ["train.conll"]);
        assert_eq!(train(&paths[..2]).unwrap(), ["train"]);
        assert_eq!(train(&paths[..1]).unwrap(), ["af-train.conll"]);
        let two = ["af-train.conll", "nl-train.conll"];
        let files = two.map(str::to_owned).to_vec();
        assert_eq!(train(&two), Err(SplitNameError::Ambiguous { files }));
    }

    #[test]
    fn all_parts_must_be_there() {
        let missing = |found, expected| Err(SplitNameError::Missing { found, expected });
        assert_eq!(train(&["train-00001-of-00002.parquet"]), missing(1, 2));
        assert_eq!(train(&["train/0000.parquet", "train/0002.parquet"]), missing(2, 3));
    }
}
