//! A BERT-family encoder over packed pieces.
//!
//! An `Encoder` has parameters (`layout`) and rows of word embeddings (`words`). Two engines compute with it:
//! `fused`, a whole layer at a time on the CPU, and `composite`, in burn's tensor operations on any device.

#[cfg(feature = "composite")]
pub(crate) mod composite;
mod config;
mod depth;
mod family;
pub(crate) mod fused;
mod layout;
mod own_names;
mod published;
mod relative;
mod rotary;
mod rounding;
mod words;

pub use config::EncoderConfig;
pub use depth::Depth;
pub(crate) use layout::{Layout, Linear, Names};
pub(crate) use published::HeadNames;
pub use relative::RelativePositions;
pub use rotary::Rotary;
pub use rounding::{Projection, Rounding};
pub(crate) use words::WordRows;

use crate::Precision;

/// A BERT-family encoder: packed pieces in, hidden states `[pieces, hidden]` out.
pub(crate) struct Encoder {
    pub(crate) config: EncoderConfig,
    pub(crate) layout: Layout,
    pub(crate) words: WordRows,
    /// Precision of the matrix products.
    pub(crate) precision: Precision,
    workspaces: fused::Workspaces,
}

impl Encoder {
    pub(crate) fn new(config: EncoderConfig, layout: Layout, words: WordRows) -> Self {
        let (precision, workspaces) = (Precision::F32, fused::Workspaces::default());
        Self { config, layout, words, precision, workspaces }
    }
}
