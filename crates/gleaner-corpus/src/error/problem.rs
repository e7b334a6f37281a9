//! What can be wrong with a corpus, and how to fix it.

use std::fmt;
use std::io;

use crate::counted::entities;
use crate::scheme::Scheme;

/// What is wrong with a file or folder. Displays as `what is wrong; what to do`.
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
    #[error("is a file, not a folder; name its folder, or give it as a file (--train FILE)")]
    NotAFolder,
    /// The operating system reports an error.
    #[error("cannot be read: {0}; check the path and its permissions")]
    Io(io::Error),
    /// Neither the content nor the extension belongs to a known format.
    #[error(
        "unknown format; name the file .conll, .tsv, .txt, .iob, .bio, .jsonl, .json or .parquet, or give its format (--format)"
    )]
    UnknownFormat,
    /// The file has no sentence.
    #[error("no sentences found; check that it is the right file")]
    Empty,
    /// No text has an accepted annotation.
    #[error("all texts ({texts}) are left out: none has an accepted annotation; check the export")]
    AllLeftOut {
        /// Number of texts.
        texts: usize,
    },
    /// All sentences are malformed, and malformed sentences are skipped.
    #[error("all sentences ({sentences}) are malformed; the first, at line {line}: {first}")]
    AllSkipped {
        /// Number of sentences.
        sentences: usize,
        /// Line of the first one.
        line: usize,
        /// What is wrong with the first one, and what to do.
        first: String,
    },
    /// Bytes that are not UTF-8.
    #[error("byte {byte} of the line is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// Position in the line, from 1.
        byte: usize,
    },
    /// Plain text in a script that puts no spaces between words.
    #[error(
        "text in {script}, which has no spaces between words; cut it into words and give them as CoNLL, or as JSONL with `tokens`"
    )]
    NoSpaces {
        /// The name of the script.
        script: &'static str,
    },
    /// A file in UTF-16.
    #[error("the file is UTF-16; save it as UTF-8")]
    Utf16,
    /// A character NUL.
    #[error(
        "the line has a character NUL, as files in UTF-16 do; save the file as UTF-8, or remove the character"
    )]
    Nul,
    /// A carriage return that does not end a line.
    #[error("carriage return inside the line; convert line ends to \\n or \\r\\n")]
    BareReturn,

    /// There is no column with tags.
    #[error(
        "only one column, so no tags; give each line a word and a tag, separated by a tab or spaces"
    )]
    OneColumn,
    /// A column may only number or name the words or sentences, and no column was chosen.
    #[error(
        "column {column} may only number or name the words or sentences; choose the column of the words (--word-column {next}, PATH,word-column={next}, or word-column = {next} in a settings file; {column} if it has the words)",
        next = .column + 1
    )]
    Numbered {
        /// The column, from 1.
        column: usize,
    },
    /// The requested column does not exist.
    #[error("no column {column}: the line has {found}; columns count from 1")]
    NoColumn {
        /// The requested column, from 1.
        column: usize,
        /// Number of columns of the line.
        found: usize,
    },
    /// The same column is requested for words and tags.
    #[error("column {column} is set for both words and tags; choose two different columns")]
    SameColumn {
        /// The column, from 1.
        column: usize,
    },
    /// Several columns have tags, and no column was chosen.
    #[error(
        "several columns have tags: {}; choose one of them ({})",
        .columns.join(", "),
        tag_option(.columns)
    )]
    TagColumns {
        /// Each column, from 1, with its name or its types: `3 (ORG, PER)`.
        columns: Vec<String>,
    },
    /// Several keys of a column of `key=value` pairs have tags.
    #[error(
        "several keys of column {column} have tags: {}; keep one of them, or write the tags in a column of their own",
        .keys.join(", ")
    )]
    TagKeys {
        /// The column, from 1.
        column: usize,
        /// The keys, sorted.
        keys: Vec<String>,
    },
    /// Spaces separate columns too in a file with tabs, and no column of the words was chosen.
    #[error(
        "every word in column {column} has a space, as if spaces separate columns too; separate all columns with tabs, or confirm the column (--word-column {column}, PATH,word-column={column}, or word-column = {column} in a settings file)"
    )]
    MixedSeparators {
        /// The column, from 1.
        column: usize,
    },
    /// `# global.columns` of CoNLL-U Plus names another number of columns than the lines have.
    #[error(
        "# global.columns names {named} columns, but the lines have {found}; correct it, or choose the columns (--word-column N --tag-column N)"
    )]
    GlobalColumns {
        /// Number of names.
        named: usize,
        /// Number of columns of the first data line.
        found: usize,
    },
    /// The first line may name the columns.
    #[error(
        "the line may name the columns ({}); remove it if so, otherwise correct its tag or map the type to itself (--map TYPE=TYPE)",
        .cells.join(", ")
    )]
    MaybeHeader {
        /// Its columns.
        cells: Vec<String>,
    },
    /// No column has tags, and no column was chosen.
    #[error(
        "none of the {found} columns has a tag in each line; choose the column of the tags (--tag-column N, PATH,tag-column=N, or tag-column = N in a settings file)"
    )]
    NoTagColumn {
        /// Number of columns.
        found: usize,
    },
    /// The line has another number of columns than the first line.
    #[error(
        "expected {expected} columns as in line {first}, found {found}; separate all columns with {separator}"
    )]
    Ragged {
        /// Number of columns of the first data line.
        expected: usize,
        /// Number of columns of this line.
        found: usize,
        /// The first data line.
        first: usize,
        /// `tabs` or `spaces`.
        separator: &'static str,
    },
    /// A sentence without words.
    #[error("sentence without words; remove it")]
    NoWords,
    /// An empty word.
    #[error("word {position} is empty; write the word, or remove it with its tag")]
    EmptyWord {
        /// Position in the sentence, from 1.
        position: usize,
    },
    /// A word with the character that separates words in [`crate::overlap::sentence_key`].
    #[error("word {position} contains the control character U+001F; remove the character")]
    SeparatorInWord {
        /// Position in the sentence, from 1.
        position: usize,
    },
    /// An empty tag.
    #[error("empty tag; write O or a tag, and remove tabs at the ends of lines")]
    EmptyTag,
    /// A tag of no scheme.
    #[error(
        "unknown tag {tag:?}; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"
    )]
    UnknownTag {
        /// As the file has it.
        tag: String,
    },
    /// Several tags of a word in one cell.
    #[error(
        "several tags in {tag:?}, which is one word; keep one of them, or write them in columns of their own and choose one (--tag-column N)"
    )]
    SeveralTags {
        /// As the file has them.
        tag: String,
    },
    /// A tag with a letter of another alphabet that looks like that of a tag.
    #[error(
        "the letter U+{:04X} of the tag {tag:?} only looks like the one of a tag; write it in ASCII",
        u32::from(*.letter)
    )]
    LookAlike {
        /// As the file has it.
        tag: String,
        /// The letter.
        letter: char,
    },
    /// A bracket without its counterpart, or inside another one.
    #[error(
        "the bracket {tag:?} lies in another one or lacks its counterpart in the sentence; write one pair of brackets for each entity"
    )]
    Bracket {
        /// As the file has it.
        tag: String,
    },
    /// A type with white space and a type with `_` that would be read as one type.
    #[error("the type of {tag:?} and the type {entity_type} would be the same; rename one of them")]
    SpacedType {
        /// A tag whose type has white space.
        tag: String,
        /// The other type.
        entity_type: String,
    },
    /// The numbers of words and tags differ.
    #[error("{words} words but {tags} tags; give each word one tag")]
    TagCount {
        /// Number of words.
        words: usize,
        /// Number of tags.
        tags: usize,
    },
    /// Tags of BIOES and of BILOU in one file.
    #[error(
        "{tag} is a BILOU tag, but line {bioes_line} has {bioes_tag}, a BIOES tag; use one scheme in a file"
    )]
    MixedSchemes {
        /// The first tag of BILOU.
        tag: String,
        /// The first tag of BIOES.
        bioes_tag: String,
        /// Line of the first tag of BIOES.
        bioes_line: usize,
    },
    /// A tag that the file's scheme does not allow, in strict mode.
    #[error("{detail}, which {scheme} does not allow; fix the tag, or turn `strict` off")]
    BrokenScheme {
        /// The tag and its context.
        detail: String,
        /// The scheme of the file.
        scheme: Scheme,
    },

    /// A line that is not the expected JSON.
    #[error("{0}; expected a JSON object with `tokens` and `tags`, or with `text` and `spans`")]
    Json(String),
    /// An object of an annotation tool that cannot be read as spans of a text.
    #[error("{0}")]
    Annotation(String),
    /// A JSON array that is damaged.
    #[error("damaged JSON array ({0}); export it again, or write one object per line")]
    JsonArray(String),
    /// A row without words.
    #[error(
        "no words; add `tokens`, or `text` with `spans`, or name the key of the text (--text-field)"
    )]
    NoTokens,
    /// A row without tags although tags are needed.
    #[error("no tags; add `tags` or `ner_tags` to `tokens`, or `spans` to `text`")]
    NoTags,
    /// Tags are numbers without names.
    #[error(
        "tags are numbers without names; give the names in the order of the numbers (--labels O B-PER I-PER), in JSONL also as a line {{\"label_names\": [...]}}"
    )]
    NoLabelNames,
    /// A number without a name.
    #[error(
        "tag number {id} is out of range: there are {labels} label names; check the label names"
    )]
    LabelId {
        /// As the file has it.
        id: i64,
        /// Number of names.
        labels: usize,
    },
    /// A word whose offsets or place are invalid.
    #[error("word {position}: {reason}")]
    Word {
        /// Position in the text, from 1.
        position: usize,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A span that cannot be converted to words.
    #[error("span {start}..{end}: {reason}")]
    Span {
        /// The first character, from 0.
        start: usize,
        /// The position after the last character.
        end: usize,
        /// What is wrong, and what to do.
        reason: String,
    },

    /// A parquet file that cannot be decoded.
    #[error("damaged or unsupported parquet file ({0}); download it again, or convert it to JSONL")]
    Parquet(String),
    /// A parquet file lacks a column, or the column has an unsupported type.
    #[error(
        "no usable column `{column}`: {reason}; expected `tokens` (lists of strings) and `ner_tags` or `tags` (lists of numbers or strings)"
    )]
    ParquetColumn {
        /// Name of the column.
        column: &'static str,
        /// What is wrong with it.
        reason: String,
    },

    /// A file of an annotation tool or another library that cannot be read.
    #[error("not readable as {format}: {reason}")]
    Malformed {
        /// Name of the format.
        format: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The same in one sentence or document of the file.
    #[error("not readable as {format}: {reason}")]
    MalformedSentence {
        /// Name of the format.
        format: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },

    /// A list of mentions with a line that is none, or without any.
    #[error("expected a type, a tab and a mention; write LOC, a tab and New York")]
    NoMention,

    /// The label map does not name all entity types.
    #[error(
        "the label map does not name {}; map each type to itself to keep it or to O to drop it (LOC=LOC, MISC=O), or drop all others with *=O",
        list(.0)
    )]
    Unmapped(Vec<UnmappedType>),
    /// An invalid label map.
    #[error("invalid label map: {0}; write lines such as PERSON = \"PER\" or MISC = \"O\"")]
    LabelMap(String),

    /// A folder without training data.
    #[error(
        "no training data; expected train.conll, train.jsonl, train.parquet, train-00000-of-00001.parquet or similar{}",
        instead(.found)
    )]
    NoTrain {
        /// The files in the folder, sorted.
        found: Vec<String>,
    },
    /// A folder without test data.
    #[error("no test file; expected test.conll, test.jsonl or similar, or name a file")]
    NoTest,
    /// Several files could be the same split.
    #[error("several files for {split}: {}; keep one", .names.join(", "))]
    AmbiguousSplit {
        /// `train`, `dev` or `test`.
        split: &'static str,
        /// The files, sorted.
        names: Vec<String>,
    },
    /// Some parts of a split are missing.
    #[error("{split} has {found} of {expected} numbered parts; download the others")]
    MissingPart {
        /// `train`, `dev` or `test`.
        split: &'static str,
        /// Number of parts found.
        found: usize,
        /// Number of parts expected.
        expected: usize,
    },
}

