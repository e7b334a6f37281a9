//! Tokenizers built from the files of older encoders, against the `tokenizer.json` of the same encoder, on 500
//! sentences of every language (300 where there are no more).

use crate::shared;
use gleaner::EncoderFiles;
use gleaner_corpus::{Corpus, ReadOptions, find_splits, read_all, text};
use gleaner_nn::weights::{NamedTensor, write};
use serde_json::{Value, json};
use std::path::Path;
use tokenizers::Tokenizer;

const LANGUAGES: [&str; 15] =
    ["mg", "fo", "co", "hsb", "bh", "cv", "pl", "ru", "en", "id", "is", "da", "it", "hi", "tr"];

/// The words of up to 500 sentences of a language, labelled ones first.
fn sentences(language: &str) -> Vec<Vec<String>> {
    let folders = ["data/hub/datasets/unimelb-nlp/wikiann", "data/conll"];
    let folders = folders.map(|folder| shared(folder).join(language));
    let corpora = folders.iter().filter(|folder| folder.is_dir()).flat_map(|folder| {
        let options = ReadOptions::default();
        let parts = find_splits(folder).unwrap().try_map(|paths| read_all(&paths, &options));
        let parts = parts.unwrap();
        [Some(parts.train), parts.dev, parts.test].into_iter().flatten()
    });
    let words = |corpus: Corpus| corpus.sentences.into_iter().map(|sentence| sentence.words);
    let raw = shared("data/raw").join(language).with_extension("txt");
    let raw = std::fs::read(&raw).unwrap_or_default();
    let raw = text::Reader::new(&raw[..], Path::new("raw"), false)
        .map(|sentence| sentence.unwrap().tokens.into_iter().map(|token| token.text).collect());
    corpora.flat_map(words).chain(raw).take(500).collect()
}

/// The tokenizer that Gleaner builds from a file of an encoder of this type.
fn built(model_type: &str, pieces: usize, name: &str, bytes: &[u8]) -> Tokenizer {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let config = json!({
        "model_type": model_type, "vocab_size": pieces, "hidden_size": 12, "num_hidden_layers": 1,
        "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64,
        // What a DeBERTa-v3 needs besides.
        "relative_attention": true, "position_buckets": 32, "norm_rel_ebd": "layer_norm", "share_att_key": true,
        "pos_att_type": "p2c|c2p", "position_biased_input": false,
    });
    std::fs::write(at("config.json"), config.to_string()).unwrap();
    std::fs::write(at(name), bytes).unwrap();
    write(&at("model.safetensors"), &[NamedTensor::new("w", &[1], || vec![0.0])]).unwrap();
    let files = EncoderFiles::open(folder.path()).unwrap();
    Tokenizer::from_bytes(files.tokenizer_json).unwrap()
}

fn agree(built: &Tokenizer, published: &[u8]) {
    let published = Tokenizer::from_bytes(published).unwrap();
    let ids = |tokenizer: &Tokenizer, word: &str, framed: bool| {
        tokenizer.encode(word, framed).unwrap().get_ids().to_vec()
    };
    for language in LANGUAGES {
        let sentences = sentences(language);
        assert!(sentences.len() >= 300, "{language}: {}", sentences.len());
        for words in sentences {
            for word in &words {
                assert_eq!(
                    ids(built, word, false),
                    ids(&published, word, false),
                    "{language}: {word:?}"
                );
            }
            let sentence = words.join(" ");
            assert_eq!(ids(built, &sentence, true), ids(&published, &sentence, true), "{language}");
        }
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn word_pieces_of_vocab_txt_are_those_of_tokenizer_json() {
    let folder = shared("models/mbert-vocab");
    let vocabulary = std::fs::read(folder.join("vocab.txt")).unwrap();
    let published = std::fs::read(folder.join("tokenizer.json")).unwrap();
    agree(&built("bert", 119_547, "vocab.txt", &vocabulary), &published);
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn pieces_of_a_sentencepiece_model_are_those_of_tokenizer_json() {
    let path = shared("models/multilingual-e5-small-trim/tokenizer.json");
    let published = std::fs::read(path).unwrap();
    let mut description: Value = serde_json::from_slice(&published).unwrap();
    let pieces = description["model"]["vocab"].as_array().unwrap().len();
    let model = sentencepiece(&description, &[("<unk>", 2), ("<s>", 3), ("</s>", 3)]);
    // The version of transformers that wrote this file keeps a space at the end. SentencePiece removes it, and so do
    // later versions of transformers, with this part.
    let parts = description["normalizer"]["normalizers"].as_array_mut().unwrap();
    parts.insert(1, json!({"type": "Strip", "strip_left": false, "strip_right": true}));
    let published = description.to_string();
    let built = built("xlm-roberta", pieces, "sentencepiece.bpe.model", &model);
    agree(&built, published.as_bytes());
}

/// The first four pieces have the ids of those of XLM-R, and other names.
#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn pieces_of_deberta_are_those_of_an_xlm_roberta_with_the_same_pieces() {
    let path = shared("models/multilingual-e5-small-trim/tokenizer.json");
    let published = std::fs::read(path).unwrap();
    let mut description: Value = serde_json::from_slice(&published).unwrap();
    let pieces = description["model"]["vocab"].as_array().unwrap().len();
    let special = [("[CLS]", 3), ("[PAD]", 3), ("[SEP]", 3), ("[UNK]", 2)];
    let model = sentencepiece(&description, &special);
    // transformers removes spaces at both ends too.
    let parts = description["normalizer"]["normalizers"].as_array_mut().unwrap();
    parts.insert(0, json!({"type": "Strip", "strip_left": true, "strip_right": true}));
    let built = built("deberta-v2", pieces, "spm.model", &model);
    agree(&built, description.to_string().as_bytes());
}

/// The model of SentencePiece with these special pieces that transformers converts to this `tokenizer.json` of an
/// XLM-R.
fn sentencepiece(description: &Value, special: &[(&str, u8)]) -> Vec<u8> {
    let piece = |text: &str, score: f64, kind: u8| {
        let score = [&[2 << 3 | 5][..], &(score as f32).to_le_bytes()].concat();
        field(1, &[field(1, text.as_bytes()), score, vec![3 << 3, kind]].concat())
    };
    let vocab = description["model"]["vocab"].as_array().unwrap();
    let mut model: Vec<u8> =
        special.iter().flat_map(|(text, kind)| piece(text, 0.0, *kind)).collect();
    for entry in &vocab[4..vocab.len() - 1] {
        model.extend(piece(entry[0].as_str().unwrap(), entry[1].as_f64().unwrap(), 1));
    }
    let rules = &description["normalizer"]["normalizers"][0]["precompiled_charsmap"];
    model.extend(field(3, &field(2, &base64(rules.as_str().unwrap()))));
    model
}

/// The field of a message of Protocol Buffers with these bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        field.push(length as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend(bytes);
    field
}

/// The bytes that base64 without line breaks stands for.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |byte| DIGITS.iter().position(|digit| *digit == byte).unwrap() as u32;
    let digits = text.trim_end_matches('=').as_bytes();
    digits
        .chunks(4)
        .flat_map(|group| {
            let bits = group.iter().fold(0, |bits, byte| bits << 6 | digit(*byte));
            let bits = bits << (6 * (4 - group.len()));
            bits.to_be_bytes().into_iter().skip(1).take(group.len() - 1)
        })
        .collect()
}
