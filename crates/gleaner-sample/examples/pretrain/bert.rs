//! The configuration of the encoder, its initial values, and its file in half precision.

use gleaner_nn::rng::Stream;
use half::f16;
use safetensors::{Dtype, SafeTensorError, tensor::TensorView};
use serde_json::{Value, json};

const HIDDEN: usize = 64;
const LAYERS: usize = 3;
const HEADS: usize = 4;
const INNER: usize = 4 * HIDDEN;
const POSITIONS: usize = 128;

/// Standard deviation of initial weights.
const SPREAD: f32 = 0.05;

/// A tensor: name, shape, and values in row-major order.
pub(crate) type Named = (String, Vec<usize>, Vec<f32>);

/// A Hugging Face `config.json`.
pub(crate) fn config(vocabulary: usize) -> Value {
    json!({
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": vocabulary,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 1,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "position_embedding_type": "absolute",
        "pad_token_id": 0,
        "initializer_range": SPREAD,
    })
}

/// The initial tensors of an encoder.
pub(crate) fn random(vocabulary: usize, stream: Stream) -> Vec<Named> {
    let mut shapes = Vec::new();
    let mut matrix =
        |name: &str, rows, columns| shapes.push((name.to_owned(), vec![rows, columns]));
    matrix("embeddings.word_embeddings.weight", vocabulary, HIDDEN);
    matrix("embeddings.position_embeddings.weight", POSITIONS, HIDDEN);
    matrix("embeddings.token_type_embeddings.weight", 1, HIDDEN);
    for layer in 0..LAYERS {
        let mut linear = |name: &str, rows, columns| {
            matrix(&format!("encoder.layer.{layer}.{name}.weight"), rows, columns)
        };
        linear("attention.self.query", HIDDEN, HIDDEN);
        linear("attention.self.key", HIDDEN, HIDDEN);
        linear("attention.self.value", HIDDEN, HIDDEN);
        linear("attention.output.dense", HIDDEN, HIDDEN);
        linear("intermediate.dense", INNER, HIDDEN);
        linear("output.dense", HIDDEN, INNER);
    }
    let biases: Vec<_> = shapes
        .iter()
        .filter(|(name, _)| name.starts_with("encoder."))
        .map(|(name, shape)| (name.replace(".weight", ".bias"), vec![shape[0]]))
        .collect();
    let norms = (0..LAYERS)
        .flat_map(|layer| {
            ["attention.output", "output"].map(|n| format!("encoder.layer.{layer}.{n}"))
        })
        .chain(["embeddings".to_owned()])
        .flat_map(|place| ["weight", "bias"].map(|part| format!("{place}.LayerNorm.{part}")))
        .map(|name| (name, vec![HIDDEN]));
    let start = |name: &str, numbers: usize| -> Vec<f32> {
        let stream = stream.named(name);
        match name {
            _ if name.ends_with(".bias") => vec![0.0; numbers],
            _ if name.ends_with("LayerNorm.weight") => vec![1.0; numbers],
            _ => (0..numbers as u64).map(|i| SPREAD * stream.normal(i)).collect(),
        }
    };
    let named = shapes.into_iter().chain(biases).chain(norms);
    named
        .map(|(name, shape)| {
            let values = start(&name, shape.iter().product());
            (name, shape, values)
        })
        .collect()
}

/// A safetensors file with values in half precision.
pub(crate) fn file(tensors: &[Named]) -> Result<Vec<u8>, SafeTensorError> {
    let halves: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect())
        .collect();
    let views = tensors
        .iter()
        .zip(&halves)
        .map(|((name, shape, _), bytes)| {
            Ok((name, TensorView::new(Dtype::F16, shape.clone(), bytes)?))
        })
        .collect::<Result<Vec<_>, SafeTensorError>>()?;
    safetensors::serialize(views, Some([("format".to_owned(), "pt".to_owned())].into()))
}
