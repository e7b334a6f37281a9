//! What can be wrong with a corpus, where it is wrong, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::label_map::UnmappedType;

/// A problem and its place. Displays as one line: `path:line: what is wrong; what to do`, without
/// the line where a problem concerns the whole file.
#[derive(Debug)]
pub struct CorpusError {
    path: PathBuf,
    line: Option<usize>,
    problem: Problem,
}

impl CorpusError {
    /// A problem of the whole file or folder at `path`.
    pub fn in_file(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), line: None, problem }
    }

    /// A problem at `line` (from 1; the row of a parquet file) of the file at `path`.
    pub fn at_line(path: &Path, line: usize, problem: Problem) -> Self {
        Self { path: path.to_owned(), line: Some(line), problem }
    }

    /// The file or folder, as it was named by the caller.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line (from 1; the row of a parquet file), where the problem has one.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong, without the place.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.problem)
    }
}

impl std::error::Error for CorpusError {}

/// What is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The file or folder does not exist.
    #[error("no such file or folder; check the path")]
    Missing,
    /// A folder where a file is expected.
    #[error("is a folder; name the files in it")]
    Folder,
    /// A file where a folder is expected.
    #[error(
        "is a file, not a folder; name the folder that it stands in, or give it as a file (--train FILE)"
    )]
    NotAFolder,
    /// The operating system refused.
    #[error("cannot be read: {0}; check the path and its permissions")]
    Io(io::Error),
    /// The name's extension belongs to no known format.
    #[error(
        "the extension tells no format; name the file .conll, .tsv, .txt, .iob, .bio, .jsonl, .json or .parquet"
    )]
    UnknownFormat,
    /// Nothing to read, or nothing left.
    #[error("holds no sentence; check that it is the right file")]
    Empty,
    /// Malformed sentences were to be skipped, and all are.
    #[error("every sentence ({sentences}) is malformed; the first, in line {line}: {first}")]
    AllSkipped {
        /// How many there were.
        sentences: usize,
        /// The line of the first.
        line: usize,
        /// What is wrong with it, and what to do.
        first: String,
    },
    /// Bytes that are not UTF-8.
    #[error("byte {byte} of the line is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// Position in the line, from 1.
        byte: usize,
    },
    /// A carriage return that ends no line.
    #[error("a carriage return inside the line; convert the line ends to \\n or \\r\\n")]
    BareReturn,

    /// No tag column although tags are wanted.
    #[error(
        "only one column, so no tags; give each line a word and a tag, separated by a tab or spaces"
    )]
    OneColumn,
    /// The first column counts the words, and nobody said where they stand.
    #[error(
        "the first column only counts the words; say which column they stand in (--word-column 2, or 1 if it does hold them; in a settings file word-column = 2)"
    )]
    Counted,
    /// A column that was asked for is not there.
    #[error("no column {column}: the line has {found}; columns count from 1")]
    NoColumn {
        /// What was asked for, from 1.
        column: usize,
        /// Columns of the line.
        found: usize,
    },
    /// One column asked for as both word and tag.
    #[error("column {column} is asked for as word and as tag; choose two different columns")]
    SameColumn {
        /// The column, from 1.
        column: usize,
    },
    /// Another number of columns than the first line has.
    #[error(
        "{found} column(s) where line {first} has {expected} (separated by {separator}); make the lines alike"
    )]
    Ragged {
        /// Columns of the first data line.
        expected: usize,
        /// Columns of this line.
        found: usize,
        /// The first data line.
        first: usize,
        /// `tabs` or `spaces`.
        separator: &'static str,
    },
    /// A sentence without words.
    #[error("no words in it; remove the sentence")]
    NoWords,
    /// A word of length zero.
    #[error("word {position} is empty; remove it with its tag, or write it")]
    EmptyWord {
        /// Position in the sentence, from 1.
        position: usize,
    },
    /// A word with the character that separates words in [`crate::overlap::sentence_key`].
    #[error("word {position} holds the control character U+001F; remove it")]
    SeparatorInWord {
        /// Position in the sentence, from 1.
        position: usize,
    },
    /// A tag of length zero.
    #[error("the tag is empty; write O or a tag, and remove tabs at the ends of lines")]
    EmptyTag,
    /// A tag that is none.
    #[error("unknown tag {tag:?}; expected O, or B-, I-, E-, S-, L- or U- and a type, as in B-PER")]
    UnknownTag {
        /// As it stands in the file.
        tag: String,
    },
    /// Numbers of words and tags differ.
    #[error("{words} words and {tags} tags; give each word one tag")]
    TagCount {
        /// Words of the sentence.
        words: usize,
        /// Tags of the sentence.
        tags: usize,
    },
    /// Tags of BIOES and of BILOU in one file.
    #[error(
        "{tag} is of BILOU, but line {bioes_line} holds {bioes_tag}, of BIOES; use one scheme in a file"
    )]
    MixedSchemes {
        /// The first tag of BILOU.
        tag: String,
        /// The first tag of BIOES.
        bioes_tag: String,
        /// Its line.
        bioes_line: usize,
    },
    /// A tag that breaks the file's scheme, where strictness was asked for.
    #[error(
        "{detail}, which the scheme {scheme} does not allow; mend the tag, or read without strictness"
    )]
    BrokenScheme {
        /// What stands there.
        detail: String,
        /// The scheme of the file.
        scheme: crate::Scheme,
    },

    /// A line that is not the JSON expected.
    #[error(
        "{0}; expected one JSON object a line, with `tokens` and `tags`, or `text` and `spans`"
    )]
    Json(String),
    /// A JSON array where JSON Lines are expected.
    #[error("a JSON array; write one object a line (`jq -c '.[]'` does it)")]
    JsonArray,
    /// A row without words.
    #[error("no words; give `tokens`, or `text` with `spans`")]
    NoTokens,
    /// A row without tags although tags are wanted.
    #[error("no tags; give `tags` or `ner_tags` beside `tokens`, or `spans` beside `text`")]
    NoTags,
    /// Tags given as numbers without names for them.
    #[error(
        "tags are numbers, and no label names are known; give them in their order, in JSONL as a line {{\"label_names\": [...]}}"
    )]
    NoLabelNames,
    /// A number beyond the names.
    #[error("tag number {id} where there are {labels} label names; check the list of label names")]
    LabelId {
        /// As it stands in the file.
        id: i64,
        /// How many names there are.
        labels: usize,
    },
    /// A span that cannot be turned into words.
    #[error("span {start}..{end}: {reason}")]
    Span {
        /// First character, from 0.
        start: usize,
        /// Behind the last character.
        end: usize,
        /// What is wrong, and what to do.
        reason: String,
    },

    /// Parquet that cannot be decoded.
    #[error("not a sound parquet file ({0}); fetch it again")]
    Parquet(String),
    /// A column that a parquet file must have.
    #[error(
        "no usable column `{column}`: {reason}; expected `tokens` (lists of strings) and `ner_tags` or `tags` (lists of numbers or of strings)"
    )]
    ParquetColumn {
        /// Its name.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// Types that the label map does not name.
    #[error("the label map does not name {}; name each, as itself to keep it or as O to drop it (LOC=LOC, MISC=O), or drop all others with *=O", list(.0))]
    Unmapped(Vec<UnmappedType>),
    /// A label map that is none.
    #[error("not a label map: {0}; write lines such as PERSON = \"PER\" or MISC = \"O\"")]
    LabelMap(String),

    /// A folder without training data.
    #[error(
        "no training data; expected train.conll, train.jsonl, train.parquet, train-00000-of-00001.parquet or the like{}",
        beside(.found)
    )]
    NoTrain {
        /// The files that are there, sorted.
        found: Vec<String>,
    },
    /// A folder without test data.
    #[error("no test file in it; expected test.conll, test.jsonl or the like, or name a file")]
    NoTest,
    /// More than one file for one split.
    #[error("more than one file for {split}: {}; keep one", .names.join(", "))]
    AmbiguousSplit {
        /// `train`, `dev` or `test`.
        split: &'static str,
        /// The files, sorted.
        names: Vec<String>,
    },
    /// Numbered parts of which some are missing.
    #[error("{split} has {found} of {expected} numbered parts; fetch the others")]
    MissingPart {
        /// `train`, `dev` or `test`.
        split: &'static str,
        /// Parts found.
        found: usize,
        /// Parts there should be.
        expected: usize,
    },
}

