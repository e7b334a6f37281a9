//! Why sentences cannot be written.

use std::io;

/// Why a sentence cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The operating system reports an error.
    #[error("cannot be written: {0}; check free space and permissions")]
    Io(#[from] io::Error),
    /// A word that would be read back differently.
    #[error("CoNLL cannot represent the word {word:?} of the sentence at line {line}; write JSONL")]
    Word {
        /// The word, or another column.
        word: String,
        /// Line of the sentence in its file.
        line: usize,
    },
    /// A word that is empty, or that is white space, which some formats ignore.
    #[error(
        "the sentence at line {line} has a word that is empty or white space, which the format cannot represent; remove it, or write JSONL"
    )]
    WhiteSpace {
        /// Line of the sentence in its file.
        line: usize,
    },
    /// Something that another format would read back differently.
    #[error("{format} cannot represent {what} of the sentence at line {line}; write JSONL")]
    Unrepresentable {
        /// Name of the format.
        format: &'static str,
        /// The word or type.
        what: String,
        /// Line of the sentence in its file.
        line: usize,
    },
    /// A format of two files, which one writer cannot write.
    #[error(
        "brat needs two files; write to a file with the extension .ann, whose text gets the extension .txt"
    )]
    TwoFiles,
    /// The numbers of words and tags differ.
    #[error(
        "the sentence at line {line} has {words} words but {tags} tags; give each word one tag, or none"
    )]
    TagCount {
        /// Line of the sentence in its file.
        line: usize,
        /// Number of words.
        words: usize,
        /// Number of tags.
        tags: usize,
    },
}
