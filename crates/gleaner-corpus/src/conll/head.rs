//! The first lines of a file, from which its columns are detected.

use std::path::Path;

use super::cell;
use crate::lines::Lines;

/// The number of bytes that decide the columns of a file.
pub(super) const HEAD: u64 = 1 << 20;

/// The most columns of numbers before the words.
pub(super) const INDEXES: usize = 3;

/// A line that is neither blank nor the start of a document.
#[derive(Debug)]
pub(super) struct HeadLine {
    pub number: usize,
    pub text: String,
    /// Whether it is the first line after a blank one.
    pub opens: bool,
}

/// A line with its columns.
#[derive(Debug)]
pub(super) struct HeadRow<'a> {
    pub line: usize,
    /// Whether it starts a sentence.
    pub opens: bool,
    pub cells: Vec<&'a str>,
}

/// The lines of the first bytes of a file. Lines that cannot be read decide nothing. `whole` says
/// that the bytes are the whole file; otherwise the last line can be incomplete and is left out.
pub(super) fn lines(bytes: &[u8], whole: bool) -> Vec<HeadLine> {
    let end = match whole {
        true => bytes.len(),
        false => bytes.iter().rposition(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1),
    };
    let mut lines = Lines::new(&bytes[..end], Path::new(""));
    let mut found = Vec::new();
    let mut opens = true;
    while let Some(line) = lines.next_line() {
        let Ok(line) = line else { continue };
        if is_boundary(line.text) {
            opens = true;
        } else if !line.text.contains(['\r', '\0']) {
            opens |= line.mark == 1;
            found.push(HeadLine { number: line.number, text: line.text.to_owned(), opens });
            opens = false;
        }
    }
    found
}

/// Whether a line is between sentences: blank, or the start or end of a document. Columns of numbers can come before
/// `-DOCSTART-`.
pub(super) fn is_boundary(text: &str) -> bool {
    let blank = text.bytes().all(|byte| byte == b' ' || byte == b'\t');
    let first = text.split([' ', '\t']).next().unwrap_or_default();
    let separator = if text.contains('\t') { '\t' } else { ' ' };
    let mut cells = text.split(separator).filter(|cell| !cell.is_empty()).take(INDEXES + 1);
    blank
        || text.starts_with("#begin document")
        || text.starts_with("#end document")
        || cell::starts_document(first)
        || cells.any(cell::starts_document)
}

/// The columns of a line.
pub(super) fn split(text: &str, tabs: bool) -> Vec<&str> {
    if tabs {
        text.split('\t').collect()
    } else {
        text.split(' ').filter(|cell| !cell.is_empty()).collect()
    }
}

/// The rows of lines that are not comments: the lines that do not start with `#`. A word can be `#`
/// too, but the other words suffice. The second value says whether tabs separate columns.
pub(super) fn rows<'a>(lines: &'a [HeadLine], unlabelled: bool) -> (Vec<HeadRow<'a>>, bool) {
    let mut opens = false;
    let mut chosen: Vec<(&'a HeadLine, bool)> = Vec::new();
    for line in lines {
        opens |= line.opens;
        if !line.text.starts_with('#') {
            chosen.push((line, opens));
            opens = false;
        }
    }
    let tabs = match chosen.first() {
        Some((first, _)) => first.text.contains('\t'),
        None => lines.iter().any(|line| line.text.contains('\t')),
    };
    if chosen.is_empty() {
        // Every line starts with `#`: tags separate words from comments.
        let is_data = |line: &&HeadLine| {
            let cells = split(&line.text, tabs);
            let tagged = cells.len() > 1 && cells.last().is_some_and(|c| super::tags::is_tag(c));
            match (tabs, unlabelled) {
                (true, _) if !line.text.contains('\t') => false,
                (_, true) => !line.text.starts_with("# "),
                (true, false) => tagged || !line.text.starts_with("# "),
                (false, false) => tagged && !super::comments::is_assignment(&cells),
            }
        };
        chosen = lines.iter().filter(is_data).map(|line| (line, line.opens)).collect();
    }
    let row = |(line, opens): (&'a HeadLine, bool)| HeadRow {
        line: line.number,
        opens,
        cells: split(&line.text, tabs),
    };
    (chosen.into_iter().map(row).collect(), tabs)
}