impl Problem {
    /// Whether only one sentence is spoilt, so that the others can be read without it.
    pub(crate) fn spoils_one_sentence(&self) -> bool {
        matches!(
            self,
            Self::NotUtf8 { .. }
                | Self::BareReturn
                | Self::Ragged { .. }
                | Self::NoWords
                | Self::EmptyWord { .. }
                | Self::SeparatorInWord { .. }
                | Self::EmptyTag
                | Self::UnknownTag { .. }
                | Self::TagCount { .. }
                | Self::Json(_)
                | Self::NoTokens
                | Self::NoTags
                | Self::LabelId { .. }
                | Self::Span { .. }
        )
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::IsADirectory => Self::Folder,
            io::ErrorKind::NotADirectory => Self::NotAFolder,
            _ => Self::Io(error),
        }
    }
}

fn list(types: &[UnmappedType]) -> String {
    types.iter().map(UnmappedType::to_string).collect::<Vec<_>>().join(", ")
}

/// What a folder holds in place of training data.
fn beside(found: &[String]) -> String {
    /// So many names are told.
    const MOST: usize = 4;
    if found.is_empty() {
        return String::new();
    }
    let more = if found.len() > MOST { ", ..." } else { "" };
    let names = &found[..found.len().min(MOST)];
    format!(", found {}{more}; rename them, or give them as files (--train FILE)", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn displays_place_problem_and_remedy() {
        let path = Path::new("a/train.conll");
        let error = CorpusError::at_line(path, 7, Problem::UnknownTag { tag: "B_PER".into() });
        insta::assert_snapshot!(error, @r#"a/train.conll:7: unknown tag "B_PER"; expected O, or B-, I-, E-, S-, L- or U- and a type, as in B-PER"#);
        assert_eq!((error.path(), error.line()), (path, Some(7)));

        let error = CorpusError::in_file(path, io::Error::from(io::ErrorKind::NotFound).into());
        insta::assert_snapshot!(error, @"a/train.conll: no such file or folder; check the path");
        assert_eq!(error.line(), None);
    }
}
