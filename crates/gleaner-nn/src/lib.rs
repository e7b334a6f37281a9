//! The numbers behind a Gleaner tagger: a BERT-family encoder, a BiLSTM, a linear-chain CRF, and the
//! optimisers that train them.
//!
//! Sentences travel *packed*: the pieces of all sentences of a batch one after the other,
//! `[total_pieces, hidden]`, with the offsets of the sentences beside them, so that no
//! arithmetic is spent on padding. This crate knows nothing of files but safetensors and the
//! encoder's `config.json`, and nothing of words, labels' names or scores.
//!
//! ```text
//! Packed ──▶ embeddings ──▶ encoder ──▶ BiLSTM ──▶ linear ──▶ CRF
//! [pieces]   [pieces, h]    [pieces, h]  [pieces, 2u]  [units, tags]
//! ```

pub mod crf;
pub mod encoder;
#[doc(hidden)] // for this crate's benchmarks
pub mod kernels;
pub mod network;
pub mod optim;
pub mod rng;
pub mod schedule;
pub mod weights;

mod compute;
#[cfg(feature = "composite")]
mod dense;
mod engine;
mod error;
mod grads;
mod init;
mod lstm;
mod packed;
mod params;
mod precision;

pub use compute::{Backend, Compute, parse_device, prefer_device};
pub use engine::Engine;
pub use error::NnError;
pub use grads::Grads;
pub use packed::{Batch, Packed};
pub use params::{Group, ParamId, Params};
pub use precision::Precision;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
