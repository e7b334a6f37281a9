//! Decides the columns of a file by its first lines and the options.

use super::{ColumnLayout, Widths};
use crate::conll::{
    breaks::Break,
    cell,
    comments::Comments,
    head::{HeadLine, HeadRow, rows},
    header::{self, HashHeader},
    index::{self, Index},
    prefix, ragged,
    tags::{self, TagPlace},
};
use crate::{error::Problem, options::ReadOptions};
use std::collections::BTreeSet;

impl ColumnLayout {
    /// Decides the columns. The error has the line of the first row.
    pub(in crate::conll) fn of(
        lines: &[HeadLine],
        options: &ReadOptions,
    ) -> Result<Self, (usize, Problem)> {
        let (all, tabs) = rows(lines, options.unlabelled);
        let Some(first) = all.first().map(|row| row.line) else {
            let comments = Comments { tabs, numbered: true, ..Comments::default() };
            return Ok(Self { comments, ..Self::default() });
        };
        let names =
            Names { plus: header::global_columns(lines), hash: header::after_hash(lines, tabs) };
        Self::decide(all, tabs, names, options).map_err(|problem| (first, problem))
    }

    fn decide(
        mut rows: Vec<HeadRow<'_>>,
        tabs: bool,
        given: Names,
        options: &ReadOptions,
    ) -> Result<Self, Problem> {
        let mut layout = Self { first: rows[0].line, ..Self::default() };
        let plus = given.plus.is_some();
        let mut names = given.plus.map(|(_, names)| names);
        if header::is_header(&rows) {
            names = Some(layout.take_header(&mut rows));
        }
        let width = rows[0].cells.len();
        if let Some(hash) = given.hash.filter(|hash| hash.names.len() == width) {
            let shown = hash.names.join(", ");
            layout.choices.push(format!("line {} is a header ({shown})", hash.line));
            layout.header = Some(hash.line);
            layout.header_cells = hash.cells;
            names = Some(hash.names);
        }
        if let Some(named) = names.as_ref().map(Vec::len).filter(|named| plus && *named != width)
            && (options.word_column.is_none() || options.tag_column.is_none())
        {
            return Err(Problem::GlobalColumns { named, found: width });
        }
        let names = names.filter(|names| names.len() == width);
        let mixed = rows.iter().any(|row| row.cells.len() != width);
        let widths = if mixed { mixed_widths(&rows, options) } else { None };
        layout.comments.tabs = tabs;
        if let Some(widths) = widths {
            layout.read_mixed(&widths, options)?;
            layout.widths = Widths::Mixed(widths);
        } else {
            // Lines of other widths are reported one by one.
            rows.retain(|row| row.cells.len() == width);
            layout.read_breaks(&mut rows, names.as_deref());
            layout.read_table(&mut rows, names.as_deref(), options)?;
            layout.widths = Widths::Same(width);
            layout.comments.width = Some(width);
        }
        layout.comments.see(&rows);
        if options.word_column.is_none() && !plus {
            let words = rows.iter().map(|row| cell::word(row.cells[layout.word]));
            layout.prefixes = prefix::find(words);
        }
        if !layout.prefixes.is_empty() {
            let codes = layout.prefixes.join(", ");
            layout.choices.push(format!("{codes} before every word is a language code"));
        }
        Ok(layout)
    }

    /// Takes the header and its repetitions from the rows.
    fn take_header(&mut self, rows: &mut Vec<HeadRow<'_>>) -> Vec<String> {
        let header = rows.remove(0);
        let mut opens = true;
        for row in rows.iter_mut() {
            row.opens |= opens;
            opens = row.opens && row.cells == header.cells;
        }
        rows.retain(|row| row.cells != header.cells);
        let names: Vec<String> = header.cells.iter().map(|cell| (*cell).to_owned()).collect();
        self.choices.push(format!("line {} is a header ({})", header.line, names.join(", ")));
        self.header = Some(header.line);
        self.header_cells.clone_from(&names);
        names
    }

