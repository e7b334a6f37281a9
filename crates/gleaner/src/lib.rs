//! Taggers for named entities in languages with little labelled text: training, evaluation and
//! labelling.
//!
//! A [`Tagger`] is an encoder with a head, its tokenizer and its labels. [`train::train`] makes one
//! from labelled text and [`Settings`]; [`ModelFolder`] keeps it on disk.
//!
//! ```text
//! corpus ─▶ pieces ─▶ batches ─▶ emissions ─▶ tags ─▶ scores
//! ```

mod batches;
mod data;
mod encoder_source;
mod error;
mod estimate;
mod labels;
mod model_folder;
mod pieces;
mod scratch;
mod tagger;

#[cfg(test)]
mod testing;

pub mod audit;
pub mod settings;
pub mod sources;
pub mod train;

pub use data::{RunData, is_sample, pool_sentences, read_folder};
pub use encoder_source::{EncoderFiles, SAMPLE_ENCODER};
pub use error::GleanerError;
pub use estimate::{Estimate, estimate};
pub use gleaner_nn::{Precision, prefer_device};
pub use labels::Labels;
pub use model_folder::{ModelFolder, Provenance, Scores, TextRecord, TrainedOn};
pub use pieces::{PieceCounts, Pieces};
pub use settings::{
    Additions, Confidence, EncoderRate, Freeze, Joined, Overrides, PieceLabels, Protocol, Schedule,
    Selection, Settings, Split, Stage, Student, Targets, Unsure,
};
pub use tagger::{Scored, Tagged, TaggedSpan, Tagger, Undecoded};
