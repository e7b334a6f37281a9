//! Taggers with random heads, to export.

use super::{source::Source, tokenizer};
use crate::{
    EncoderFiles, PieceTokenizer, SAMPLE_ENCODER, TaggerConfig,
    framing::PieceLabels,
    model::{Decoding, SpecialPieces},
};
use gleaner_nn::{
    Compute, Precision,
    encoder::EncoderConfig,
    network::{HeadKind, Network},
    weights::{self, NamedTensor, WeightFile},
};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

/// A tagger on the sample encoder.
pub(super) fn sample(head: HeadKind) -> Source {
    let files = EncoderFiles::open(Path::new(SAMPLE_ENCODER)).unwrap();
    source(files.config_json, files.weights, head)
}

/// A tagger on the encoder `name` of `oracles/`, as one of this family.
pub(super) fn of_family(name: &str, model_type: &str, head: HeadKind) -> Source {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles");
    let file = WeightFile::open(&folder.join(format!("{name}.safetensors"))).unwrap();
    let text = std::fs::read(folder.join(format!("{name}.json"))).unwrap();
    let mut config: Value = serde_json::from_slice(&text).unwrap();
    let mut config = config["config"].take();
    config["model_type"] = json!(model_type);
    let tensor = |full: &str| {
        let name = full.strip_prefix("param.").filter(|name| !name.starts_with("fc."))?.to_owned();
        let shape = file.shape(full)?.to_vec();
        let values = file.read(full, &shape).unwrap();
        Some(NamedTensor::new(name, &shape, move || values.clone()))
    };
    let tensors: Vec<NamedTensor> = file.names().filter_map(tensor).collect();
    let bytes = weights::encode(&tensors).unwrap();
    source(config, Arc::new(WeightFile::from_bytes(name, &bytes).unwrap()), head)
}

fn source(config: Value, weights: Arc<WeightFile>, head: HeadKind) -> Source {
    let encoder = EncoderConfig::parse(Path::new("config.json"), &config.to_string()).unwrap();
    let labels = crate::testing::labels();
    let settings = TaggerConfig {
        head,
        lstm_units: 5,
        lstm_layers: 2,
        lstm_dropout: 0.0,
        constraints: true,
        piece_labels: PieceLabels::All,
        max_pieces: 20,
        fold_case: false,
        precision: Precision::F32,
    };
    let framing = settings.framing(&encoder);
    let padding = encoder.pad_token_id as u32;
    let network =
        Network::on_encoder(encoder, settings.head(&labels), weights, 7, Compute::cpu()).unwrap();
    let (path, json) = (Path::new("tokenizer.json"), gleaner_sample::encoder().tokenizer);
    let pieces = PieceTokenizer::new(path, json.as_bytes(), false).unwrap();
    let tokenizer = tokenizer::as_labelled(path, json.as_bytes(), &pieces, false).unwrap();
    let special = SpecialPieces { frame: pieces.frame(), unknown: pieces.fallback(), padding };
    let decoding = Decoding::new(&settings, framing, 1.5, special);
    Source { network, labels, decoding, pieces, config, tokenizer }
}
