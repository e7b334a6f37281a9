//! The columns of a file, and what its lines are.

mod decide;

use super::{
    breaks::Break, cell::numbering, comments::Comments, head::split, index, tags::TagPlace,
};
use crate::error::Problem;
use std::collections::BTreeSet;

/// Where words and tags are, as the first lines of a file and the options decide.
#[derive(Debug, Default)]
pub(super) struct ColumnLayout {
    pub word: usize,
    pub tag: Option<TagPlace>,
    /// The language codes before the words.
    pub prefixes: Vec<String>,
    comments: Comments,
    widths: Widths,
    /// The first data line.
    first: usize,
    /// The line of the header row.
    header: Option<usize>,
    /// Its cells, which files that were joined repeat.
    header_cells: Vec<String>,
    /// The column that numbers the words, so that rows can be ranges and empty nodes.
    numbered: Option<usize>,
    /// The column that separates sentences beside blank lines.
    pub breaks: Option<Break>,
    /// What was chosen and why, for users.
    pub choices: Vec<String>,
}

#[derive(Debug, Default)]
enum Widths {
    /// Any, because the file has no words.
    #[default]
    Any,
    Same(usize),
    Mixed(BTreeSet<usize>),
}

/// What a line of a file is.
pub(super) enum Kind<'a> {
    /// A word with its columns.
    Row(Vec<&'a str>),
    Comment,
    Header,
    /// A range or an empty node of CoNLL-U.
    Extra,
}

impl ColumnLayout {
    /// Whether tabs separate columns.
    pub(super) fn tabs(&self) -> bool {
        self.comments.tabs
    }

    /// What a line is. `inside` says that a word of the same sentence comes before it.
    pub(super) fn kind<'a>(
        &self,
        text: &'a str,
        line: usize,
        inside: bool,
    ) -> Result<Kind<'a>, Problem> {
        if self.header == Some(line) || self.is_header(text) {
            return Ok(Kind::Header);
        }
        if self.comments.contains(text, inside) {
            return Ok(Kind::Comment);
        }
        if text.contains('\r') {
            return Err(Problem::BareReturn);
        }
        if text.contains('\0') {
            return Err(Problem::Nul);
        }
        let mut cells = split(text, self.comments.tabs);
        if let Widths::Same(width) = self.widths
            && !self.comments.tabs
            && cells.len() + 1 == width
            && self.word == 0
            && text.starts_with(' ')
        {
            // A line that starts with its separator has an empty word.
            cells.insert(0, "");
        }
        let expected = match &self.widths {
            Widths::Any => return Err(Problem::NoTagColumn { found: cells.len() }),
            Widths::Same(width) => *width,
            Widths::Mixed(widths) if widths.contains(&cells.len()) => cells.len(),
            Widths::Mixed(widths) => widths.first().copied().unwrap_or(0),
        };
        if cells.len() != expected {
            return Err(Problem::Ragged {
                expected,
                found: cells.len(),
                first: self.first,
                separator: if self.comments.tabs { "tabs" } else { "spaces" },
            });
        }
        match self.is_extra(&cells) {
            true => Ok(Kind::Extra),
            false => Ok(Kind::Row(cells)),
        }
    }

    /// Whether a row starts a sentence although no blank line comes before it.
    pub(super) fn starts_sentence(&self, before: &[Vec<String>], cells: &[&str]) -> bool {
        self.breaks.is_some_and(|breaks| {
            let column = breaks.column();
            breaks.starts(before.iter().rev().map(|row| row[column].as_str()), cells[column])
        })
    }

    /// Whether a row that starts a sentence without a blank line is its first one, although the row before it cannot be
    /// read.
    pub(super) fn is_first(&self, before: &[Vec<String>], cells: &[&str]) -> bool {
        self.breaks.is_some_and(|breaks| {
            let column = breaks.column();
            breaks.is_first(before.iter().map(|row| row[column].as_str()), cells[column])
        })
    }

    /// The cell of a malformed line that says to which sentence it belongs, as a row without other cells, given the
    /// rows `before` it; `None` where no cell can be trusted to: it must come before word and tag, and be a number or
    /// what the rows before have.
    pub(super) fn place_of_malformed(
        &self,
        before: &[Vec<String>],
        text: &str,
    ) -> Option<Vec<String>> {
        let column = self.breaks?.column();
        let of_tag = match self.tag {
            Some(TagPlace::Column(tag)) => tag,
            _ => usize::MAX,
        };
        let cell = *split(text, self.comments.tabs).get(column)?;
        let last =
            before.iter().rev().map(|row| row[column].as_str()).find(|cell| !cell.is_empty());
        let is_place = cell.is_empty() || Some(cell) == last || numbering(cell).is_some();
        if column >= self.word.min(of_tag) || !is_place {
            return None;
        }
        let mut row = vec![String::new(); column];
        row.push(cell.to_owned());
        Some(row)
    }

    /// Whether a line repeats the header row.
    fn is_header(&self, text: &str) -> bool {
        let first = self.header_cells.first();
        first.is_some_and(|first| text.trim_start().starts_with(first.as_str()))
            && split(text, self.comments.tabs) == self.header_cells
    }

    /// Whether a row is a range or an empty node.
    fn is_extra(&self, cells: &[&str]) -> bool {
        self.numbered.is_some_and(|column| index::is_extra(cells[column]))
    }
}
