//! JSON: one object per line, or one array of objects. Blank lines are ignored.
//!
//! | keys | written by | sentences |
//! |---|---|---|
//! | `tokens` (or `words`), `tags` (or `ner_tags`) | Gleaner, `datasets` | one: lists of the same length; tags are names, or numbers with a list of names |
//! | `text`, `spans` | Prodigy | those of the text; a span has `start`, `end` (exclusive) and `label` or `type` |
//! | `text`, `label`, `labels` or `entities` | doccano | those of the text; spans are `[start, end, label]`, or have `start_offset` and `end_offset` |
//! | `data`, `annotations` | Label Studio | those of the text in `data` |
//! | `text` and a list of regions with `labels` | Label Studio (JSON-MIN) | those of the text |
//!
//! The keys of each object decide, so a file can have several kinds. Words and sentences of a text are found as in
//! plain text; a word in which a span starts or ends is split there. `tokens` beside a text can have the words instead:
//! as strings, as `[start, end]`, or as Prodigy's objects.
//!
//! The names of numbers come from [`ReadOptions::labels`](crate::ReadOptions::labels), or from the key `label_names` (a
//! list) or `features` (as in `dataset_info.json`) of the object or of an earlier one; a line can have this key alone.
//! If an object has tokens and tags, its text and spans are ignored. Other keys are ignored, but no key may occur
//! twice. Tasks of Prodigy with the answer `reject` or `ignore`, and tasks of Label Studio without an annotation, are
//! left out where tags are read. Prodigy's answers to single spans say nothing about other words, so they are errors.
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

mod annotated;
mod detect;
mod elements;
mod features;
mod fields;
mod interpret;
mod joined_text;
mod label_studio;
mod reader;
mod spans;
mod tokens;
mod unique;
mod writer;

pub use annotated::Annotated;
pub(crate) use detect::detect;
pub(crate) use features::names_in_info;
pub use reader::Reader;
pub use writer::{
    write, write_array, write_doccano, write_label_studio, write_label_studio_min, write_prodigy,
};
