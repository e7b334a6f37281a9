//! Which files of a data set are one configuration's training, validation and test data.

use std::collections::BTreeMap;

/// Paths in the repository, in the order of their numbers.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct SplitFiles {
    pub(crate) train: Vec<String>,
    pub(crate) validation: Vec<String>,
    pub(crate) test: Vec<String>,
}

impl SplitFiles {
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> {
        self.train.iter().chain(&self.validation).chain(&self.test)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Split {
    Train,
    Validation,
    Test,
}

/// Files of one split that belong together: their number, where the number of all is known that too.
#[derive(Default)]
struct Family<'a> {
    of: Option<usize>,
    parts: BTreeMap<usize, &'a str>,
}

/// Finds a configuration's files by the two layouts of the hub: `CONFIG/train-00000-of-00002.parquet` (or
/// `CONFIG/train.parquet`), as data sets are uploaded, and `CONFIG/train/0000.parquet`, as the hub converts them. A data
/// set without configurations has one with the name `default`, with its files in `data`.
///
/// # Errors
/// What is wrong, and what to do.
pub(crate) fn find(paths: &[&str], config: &str) -> Result<SplitFiles, (String, String)> {
    let mut folder = config;
    if config == "default" && !paths.iter().any(|p| in_folder(p, config).is_some()) {
        folder = "data";
    }
    let mut families: BTreeMap<(Split, String), Family<'_>> = BTreeMap::new();
    for &path in paths {
        let Some(part) = in_folder(path, folder).and_then(part) else { continue };
        let family = families.entry((part.split, part.family)).or_default();
        family.of = part.of;
        if let Some(other) = family.parts.insert(part.number, path) {
            return Err((format!("{other} and {path} are the same part"), CHOOSE.into()));
        }
    }
    if families.is_empty() {
        return Err(nothing(paths, config));
    }
    let mut found = SplitFiles::default();
    for ((split, _), family) in families {
        let place = match split {
            Split::Train => &mut found.train,
            Split::Validation => &mut found.validation,
            Split::Test => &mut found.test,
        };
        let first = family.parts.values().next().expect("a family has a part");
        if let Some(other) = place.first() {
            return Err((format!("{other} and {first} could be the same split"), CHOOSE.into()));
        }
        let of = family.of.unwrap_or(family.parts.len());
        if !family.parts.keys().copied().eq(0..of) {
            let what = format!("of {first} and the parts that belong to it, some are missing");
            return Err((what, CHOOSE.into()));
        }
        place.extend(family.parts.values().map(|path| (*path).to_owned()));
    }
    Ok(found)
}

const CHOOSE: &str =
    "name another revision of the data set, or download its files and name their folder";

/// What stands behind `FOLDER/`.
fn in_folder<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

struct Part {
    split: Split,
    /// What parts of one split share.
    family: String,
    number: usize,
    of: Option<usize>,
}

fn part(name: &str) -> Option<Part> {
    let stem = name.strip_suffix(".parquet")?;
    if let Some((folder, number)) = stem.split_once('/') {
        return Some(Part {
            split: split(folder)?,
            family: format!("{folder}/"),
            number: digits(number)?,
            of: None,
        });
    }
    let Some((base, rest)) = stem.split_once('-') else {
        return Some(Part { split: split(stem)?, family: stem.to_owned(), number: 0, of: Some(1) });
    };
    let (number, rest) = rest.split_once("-of-")?;
    // Older uploads have a hash of the contents behind the numbers.
    let (of, hash) = rest.split_once('-').unwrap_or((rest, ""));
    if !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some(Part {
        split: split(base)?,
        family: format!("{base}-of-{of}"),
        number: digits(number)?,
        of: Some(digits(of)?),
    })
}

fn split(name: &str) -> Option<Split> {
    match name {
        "train" => Some(Split::Train),
        "validation" | "valid" | "dev" => Some(Split::Validation),
        "test" => Some(Split::Test),
        _ => None,
    }
}

fn digits(text: &str) -> Option<usize> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Which configurations there are instead.
fn nothing(paths: &[&str], config: &str) -> (String, String) {
    const SHOWN: usize = 12;
    let has_parts = |p: &&&str| p.split_once('/').is_some_and(|(_, name)| part(name).is_some());
    let mut configs: Vec<&str> =
        paths.iter().filter(has_parts).filter_map(|p| p.split('/').next()).collect();
    configs.sort_unstable();
    configs.dedup();
    if configs.is_empty() {
        return (
            format!("no parquet files for `{config}`"),
            "try @refs/convert/parquet behind the name, where the hub keeps its own conversion of most data sets"
                .into(),
        );
    }
    // Those that look like what was asked for stand first.
    let alike = |c: &&str| {
        std::cmp::Reverse(c.chars().zip(config.chars()).take_while(|(a, b)| a == b).count())
    };
    configs.sort_by_key(alike);
    let more = configs.len().saturating_sub(SHOWN);
    configs.truncate(SHOWN);
    let mut list = configs.join(", ");
    if more > 0 {
        list += &format!(" and {more} more");
    }
    (format!("no configuration `{config}`"), format!("choose among {list}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(paths: &[&str], config: &str) -> String {
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
            "fon/validation-00000-of-00001.parquet",
            "data/train-00000-of-00001-0b7e.parquet",
        ];
        let found = find(&paths, "fo").unwrap();
        assert_eq!(
            found.train,
            ["fo/train-00000-of-00002.parquet", "fo/train-00001-of-00002.parquet"]
        );
        assert_eq!(found.test, ["fo/test-00000-of-00001.parquet"]);
        assert!(found.validation.is_empty());
        assert_eq!(found.all().count(), 3);
        let found = find(&paths, "default").unwrap();
        assert_eq!(found.train, ["data/train-00000-of-00001-0b7e.parquet"]);
        let found = find(&["x/dev.parquet"], "x").unwrap();
        assert_eq!(found.validation, ["x/dev.parquet"]);
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
    fn doubt_is_an_error() {
        insta::assert_snapshot!(told(&["a/train-00001-of-00002.parquet"], "a"), @"of a/train-00001-of-00002.parquet and the parts that belong to it, some are missing; name another revision of the data set, or download its files and name their folder");
        insta::assert_snapshot!(told(&["a/train/0001.parquet"], "a"), @"of a/train/0001.parquet and the parts that belong to it, some are missing; name another revision of the data set, or download its files and name their folder");
        insta::assert_snapshot!(told(&["a/dev.parquet", "a/validation.parquet"], "a"), @"a/dev.parquet and a/validation.parquet could be the same split; name another revision of the data set, or download its files and name their folder");
        insta::assert_snapshot!(told(&["a/test-0-of-1-aa.parquet", "a/test-0-of-1-bb.parquet"], "a"), @"a/test-0-of-1-aa.parquet and a/test-0-of-1-bb.parquet are the same part; name another revision of the data set, or download its files and name their folder");
    }

    #[test]
    fn other_configurations_are_named() {
        let paths: Vec<String> =
            (b'a'..=b'z').map(|c| format!("{}o/train.parquet", c as char)).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        insta::assert_snapshot!(told(&paths, "fa"), @"no configuration `fa`; choose among fo, ao, bo, co, do, eo, go, ho, io, jo, ko, lo and 14 more");
        insta::assert_snapshot!(told(&["data.csv", "x/data.parquet"], "fa"), @"no parquet files for `fa`; try @refs/convert/parquet behind the name, where the hub keeps its own conversion of most data sets");
    }
}