    /// Finds out whether a column separates sentences.
    fn read_breaks(&mut self, rows: &mut [HeadRow<'_>], names: Option<&[String]>) {
        self.breaks = Break::of(rows, names);
        let Some(breaks) = self.breaks else { return };
        breaks.mark(rows);
        let column = breaks.column() + 1;
        self.choices.push(match breaks {
            Break::Changes(_) => format!("a sentence starts where column {column} changes"),
            Break::Restarts(..) => {
                format!("a sentence starts where the numbers in column {column} start again")
            }
        });
    }

    /// Lines of different widths: the word is first, the tag last.
    fn read_mixed(
        &mut self,
        widths: &BTreeSet<usize>,
        options: &ReadOptions,
    ) -> Result<(), Problem> {
        let narrow = widths.first().copied().unwrap_or(0);
        check_column(options.word_column, narrow)?;
        check_column(wanted_tags(options), narrow)?;
        let last = match wanted_tags(options) {
            Some(column) => TagPlace::Column(column - 1),
            None => TagPlace::Last,
        };
        self.word = options.word_column.map_or(0, |column| column - 1);
        if last == TagPlace::Column(self.word) {
            return Err(Problem::SameColumn { column: self.word + 1 });
        }
        let shown: Vec<String> = widths.iter().map(usize::to_string).collect();
        self.choices.push(format!("lines have {} columns: WikiANN", shown.join(" or ")));
        let tag = match &last {
            TagPlace::Column(column) => format!("column {}", column + 1),
            _ => "the last column".to_owned(),
        };
        self.choices.push(match options.unlabelled {
            true => format!("words in column {}", self.word + 1),
            false => format!("words in column {}, tags in {tag}", self.word + 1),
        });
        self.comments.tag = Some(last.clone());
        self.tag = (!options.unlabelled).then_some(last);
        Ok(())
    }

    /// Lines of one width.
    fn read_table(
        &mut self,
        rows: &mut Vec<HeadRow<'_>>,
        names: Option<&[String]>,
        options: &ReadOptions,
    ) -> Result<(), Problem> {
        let width = rows[0].cells.len();
        if !options.unlabelled && width == 1 {
            return Err(Problem::OneColumn);
        }
        check_column(options.word_column, width)?;
        let tag_column = wanted_tags(options);
        check_column(tag_column, width)?;
        let (indexes, why) = self.find_words(rows, names, options)?;
        let mut choice = format!("words in column {} ({why})", self.word + 1);
        let (place, why) = match (tag_column, options.unlabelled) {
            (Some(column), _) => (tags::chosen(rows, column - 1)?, "as requested".to_owned()),
            (None, false) => tags::find(rows, indexes, self.word, names, options.labels.is_some())?,
            (None, true) => {
                // Tags are not wanted, but they tell words from comments.
                let column = tags::columns(rows, indexes, self.word).pop();
                self.comments.tag = column.map(TagPlace::Column);
                self.choices.push(choice + &of(width));
                return Ok(());
            }
        };
        let column = match &place {
            TagPlace::Column(column) | TagPlace::Key(column, _) => *column,
            TagPlace::Last => width - 1,
        };
        if column == self.word && !matches!(place, TagPlace::Key(..)) {
            return Err(Problem::SameColumn { column: column + 1 });
        }
        if self.header.is_none() && header::may_be_header(rows, self.word, &place) {
            self.check_header(&rows[0], &place, options)?;
        }
        choice += &format!(", tags in column {} ({why})", column + 1);
        self.choices.push(choice + &of(width));
        let place = if let TagPlace::Last = place { TagPlace::Column(column) } else { place };
        self.comments.tag = Some(place.clone());
        self.tag = Some(place);
        Ok(())
    }

    /// Finds the column of words, and leaves the rows that are sentences' words. Gives the number of columns before it
    /// that number or name something, and why it is the one.
    fn find_words(
        &mut self,
        rows: &mut Vec<HeadRow<'_>>,
        names: Option<&[String]>,
        options: &ReadOptions,
    ) -> Result<(usize, String), Problem> {
        let width = rows[0].cells.len();
        let tag_column = wanted_tags(options);
        let mut why = "the first column".to_owned();
        let named = names.and_then(header::word_column);
        let chosen = options.word_column.map(|column| column - 1).or(named);
        self.numbered = numbers_by_name(rows, names);
        rows.retain(|row| !self.is_extra(&row.cells));
        let indexes = index::leading(rows, chosen, options.unlabelled)?;
        self.word = indexes.len();
        if !indexes.is_empty() {
            why = "the first column of words".to_owned();
        }
        for (column, index) in (1..).zip(&indexes) {
            self.choices.push(format!("column {column} {}", index.does()));
        }
        self.numbered = self.numbered.or(indexes.iter().position(|index| *index == Index::Numbers));
        self.comments.numbered =
            !indexes.is_empty() && rows.iter().all(|row| !row.cells[0].starts_with('#'));
        rows.retain(|row| !self.is_extra(&row.cells));
        if rows.is_empty() {
            return Err(Problem::Empty);
        }
        let tags_first = match tag_column {
            Some(column) => column - 1 == self.word && column < width,
            None => tags::come_first(rows, self.word),
        };
        if chosen.is_none() && tags_first {
            self.word += 1;
            why = "the column after the tags".to_owned();
        }
        if let Some(named) = named {
            (self.word, why) = (named, "named by the header".to_owned());
        }
        if let Some(column) = options.word_column {
            (self.word, why) = (column - 1, "as requested".to_owned());
        } else {
            self.check_separators(rows, options)?;
        }
        Ok((indexes.len(), why))
    }

    /// Refuses words that all have a space although not all are entities: spaces separate columns too.
    fn check_separators(&self, rows: &[HeadRow<'_>], options: &ReadOptions) -> Result<(), Problem> {
        let has_space = |row: &HeadRow<'_>| cell::word(row.cells[self.word]).contains(' ');
        let outside = |row: &HeadRow<'_>| row.cells.iter().any(|cell| cell.trim() == "O");
        let mixed = rows.len() > 1 && rows.iter().all(has_space);
        match mixed && (options.unlabelled || rows.iter().any(outside)) {
            true => Err(Problem::MixedSeparators { column: self.word + 1 }),
            false => Ok(()),
        }
    }

    /// Refuses a first row that may name the columns, unless a label map names its type.
    fn check_header(
        &self,
        first: &HeadRow<'_>,
        place: &TagPlace,
        options: &ReadOptions,
    ) -> Result<(), Problem> {
        let tag = place.tag(&first.cells);
        match options.label_map.as_ref().is_some_and(|map| map.names(tag)) {
            true => Ok(()),
            false => Err(Problem::MaybeHeader {
                cells: first.cells.iter().map(|cell| (*cell).to_owned()).collect(),
            }),
        }
    }
}

/// The names that a file gives its columns in comments, with their line.
struct Names {
    /// `# global.columns` of CoNLL-U Plus.
    plus: Option<(usize, Vec<String>)>,
    /// A header row after `#`.
    hash: Option<HashHeader>,
}

/// The column that the header names ID, if it has the numbers of words.
fn numbers_by_name(rows: &[HeadRow<'_>], names: Option<&[String]>) -> Option<usize> {
    let column = names?.iter().position(|name| name.eq_ignore_ascii_case("id"))?;
    let is_number = |cell: &str| cell::number(cell).is_some() || index::is_extra(cell);
    rows.iter().all(|row| is_number(row.cells[column])).then_some(column)
}

/// ` of 4`.
fn of(width: usize) -> String {
    format!(" of {width}")
}

/// The widths of lines that differ, if they are allowed.
fn mixed_widths(rows: &[HeadRow<'_>], options: &ReadOptions) -> Option<BTreeSet<usize>> {
    ragged::widths(rows).filter(|widths| {
        let narrow = widths.first().copied().unwrap_or(0);
        options.word_column.is_none_or(|column| column <= narrow)
    })
}

/// The requested column of tags, counted from 1, where tags are wanted.
fn wanted_tags(options: &ReadOptions) -> Option<usize> {
    options.tag_column.filter(|_| !options.unlabelled)
}

/// Checks that a requested column exists.
fn check_column(column: Option<usize>, found: usize) -> Result<(), Problem> {
    match column {
        Some(column) if column == 0 || column > found => Err(Problem::NoColumn { column, found }),
        _ => Ok(()),
    }
}
