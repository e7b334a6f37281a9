//! A real encoder, trimmed to a text: whole lines have the same pieces, and the same hidden states to the bit.

use crate::shared;
use gleaner::trim::{TrimSettings, trim};
use gleaner_nn::{
    Compute, Packed,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind, Network},
    weights::WeightFile,
};
use std::{path::Path, sync::Arc};
use tokenizers::Tokenizer;

const ENCODER: &str = "models/multilingual-e5-small-trim";

fn network(folder: &Path) -> Network {
    let config = EncoderConfig::read(&folder.join("config.json")).unwrap();
    let file = WeightFile::open(&folder.join("model.safetensors")).unwrap();
    let head = HeadConfig {
        kind: HeadKind::Linear,
        tags: 1,
        lstm_units: 1,
        lstm_layers: 1,
        lstm_dropout: 0.0,
        rules: None,
    };
    Network::on_encoder(config, head, Arc::new(file), 1, Compute::cpu()).unwrap()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn a_trimmed_encoder_computes_the_same() {
    let place = tempfile::tempdir().unwrap();
    let (encoder, out) = (shared(ENCODER), place.path().join("out"));
    let text = shared("data/raw/fo.txt");
    let settings = TrimSettings { encoder: encoder.clone(), text: vec![text.clone()], keep: 2000 };
    let trimmed = trim(&settings, &out).unwrap();
    assert!(trimmed.pieces < trimmed.pieces_before * 2 / 3, "{trimmed:?}");
    assert_eq!(trimmed.frequent, 2000);
    let tokenizers =
        [&encoder, &out].map(|folder| Tokenizer::from_file(folder.join("tokenizer.json")).unwrap());
    let text = std::fs::read_to_string(text).unwrap();
    let mut framed: [Vec<Vec<u32>>; 2] = [Vec::new(), Vec::new()];
    for line in text.lines() {
        let [before, after] = tokenizers.each_ref().map(|t| t.encode(line, true).unwrap());
        assert_eq!(before.get_tokens(), after.get_tokens(), "{line}");
        framed[0].push(before.get_ids().to_vec());
        framed[1].push(after.get_ids().to_vec());
    }
    let hidden = |folder: &Path, ids: &[Vec<u32>]| {
        let few = ids.iter().filter(|ids| ids.len() <= 100).take(20);
        let packed = Packed::new(few.map(Vec::as_slice));
        network(folder).hidden(&packed).unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    assert!(hidden(&encoder, &framed[0]) == hidden(&out, &framed[1]));
}

/// The vocabulary of mBERT, with random weights.
#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn the_vocabulary_of_mbert_is_trimmed() {
    let place = tempfile::tempdir().unwrap();
    let encoder = place.path().join("encoder");
    std::fs::create_dir(&encoder).unwrap();
    std::fs::copy(shared("models/mbert-vocab/tokenizer.json"), encoder.join("tokenizer.json"))
        .unwrap();
    let config = r#"{"model_type": "bert", "vocab_size": 119547, "hidden_size": 12, "num_hidden_layers": 1,
        "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64}"#;
    std::fs::write(encoder.join("config.json"), config).unwrap();
    let rows = gleaner_nn::weights::NamedTensor::new(
        "embeddings.word_embeddings.weight",
        &[119_547, 12],
        || (0..119_547 * 12).map(|i| i as f32).collect::<Vec<_>>(),
    );
    gleaner_nn::weights::write(&encoder.join("model.safetensors"), &[rows]).unwrap();
    let text = vec![shared("data/raw/hsb.txt"), shared("data/conll/hi/dev.conll")];
    let settings = TrimSettings { encoder, text, keep: 100 };
    let trimmed = trim(&settings, &place.path().join("out")).unwrap();
    assert!(trimmed.pieces < trimmed.pieces_before / 2, "{trimmed:?}");
}
