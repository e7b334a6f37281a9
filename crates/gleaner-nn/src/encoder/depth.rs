//! The place of a parameter between the input and the output of an encoder.

use super::layout::PREFIX;

/// The part of an encoder that a parameter belongs to, from the input to the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The embeddings of pieces, positions and distances, with their normalisations.
    Embeddings,
    /// A layer, counted from 0 at the input.
    Layer(usize),
    /// The normalisation above the last layer.
    Top,
}

impl Depth {
    /// The part that the parameter with this name belongs to; `None` outside the encoder.
    pub fn of(name: &str) -> Option<Self> {
        // The last two are the embeddings of distances of DeBERTa and their normalisation, which all layers share.
        const EMBEDDINGS: [&str; 3] =
            ["embeddings", "encoder.rel_embeddings.", "encoder.LayerNorm."];
        let name = name.strip_prefix(PREFIX)?;
        if EMBEDDINGS.iter().any(|start| name.starts_with(start)) {
            return Some(Self::Embeddings);
        }
        let layer = name.strip_prefix("encoder.layer.").and_then(|rest| {
            let (layer, _) = rest.split_once('.')?;
            layer.parse().ok()
        });
        Some(layer.map_or(Self::Top, Self::Layer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_known_by_its_name() {
        for (name, depth) in [
            ("bert.embeddings.word_embeddings.weight", Some(Depth::Embeddings)),
            ("bert.embeddings_project.weight", Some(Depth::Embeddings)),
            ("bert.encoder.rel_embeddings.weight", Some(Depth::Embeddings)),
            ("bert.encoder.LayerNorm.bias", Some(Depth::Embeddings)),
            ("bert.encoder.layer.0.output.LayerNorm.bias", Some(Depth::Layer(0))),
            ("bert.encoder.layer.10.attention.self.query.weight", Some(Depth::Layer(10))),
            ("bert.final_norm.weight", Some(Depth::Top)),
            ("fc.weight", None),
            ("lstm.weight_ih_l0", None),
        ] {
            assert_eq!(Depth::of(name), depth, "{name}");
        }
    }
}
