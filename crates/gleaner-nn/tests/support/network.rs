//! Networks with random weights, and batches for them.

#![allow(dead_code)] // not every test uses all items

use gleaner_nn::{
    Batch, Compute, Packed,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind, Network},
    rng::Stream,
    weights::{self, NamedTensor, WeightFile},
};
use std::{path::Path, sync::Arc};

/// Number of rows of the word embeddings.
pub const VOCABULARY: usize = 1000;
/// Number of tags of the head.
pub const TAGS: usize = 3;

/// An encoder configuration. `more` contains additional JSON fields, each preceded by a comma.
pub fn config(
    hidden: usize,
    heads: usize,
    wide: usize,
    layers: usize,
    more: &str,
) -> EncoderConfig {
    of_family("bert", hidden, heads, wide, layers, more)
}

/// The configuration of a ModernBERT whose second layer is local.
pub fn modernbert(hidden: usize, heads: usize, wide: usize, layers: usize) -> EncoderConfig {
    let more = r#", "global_attn_every_n_layers": 2, "local_attention": 8"#;
    of_family("modernbert", hidden, heads, wide, layers, more)
}

/// The configuration of a DeBERTa-v3 with 8 buckets for each direction.
pub fn deberta(
    hidden: usize,
    heads: usize,
    wide: usize,
    layers: usize,
    more: &str,
) -> EncoderConfig {
    let more = format!(
        r#", "relative_attention": true, "position_buckets": 8, "norm_rel_ebd": "layer_norm", "share_att_key": true,
        "pos_att_type": "p2c|c2p", "max_relative_positions": 64, "position_biased_input": false {more}"#
    );
    of_family("deberta-v2", hidden, heads, wide, layers, &more)
}

fn of_family(
    family: &str,
    hidden: usize,
    heads: usize,
    wide: usize,
    layers: usize,
    more: &str,
) -> EncoderConfig {
    let text = format!(
        r#"{{"model_type": "{family}", "vocab_size": {VOCABULARY}, "hidden_size": {hidden}, "num_hidden_layers": {layers},
            "num_attention_heads": {heads}, "intermediate_size": {wide}, "max_position_embeddings": 512 {more}}}"#
    );
    EncoderConfig::parse(Path::new("config.json"), &text).expect("it is well formed")
}

/// A batch of sentences of these lengths, with every piece labelled.
pub fn batch(lengths: &[usize]) -> Batch {
    let sentences: Vec<Vec<u32>> = lengths
        .iter()
        .enumerate()
        .map(|(s, &n)| (0..n).map(|i| ((s * 131 + i * 17) % VOCABULARY) as u32).collect())
        .collect();
    let packed = Packed::new(sentences.iter().map(Vec::as_slice));
    let tags = (0..packed.pieces()).map(|i| (i % TAGS) as u16).collect();
    Batch::of_pieces(packed, tags)
}

/// A network with random weights within `spread` of 0, or of 1 for the weights of normalisations. A BiLSTM has two
/// layers of `units` units per direction.
pub fn network(config: &EncoderConfig, spread: f32, kind: HeadKind, units: usize) -> Network {
    network_on(Compute::cpu(), config, spread, kind, units)
}

/// Like [`network`], on any device.
pub fn network_on(
    compute: Compute,
    config: &EncoderConfig,
    spread: f32,
    kind: HeadKind,
    units: usize,
) -> Network {
    let file = encoder(config, spread);
    let head = HeadConfig {
        kind,
        tags: TAGS,
        lstm_units: units,
        lstm_layers: 2,
        lstm_dropout: 0.3,
        rules: None,
    };
    Network::on_encoder(config.clone(), head, file, 1, compute).expect("it fits")
}

/// The random weights of the encoder of [`network`].
pub fn encoder(config: &EncoderConfig, spread: f32) -> Arc<WeightFile> {
    let (h, f, e) = (config.hidden_size, config.intermediate_size, config.embedding_width());
    let is_modern = config.rotary.is_some();
    let mut shapes = vec![("embeddings.word_embeddings.weight".to_owned(), vec![VOCABULARY, e])];
    if let Some(relative) = &config.relative {
        shapes.push(("encoder.rel_embeddings.weight".to_owned(), vec![2 * relative.buckets, h]));
    }
    if config.has_position_embeddings() {
        let shape = vec![config.max_position_embeddings, e];
        shapes.push(("embeddings.position_embeddings.weight".to_owned(), shape));
    }
    if config.type_vocab_size > 0 {
        let shape = vec![config.type_vocab_size, e];
        shapes.push(("embeddings.token_type_embeddings.weight".to_owned(), shape));
    }
    let mut linear = |name: String, shape: &[usize]| {
        if !is_modern {
            shapes.push((format!("{name}.bias"), shape[..1].to_vec()));
        }
        shapes.push((format!("{name}.weight"), shape.to_vec()));
    };
    linear("embeddings.LayerNorm".into(), &[e]);
    if e != h {
        linear("embeddings_project".into(), &[h, e]);
    }
    for i in 0..config.num_hidden_layers {
        for (part, shape) in [
            ("attention.self.query", &[h, h][..]),
            ("attention.self.key", &[h, h]),
            ("attention.self.value", &[h, h]),
            ("attention.output.dense", &[h, h]),
            ("attention.output.LayerNorm", &[h]),
            ("intermediate.dense", &[config.up_width(), h]),
            ("output.dense", &[h, f]),
            ("output.LayerNorm", &[h]),
        ] {
            if !(is_modern && i == 0 && part == "attention.output.LayerNorm") {
                linear(format!("encoder.layer.{i}.{part}"), shape);
            }
        }
    }
    if is_modern {
        linear("final_norm".into(), &[h]);
    }
    if config.relative.is_some() {
        linear("encoder.LayerNorm".into(), &[h]);
    }
    let tensors: Vec<NamedTensor> = shapes
        .iter()
        .map(|(name, shape)| {
            let stream = Stream::new(3).named(name);
            let n = shape.iter().product::<usize>() as u64;
            let norm = name.to_lowercase().ends_with("norm.weight");
            NamedTensor::new(name, shape, move || {
                (0..n)
                    .map(|i| f32::from(norm) + spread * (2.0 * stream.uniform(i) - 1.0))
                    .collect::<Vec<f32>>()
            })
        })
        .collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("model.safetensors");
    weights::write(&path, &tensors).expect("it can be written");
    Arc::new(WeightFile::open(&path).expect("it was just written"))
}
