//! Configurations and tokenizers of encoders.

use super::support::{file, halves};
use gleaner::{EncoderConfig, EncoderFiles, PieceCounts, PieceTokenizer};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Words that a tokenizer has to cut, whatever it is.
const WORDS: [&str; 8] = [
    "Anna",
    "é",
    "🦀",
    "\u{a0}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "1,000",
    "a b",
    "\u{202e}x\0",
];

/// The settings of DeBERTa-v3.
const OF_DEBERTA: &str = r#""relative_attention": true, "share_att_key": true, "position_biased_input": false,
    "pos_att_type": "p2c|c2p", "norm_rel_ebd": "layer_norm", "position_buckets": 8"#;

pub(super) fn config_seeds() -> Vec<Vec<u8>> {
    let of = |more: &str| {
        format!(
            r#"{{"vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 24,
            "max_position_embeddings": 64, "dim": 12, "n_layers": 1, "n_heads": 3, "hidden_dim": 24, {more}}}"#
        )
        .into_bytes()
    };
    let mut seeds: Vec<Vec<u8>> =
        ["bert", "distilbert", "electra", "xlm-roberta", "camembert", "modernbert"]
            .iter()
            .map(|family| of(&format!("\"model_type\": \"{family}\"")))
            .collect();
    seeds.push(of(&format!("\"model_type\": \"deberta-v2\", {OF_DEBERTA}")));
    seeds.push(of(r#""model_type": "modernbert", "layer_types": ["full_attention", "sliding_attention"], "rope_parameters": {"full_attention": {"rope_theta": 10.0}}"#));
    seeds
}

/// What is accepted has sizes whose products do not overflow.
pub(super) fn config(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let config =
        EncoderConfig::parse(Path::new("config.json"), &text).map_err(|e| e.to_string())?;
    assert!(
        config.max_pieces() >= 3 && config.hidden_size.is_multiple_of(config.num_attention_heads)
    );
    let width = config
        .hidden_size
        .checked_mul(config.up_width())
        .and_then(|n| n.checked_mul(config.num_hidden_layers));
    assert!(width.is_some() && config.vocab_size.checked_mul(config.embedding_width()).is_some());
    assert!(config.matrix_parameters() >= config.num_hidden_layers);
    if let Some(rotary) = &config.rotary {
        assert_eq!(rotary.global.len(), config.num_hidden_layers);
    }
    Ok(())
}

/// A small tokenizer with this model and these steps.
fn small(model: Value, normalizer: Value, pre_tokenizer: Value, post_processor: Value) -> Vec<u8> {
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [{"id": 0, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
        "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": post_processor, "decoder": null, "model": model
    })
    .to_string()
    .into_bytes()
}

pub(super) fn tokenizer_seeds() -> Vec<Vec<u8>> {
    let pieces = json!({"[CLS]": 0, "[SEP]": 1, "[UNK]": 2, "a": 3, "##a": 4, "n": 5, "##n": 6, "A": 7, "aa": 8, "b": 9});
    let word_piece = json!({"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": pieces});
    let bpe = json!({"type": "BPE", "dropout": null, "unk_token": "[UNK]", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": pieces, "merges": [["a", "a"]]});
    let unigram = json!({"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [["<unk>", 0.0], ["[CLS]", 0.0], ["a", -1.0], ["b", -2.0], ["aa", -1.5], ["▁", -3.0]]});
    let bert = json!({"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["[CLS]", 0]});
    let template = json!({
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[CLS]", "type_id": 0}}],
        "pair": [], "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [0], "tokens": ["[CLS]"]}}
    });
    let steps = json!({"type": "Sequence", "pretokenizers": [
        {"type": "WhitespaceSplit"},
        {"type": "Split", "pattern": {"Regex": " ?[^\\s]+|\\s+(?!\\S)"}, "behavior": "Isolated", "invert": false},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}
    ]});
    let normalizers = json!({"type": "Sequence", "normalizers": [
        {"type": "NFKC"}, {"type": "Lowercase"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "Prepend", "prepend": "▁"}
    ]});
    let bert_steps = json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": false});
    vec![
        small(word_piece, bert_steps, json!({"type": "BertPreTokenizer"}), bert.clone()),
        small(
            bpe,
            Value::Null,
            json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}),
            template,
        ),
        small(unigram, normalizers, steps, bert),
    ]
}

pub(super) fn tokenizer(input: &[u8]) -> Result<(), String> {
    cut(input)
}

/// Cuts words with a tokenizer, twice: the pieces are the same, and every word has one.
fn cut(json: &[u8]) -> Result<(), String> {
    let pieces =
        PieceTokenizer::new(Path::new("tokenizer.json"), json, false).map_err(|e| e.to_string())?;
    let count = || {
        let mut counts = PieceCounts::default();
        pieces.count(&WORDS, &mut counts);
        counts
    };
    let counts = count();
    assert_eq!(counts, count());
    assert!(counts.words == WORDS.len() && counts.pieces >= counts.words);
    Ok(())
}

/// An encoder's folder with a configuration, weights, and nothing to cut words with.
fn folder(harness: &str, model_type: &str) -> std::path::PathBuf {
    let config = file(harness, "config.json");
    if !config.is_file() {
        let of_family = format!(
            r#"{{"model_type": "{model_type}", "vocab_size": 1000, "hidden_size": 12, "num_hidden_layers": 1,
            "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64, {OF_DEBERTA}}}"#
        );
        fs::write(file(harness, "model.safetensors"), gleaner_sample::encoder().weights)
            .expect("a file");
        fs::write(&config, of_family).expect("a file");
    }
    config.parent().expect("a folder").to_owned()
}

pub(super) fn vocabulary_seeds() -> Vec<Vec<u8>> {
    let pieces = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\nA\nn\n##n\n";
    let settings = r#"{"do_lower_case": true, "tokenizer_class": "BertTokenizer", "unk_token": {"content": "[UNK]"}}"#;
    vec![pieces.as_bytes().to_vec(), format!("{pieces}\0{settings}").into_bytes()]
}

/// `vocab.txt`, a zero byte, and `tokenizer_config.json`.
pub(super) fn vocabulary(input: &[u8]) -> Result<(), String> {
    let folder = folder("vocabulary", "bert");
    let (pieces, settings) = halves(input);
    fs::write(folder.join("vocab.txt"), pieces).expect("a file");
    let path = folder.join("tokenizer_config.json");
    match settings {
        [] => drop(fs::remove_file(path)),
        settings => fs::write(path, settings).expect("a file"),
    }
    cut(&EncoderFiles::open(&folder).map_err(|e| e.to_string())?.tokenizer_json)
}

pub(super) fn sentencepiece_seeds() -> Vec<Vec<u8>> {
    let piece = |text: &str, score: f32, kind: u8| {
        let body = [
            &[0x0a, text.len() as u8],
            text.as_bytes(),
            &[0x15],
            &score.to_le_bytes(),
            &[0x18, kind],
        ]
        .concat();
        [&[0x0a, body.len() as u8], &body[..]].concat()
    };
    let pieces = [
        piece("<unk>", 0.0, 2),
        piece("<s>", 0.0, 3),
        piece("</s>", 0.0, 3),
        piece("▁", -2.0, 1),
        piece("a", -1.0, 1),
        piece("▁A", -1.5, 1),
    ];
    // A trainer of Unigram models.
    let small = [pieces.concat(), vec![0x12, 2, 0x18, 1]].concat();
    vec![small, include_bytes!("../../../../oracles/unigram.model").to_vec()]
}

pub(super) fn sentencepiece(input: &[u8]) -> Result<(), String> {
    let folder = folder("sentencepiece", "xlm-roberta");
    fs::write(folder.join("sentencepiece.bpe.model"), input).expect("a file");
    cut(&EncoderFiles::open(&folder).map_err(|e| e.to_string())?.tokenizer_json)
}

pub(super) fn spm_seeds() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../../../oracles/spm.model").to_vec()]
}

pub(super) fn spm(input: &[u8]) -> Result<(), String> {
    let folder = folder("spm", "deberta-v2");
    fs::write(folder.join("spm.model"), input).expect("a file");
    cut(&EncoderFiles::open(&folder).map_err(|e| e.to_string())?.tokenizer_json)
}
