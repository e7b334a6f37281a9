//! Shared by harnesses: a few sentences, and folders for files.

use gleaner_corpus::Sentence;
use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

/// Sentences with words of several scripts and IOB2 tags.
pub(crate) fn sentences() -> Vec<Sentence> {
    [
        "Anna/B-PER Berg/I-PER ser/O Oslo/B-LOC ./O",
        "Łódź/B-LOC 🦀/O",
        "\u{645}\u{6cc}\u{200c}\u{62e}/O #/O",
    ]
    .map(sentence)
    .to_vec()
}

/// A sentence of words with tags.
pub(crate) fn sentence(text: &str) -> Sentence {
    let pairs = text.split(' ').map(|pair| pair.rsplit_once('/').expect("word/tag"));
    let (words, tags) = pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).unzip();
    Sentence { words, tags, line: 1, ..Sentence::default() }
}

/// The path of a file in a folder that this process has for a harness.
pub(crate) fn file(harness: &str, name: &str) -> PathBuf {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| TempDir::new().expect("a folder")).path().join(harness);
    fs::create_dir_all(&folder).expect("a folder");
    folder.join(name)
}

/// A folder for one input, which is removed when it is dropped. It is in memory where the system has such a place:
/// Gleaner syncs what it writes, which takes a disk milliseconds.
pub(crate) fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder")
}

/// The message of an error without the path of the folder of this input, so that equal errors are the same result.
pub(crate) fn without(folder: &TempDir, error: impl Display) -> String {
    error.to_string().replace(&folder.path().display().to_string(), "")
}

/// A JSON object without a key, such as the fingerprints of files that a harness damages.
pub(crate) fn without_key(json: &[u8], key: &str) -> Vec<u8> {
    let mut object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(json).expect("an object");
    object.shift_remove(key).expect("the key");
    serde_json::to_vec_pretty(&object).expect("plain data")
}

/// Copies the files of a folder that another one lacks. The other folder is created if it is missing.
pub(crate) fn copy_missing(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let copy = to.join(entry.file_name());
        if entry.path().is_file() && !copy.exists() {
            fs::copy(entry.path(), copy).expect("a file");
        }
    }
}

/// The text of an input up to the first zero byte, and what follows it.
pub(crate) fn halves(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
    (&input[..end], input.get(end + 1..).unwrap_or_default())
}
