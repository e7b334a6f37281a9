//! What an encoder finds.

use super::*;
use crate::{Overrides, testing::PIECES};
use gleaner_corpus::{ReadOptions, audit::Severity, read_bytes};

/// A data set of one file of CoNLL.
pub(super) fn set_of(text: &str) -> DataSet {
    let corpus = read_bytes(text.as_bytes(), Path::new("x.conll"), &ReadOptions::default());
    DataSet::new("x".to_owned(), vec![(Part::Whole, corpus.unwrap())])
}

fn settings(toml: &str) -> Settings {
    Settings::resolve(&[&toml::from_str::<Overrides>(toml).unwrap()]).unwrap()
}

fn names_and_sizes(paths: &[&Path], settings: &Settings) -> Vec<(String, [usize; 4])> {
    let paths: Vec<CorpusPath> = paths.iter().map(|p| CorpusPath::from(&**p)).collect();
    let sets = read_data_sets(&paths, settings).unwrap();
    let size = |set: &DataSet| {
        [Part::Train, Part::Dev, Part::Test, Part::Whole].map(|part| set.part(part).count())
    };
    sets.iter().map(|set| (set.name.clone(), size(set))).collect()
}

#[test]
fn words_outside_the_vocabulary_are_reported() {
    let set = set_of("Jan\tO\nlag\tO\n\nJan\tO\n\u{a0}x\tO\n漢\tO\n字\tO\n");
    let faults = unknown_pieces(&set, &PIECES);
    assert_eq!(faults.len(), 1);
    assert_eq!((faults[0].place.line, faults[0].severity), (6, Severity::Note));
    assert_eq!(faults[0].detail, "“漢” has pieces that the encoder does not know, and 1 more");
}

#[test]
fn folders_samples_and_files_become_data_sets() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (name, n) in [("train.conll", 3), ("test.jsonl", 1), ("other.conll", 2)] {
        let line = if name.ends_with("jsonl") {
            "{\"tokens\": [\"a\"], \"tags\": [\"O\"]}\n"
        } else {
            "a\tO\n\n"
        };
        std::fs::write(path(name), line.repeat(n)).unwrap();
    }
    let given = settings("");
    let whole = folder.path().display().to_string();
    assert_eq!(
        names_and_sizes(&[folder.path(), Path::new("sample:af")], &given),
        [(whole.clone(), [3, 0, 1, 0]), ("sample:af".to_owned(), [240, 30, 30, 0])]
    );
    let (train, test, other) = (path("train.conll"), path("test.jsonl"), path("other.conll"));
    assert_eq!(
        names_and_sizes(&[&test, &other, &train], &given),
        [(whole, [3, 0, 1, 0]), (other.display().to_string(), [0, 0, 0, 2])]
    );
    let divided = settings("split = \"80-10-10\"\ncutoff = 100");
    let sizes = names_and_sizes(&[Path::new("sample:nl")], &divided);
    assert_eq!(sizes, [("sample:nl".to_owned(), [80, 10, 10, 0])]);
    let error = read_data_sets(&[other.into()], &divided).unwrap_err().to_string();
    assert!(
        error.contains("other.conll: a part of this split of 2 sentences would be empty"),
        "{error}"
    );
}
