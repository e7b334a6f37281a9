//! Reading CoNLL sentence by sentence.

use std::io::BufRead;
use std::path::Path;

use super::layout::Layout;
use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::format::ReadOptions;
use crate::lines::Lines;

/// An iterator over the sentences of a CoNLL file with all their columns. It holds one sentence in
/// memory.
///
/// After an error it continues after the next blank line. Words and tags are returned as the file
/// has them, neither checked nor converted. The options `word_column`, `tag_column` and `unlabelled`
/// are used.
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
    lines: Lines<R>,
    layout: Layout,
}

/// A sentence with all its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The line of the first word, from 1. Each other word has the line after that.
    pub line: usize,
    /// The columns of each word. There is at least one word.
    pub rows: Vec<Vec<String>>,
    word: usize,
    tag: Option<usize>,
}

impl Rows {
    /// The words.
    pub fn words(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row[self.word].as_str()).collect()
    }

    /// The words and tags without other columns, the tags as the file has them.
    pub fn into_sentence(self) -> Sentence {
        let mut sentence = Sentence { line: self.line, ..Sentence::default() };
        for mut row in self.rows {
            sentence.tags.extend(self.tag.map(|tag| row[tag].trim_matches(' ').to_owned()));
            sentence.words.push(row.swap_remove(self.word));
        }
        sentence
    }
}

impl<R: BufRead> Reader<R> {
    /// A reader of CoNLL. Errors show `name` as the file.
    pub fn new(reader: R, name: &Path, options: &ReadOptions) -> Self {
        Self { lines: Lines::new(reader, name), layout: Layout::new(options) }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Rows, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.lines.name().to_owned();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut first = 0;
        let mut error = None;
        while let Some(line) = self.lines.next_line() {
            let line = match line {
                Ok(line) => line,
                Err(bad) => {
                    error.get_or_insert(bad);
                    continue;
                }
            };
            if is_boundary(line.text) {
                if rows.is_empty() && error.is_none() {
                    continue;
                }
                break;
            }
            if error.is_some() || (rows.is_empty() && self.layout.is_comment(line.text)) {
                continue;
            }
            match self.layout.cells(line.text, line.number) {
                Ok(cells) => {
                    if rows.is_empty() {
                        first = line.number;
                    }
                    rows.push(cells);
                }
                Err(problem) => error = Some(CorpusError::at_line(&name, line.number, problem)),
            }
        }
        if let Some(error) = error {
            return Some(Err(error));
        }
        let (word, tag) = self.layout.positions(rows.first()?.len());
        if self.layout.numbers_words(&rows) {
            return Some(Err(CorpusError::at_line(&name, first, Problem::Numbered)));
        }
        Some(Ok(Rows { line: first, rows, word, tag }))
    }
}

