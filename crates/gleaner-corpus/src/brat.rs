//! brat's stand-off annotations: a text in `x.txt`, and its entities in `x.ann`.
//!
//! A line `T1⇥PER 0 4⇥Anna` of the second file annotates the characters 0 to 4, in Unicode scalar values. Relations,
//! events, attributes and notes are ignored. A span of several fragments is read if only white space is between them,
//! as brat writes spans over the end of a line, and refused otherwise.

mod reader;
mod writer;

pub(crate) use reader::{annotation_files, read, stands_for};
pub use writer::write;

/// The name of the format in messages.
const NAME: &str = "brat annotations";
