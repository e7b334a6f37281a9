//! Reading, checking, converting, splitting and writing labelled text for named-entity recognition.
//!
//! A labelled text is a list of [`Sentence`]s: words, each with a tag that says whether the word belongs to a named
//! entity and of which type. [`read()`] reads files of CoNLL, JSON, Parquet, CSV, spaCy, WebAnno and brat ([`Format`]),
//! detects their tag [`Scheme`] and returns a [`Corpus`] with IOB2 tags. Unusual but readable input is listed as
//! [`Finding`]s; invalid input is a [`CorpusError`] of one line with the place and the fix.
//!
//! # Read a corpus
//!
//! ```
//! use gleaner_corpus::{LabelMap, ReadOptions, Scheme, read_bytes};
//! use std::path::Path;
//!
//! // `read(path, &options)` does the same with a file.
//! let text = "Anna\tI-PERSON\nlives\tO\nin\tO\nNew\tI-GPE\nYork\tI-GPE\n\nIn\tO\nMay\tI-DATE\n";
//! let label_map = LabelMap::from_toml("PERSON = \"PER\"\nGPE = \"LOC\"\nDATE = \"O\"")?;
//! let options = ReadOptions { label_map: Some(label_map), ..ReadOptions::default() };
//! let corpus = read_bytes(text.as_bytes(), Path::new("train.conll"), &options)?;
//!
//! assert_eq!(corpus.scheme, Scheme::Iob1);
//! assert_eq!(corpus.sentences[0].tags, ["B-PER", "O", "O", "B-LOC", "I-LOC"]);
//! let finding = "train.conll:8: 1 entity of type DATE dropped by the label map, the first one here";
//! assert_eq!(corpus.findings[0].to_string(), finding);
//!
//! let error = read_bytes(b"Anna\tB_PER\n", Path::new("bad.conll"), &options).unwrap_err();
//! assert!(error.to_string().starts_with("bad.conll:1: unknown tag \"B_PER\"; expected"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Convert tags
//!
//! ```
//! use gleaner_corpus::Scheme;
//!
//! let iob2 = ["B-PER", "I-PER", "O"].map(String::from);
//! assert_eq!(Scheme::Bilou.encode(&iob2), ["B-PER", "L-PER", "O"]);
//! ```
//!
//! # Split a corpus
//!
//! ```
//! use gleaner_corpus::splits::{split_80_10_10, train_test_split};
//!
//! let (train, test) = train_test_split(5, 0.2, 42)?; // as scikit-learn does
//! assert_eq!((train, test), (vec![4, 2, 0, 3], vec![1]));
//! assert_eq!(split_80_10_10(300, 42)?.dev.len(), 30);
//! # Ok::<(), gleaner_corpus::splits::SplitError>(())
//! ```
//!
//! # More
//!
//! - [`mod@audit`] finds leaks, duplicates, contradictory tags and other issues.
//! - [`inspect`] computes statistics, [`overlap`] finds repeated sentences.
//! - [`text`] splits plain text into sentences and words, by a rule that a corpus can teach.
//! - [`mod@conll`], [`jsonl`] and [`text`] have readers for files that do not fit into memory.

mod brackets;
mod column_names;
mod convert;
mod corpus;
mod counted;
mod detect;
mod document;
mod error;
mod file_tags;
mod finding;
mod flate;
mod folder;
mod format;
mod invisible;
mod label_map;
mod labelled;
mod labels;
mod lines;
mod mentions;
mod options;
mod part_warnings;
mod places;
mod read;
mod reading;
mod recognise;
mod scheme;
mod seqeval;
mod spelling;
mod table;
mod write;

pub mod audit;
pub mod brat;
pub mod conll;
pub mod csv;
pub mod docbin;
pub mod inspect;
pub mod jsonl;
pub mod overlap;
pub mod splits;
pub mod text;
pub mod webanno;

pub use corpus::{Corpus, Sentence, Unrepaired};
pub use error::{CorpusError, Problem, UnmappedType, WriteError};
pub use finding::{Finding, FindingKind};
pub use folder::{Splits, find_parts, find_splits, find_test, is_annotated};
pub use format::Format;
pub use gleaner_base::tags::Entity;
pub use label_map::LabelMap;
pub use mentions::Mentions;
pub use options::{Nested, Offsets, ReadOptions};
pub use part_warnings::{Warning, part_warnings, repeated_files};
pub use read::{companions, read, read_all, read_bytes, read_plain};
pub use reading::Reading;
pub use scheme::Scheme;
pub use write::write;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
