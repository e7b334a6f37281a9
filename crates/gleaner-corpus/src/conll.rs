//! CoNLL: one word per line with its columns, and blank lines between sentences.
//!
//! - **Columns** are separated by tabs if the first data line has a tab, otherwise by one or more
//!   spaces. Words with spaces therefore need tabs. Every data line has the number of columns of
//!   the first one, except in the original release of WikiANN, which has two widths with the word
//!   first and the tag last.
//! - **The word** is in the first column that does not number words or sentences: columns of running
//!   numbers, of ids such as `d1-1` and of offsets such as `0-4` are passed over. A header names it
//!   too. Numbers and ids that are neither clearly an index nor clearly words are an error. White
//!   space around a word is dropped; a word that cannot be seen is empty.
//! - **The tag** is in the only column in which every line has a tag, also before the word. Chunks of
//!   CoNLL-2003 do not count. Several such columns are an error, so that nested entities are never
//!   guessed. Without such a column the tag is a value in a column of `key=value` pairs, as in the
//!   column MISC of CoNLL-U (words without the key have the tag O), or the last column.
//! - [`ReadOptions`](crate::ReadOptions) can name both columns. [`Reader::choices`] says what was
//!   chosen and why.
//! - **A header row** (`TOKEN`, `NER`) or `# global.columns = ...` of CoNLL-U Plus names columns. Ranges
//!   (1-2) and empty nodes (3.1) of CoNLL-U are left out. A first row that may be a header is an error.
//! - **Language codes** before all words (`fo:Jógvan`) are dropped.
//! - **Blank lines** can contain spaces and tabs. The last sentence needs no blank line after it. In
//!   files without blank lines, a column that numbers the sentences, or the words of each sentence,
//!   separates them; so does a column that the header names `sentence_id` or similar.
//!   `\r\n` is read as `\n`. Byte order marks at the start of a line are dropped; one inside the
//!   file, where files were joined, ends a sentence.
//! - **Documents** start with `-DOCSTART-`, also in similar spellings, or `#begin document`. The line
//!   ends a sentence and is dropped.
//! - **Comments** start with `#` and come before the first word of a sentence. Inside a sentence
//!   every line is data, except `# key = value` in a file with tabs. A line with `#` before a sentence
//!   is data, not a comment, if it looks like data:
//!   - never in a file whose first column numbers the words;
//!   - in a file with tabs, if it has a tab, and does not start with `# ` or has the file's number of
//!     columns and a tag;
//!   - in a file with spaces, if it has the file's number of columns and a tag of a type that other
//!     lines have. (Without tags the number of columns decides.)
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

mod breaks;
mod cell;
mod comments;
mod head;
mod header;
mod index;
mod layout;
mod others;
mod prefix;
mod ragged;
mod reader;
mod sniff;
mod tags;
mod writer;

pub(crate) use sniff::looks_like;

pub use others::Other;
pub use reader::{Reader, Rows};
pub use writer::{Writer, write, write_2003, write_plus};
