//! The neural network of a Gleaner tagger: a BERT-family encoder, a BiLSTM, a linear-chain CRF, and the optimisers
//! that train them.
//!
//! Sentences are *packed*: the pieces of all sentences of a batch are stored one after the other, `[total_pieces,
//! hidden]`, together with the offsets of the sentences. No time is spent on padding. The only files that this
//! crate handles are weights (safetensors, and checkpoints of PyTorch) and the encoder's `config.json`. It does not
//! handle words, label names or evaluation scores.
//!
//! ```text
//! Packed ──▶ embeddings ──▶ encoder ──▶ BiLSTM ──▶ linear ──▶ CRF
//! [pieces]   [pieces, h]    [pieces, h]  [pieces, 2u]  [positions, tags]
//! ```

pub mod crf;
pub mod encoder;
#[doc(hidden)] // for this crate's benchmarks
pub mod kernels;
pub mod masked;
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
mod frozen;
mod grads;
mod init;
mod lstm;
mod packed;
mod params;
mod precision;

pub use compute::{Backend, Compute, parse_device, prefer_device};
pub use encoder::{Projection, Rounding};
pub use engine::Engine;
pub use error::NnError;
pub use frozen::Frozen;
pub use grads::Grads;
pub use kernels::Level;
pub use packed::{Batch, Packed};
pub use params::{Group, ParamId, Params};
pub use precision::Precision;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
