//! Splitting plain text into sentences and words by Unicode's rules (UAX #29), corrected by a [`Segmenter`].
//!
//! A line end always ends a sentence. Words are the pieces between word boundaries, including
//! punctuation, without white space and byte order marks. Pieces that cannot be seen, such as
//! zero-width spaces and marks of direction, are not words. Offsets count Unicode scalar values of
//! the whole input, including line ends and a byte order mark. Nothing is normalised.

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::Path;

use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::lines::Lines;

mod abbreviations;
mod repair;
mod scripts;
mod segmenter;
mod word_rule;

pub use scripts::unspaced_script;
pub use segmenter::{Difference, Segmenter};

/// A word and its place in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As the text has it.
    pub text: String,
    /// Its first character, in Unicode scalar values from the start of the text.
    pub start: usize,
    /// The position after its last character.
    pub end: usize,
}

/// A sentence of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSentence {
    /// The words, at least one.
    pub tokens: Vec<Token>,
    /// The text from the first to the last word, with what is between them.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
}

impl From<TextSentence> for Sentence {
    fn from(sentence: TextSentence) -> Self {
        let words = sentence.tokens.into_iter().map(|token| token.text).collect();
        Self { words, line: sentence.line, ..Self::default() }
    }
}

/// Splits a text into words by UAX #29 alone. Its first character has the offset `base`.
///
/// ```
/// let words = gleaner_corpus::text::words("L'été, déjà?", 10);
/// let shown: Vec<_> = words.iter().map(|word| (word.text.as_str(), word.start, word.end)).collect();
/// assert_eq!(shown, [("L'été", 10, 15), (",", 15, 16), ("déjà", 17, 21), ("?", 21, 22)]);
/// ```
pub fn words(text: &str, base: usize) -> Vec<Token> {
    Segmenter::default().words(text, base)
}

/// Splits a line as [`Segmenter::segment_line`] of the default segmenter.
pub fn segment_line(text: &str, line: usize, base: usize, one_sentence: bool) -> Vec<TextSentence> {
    Segmenter::default().segment_line(text, line, base, one_sentence)
}

/// An iterator over the sentences of a text. It holds one line in memory.
///
/// A line in a script without spaces between words is an error, after which the next lines can be read. Other errors
/// end the text.
///
/// ```
/// use gleaner_corpus::text::Reader;
/// use std::path::Path;
///
/// let reader = Reader::new("Anna sings. Bo hums.".as_bytes(), Path::new("a.txt"), false);
/// assert_eq!(reader.count(), 2);
/// ```
pub struct Reader<R> {
    lines: Lines<R>,
    segmenter: Segmenter,
    one_sentence: bool,
    offset: usize,
    waiting: VecDeque<TextSentence>,
    failed: bool,
}

impl<R: BufRead> Reader<R> {
    /// A reader of text with the default segmenter. Errors show `name` as the file. If `one_sentence`, each line is
    /// one sentence.
    pub fn new(reader: R, name: &Path, one_sentence: bool) -> Self {
        Self::with_segmenter(reader, name, one_sentence, Segmenter::default())
    }

    /// As [`Reader::new`], with another segmenter.
    pub fn with_segmenter(
        reader: R,
        name: &Path,
        one_sentence: bool,
        segmenter: Segmenter,
    ) -> Self {
        let lines = Lines::new(reader, name);
        Self { lines, segmenter, one_sentence, offset: 0, waiting: VecDeque::new(), failed: false }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<TextSentence, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.waiting.is_empty() && !self.failed {
            match self.lines.next_line()? {
                Ok(line) => {
                    let base = self.offset + line.mark;
                    let (number, script) = (line.number, unspaced_script(line.text));
                    if script.is_none() {
                        let one = self.one_sentence;
                        self.waiting
                            .extend(self.segmenter.segment_line(line.text, number, base, one));
                    }
                    self.offset += line.scalars;
                    if let Some(script) = script {
                        let problem = Problem::NoSpaces { script };
                        return Some(Err(CorpusError::at_line(self.lines.name(), number, problem)));
                    }
                }
                Err(error) => {
                    // Offsets are unknown after bytes that are not UTF-8.
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        self.waiting.pop_front().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sentences: &[TextSentence]) -> Vec<String> {
        let shown = |token: &Token| format!(" {}@{}-{}", token.text, token.start, token.end);
        sentences
            .iter()
            .map(|s| format!("{}:{}", s.line, s.tokens.iter().map(shown).collect::<String>()))
            .collect()
    }

    #[test]
    fn lines_are_split_into_sentences_and_words() {
        let line = "Rödt hus. Ny dag! ";
        assert_eq!(
            shown(&segment_line(line, 3, 100, false)),
            ["3: Rödt@100-104 hus@105-108 .@108-109", "3: Ny@110-112 dag@113-116 !@116-117"]
        );
        assert_eq!(segment_line(line, 3, 100, true).len(), 1);
        assert_eq!(segment_line(" \t\u{a0}", 1, 0, false), []);
    }

    #[test]
    fn the_reader_tracks_offsets_over_any_line_end() {
        let text = "\u{feff}é b\r\n\n🦀\u{301} c\rd";
        let sentences: Vec<_> =
            Reader::new(text.as_bytes(), Path::new("x"), false).map(Result::unwrap).collect();
        assert_eq!(shown(&sentences), ["1: é@1-2 b@3-4", "3: 🦀\u{301}@7-9 c@10-11", "3: d@12-13"]);
        let all: Vec<char> = text.chars().collect();
        for token in sentences.iter().flat_map(|sentence| &sentence.tokens) {
            assert_eq!(all[token.start..token.end].iter().collect::<String>(), token.text);
        }
    }

    #[test]
    fn bad_bytes_are_an_error_and_end_the_text() {
        let mut reader = Reader::new(&b"One. Two.\n\xc3(\nThree."[..], Path::new("x.txt"), false);
        assert_eq!(Sentence::from(reader.next().unwrap().unwrap()).words, ["One", "."]);
        assert!(reader.next().unwrap().is_ok());
        let error = reader.next().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.txt:2: byte 1 of the line is not UTF-8; save the file as UTF-8"
        );
        assert!(reader.next().is_none());
    }

    #[test]
    fn scripts_without_spaces_are_refused_by_name() {
        let text = "One.\nกรุงเทพมหานคร\nTwo (東京).";
        let mut reader = Reader::new(text.as_bytes(), Path::new("x.txt"), false);
        assert!(reader.next().unwrap().is_ok());
        assert_eq!(
            reader.next().unwrap().unwrap_err().to_string(),
            "x.txt:2: text in Thai, which has no spaces between words; cut it into words and give them as CoNLL, or as JSONL with `tokens`"
        );
        let last = reader.next().unwrap().unwrap();
        assert_eq!((last.line, last.tokens[0].start), (3, 19));
    }
}
