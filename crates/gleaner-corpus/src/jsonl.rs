//! JSON Lines: one object per line and sentence. Blank lines are ignored.
//!
//! | keys | sentence |
//! |---|---|
//! | `tokens` (or `words`), `tags` (or `ner_tags`) | lists of the same length; tags are names, or numbers with a list of names |
//! | `text`, `spans` | words as [`text::words`](crate::text::words) splits them; a span has `start`, `end` (Unicode scalar values, end exclusive) and `label` or `type` |
//!
//! The names of numbers come from [`ReadOptions::labels`](crate::ReadOptions::labels), or from the
//! key `label_names` (a list) of the object or of an earlier one; a line can have this key alone. If
//! an object has tokens, its text and spans are ignored. Other keys are ignored.
//!
//! ```
//! use gleaner_corpus::{ReadOptions, jsonl};
//! use std::path::Path;
//!
//! let line = r#"{"text": "Anna sings.", "spans": [{"start": 0, "end": 4, "label": "PER"}]}"#;
//! let mut reader = jsonl::Reader::new(line.as_bytes(), Path::new("a.jsonl"), &ReadOptions::default());
//! assert_eq!(reader.next().expect("one sentence")?.tags, ["B-PER", "O", "O"]);
//! # Ok::<(), gleaner_corpus::CorpusError>(())
//! ```

mod align;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::write;
