//! Lines of UTF-8 text with their numbers and lengths.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use crate::error::{CorpusError, Problem};

/// The lines of a reader. This is not an iterator, because each line borrows the buffer.
pub(crate) struct Lines<R> {
    reader: R,
    name: PathBuf,
    buffer: Vec<u8>,
    number: usize,
    ended: bool,
}

/// A line.
pub(crate) struct Line<'a> {
    /// From 1.
    pub number: usize,
    /// The text without line end and byte order mark.
    pub text: &'a str,
    /// Number of Unicode scalar values of text, line end and byte order mark.
    pub scalars: usize,
    /// 1 if a byte order mark comes before the text, else 0. Files that were joined end to end have
    /// marks inside too.
    pub mark: usize,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R, name: &Path) -> Self {
        Self { reader, name: name.to_owned(), buffer: Vec::new(), number: 0, ended: false }
    }

    /// The file that errors show.
    pub(crate) fn name(&self) -> &Path {
        &self.name
    }

    /// The next line. After a line that is not UTF-8, the next lines can be read; after an error of
    /// the reader there are none.
    pub(crate) fn next_line(&mut self) -> Option<Result<Line<'_>, CorpusError>> {
        if self.ended {
            return None;
        }
        self.buffer.clear();
        match self.reader.read_until(b'\n', &mut self.buffer) {
            Ok(0) => {
                self.ended = true;
                return None;
            }
            Ok(_) => self.number += 1,
            Err(error) => {
                self.ended = true;
                return Some(Err(match Problem::from(error) {
                    Problem::Folder => CorpusError::in_file(&self.name, Problem::Folder),
                    problem => CorpusError::at_line(&self.name, self.number + 1, problem),
                }));
            }
        }
        Some(match std::str::from_utf8(&self.buffer) {
            Ok(whole) => Ok(line(self.number, whole)),
            Err(_) if self.number == 1 && is_utf16(&self.buffer) => {
                self.ended = true;
                Err(CorpusError::in_file(&self.name, Problem::Utf16))
            }
            Err(error) => {
                let problem = Problem::NotUtf8 { byte: error.valid_up_to() + 1 };
                Err(CorpusError::at_line(&self.name, self.number, problem))
            }
        })
    }
}

/// Whether a file starts with the byte order mark of UTF-16.
fn is_utf16(start: &[u8]) -> bool {
    start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff")
}

fn line(number: usize, whole: &str) -> Line<'_> {
    let scalars = whole.chars().count();
    let text =
        whole.strip_suffix('\n').map_or(whole, |text| text.strip_suffix('\r').unwrap_or(text));
    match text.strip_prefix('\u{feff}') {
        Some(text) => Line { number, text, scalars, mark: 1 },
        None => Line { number, text, scalars, mark: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_numbers_ends_and_lengths() {
        let mut lines = Lines::new("\u{feff}ä\r\n\nb".as_bytes(), Path::new("x"));
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line() {
            let line = line.unwrap();
            seen.push((line.number, line.text.to_owned(), line.scalars, line.mark));
        }
        assert_eq!(seen, [(1, "ä".into(), 4, 1), (2, String::new(), 1, 0), (3, "b".into(), 1, 0)]);
    }

    #[test]
    fn byte_order_marks_are_dropped_at_the_start_of_every_line() {
        let mut lines = Lines::new("a\n\u{feff}b\u{feff}\n".as_bytes(), Path::new("x"));
        assert_eq!(lines.next_line().unwrap().unwrap().mark, 0);
        let line = lines.next_line().unwrap().unwrap();
        assert_eq!((line.text, line.scalars, line.mark), ("b\u{feff}", 4, 1));
    }

    #[test]
    fn utf16_is_named() {
        let first = |bytes: &[u8]| {
            let mut lines = Lines::new(bytes, Path::new("x"));
            lines.next_line().unwrap().err().unwrap().to_string()
        };
        assert_eq!(first(b"\xff\xfea\0\n\0"), "x: the file is UTF-16; save it as UTF-8");
        assert_eq!(first(b"\xfe\xff\0a"), "x: the file is UTF-16; save it as UTF-8");
    }

    #[test]
    fn bad_bytes_concern_only_their_line() {
        let mut lines = Lines::new(&b"ok\nab\xff\nend"[..], Path::new("x"));
        assert!(lines.next_line().unwrap().is_ok());
        let error = lines.next_line().unwrap().err().unwrap();
        assert_eq!(
            error.to_string(),
            "x:2: byte 3 of the line is not UTF-8; save the file as UTF-8"
        );
        assert_eq!(lines.next_line().unwrap().unwrap().text, "end");
        assert!(lines.next_line().is_none());
    }
}
