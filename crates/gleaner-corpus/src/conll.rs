//! CoNLL: a line for each word, with its columns, and a blank line between sentences.
//!
//! - Columns are separated by tabs where the first data line holds one, else by spaces (one or
//!   more); words can hold spaces only where tabs separate. Every data line has as many columns as
//!   the first. The tag is in the last column unless the options say otherwise.
//! - A line of spaces and tabs alone is blank. The last sentence needs no blank line behind it.
//!   `\r\n` is read as `\n`, and a byte order mark is dropped.
//! - `-DOCSTART-` in the first column marks a new document; the line ends a sentence and belongs to
//!   none.
//! - A comment starts with `#` and stands before the first word of a sentence. So that a word `#`
//!   is not lost, such a line is data where it can be: with tabs, where it holds a tab (before
//!   the file's first word: and does not begin with `# `, or ends with a tag); with
//!   spaces, where it has the file's number of columns and its tag is one. (Without tags: where it
//!   has the file's number of columns.) Inside a sentence every line is data.

mod layout;
mod reader;
mod writer;

pub use reader::{Reader, Rows};
pub use writer::{WriteError, Writer};
