//! CSV with a row per word, as on Kaggle: `Sentence #,Word,POS,Tag`.
//!
//! The first row names the columns. The column of the sentences has a value on the first word of each sentence, or the
//! same value on all its words; without such a column, blank rows separate sentences. Cells are separated by commas,
//! semicolons or tabs. A cell with a quotation mark at its start ends at the next single one; it has no line end,
//! because a lone quotation mark would otherwise swallow the rows up to the next one.

mod columns;
mod reader;
mod writer;

pub(crate) use reader::read;
pub use writer::write;

/// The name of the format in messages.
const NAME: &str = "CSV";

/// Whether a file starts with a row that names columns of words and tags, separated by commas or semicolons.
pub(crate) fn looks_like(head: &str) -> bool {
    let first = head.trim_start_matches('\u{feff}').lines().find(|line| !line.trim().is_empty());
    first.is_some_and(|line| {
        [',', ';'].into_iter().any(|separator| columns::has_names(line, separator))
    })
}
