//! A real encoder against its hidden states in transformers and the pieces of its tokenizer.

use std::sync::Arc;

use crate::shared;
use gleaner::{PieceCounts, PieceTokenizer};
use gleaner_nn::{
    Compute, Packed,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind, Network},
    weights::WeightFile,
};
use serde::Deserialize;

const ENCODER: &str = "models/multilingual-e5-small-trim";
const WIDTH: usize = 384;

#[derive(Deserialize)]
struct Input {
    tokens: Vec<String>,
    word_piece_ids: Vec<Vec<u32>>,
    input_ids: Vec<u32>,
}

fn inputs() -> Vec<Input> {
    let text = std::fs::read(shared("oracles/encoder_inputs.json")).unwrap();
    let inputs: Vec<Input> = serde_json::from_slice(&text).unwrap();
    assert_eq!(inputs.len(), 8);
    inputs
}

fn norm(v: impl Iterator<Item = f32>) -> f64 {
    v.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn hidden_states_agree_with_transformers() {
    let config = EncoderConfig::read(&shared(ENCODER).join("config.json")).unwrap();
    let file = WeightFile::open(&shared(ENCODER).join("model.safetensors")).unwrap();
    let head = HeadConfig {
        kind: HeadKind::Linear,
        tags: 1,
        lstm_units: 1,
        lstm_layers: 1,
        lstm_dropout: 0.0,
        rules: None,
    };
    let network = Network::on_encoder(config, head, Arc::new(file), 1, Compute::cpu()).unwrap();
    let inputs = inputs();
    let packed = Packed::new(inputs.iter().map(|input| input.input_ids.as_slice()));
    let mut hidden = network.hidden(&packed).unwrap().into_iter();
    let expected = WeightFile::open(&shared("oracles/encoder_hidden.safetensors")).unwrap();
    for (i, input) in inputs.iter().enumerate() {
        let shape = [input.input_ids.len(), WIDTH];
        let wanted = expected.read(&format!("hidden.{i}"), &shape).unwrap();
        let found: Vec<f32> = hidden.by_ref().take(wanted.len()).collect();
        let difference = norm(found.iter().zip(&wanted).map(|(a, b)| a - b));
        let error = difference / norm(wanted.iter().copied());
        assert!(error < 1e-3, "sentence {i}: {error}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn words_have_as_many_pieces_as_in_transformers() {
    let path = shared(ENCODER).join("tokenizer.json");
    let pieces = PieceTokenizer::new(&path, &std::fs::read(&path).unwrap(), false).unwrap();
    for input in inputs() {
        for (word, expected) in input.tokens.iter().zip(&input.word_piece_ids) {
            let mut counts = PieceCounts::default();
            pieces.count(&[word], &mut counts);
            assert_eq!((counts.words, counts.pieces), (1, expected.len()), "{word}");
        }
    }
}
