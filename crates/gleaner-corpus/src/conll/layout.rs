//! The columns of a file.

use gleaner_base::tags::Tag;

use crate::error::Problem;
use crate::format::ReadOptions;

/// The columns of words and tags. The first data line decides their separator and number.
#[derive(Debug)]
pub(super) struct Layout {
    word_column: usize,
    /// Whether no column of the word was requested.
    assumed: bool,
    tag_column: Option<usize>,
    unlabelled: bool,
    shape: Option<Shape>,
}

#[derive(Debug, Clone, Copy)]
struct Shape {
    tabs: bool,
    columns: usize,
    /// The first data line.
    line: usize,
}

impl Layout {
    pub(super) fn new(options: &ReadOptions) -> Self {
        Self {
            word_column: options.word_column.unwrap_or(1),
            assumed: options.word_column.is_none(),
            tag_column: options.tag_column,
            unlabelled: options.unlabelled,
            shape: None,
        }
    }

    /// Whether a line before the first word of a sentence is a comment; see the documentation of
    /// [`conll`](mod@crate::conll) for the rule.
    pub(super) fn is_comment(&self, text: &str) -> bool {
        if !text.starts_with('#') {
            return false;
        }
        match self.shape {
            Some(shape) if shape.tabs => !text.contains('\t'),
            None if self.unlabelled => text.starts_with("# "),
            // `# text = ...` with a tab in it is a comment unless it ends with a tag.
            None if text.contains('\t') => {
                let tag = text.rsplit('\t').next().unwrap_or_default();
                text.starts_with("# ") && Tag::parse(tag).is_none()
            }
            shape => {
                let cells = split(text, false);
                let fits = shape.map_or(cells.len() > 1, |shape| cells.len() == shape.columns);
                let tag = cells.get(self.tag_column.unwrap_or(cells.len()).wrapping_sub(1));
                !(fits && (self.unlabelled || tag.is_some_and(|tag| Tag::parse(tag).is_some())))
            }
        }
    }

    /// The columns of a data line.
    pub(super) fn cells(&mut self, text: &str, line: usize) -> Result<Vec<String>, Problem> {
        if text.contains('\r') {
            return Err(Problem::BareReturn);
        }
        let tabs = self.shape.map_or(text.contains('\t'), |shape| shape.tabs);
        let cells = split(text, tabs);
        match self.shape {
            None => {
                self.check(cells.len())?;
                self.shape = Some(Shape { tabs, columns: cells.len(), line });
            }
            Some(Shape { columns, line: first, .. }) if cells.len() != columns => {
                let separator = if tabs { "tabs" } else { "spaces" };
                return Err(Problem::Ragged {
                    expected: columns,
                    found: cells.len(),
                    first,
                    separator,
                });
            }
            Some(_) => {}
        }
        Ok(cells.into_iter().map(str::to_owned).collect())
    }

    /// Checks that a line of `found` columns has the requested ones.
    fn check(&self, found: usize) -> Result<(), Problem> {
        let tag = (!self.unlabelled).then_some(self.tag_column.unwrap_or(found));
        if tag.is_some() && found == 1 {
            return Err(Problem::OneColumn);
        }
        for column in [Some(self.word_column), tag].into_iter().flatten() {
            if column == 0 || column > found {
                return Err(Problem::NoColumn { column, found });
            }
        }
        match tag == Some(self.word_column) {
            true => Err(Problem::SameColumn { column: self.word_column }),
            false => Ok(()),
        }
    }

    /// Whether the column of the words numbers them, as in CoNLL-U, where another column has the
    /// words. Fewer than three words can be numbers by chance.
    pub(super) fn numbers_words(&self, rows: &[Vec<String>]) -> bool {
        let is_number = |cell: &&str| cell.bytes().all(|byte| byte.is_ascii_digit());
        let numbers: Vec<&str> = rows.iter().map(|row| row[0].as_str()).filter(is_number).collect();
        // CoNLL-U also has ranges (1-2) and empty nodes (1.1).
        self.assumed
            && rows[0].len() > 2
            && numbers.len() > 2.max(rows.len() / 2)
            && numbers.iter().enumerate().all(|(i, n)| *n == (i + 1).to_string())
    }

    /// The positions of word and tag, from 0, in a line of `columns`.
    pub(super) fn positions(&self, columns: usize) -> (usize, Option<usize>) {
        let tag = (!self.unlabelled).then(|| self.tag_column.unwrap_or(columns) - 1);
        (self.word_column - 1, tag)
    }
}

fn split(text: &str, tabs: bool) -> Vec<&str> {
    if tabs {
        text.split('\t').collect()
    } else {
        text.split(' ').filter(|cell| !cell.is_empty()).collect()
    }
}
