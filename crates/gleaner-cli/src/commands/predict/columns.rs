//! Rows of CoNLL as sentences to label.

use super::{
    sentence::{Kept, Waiting},
    skipped::Skipping,
};
use gleaner_corpus::{CorpusError, Problem, conll};
use std::path::PathBuf;

/// Turns rows of CoNLL into sentences.
pub struct Cells {
    pub name: PathBuf,
    pub skipping: Skipping,
    pub has_gold: bool,
}

impl Cells {
    /// A sentence without its empty words, if these are left out; `None` if nothing remains.
    pub fn sentence(&self, mut rows: conll::Rows) -> Result<Option<Waiting>, CorpusError> {
        let empty: Vec<usize> =
            (0..).zip(rows.words()).filter(|(_, word)| word.is_empty()).map(|(at, _)| at).collect();
        for &at in empty.iter().rev() {
            let problem = Problem::EmptyWord { position: at + 1 };
            let error = CorpusError::at_line(&self.name, rows.lines[at], problem);
            if !self.skipping.skip {
                return Err(error);
            }
            self.skipping.skipped.add(&error);
            rows.rows.remove(at);
            rows.lines.remove(at);
            let behind = rows.others.iter_mut().filter(|other| other.before > at);
            behind.for_each(|other| other.before -= 1);
        }
        if rows.rows.is_empty() {
            return Ok(None);
        }
        let owned = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        let columns = match rows.columns() {
            // Lines of different widths, as in the original release of WikiANN: only the words have a place.
            all if all.is_empty() => rows.words().iter().map(|word| owned(&[*word])).collect(),
            all => all.iter().map(|row| owned(row)).collect(),
        };
        let others = rows.others.iter().map(|other| conll::Other {
            before: other.before,
            cells: owned(&rows.without_tag(&other.cells)),
        });
        let others = others.collect();
        // The output has other columns than CoNLL-U Plus names.
        let names_columns = |comment: &String| {
            comment.trim_start_matches('#').trim_start().starts_with("global.columns")
        };
        rows.comments.retain(|comment| !names_columns(comment));
        let kept = Kept::Columns { comments: std::mem::take(&mut rows.comments), columns, others };
        let sentence = rows.into_sentence();
        // The tags as they are, where they cannot be read.
        let gold = self.has_gold.then_some(sentence.tags);
        Ok(Some(Waiting { words: sentence.words, line: sentence.line, offsets: None, gold, kept }))
    }
}
