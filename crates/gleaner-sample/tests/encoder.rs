//! The tiny encoder.

use gleaner_nn::{
    Compute,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind, Network},
    weights::WeightFile,
};
use std::{path::Path, sync::Arc};
use tokenizers::Tokenizer;

#[test]
fn its_files_are_smaller_than_one_mebibyte() {
    let files = gleaner_sample::encoder();
    let bytes = files.config.len() + files.tokenizer.len() + files.weights.len();
    assert!(bytes < 1 << 20, "{bytes}");
}

#[test]
fn its_tokenizer_covers_the_words_of_the_sample() {
    let tokenizer: Tokenizer = gleaner_sample::encoder().tokenizer.parse().unwrap();
    let frame = tokenizer.encode("", true).unwrap();
    assert_eq!(frame.get_tokens(), ["[CLS]", "[SEP]"]);
    let (mut words, mut unknown) = (0, 0);
    for sentence in gleaner_sample::target().test.iter().chain(&gleaner_sample::source_dev()) {
        for word in &sentence.words {
            let pieces = tokenizer.encode(word.as_str(), false).unwrap();
            assert!(!pieces.is_empty(), "{word}");
            words += 1;
            unknown += usize::from(pieces.get_tokens().iter().any(|t| t == "[UNK]"));
        }
    }
    assert!(unknown * 100 < words, "{unknown} of {words}");
}

#[test]
fn its_weights_can_be_loaded() {
    let files = gleaner_sample::encoder();
    let config = EncoderConfig::parse(Path::new("config.json"), files.config).unwrap();
    let weights = Arc::new(WeightFile::from_bytes("model.safetensors", files.weights).unwrap());
    let head = HeadConfig {
        kind: HeadKind::Linear,
        tags: 7,
        lstm_units: 1,
        lstm_layers: 1,
        lstm_dropout: 0.0,
        rules: None,
    };
    Network::on_encoder(config, head, weights, 1, Compute::cpu()).unwrap();
}
