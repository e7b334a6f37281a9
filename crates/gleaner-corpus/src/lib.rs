//! Reading, writing, checking and splitting labelled text.
//!
//! A labelled text is a list of [`Sentence`]s: words, and for each word a tag that tells whether it
//! belongs to a named entity and to what type. [`read()`] takes CoNLL, JSONL and parquet files,
//! recognises their tag [`Scheme`], and gives a [`Corpus`] whose tags are IOB2. What is odd but
//! readable becomes a [`Finding`], what is wrong a [`CorpusError`] of one line, with the place and
//! the remedy.
//!
//! ```
//! use std::path::Path;
//! use gleaner_corpus::{LabelMap, ReadOptions, Scheme, inspect::Summary, read_bytes, splits::train_test_split};
//!
//! let text = "Anna\tI-PERSON\nlives\tO\nin\tO\nNew\tI-GPE\nYork\tI-GPE\n\nIn\tO\nMay\tI-DATE\n";
//! let label_map = LabelMap::from_toml("PERSON = \"PER\"\nGPE = \"LOC\"\nDATE = \"O\"")?;
//! let options = ReadOptions { label_map: Some(label_map), ..ReadOptions::default() };
//! let corpus = read_bytes(text.as_bytes(), Path::new("train.conll"), &options)?;
//!
//! assert_eq!(corpus.scheme, Scheme::Iob1);
//! assert_eq!(corpus.sentences[0].tags, ["B-PER", "O", "O", "B-LOC", "I-LOC"]);
//! assert_eq!(corpus.findings[0].to_string(), "train.conll:8: 1 entity of type DATE dropped by the label map, the first here");
//! assert_eq!(Summary::of(&corpus).without_entity, Some(1));
//!
//! let (train, test) = train_test_split(corpus.sentences.len(), 0.5, 42)?;
//! assert_eq!((train, test), (vec![0], vec![1]));
//!
//! let error = read_bytes(b"Anna\tB_PER\n", Path::new("bad.conll"), &ReadOptions::default()).unwrap_err();
//! assert!(error.to_string().starts_with("bad.conll:1: unknown tag \"B_PER\"; expected"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What makes such text worth less than it seems is found by [`mod@audit`].
//!
//! For text without labels see [`text`]; for files too large for memory, the readers in
//! [`mod@conll`], [`jsonl`] and [`text`].

mod convert;
mod corpus;
mod error;
mod finding;
mod folder;
mod guard;
mod label_map;
mod labels;
mod lines;
mod read;
mod scheme;
mod table;
mod tag;

pub mod audit;
pub mod conll;
pub mod inspect;
pub mod jsonl;
pub mod overlap;
pub mod splits;
pub mod text;

pub use corpus::{Corpus, Entity, Sentence, entities};
pub use error::{CorpusError, Problem};
pub use finding::{Finding, FindingKind};
pub use folder::{Splits, find_splits, find_test, read_all};
pub use label_map::{LabelMap, UnmappedType};
pub use read::{Format, ReadOptions, read, read_bytes};
pub use scheme::Scheme;
