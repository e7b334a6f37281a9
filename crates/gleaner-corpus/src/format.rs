//! File formats, and the options for reading them.

use std::path::Path;

use crate::corpus::Sentence;
use crate::label_map::LabelMap;

/// How a file stores sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One word per line with its columns, blank lines between sentences: see
    /// [`conll`](mod@crate::conll).
    Conll,
    /// One JSON object per line: see [`jsonl`](mod@crate::jsonl).
    Jsonl,
    /// Parquet as on the Hugging Face hub: a column `tokens` (lists of strings) and a column
    /// `ner_tags` or `tags` (lists of numbers or strings). The metadata key `huggingface` names the
    /// numbers.
    Parquet,
}

impl Format {
    /// The format of a file by its extension: `.conll`, `.conllu`, `.txt`, `.tsv`, `.iob`, `.iob2`,
    /// `.bio`; `.jsonl`, `.ndjson`, `.json`; `.parquet`. `None` for other extensions.
    ///
    /// ```
    /// use gleaner_corpus::Format;
    /// use std::path::Path;
    ///
    /// assert_eq!(Format::of(Path::new("data/train.tsv")), Some(Format::Conll));
    /// assert_eq!(Format::of(Path::new("notes.docx")), None);
    /// ```
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "conll" | "conllu" | "txt" | "tsv" | "iob" | "iob2" | "bio" => Some(Self::Conll),
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// The line of the word at a position (from 0) of a sentence.
    pub(crate) fn line_of(self, sentence: &Sentence, word: usize) -> usize {
        match self {
            Self::Conll => sentence.line + word,
            Self::Jsonl | Self::Parquet => sentence.line,
        }
    }
}

/// Options for reading a file. The default suits two-column CoNLL, JSONL with tag names, and the
/// hub's parquet files.
///
/// ```
/// use gleaner_corpus::ReadOptions;
///
/// let options = ReadOptions { word_column: Some(2), strict: true, ..ReadOptions::default() };
/// ```
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The format. Default: [`Format::of`] the path.
    pub format: Option<Format>,
    /// CoNLL: the column of the word, from 1. Default: the first.
    pub word_column: Option<usize>,
    /// CoNLL: the column of the tag, from 1. Default: the last.
    pub tag_column: Option<usize>,
    /// JSONL and parquet: the names of tags that are numbers, in the order of the numbers. They
    /// replace the names in the file.
    pub labels: Option<Vec<String>>,
    /// New names for entity types.
    pub label_map: Option<LabelMap>,
    /// Report sentences without words, and tags that the file's scheme does not allow, as errors
    /// instead of findings.
    pub strict: bool,
    /// Skip malformed sentences, each with a finding of the kind
    /// [`SkippedSentence`](crate::FindingKind::SkippedSentence). Files that are malformed as a whole
    /// remain errors.
    pub skip_bad: bool,
    /// Ignore tags, and accept files without them.
    pub unlabelled: bool,
}
