//! Writing CoNLL.

use std::io::{self, Write};

use super::cell::{self, starts_document};
use crate::corpus::Sentence;
use crate::error::WriteError;

/// Writes sentences as CoNLL: columns separated by tabs, a blank line after each sentence.
///
/// ```
/// use gleaner_corpus::{Sentence, conll::Writer};
///
/// let sentence = Sentence { words: vec!["Anna".into()], tags: vec!["B-PER".into()], ..Sentence::default() };
/// let mut writer = Writer::new(Vec::new());
/// writer.write(&sentence)?;
/// assert_eq!(writer.finish()?, b"Anna\tB-PER\n\n");
/// # Ok::<(), gleaner_corpus::WriteError>(())
/// ```
pub struct Writer<W> {
    writer: W,
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
        let Sentence { words, tags, line, .. } = sentence;
        check_tags(sentence)?;
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

/// Writes sentences as CoNLL: see [`Writer`].
///
/// # Errors
/// As [`Writer::write`].
pub fn write(out: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    let mut writer = Writer::new(out);
    sentences.iter().try_for_each(|sentence| writer.write(sentence))
}

/// Writes labelled sentences in the four columns of CoNLL-2003, separated by spaces: word, part of
/// speech, chunk and tag. `_` is written for parts of speech and chunks, which Gleaner does not have. The first line is
/// that of the shared task; spaCy takes any other spelling for a word.
///
/// # Errors
/// The writer fails, or a sentence would be read back differently: also if it is unlabelled or a word
/// has a space.
///
/// ```
/// use gleaner_corpus::{Sentence, conll::write_2003};
///
/// let sentence = Sentence { words: vec!["Anna".into()], tags: vec!["B-PER".into()], ..Sentence::default() };
/// let mut out = Vec::new();
/// write_2003(&mut out, &[sentence])?;
/// assert_eq!(out, b"-DOCSTART- -X- O O\n\nAnna _ _ B-PER\n\n");
/// # Ok::<(), gleaner_corpus::WriteError>(())
/// ```
pub fn write_2003(out: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    writeln!(out, "-DOCSTART- -X- O O\n")?;
    for sentence in sentences {
        let Sentence { words, tags, line, .. } = sentence;
        check_tags(sentence)?;
        if tags.is_empty() {
            return Err(WriteError::TagCount { line: *line, words: words.len(), tags: 0 });
        }
        for (word, tag) in words.iter().zip(tags) {
            for cell in [word, tag] {
                if !fits(cell, 0, 4) || cell.contains(' ') {
                    return Err(WriteError::Word { word: cell.clone(), line: *line });
                }
            }
            writeln!(out, "{word} _ _ {tag}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Writes sentences as CoNLL-U Plus with the columns ID, FORM and, if they are labelled, NER.
///
/// # Errors
/// The writer fails, a sentence would be read back differently, or only some sentences are labelled.
///
/// ```
/// use gleaner_corpus::{Sentence, conll::write_plus};
///
/// let sentence = Sentence { words: vec!["Anna".into()], tags: vec!["B-PER".into()], ..Sentence::default() };
/// let mut out = Vec::new();
/// write_plus(&mut out, &[sentence])?;
/// assert_eq!(out, b"# global.columns = ID FORM NER\n1\tAnna\tB-PER\n\n");
/// # Ok::<(), gleaner_corpus::WriteError>(())
/// ```
pub fn write_plus(out: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    let labelled = sentences.iter().any(|sentence| !sentence.tags.is_empty());
    writeln!(out, "# global.columns = ID FORM{}", if labelled { " NER" } else { "" })?;
    for sentence in sentences {
        let Sentence { words, tags, line, .. } = sentence;
        check_tags(sentence)?;
        if labelled && tags.is_empty() {
            return Err(WriteError::TagCount { line: *line, words: words.len(), tags: 0 });
        }
        let rows = (0..words.len()).map(|word| [Some(&words[word]), tags.get(word)]);
        for (number, row) in (1..).zip(rows) {
            write!(out, "{number}")?;
            for cell in row.into_iter().flatten() {
                if cell.is_empty() || cell::word(cell) != cell || !fits(cell, 1, 3) {
                    return Err(WriteError::Word { word: cell.clone(), line: *line });
                }
                write!(out, "\t{cell}")?;
            }
            writeln!(out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Checks that a sentence has no tags, or one for each word.
fn check_tags(sentence: &Sentence) -> Result<(), WriteError> {
    let Sentence { words, tags, line, .. } = sentence;
    match tags.is_empty() || tags.len() == words.len() {
        true => Ok(()),
        false => Err(WriteError::TagCount { line: *line, words: words.len(), tags: tags.len() }),
    }
}

/// Whether a cell is read back unchanged: it has no separator of columns or lines, and a line that
/// starts with it is read as data.
fn fits(cell: &str, column: usize, columns: usize) -> bool {
    let plain = !cell.contains(['\t', '\n', '\r', '\0']) && !starts_document(cell);
    let opens_line =
        column > 0 || !(cell.is_empty() || cell::word(cell) != cell || is_document(cell));
    // In a line without tabs, spaces separate columns.
    plain && opens_line && (columns > 1 || !cell.contains(' '))
}

/// Whether a line that starts with a cell is the start or the end of a document.
fn is_document(cell: &str) -> bool {
    cell.starts_with("#begin document") || cell.starts_with("#end document")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(words: &[&str], tags: &[&str]) -> Result<String, WriteError> {
        let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect();
        let mut writer = Writer::new(Vec::new());
        let (words, tags) = (owned(words), owned(tags));
        writer.write(&Sentence { words, tags, line: 3, ..Sentence::default() })?;
        Ok(String::from_utf8(writer.finish()?).unwrap())
    }

    #[test]
    fn writes_words_and_tags() {
        assert_eq!(write(&["New York", "#"], &["B-P", "O"]).unwrap(), "New York\tB-P\n#\tO\n\n");
        assert_eq!(write(&["a", "b"], &[]).unwrap(), "a\nb\n\n");
    }

    #[test]
    fn rejects_what_would_be_read_back_differently() {
        for bad in [
            "a\tb",
            "a\nb",
            "a\rb",
            "a\0b",
            "",
            " ",
            "a ",
            "\u{a0}",
            "-DOCSTART-",
            "docstart",
            "\u{feff}a",
            "#begin document (a)",
        ] {
            assert!(
                matches!(write(&[bad], &["O"]), Err(WriteError::Word { line: 3, .. })),
                "{bad:?}"
            );
        }
        assert!(matches!(write(&["a b"], &[]), Err(WriteError::Word { .. })));
        assert!(matches!(write(&["a"], &["O", "O"]), Err(WriteError::TagCount { .. })));
    }
}
