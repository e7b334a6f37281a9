//! Grouping lines into sentences.

use std::path::Path;

use super::Rows;
use crate::conll::layout::{ColumnLayout, Kind};
use crate::conll::others::Other;
use crate::conll::{cell, head};
use crate::error::CorpusError;
use crate::lines::Line;

/// Groups the lines of a file into sentences.
pub(super) struct Grouping {
    layout: ColumnLayout,
    /// What is known of the next sentence: the starts of documents before it, and its first row, if no blank line comes
    /// before it.
    next: Part,
}

/// How many lines of each kind were not words.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Skipped {
    pub(super) comments: usize,
    pub(super) extras: usize,
    pub(super) marks: usize,
    /// The first header row too.
    pub(super) headers: usize,
    /// Words with white space around them.
    pub(super) trimmed: usize,
}

/// What a line does to the sentence before it.
#[derive(PartialEq, Eq)]
pub(super) enum Then {
    Continues,
    Ends,
}

/// The part of a sentence that has been read.
#[derive(Default)]
pub(super) struct Part {
    rows: Vec<Vec<String>>,
    lines: Vec<usize>,
    comments: Vec<String>,
    others: Vec<Other>,
    /// What is wrong with it.
    error: Option<CorpusError>,
    /// Whether its last line cannot be read, and does not say to which sentence it belongs.
    is_after_bad: bool,
}

impl Part {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.error.is_none()
    }

    fn add(&mut self, line: usize, row: Vec<String>) {
        self.lines.push(line);
        self.rows.push(row);
    }

    /// Records what is wrong with the sentence.
    pub(super) fn spoil(&mut self, error: CorpusError) {
        self.error.get_or_insert(error);
        self.is_after_bad = true;
    }
}

impl Grouping {
    pub(super) fn new(layout: ColumnLayout) -> Self {
        Self { layout, next: Part::default() }
    }

    /// Which columns are read and why.
    pub(super) fn choices(&self) -> &[String] {
        &self.layout.choices
    }

    /// The start of the next sentence.
    pub(super) fn begin(&mut self) -> Part {
        std::mem::take(&mut self.next)
    }

    /// Adds a line to a sentence, or keeps it for the next one.
    pub(super) fn add(
        &mut self,
        line: Line<'_>,
        part: &mut Part,
        name: &Path,
        skipped: &mut Skipped,
    ) -> Then {
        // Files joined end to end: the mark starts the next file, and so a sentence.
        let joined = line.mark == 1 && line.number > 1;
        skipped.marks += usize::from(joined);
        if head::is_boundary(line.text) {
            let starts = Other::document(line.text, self.layout.tabs());
            if part.is_empty() {
                part.others.extend(starts);
                return Then::Continues;
            }
            self.next.others.extend(starts);
            return Then::Ends;
        }
        let ends = joined && !part.is_empty();
        // A column that separates sentences also ends malformed ones.
        if part.error.is_some() && !ends && self.layout.breaks.is_none() {
            return Then::Continues;
        }
        match self.layout.kind(line.text, line.number, !part.rows.is_empty() && !ends) {
            Ok(Kind::Row(mut cells)) => {
                let word = &mut cells[self.layout.word];
                let trimmed = cell::word(word);
                skipped.trimmed += usize::from(trimmed != *word && !trimmed.is_empty());
                *word = trimmed;
                let is_unsure = std::mem::take(&mut part.is_after_bad);
                let mut starts = ends || self.layout.starts_sentence(&part.rows, &cells);
                // The line that cannot be read may be the first of this sentence, which is left out too then.
                starts &= ends || !is_unsure || self.layout.is_first(&part.rows, &cells);
                let cells = cells.into_iter().map(str::to_owned).collect();
                if starts {
                    self.next.add(line.number, cells);
                    return Then::Ends;
                }
                part.add(line.number, cells);
            }
            Ok(Kind::Comment) => {
                skipped.comments += 1;
                part.comments.push(line.text.to_owned());
            }
            Ok(Kind::Extra) => {
                skipped.extras += 1;
                part.others.push(Other::new(part.rows.len(), line.text, self.layout.tabs()));
            }
            Ok(Kind::Header) => {
                skipped.headers += 1;
                if !part.is_empty() {
                    return Then::Ends;
                }
            }
            Err(problem) => {
                let error = CorpusError::at_line(name, line.number, problem);
                let Some(row) = self.layout.place_of_malformed(&part.rows, line.text) else {
                    part.spoil(error);
                    return if ends { Then::Ends } else { Then::Continues };
                };
                let cells: Vec<&str> = row.iter().map(String::as_str).collect();
                if ends || self.layout.starts_sentence(&part.rows, &cells) {
                    self.next.add(line.number, row);
                    self.next.error = Some(error);
                    return Then::Ends;
                }
                part.add(line.number, row);
                part.error.get_or_insert(error);
            }
        }
        if ends { Then::Ends } else { Then::Continues }
    }

    /// The sentence of all its lines, or what is wrong with it; `None` at the end of the file.
    pub(super) fn finish(&mut self, part: Part) -> Option<Result<Rows, CorpusError>> {
        let Part { rows, lines, comments, mut others, error, .. } = part;
        if let Some(error) = error {
            // The document continues after a malformed sentence.
            others.retain(Other::is_document);
            others.append(&mut self.next.others);
            self.next.others = others;
            return Some(Err(error));
        }
        let ColumnLayout { word, tag, prefixes, .. } = &self.layout;
        Some(Ok(Rows {
            line: *lines.first()?,
            rows,
            lines,
            comments,
            others,
            word: *word,
            tag: tag.clone(),
            prefixes: prefixes.clone(),
        }))
    }
}
