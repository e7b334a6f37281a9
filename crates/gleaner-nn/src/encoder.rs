//! A BERT-family encoder over packed pieces.
//!
//! An `Encoder` has parameters (`layout`) and rows of word embeddings (`words`). Two engines compute with it:
//! `fused`, a whole layer at a time on the CPU, and `composite`, in burn's tensor operations on any device.

mod check;
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

/// Sites of dropout. Within the random stream of a step, each depth has a stream, and in it each site has one. The
/// depth is 0 for the embeddings and i + 1 for layer i.
pub(crate) mod site {
    /// The embeddings.
    pub(crate) const EMBEDDINGS: u64 = 0;
    /// The attention probabilities of a layer.
    pub(crate) const PROBABILITIES: u64 = 1;
    /// What a layer's attention adds to its input.
    pub(crate) const ATTENTION_OUTPUT: u64 = 2;
    /// What a layer's feed-forward part adds to its input.
    pub(crate) const LAYER_OUTPUT: u64 = 3;
    /// The vectors of relative distances, as a layer reads them.
    pub(crate) const DISTANCES: u64 = 4;
}

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
