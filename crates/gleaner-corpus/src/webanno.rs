//! WebAnno TSV 3, which INCEpTION and WebAnno export: a row per token, with columns for the features of each layer.
//!
//! The layer `NamedEntity` and its feature `value` are read, or the only feature of the only span layer, or the chosen
//! column. An annotation of several tokens has the same number in brackets in all of them. Rows numbered such as
//! `1-2.1` are parts of a token; an entity there splits the word.

mod header;
mod reader;
mod sentence;
mod values;
mod writer;

pub(crate) use reader::read;
pub use writer::write;

use crate::error::Problem;

/// The name of the format in messages.
const NAME: &str = "WebAnno TSV 3";

/// The start of every file.
const MARK: &str = "#FORMAT=WebAnno TSV 3";

/// Number of columns before the features: the token's number, its offsets and its text.
const FIXED: usize = 3;

/// Whether a file starts with the mark of the format.
pub(crate) fn looks_like(head: &str) -> bool {
    head.trim_start_matches('\u{feff}').starts_with(MARK)
}

/// A problem of one sentence.
fn malformed(reason: impl Into<String>) -> Problem {
    Problem::MalformedSentence { format: NAME, reason: reason.into() }
}
