//! What the crates of Gleaner share, each thing once.
//!
//! - [`address`]: addresses of servers.
//! - [`bounded`]: files that are read whole only if they are not too long.
//! - [`csv`]: the cells of a row.
//! - [`files`]: all changes of files, which are written whole or not at all.
//! - [`hash`]: fingerprints of texts, models and downloads; git's names of contents.
//! - [`hidden`]: characters that a reader does not see.
//! - [`markdown`]: text in Markdown.
//! - [`model_files`]: names of files in model folders.
//! - [`random`]: SplitMix64, the generator behind every drawn number.
//! - [`split_names`]: which files of a data set are its training, dev and test part.
//! - [`summary`]: means, deviations and quantiles.
//! - [`tags`]: tags of entities (IOB1, IOB2, BIOES, BILOU) and the spans they mark.

pub mod address;
pub mod bounded;
pub mod csv;
pub mod files;
pub mod hash;
pub mod hidden;
pub mod markdown;
pub mod model_files;
pub mod random;
pub mod split_names;
pub mod summary;
pub mod tags;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