/// An entity type that a label map does not name. Displays as `GPE (12 entities, first at line 3)`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmappedType {
    /// Its name.
    pub entity_type: String,
    /// Number of its entities in the file.
    pub entities: usize,
    /// Line of the first entity.
    pub first_line: usize,
}

impl fmt::Display for UnmappedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entity_type, entities: n, first_line } = self;
        write!(f, "{entity_type} ({}, first at line {first_line})", entities(*n))
    }
}

impl Problem {
    /// Whether the problem concerns one sentence, so that the others can be read without it.
    pub fn concerns_one_sentence(&self) -> bool {
        matches!(
            self,
            Self::NotUtf8 { .. }
                | Self::Nul
                | Self::NoSpaces { .. }
                | Self::BareReturn
                | Self::Ragged { .. }
                | Self::NoWords
                | Self::EmptyWord { .. }
                | Self::SeparatorInWord { .. }
                | Self::EmptyTag
                | Self::UnknownTag { .. }
                | Self::SeveralTags { .. }
                | Self::LookAlike { .. }
                | Self::Bracket { .. }
                | Self::TagCount { .. }
                | Self::Json(_)
                | Self::NoTokens
                | Self::NoTags
                | Self::LabelId { .. }
                | Self::Word { .. }
                | Self::Span { .. }
                | Self::Annotation(_)
                | Self::MalformedSentence { .. }
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

/// The option that chooses the first of some columns.
fn tag_option(columns: &[String]) -> String {
    let first = columns.first().and_then(|column| column.split(' ').next()).unwrap_or("N");
    format!(
        "--tag-column {first}, PATH,tag-column={first}, or tag-column = {first} in a settings file"
    )
}

/// The files in a folder without training data.
fn instead(found: &[String]) -> String {
    const SHOWN: usize = 4;
    if found.is_empty() {
        return String::new();
    }
    let more = if found.len() > SHOWN { ", ..." } else { "" };
    let names = found[..found.len().min(SHOWN)].join(", ");
    format!(", found {names}{more}; rename them, or give them as files (--train FILE)")
}
