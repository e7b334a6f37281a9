//! The part of the encoder that is not trained.

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
        let layer = |n: usize| {
            let rest = name.strip_prefix("bert.encoder.layer.")?;
            Some(rest.split('.').next()?.parse::<usize>().ok()? < n)
        };
        match self {
            Self::None => false,
            Self::Embeddings => name.starts_with("bert.embeddings"),
            Self::Layers(n) => name.starts_with("bert.embeddings") || layer(n).unwrap_or(false),
        }
    }
}
