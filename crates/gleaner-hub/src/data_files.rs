//! The files of one configuration of a data set.

use gleaner_base::split_names::{SplitName, SplitNameError, files_of};

/// Paths in the repository, in the order of their numbers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct DataFiles {
    pub(crate) train: Vec<String>,
    pub(crate) dev: Vec<String>,
    pub(crate) test: Vec<String>,
}

impl DataFiles {
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        self.train.iter().chain(&self.dev).chain(&self.test)
    }
}

const CHOOSE: &str =
    "name another revision of the data set, or download its files and name their folder";

/// Finds the parquet files of a configuration in both layouts of the hub:
/// `CONFIG/train-00000-of-00002.parquet`, as uploaded, and `CONFIG/train/0000.parquet`, as converted by the
/// hub. A data set without configurations has one named `default`, with files in `data`.
///
/// # Errors
/// What is wrong, and what to do.
pub(crate) fn find(paths: &[&str], config: &str) -> Result<DataFiles, (String, String)> {
    let folder = match config == "default" && !paths.iter().any(|p| in_folder(p, config).is_some())
    {
        true => "data",
        false => config,
    };
    let files: Vec<&str> = paths.iter().filter_map(|path| in_folder(path, folder)).collect();
    let files: Vec<&str> = files.into_iter().filter(|file| file.ends_with(".parquet")).collect();
    let of_split = |split| -> Result<Vec<String>, (String, String)> {
        let found = files_of(files.iter().copied(), split);
        let found = found.map_err(|error| (problem(split, folder, error), CHOOSE.to_owned()))?;
        Ok(found.into_iter().map(|file| format!("{folder}/{file}")).collect())
    };
    let found = DataFiles {
        train: of_split(SplitName::Train)?,
        dev: of_split(SplitName::Dev)?,
        test: of_split(SplitName::Test)?,
    };
    match found == DataFiles::default() {
        true => Err(nothing(paths, config)),
        false => Ok(found),
    }
}

/// The rest of a path after `FOLDER/`.
fn in_folder<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

fn problem(split: SplitName, folder: &str, error: SplitNameError) -> String {
    match error {
        SplitNameError::Ambiguous { files } => {
            format!("several files for {split} in {folder}: {}", files.join(", "))
        }
        SplitNameError::Missing { found, expected } => {
            format!("{split} in {folder} has {found} of {expected} numbered parts")
        }
    }
}

/// The configurations of a data set that lacks the requested one.
fn nothing(paths: &[&str], config: &str) -> (String, String) {
    const SHOWN: usize = 12;
    let has_files = |path: &&str| {
        let file = path.split_once('/').map(|(_, file)| file);
        file.is_some_and(|f| f.ends_with(".parquet") && SplitName::of_file(f).is_some())
    };
    let with_files = paths.iter().copied().filter(has_files);
    let mut configs: Vec<&str> = with_files.filter_map(|path| path.split('/').next()).collect();
    configs.sort_unstable();
    configs.dedup();
    if configs.is_empty() {
        return (
            format!("no parquet files for `{config}`"),
            "add @refs/convert/parquet to the name: that revision has the hub's own conversion of most data sets"
                .into(),
        );
    }
    // Names with a long common prefix come first.
    let alike = |name: &&str| {
        let common = name.chars().zip(config.chars()).take_while(|(a, b)| a == b);
        std::cmp::Reverse(common.count())
    };
    configs.sort_by_key(alike);
    let more = configs.len().saturating_sub(SHOWN);
    configs.truncate(SHOWN);
    let mut list = configs.join(", ");
    if more > 0 {
        list += &format!(" and {more} more");
    }
    (format!("no configuration `{config}`"), format!("choose one of {list}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(paths: &[&str], config: &str) -> String {
        let (what, fix) = find(paths, config).unwrap_err();
        format!("{what}; {fix}")
    }

    #[test]
    fn finds_uploaded_files() {
        let paths = [
            "README.md",
            "fo/test-00000-of-00001.parquet",
            "fo/train-00001-of-00002.parquet",
            "fo/train-00000-of-00002.parquet",
            "fo/extra-00000-of-00001.parquet",
            "fo/train-00000-of-00002.parquet.lock",
            "fo/train.jsonl",
            "fon/validation-00000-of-00001.parquet",
            "data/train-00000-of-00001-0b7e.parquet",
        ];
        let found = find(&paths, "fo").unwrap();
        assert_eq!(
            found.train,
            ["fo/train-00000-of-00002.parquet", "fo/train-00001-of-00002.parquet"]
        );
        assert_eq!(found.test, ["fo/test-00000-of-00001.parquet"]);
        assert!(found.dev.is_empty());
        assert_eq!(found.all().count(), 3);
        let found = find(&paths, "default").unwrap();
        assert_eq!(found.train, ["data/train-00000-of-00001-0b7e.parquet"]);
        let found = find(&["x/dev.parquet"], "x").unwrap();
        assert_eq!(found.dev, ["x/dev.parquet"]);
    }

    #[test]
    fn finds_converted_files() {
        let paths = [
            "default/train/0001.parquet",
            "default/train/0000.parquet",
            "default/test/0000.parquet",
        ];
        let found = find(&paths, "default").unwrap();
        assert_eq!(found.train, ["default/train/0000.parquet", "default/train/0001.parquet"]);
        assert_eq!(found.test, ["default/test/0000.parquet"]);
    }

    #[test]
    fn files_that_leave_the_folder_are_not_found() {
        for path in [
            "fo/../../../../train.parquet",
            "fo/../train-00000-of-00001.parquet",
            "fo/train/../0000.parquet",
            "fo/train/../../../0000.parquet",
            "fo//etc/train.parquet",
            "fo/./train/0000.parquet",
            "fo/..\\train.parquet",
            "/fo/train.parquet",
            "../fo/train.parquet",
        ] {
            let (what, _) = find(&[path], "fo").unwrap_err();
            assert!(
                what.starts_with("no configuration `fo`") || what.starts_with("no parquet files"),
                "{what}"
            );
        }
    }

    #[test]
    fn ambiguous_and_missing_files_are_errors() {
        insta::assert_snapshot!(error(&["a/train-00001-of-00002.parquet"], "a"), @"train in a has 1 of 2 numbered parts; name another revision of the data set, or download its files and name their folder");
        insta::assert_snapshot!(error(&["a/dev.parquet", "a/validation.parquet"], "a"), @"several files for dev in a: dev.parquet, validation.parquet; name another revision of the data set, or download its files and name their folder");
    }

    #[test]
    fn other_configurations_are_named() {
        let paths: Vec<String> =
            (b'a'..=b'z').map(|c| format!("{}o/train.parquet", c as char)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        insta::assert_snapshot!(error(&paths, "fa"), @"no configuration `fa`; choose one of fo, ao, bo, co, do, eo, go, ho, io, jo, ko, lo and 14 more");
        insta::assert_snapshot!(error(&["data.csv", "x/data.parquet"], "fa"), @"no parquet files for `fa`; add @refs/convert/parquet to the name: that revision has the hub's own conversion of most data sets");
    }
}
