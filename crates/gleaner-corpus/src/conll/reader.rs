//! Reading CoNLL sentence by sentence.

mod grouping;

use std::io::{BufRead, Chain, Cursor, Read};
use std::path::{Path, PathBuf};

use self::grouping::{Grouping, Skipped, Then};
use super::head::{self, HEAD};
use super::layout::ColumnLayout;
use super::others::Other;
use super::prefix;
use super::tags::TagPlace;
use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::lines::Lines;
use crate::options::ReadOptions;

/// An iterator over the sentences of a CoNLL file with all their columns. It detects the columns from
/// the first megabyte, and holds this and one sentence in memory.
///
/// After an error of a sentence it continues after the next blank line; if the columns cannot be decided, it ends.
/// Words and tags are returned as the file has them, neither checked nor converted. The options `word_column`,
/// `tag_column` and `unlabelled` are used.
///
/// ```
/// # use std::path::Path;
/// use gleaner_corpus::{ReadOptions, conll::Reader};
///
/// let text = "Anna\tPROPN\nsings\tVERB\n\nYes\tINTJ\n";
/// let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
/// let sentences: Vec<_> = Reader::new(text.as_bytes(), Path::new("text.conll"), &options).collect::<Result<_, _>>()?;
/// assert_eq!(sentences[0].words(), ["Anna", "sings"]);
/// assert_eq!((sentences[1].line, &sentences[1].rows[0][1]), (4, &"INTJ".to_owned()));
/// # Ok::<(), gleaner_corpus::CorpusError>(())
/// ```
pub struct Reader<R> {
    name: PathBuf,
    options: ReadOptions,
    state: State<R>,
    skipped: Skipped,
}

enum State<R> {
    Closed(R),
    Open(Box<Open<R>>),
    Ended,
}

struct Open<R> {
    lines: Lines<Chain<Cursor<Vec<u8>>, R>>,
    grouping: Grouping,
}

/// A sentence with all its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The line of the first word, from 1.
    pub line: usize,
    /// The columns of each word. There is at least one word. Lines can have different numbers of
    /// columns; see [`conll`](mod@crate::conll). A word has no white space around it, and one that
    /// cannot be seen is empty.
    pub rows: Vec<Vec<String>>,
    /// The line of each word.
    pub lines: Vec<usize>,
    /// The comments before or in the sentence, such as `# sent_id = 7`.
    pub comments: Vec<String>,
    /// The other lines that are not words.
    pub others: Vec<Other>,
    word: usize,
    tag: Option<TagPlace>,
    prefixes: Vec<String>,
}

impl Rows {
    /// The words, without language codes.
    pub fn words(&self) -> Vec<&str> {
        self.rows.iter().map(|row| prefix::strip(&row[self.word], &self.prefixes)).collect()
    }

    /// The columns of each word in the file's order, without the column of the tag. Empty if lines have different
    /// numbers of columns.
    pub fn columns(&self) -> Vec<Vec<&str>> {
        let width = self.rows.first().map_or(0, Vec::len);
        if self.rows.iter().any(|row| row.len() != width) || self.tag == Some(TagPlace::Last) {
            return Vec::new();
        }
        self.rows.iter().map(|row| self.without_tag(row)).collect()
    }

    /// The columns of a line without that of the tag.
    pub fn without_tag<'a>(&self, cells: &'a [String]) -> Vec<&'a str> {
        let tag = match self.tag {
            Some(TagPlace::Column(column)) => Some(column),
            _ => None,
        };
        let others = cells.iter().enumerate().filter(|(column, _)| Some(*column) != tag);
        others.map(|(_, cell)| cell.as_str()).collect()
    }

    /// The words and tags without other columns, the tags as the file has them.
    pub fn into_sentence(self) -> Sentence {
        let tag = |place: &TagPlace| -> Vec<String> {
            self.rows.iter().map(|row| place.tag(row).to_owned()).collect()
        };
        Sentence {
            words: self.words().into_iter().map(str::to_owned).collect(),
            tags: self.tag.as_ref().map(tag).unwrap_or_default(),
            line: self.line,
            ..Sentence::default()
        }
    }
}

