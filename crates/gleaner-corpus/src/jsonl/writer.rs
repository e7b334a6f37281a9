//! Writing JSONL.

use std::io::{self, Write};

use serde::Serialize;

use crate::corpus::Sentence;

#[derive(Serialize)]
struct Row<'a> {
    tokens: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
}

/// Writes a sentence as one line, `{"tokens": [...], "tags": [...]}`, without `tags` if it is
/// unlabelled. The line is written in small pieces, so `writer` should be buffered.
///
/// # Errors
/// The writer fails.
pub fn write(writer: &mut impl Write, sentence: &Sentence) -> io::Result<()> {
    serde_json::to_writer(&mut *writer, &Row { tokens: &sentence.words, tags: &sentence.tags })?;
    writer.write_all(b"\n")
}
