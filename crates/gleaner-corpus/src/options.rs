//! Options for reading a file.

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::label_map::LabelMap;
use crate::text::Segmenter;

/// What to do with spans that contain or overlap each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nested {
    /// Refuse them.
    #[default]
    Error,
    /// Keep the outermost span.
    Outermost,
    /// Keep the innermost span.
    Innermost,
}

/// The unit of character offsets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offsets {
    /// Unicode scalar values.
    #[default]
    Scalar,
    /// Units of UTF-16, as tools written in JavaScript count.
    Utf16,
    /// Grapheme clusters, as doccano counts if its project has the option "Count grapheme clusters as one character".
    Graphemes,
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
    /// The format. Default: [`Format::detect`].
    pub format: Option<Format>,
    /// CoNLL: the column of the word, from 1. Default: detected, see [`conll`](mod@crate::conll).
    pub word_column: Option<usize>,
    /// CoNLL: the column of the tag, from 1. Default: detected, see [`conll`](mod@crate::conll).
    pub tag_column: Option<usize>,
    /// The names of tags that are numbers, in the order of the numbers. They replace the names in the file.
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
    /// What to do with spans that contain or overlap each other. Default: refuse them.
    pub nested: Nested,
    /// The unit of character offsets. Default: Unicode scalar values.
    pub offsets: Offsets,
    /// JSON: the key of the text. Default: `text`.
    pub text_field: Option<String>,
    /// How texts are cut into sentences and words, where the file has none. Default: the rules of Unicode with initials
    /// and abbreviations that their form shows.
    pub segmenter: Segmenter,
}
