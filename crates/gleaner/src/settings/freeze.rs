//! The part of the encoder that is not trained.

use gleaner_nn::encoder::Depth;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The part of the encoder that keeps its pre-trained values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Freeze {
    /// None: all of it is trained.
    None,
    /// The embeddings.
    Embeddings,
    /// The embeddings and this number of lower layers.
    Layers(usize),
}

impl FromStr for Freeze {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "none" => Ok(Self::None),
            "embeddings" => Ok(Self::Embeddings),
            n => n.parse().map(Self::Layers).map_err(|_| {
                format!("`{s}` is neither `none`, `embeddings` nor a number of layers")
            }),
        }
    }
}

impl TryFrom<String> for Freeze {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        s.parse()
    }
}

impl From<Freeze> for String {
    fn from(f: Freeze) -> Self {
        match f {
            Freeze::None => "none".into(),
            Freeze::Embeddings => "embeddings".into(),
            Freeze::Layers(n) => n.to_string(),
        }
    }
}

impl Freeze {
    /// Whether the parameter with this name keeps its value.
    pub(crate) fn keeps(self, name: &str) -> bool {
        match (self, Depth::of(name)) {
            (Self::None, _) => false,
            (_, Some(Depth::Embeddings)) => true,
            (Self::Layers(n), Some(Depth::Layer(layer))) => layer < n,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embeddings_of_words_and_distances_are_kept_together() {
        for freeze in [Freeze::Embeddings, Freeze::Layers(1)] {
            assert!(freeze.keeps("bert.embeddings.word_embeddings.weight"));
            assert!(freeze.keeps("bert.encoder.rel_embeddings.weight"));
            assert!(freeze.keeps("bert.encoder.LayerNorm.bias"));
            let first = "bert.encoder.layer.0.output.LayerNorm.bias";
            assert_eq!(freeze.keeps(first), freeze == Freeze::Layers(1));
            assert!(!freeze.keeps("bert.encoder.layer.10.output.LayerNorm.bias"));
            assert!(!freeze.keeps("fc.weight"));
        }
        assert!(!Freeze::None.keeps("bert.encoder.rel_embeddings.weight"));
    }
}
