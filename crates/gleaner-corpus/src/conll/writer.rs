//! Writing CoNLL.

use std::io::{self, Write};

use crate::corpus::Sentence;

/// Writes sentences as CoNLL: columns separated by tabs, a blank line after each sentence.
///
/// ```
/// use gleaner_corpus::{Sentence, conll::Writer};
///
/// let sentence = Sentence { words: vec!["Anna".into()], tags: vec!["B-PER".into()], line: 1 };
/// let mut writer = Writer::new(Vec::new());
/// writer.write(&sentence)?;
/// assert_eq!(writer.finish()?, b"Anna\tB-PER\n\n");
/// # Ok::<(), gleaner_corpus::conll::WriteError>(())
/// ```
pub struct Writer<W> {
    writer: W,
}

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

impl<W: Write> Writer<W> {
    /// A writer of CoNLL. It writes in small pieces, so `writer` should be buffered.
    pub fn new(writer: W) -> Self {
        Self { writer }
    }

    /// Writes a sentence: words and tags, or only words if the sentence is unlabelled.
    ///
    /// # Errors
    /// The writer fails, or the sentence would be read back differently: see [`WriteError`].
    pub fn write(&mut self, sentence: &Sentence) -> Result<(), WriteError> {
        let Sentence { words, tags, line } = sentence;
        if !tags.is_empty() && tags.len() != words.len() {
            return Err(WriteError::TagCount { line: *line, words: words.len(), tags: tags.len() });
        }
        let rows: Vec<Vec<&str>> = if tags.is_empty() {
            words.iter().map(|word| vec![word.as_str()]).collect()
        } else {
            words.iter().zip(tags).map(|(word, tag)| vec![word.as_str(), tag]).collect()
        };
        self.write_rows(&rows, *line)
    }

    /// Writes a sentence with any columns, the word first. Errors show `line` as the line of the
    /// sentence.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_rows<C: AsRef<str>>(
        &mut self,
        rows: &[Vec<C>],
        line: usize,
    ) -> Result<(), WriteError> {
        for row in rows {
            let bad = row
                .iter()
                .enumerate()
                .find(|(column, cell)| !fits(cell.as_ref(), *column, row.len()));
            if let Some((_, cell)) = bad {
                return Err(WriteError::Word { word: cell.as_ref().to_owned(), line });
            }
        }
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                let separator = if column == 0 { "" } else { "\t" };
                write!(self.writer, "{separator}{}", cell.as_ref())?;
            }
            writeln!(self.writer)?;
        }
        writeln!(self.writer)?;
        Ok(())
    }

    /// Flushes the writer and returns it.
    ///
    /// # Errors
    /// The writer cannot be flushed.
    pub fn finish(mut self) -> io::Result<W> {
        self.writer.flush()?;
        Ok(self.writer)
    }
}

/// Whether a cell is read back unchanged: it has no separator of columns or lines, and a line that
/// starts with it is read as data.
fn fits(cell: &str, column: usize, columns: usize) -> bool {
    let plain = !cell.contains(['\t', '\n', '\r']);
    let opens_line =
        column > 0 || !(cell.is_empty() || cell == "-DOCSTART-" || cell.starts_with('\u{feff}'));
    // In a line without tabs, spaces separate columns.
    plain && opens_line && (columns > 1 || !cell.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(words: &[&str], tags: &[&str]) -> Result<String, WriteError> {
        let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        let mut writer = Writer::new(Vec::new());
        writer.write(&Sentence { words: owned(words), tags: owned(tags), line: 3 })?;
        Ok(String::from_utf8(writer.finish()?).unwrap())
    }

    #[test]
    fn writes_words_and_tags() {
        assert_eq!(write(&["New York", "#"], &["B-P", "O"]).unwrap(), "New York\tB-P\n#\tO\n\n");
        assert_eq!(write(&["a", "b"], &[]).unwrap(), "a\nb\n\n");
    }

    #[test]
    fn rejects_what_would_be_read_back_differently() {
        for bad in ["a\tb", "a\nb", "a\rb", "", "-DOCSTART-", "\u{feff}a"] {
            assert!(
                matches!(write(&[bad], &["O"]), Err(WriteError::Word { line: 3, .. })),
                "{bad:?}"
            );
        }
        assert!(matches!(write(&["a b"], &[]), Err(WriteError::Word { .. })));
        assert!(matches!(write(&["a"], &["O", "O"]), Err(WriteError::TagCount { .. })));
    }
}