/// Whether a line is between sentences: blank, or the start of a document.
fn is_boundary(text: &str) -> bool {
    let blank = text.bytes().all(|byte| byte == b' ' || byte == b'\t');
    blank || text.split([' ', '\t']).next() == Some("-DOCSTART-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, options: &ReadOptions) -> Vec<Result<Sentence, String>> {
        Reader::new(text.as_bytes(), Path::new("x"), options)
            .map(|item| item.map(Rows::into_sentence).map_err(|error| error.to_string()))
            .collect()
    }

    /// The sentences as `line word/tag word/tag`.
    fn shown(text: &str) -> Vec<String> {
        let shown = |sentence: Sentence| {
            let pairs = sentence
                .words
                .iter()
                .zip(&sentence.tags)
                .map(|(word, tag)| format!(" {word}/{tag}"));
            format!("{}{}", sentence.line, pairs.collect::<String>())
        };
        read(text, &ReadOptions::default())
            .into_iter()
            .map(|item| item.map_or_else(|error| error, shown))
            .collect()
    }

    #[test]
    fn sentences_end_at_blank_lines_and_documents() {
        assert_eq!(
            shown(
                "\u{feff}\n-DOCSTART- -X- O\n\nA x O\r\n  \t\nB  x   B-P\nC x I-P\n-DOCSTART- O\nD x O"
            ),
            ["4 A/O", "6 B/B-P C/I-P", "9 D/O"]
        );
    }

    #[test]
    fn tabs_go_before_spaces() {
        assert_eq!(shown("New York\tB-P\n,\tO \n"), ["1 New York/B-P ,/O"]);
        assert_eq!(shown("a b O\n"), ["1 a/O"]);
    }

    #[test]
    fn comments_are_distinguished_from_words() {
        assert_eq!(shown("# text = a\n#\tO\n#1\tO\n\n# b\n#\tO\n"), ["2 #/O #1/O", "6 #/O"]);
        assert_eq!(
            shown("# id 1 domain=en\nA _ _ O\n\n# id 2 domain=en\n# _ _ O\n"),
            ["2 A/O", "5 #/O"]
        );
        assert_eq!(shown("#\nA O\n\n# O\n"), ["2 A/O", "4 #/O"]);
        // As in MultiCoNER.
        assert_eq!(
            shown("# id f1\tdomain=en\nA _ _ O\n\n# id f2\tdomain=en\n# _ _ O\n"),
            ["2 A/O", "5 #/O"]
        );
    }

    #[test]
    fn lines_inside_a_sentence_are_data() {
        assert_eq!(
            shown("A\tO\n# b\nB\tO\n"),
            ["x:2: expected 2 columns as in line 1, found 1; separate all columns with tabs"]
        );
        assert_eq!(shown("A O\n# B_P\n"), ["1 A/O #/B_P"]);
        assert_eq!(shown("#a\tB_P\nb\tO\n"), ["1 #a/B_P b/O"]);
    }

    #[test]
    fn errors_have_a_line_and_concern_one_sentence() {
        assert_eq!(
            shown("A O\n\nB O\nC x O\nD O\n\nE O\n"),
            [
                "1 A/O",
                "x:4: expected 2 columns as in line 1, found 3; separate all columns with spaces",
                "7 E/O"
            ]
        );
        assert_eq!(
            shown("A O\n\nB\rC O\n"),
            ["1 A/O", "x:3: carriage return inside the line; convert line ends to \\n or \\r\\n"]
        );
        assert!(shown("A\n")[0].starts_with("x:1: only one column"));
    }

    #[test]
    fn columns_can_be_chosen() {
        let text = "1\tA\tB-P\tO\n2\tB\tO\tB-Q\n";
        let options =
            ReadOptions { word_column: Some(2), tag_column: Some(3), ..ReadOptions::default() };
        let sentence = read(text, &options).remove(0).unwrap();
        assert_eq!(
            (sentence.words, sentence.tags),
            (vec!["A".into(), "B".into()], vec!["B-P".into(), "O".into()])
        );
        for (word, tag, message) in [
            (Some(5), None, "x:1: no column 5: the line has 4; columns count from 1"),
            (None, Some(0), "x:1: no column 0: the line has 4; columns count from 1"),
            (
                Some(4),
                None,
                "x:1: column 4 is set for both words and tags; choose two different columns",
            ),
        ] {
            let options =
                ReadOptions { word_column: word, tag_column: tag, ..ReadOptions::default() };
            assert_eq!(read(text, &options)[0], Err(message.to_owned()));
        }
    }

    #[test]
    fn numbers_of_words_are_not_read_as_words() {
        let text = "1-2\tzum\tO\n1\tzu\tO\n2\tdem\tO\n3\tHaus\tO\n";
        insta::assert_snapshot!(shown(text)[0], @"x:1: the first column only numbers the words; choose the column of the words (--word-column 2, or word-column = 2 in a settings file; 1 if the numbers are the words)");
        let chosen = |column| ReadOptions { word_column: Some(column), ..ReadOptions::default() };
        for (column, first) in [(1, "1-2"), (2, "zum")] {
            assert_eq!(read(text, &chosen(column))[0].as_ref().unwrap().words[0], first);
        }
        for words in [
            "1\tO\n2\tO\n3\tO\n",          // no other column can have the words
            "1\tx\tO\n2\tx\tO\n",          // two can be chance
            "1\tx\tO\n2\tx\tO\n4\tx\tO\n", // not consecutive
        ] {
            assert!(read(words, &ReadOptions::default())[0].is_ok(), "{words}");
        }
    }

    #[test]
    fn unlabelled_files_may_have_one_column() {
        let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
        let sentences = read("# a comment\nA\n#\n\n# another\n#b\n", &options);
        let words: Vec<_> =
            sentences.into_iter().map(|s| s.unwrap()).map(|s| (s.words, s.tags)).collect();
        assert_eq!(
            words,
            [(vec!["A".into(), "#".into()], vec![]), (vec!["#b".to_owned()], Vec::<String>::new())]
        );
    }
}
