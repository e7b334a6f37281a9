//! What the crates of Gleaner share, each thing once.
//!
//! - [`csv`]: the cells of a row.
//! - [`files`]: the door to the disk, through which files are written whole or not at all.
//! - [`random`]: SplitMix64, the generator behind every drawn number.
//! - [`sha256`]: fingerprints of texts, models and downloads.
//! - [`split_names`]: which files of a data set are its training, dev and test part.
//! - [`summary`]: means, deviations and quantiles.
//! - [`tags`]: tags of entities (IOB1, IOB2, BIOES, BILOU) and the spans they mark.

pub mod csv;
pub mod files;
pub mod random;
pub mod sha256;
pub mod split_names;
pub mod summary;
pub mod tags;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
