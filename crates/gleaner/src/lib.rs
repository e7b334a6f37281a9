//! Named-entity taggers for languages with little labelled text: training, evaluation and labelling.
//!
//! A [`Tagger`] is an encoder with a head, its tokenizer and its labels. [`Tagger::load`] loads one, [`train::fit`]
//! trains one from a [`Dataset`] and [`Settings`].
//!
//! ```text
//! corpus ─▶ pieces ─▶ batches ─▶ emissions ─▶ tags ─▶ scores
//! ```
//!
//! With the feature `hub` (on by default) [`Tagger::load`] also loads models by their names on the Hugging Face hub.

#[macro_use]
mod words;

mod batches;
mod data;
mod encoder_files;
mod ensemble;
mod error;
mod estimate;
mod framing;
mod frozen;
mod int8;
mod labels;
mod model;
mod pieces;
mod scores;
mod settings;
mod tagger;
mod tokenizer_files;
mod trained_on;

#[cfg(test)]
mod testing;

pub mod active;
pub mod adapt;
pub mod audit;
pub mod encoders;
pub mod export;
pub mod recipe;
pub mod sources;
pub mod train;
pub mod trim;

pub use data::{
    Dataset, FileReport, POOL_NOTE, Role, TextRecord, is_plain_text, is_sample, pool_sentences,
    read_folder, read_parts,
};
pub use encoder_files::{EncoderFiles, SAMPLE_ENCODER, encoder_paths};
pub use ensemble::{Ensemble, EnsembleScores, is_ensemble};
pub use error::GleanerError;
pub use estimate::{Estimate, estimate};
pub use framing::PieceLabels;
pub use gleaner_corpus::text::{Difference, Segmenter};
pub use gleaner_corpus::{
    Corpus, CorpusError, Finding, FindingKind, LabelMap, ReadOptions, Scheme, Sentence, Splits,
    read,
};
pub use gleaner_metrics::{Evaluation, Interval, Intervals, Report, ScoredSpan, ScoredSpans};
pub use gleaner_nn::{
    Compute, NnError, Precision, Projection, Rounding, encoder::EncoderConfig, network::HeadKind,
    optim::OptimizerKind, prefer_device, weights::WeightFile,
};
pub use int8::{Int8, Int8Cost, Quantization, quantize};
pub use labels::Labels;
pub use pieces::{PieceCounts, PieceTokenizer};
pub use scores::Scores;
pub use settings::{
    Additions, CardOverrides, CardSettings, Confidence, CorpusOptions, CorpusOverrides, CorpusPath,
    DataOverrides, DataSettings, DecayOn, EncoderRate, Freeze, Joined, NetworkOverrides,
    NetworkSettings, OptimizerOverrides, OptimizerSettings, Overrides, PieceOverrides,
    PieceSettings, Protocol, RunOverrides, RunSettings, Schedule, Selection, SelectionOverrides,
    SelectionSettings, SelfTrainingOverrides, SelfTrainingSettings, Settings, Split, Stage,
    Student, Targets, Unsure,
};
pub use tagger::{Entity, Scored, TagStream, Tagged, TaggedSpan, Tagger, TaggerConfig, Words};
pub use train::Provenance;
pub use trained_on::TrainedOn;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
