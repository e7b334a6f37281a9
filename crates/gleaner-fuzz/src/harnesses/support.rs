//! Shared by harnesses: a few sentences, and a folder for files.

use gleaner_corpus::Sentence;
use std::{path::PathBuf, sync::OnceLock};
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
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join(name)
}

/// The text of an input up to the first zero byte, and what follows it.
pub(crate) fn halves(input: &[u8]) -> (&[u8], &[u8]) {
    let end = input.iter().position(|byte| *byte == 0).unwrap_or(input.len());
    (&input[..end], input.get(end + 1..).unwrap_or_default())
}