impl<R: BufRead> Reader<R> {
    /// A reader of CoNLL. Errors show `name` as the file.
    pub fn new(reader: R, name: &Path, options: &ReadOptions) -> Self {
        Self {
            name: name.to_owned(),
            options: options.clone(),
            state: State::Closed(reader),
            skipped: Skipped::default(),
        }
    }

    /// Which columns are read and why, and which lines were left out so far, one fact each. Empty
    /// before the first sentence.
    ///
    /// ```
    /// # use std::path::Path;
    /// use gleaner_corpus::{ReadOptions, conll::Reader};
    ///
    /// let text = "1\tAnna\tB-PER\n2\tsings\tO\n3\t.\tO\n";
    /// let mut reader = Reader::new(text.as_bytes(), Path::new("a.tsv"), &ReadOptions::default());
    /// reader.next().expect("one sentence")?;
    /// let words = "words in column 2 (the first column of words), tags in column 3 (the last column) of 3";
    /// assert_eq!(reader.choices(), ["column 1 numbers the words", words]);
    /// # Ok::<(), gleaner_corpus::CorpusError>(())
    /// ```
    pub fn choices(&self) -> Vec<String> {
        let State::Open(open) = &self.state else { return Vec::new() };
        let mut choices = open.grouping.choices().to_vec();
        let Skipped { comments, extras, marks, headers, trimmed } = self.skipped;
        for (count, one, several) in [
            (comments, "comment", "comments"),
            (extras, "range or empty node of CoNLL-U", "ranges and empty nodes of CoNLL-U"),
            (marks, "byte order mark inside the file", "byte order marks inside the file"),
            (headers.saturating_sub(1), "repeated header", "repeated headers"),
        ] {
            if count > 0 {
                let what = if count == 1 { one } else { several };
                choices.push(format!("left out: {count} {what}"));
            }
        }
        if trimmed > 0 {
            let words = if trimmed == 1 { "word" } else { "words" };
            choices.push(format!("left out: white space around {trimmed} {words}"));
        }
        choices
    }

    /// Reads the first lines and decides the columns.
    fn open(&mut self, mut reader: R) -> Result<(), CorpusError> {
        let mut head = Vec::new();
        let mut read = reader.by_ref().take(HEAD).read_to_end(&mut head);
        let mut whole = (head.len() as u64) < HEAD;
        if !whole && !head.contains(&b'\n') {
            // The columns are those of a line, however long it is.
            read = read.and_then(|_| reader.read_until(b'\n', &mut head));
            whole = !head.ends_with(b"\n");
        }
        if let Err(error) = read {
            let line = head.iter().filter(|byte| **byte == b'\n').count() + 1;
            return Err(match Problem::from(error) {
                Problem::Folder => CorpusError::in_file(&self.name, Problem::Folder),
                problem => CorpusError::at_line(&self.name, line, problem),
            });
        }
        let layout = ColumnLayout::of(&head::lines(&head, whole), &self.options)
            .map_err(|(line, problem)| CorpusError::at_line(&self.name, line, problem))?;
        let lines = Lines::new(Cursor::new(head).chain(reader), &self.name);
        self.state = State::Open(Box::new(Open { lines, grouping: Grouping::new(layout) }));
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Rows, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let State::Closed(_) = self.state {
            let State::Closed(reader) = std::mem::replace(&mut self.state, State::Ended) else {
                return None;
            };
            if let Err(error) = self.open(reader) {
                return Some(Err(error));
            }
        }
        match &mut self.state {
            State::Open(open) => open.sentence(&self.name, &mut self.skipped),
            State::Closed(_) | State::Ended => None,
        }
    }
}

impl<R: BufRead> Open<R> {
    /// The next sentence.
    fn sentence(
        &mut self,
        name: &Path,
        skipped: &mut Skipped,
    ) -> Option<Result<Rows, CorpusError>> {
        let mut part = self.grouping.begin();
        while let Some(line) = self.lines.next_line() {
            match line {
                Ok(line) => {
                    if self.grouping.add(line, &mut part, name, skipped) == Then::Ends {
                        break;
                    }
                }
                Err(bad) => part.spoil(bad),
            }
        }
        self.grouping.finish(part)
    }
}

#[cfg(test)]
mod tests;
