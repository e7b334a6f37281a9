//! CoNLL: one word per line with its columns, and blank lines between sentences.
//!
//! - **Columns** are separated by tabs if the first data line has a tab, otherwise by one or more
//!   spaces. Words with spaces therefore need tabs. Every data line has the number of columns of
//!   the first one. The tag is in the last column unless [`ReadOptions`](crate::ReadOptions) names
//!   another one.
//! - **Blank lines** can contain spaces and tabs. The last sentence needs no blank line after it.
//!   `\r\n` is read as `\n`, and a byte order mark is dropped.
//! - **Documents** start with `-DOCSTART-` in the first column. The line ends a sentence and is
//!   dropped.
//! - **Comments** start with `#` and come before the first word of a sentence. Inside a sentence
//!   every line is data. A line with `#` before a sentence is data, not a comment, if it looks like
//!   data:
//!   - in a file with tabs, if it has a tab. Before the first word of the file it must also end
//!     with a tag, or not start with `# `;
//!   - in a file with spaces, if it has the file's number of columns and a valid tag. (Without tags
//!     the number of columns decides.)
//!
//! ```
//! use gleaner_corpus::{ReadOptions, conll};
//! use std::path::Path;
//!
//! let text = "# id = 1\nAnna\tB-PER\nsings\tO\n";
//! let mut reader = conll::Reader::new(text.as_bytes(), Path::new("a.conll"), &ReadOptions::default());
//! let sentence = reader.next().expect("one sentence")?.into_sentence();
//! assert_eq!((sentence.line, sentence.words), (2, vec!["Anna".to_owned(), "sings".to_owned()]));
//! # Ok::<(), gleaner_corpus::CorpusError>(())
//! ```

mod layout;
mod reader;
mod writer;

pub use reader::{Reader, Rows};
pub use writer::{WriteError, Writer};
