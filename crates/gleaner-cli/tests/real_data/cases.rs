//! Small files of many kinds that are easily misread, each with what must be read.

use std::collections::BTreeMap;
use std::path::Path;

use crate::shared;
use gleaner_corpus::{LabelMap, Offsets, ReadOptions, Sentence, read, read_plain};
use serde::Deserialize;

/// What must be read of a file: the sentences as pairs of word and tag.
#[derive(Deserialize)]
struct Right {
    #[serde(default)]
    read: Option<Vec<Vec<(String, String)>>>,
}

fn pairs(sentences: &[Sentence]) -> Vec<Vec<(String, String)>> {
    let pairs = |s: &Sentence| s.words.iter().cloned().zip(s.tags.iter().cloned()).collect();
    sentences.iter().map(pairs).collect()
}

/// The options without which a file is refused, and what its first sentence is with them.
fn with_options(file: &str) -> Option<(ReadOptions, &'static [&'static str])> {
    let default = ReadOptions::default();
    Some(match file {
        "germeval.tsv" => (
            ReadOptions { tag_column: Some(3), ..default },
            &["Die/O", "Universität/B-ORG", "Trier/I-ORG", "und/O", "Anna/B-PER"],
        ),
        "empty.tsv" => (ReadOptions { skip_bad: true, ..default }, &["Anna/B-PER", "sings/O"]),
        "utf16.jsonl" => {
            (ReadOptions { offsets: Offsets::Utf16, ..default }, &["😀/O", "Anna/B-PER", "sings/O"])
        }
        "lines.jsonl" => {
            (ReadOptions { unlabelled: true, ..default }, &["Anna/", "woon/", "in/", "Bos/", "./"])
        }
        _ => return None,
    })
}

fn first(path: &Path, options: &ReadOptions) -> Vec<String> {
    let sentence = read(path, options).unwrap().sentences.remove(0);
    let tags = sentence.tags.iter().map(String::as_str).chain(std::iter::repeat(""));
    sentence.words.iter().zip(tags).map(|(word, tag)| format!("{word}/{tag}")).collect()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn every_file_is_read_as_meant_or_refused() {
    let mut checked = 0;
    for folder in std::fs::read_dir(shared("cases")).unwrap() {
        let folder = folder.unwrap().path();
        let Ok(right) = std::fs::read_to_string(folder.join("right.json")) else { continue };
        let right: BTreeMap<String, Right> = serde_json::from_str(&right).unwrap();
        for (file, right) in right {
            let path = folder.join(&file);
            checked += 1;
            if let Some((options, expected)) = with_options(&file) {
                assert!(read(&path, &ReadOptions::default()).is_err(), "{file}");
                assert_eq!(first(&path, &options), expected, "{file}");
            } else if let Some(expected) = right.read {
                let corpus = read(&path, &ReadOptions::default()).unwrap();
                assert_eq!(pairs(&corpus.sentences), expected, "{file}");
            }
        }
    }
    assert!(checked >= 28, "only {checked} files are checked");
    let text = read_plain(&shared("cases/initials/initials.txt"), &ReadOptions::default());
    assert_eq!(text.unwrap().sentences.len(), 2);
    let export = shared("cases/label-studio/export.json");
    let label_map = LabelMap::from_toml("\"Place name\" = \"LOC\"\nPER = \"PER\"").unwrap();
    let mapped = ReadOptions { label_map: Some(label_map), ..ReadOptions::default() };
    assert_eq!(first(&export, &mapped), ["Anna/B-PER", "sings/O", "in/O", "Oslo/B-LOC", "./O"]);
}
