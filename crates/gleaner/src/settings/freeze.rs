//! What is not trained.

use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What of the encoder keeps its pre-trained values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Freeze {
    /// Everything is trained.
    None,
    /// Embeddings are kept.
    Embeddings,
    /// Embeddings and this number of lower layers are kept.
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
    /// Whether the parameter of that name is kept.
    pub(crate) fn keeps(self, name: &str) -> bool {
        let layer = |n: usize| {
            let rest = name.strip_prefix("bert.encoder.layer.")?;
            Some(rest.split('.').next()?.parse::<usize>().ok()? < n)
        };
        match self {
            Self::None => false,
            Self::Embeddings => name.starts_with("bert.embeddings."),
            Self::Layers(n) => name.starts_with("bert.embeddings.") || layer(n).unwrap_or(false),
        }
    }
}
