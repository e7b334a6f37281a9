//! The tokenizer of an exported tagger.

use crate::{GleanerError, PieceTokenizer, model::Decoding};
use serde_json::{Map, Value, json};
use std::path::Path;

/// A `tokenizer.json` that cuts text into the pieces that Gleaner gives the encoder: with case folded where the tagger
/// folds it, and with a space before every word where the pieces mark spaces. `path` is for messages.
pub(super) fn as_labelled(
    path: &Path,
    json: &[u8],
    pieces: &PieceTokenizer,
    fold_case: bool,
) -> Result<Value, GleanerError> {
    let mut tokenizer: Value = serde_json::from_slice(json)
        .map_err(|e| GleanerError::model(path, format!("not JSON ({e})"), "fetch it again"))?;
    if fold_case && tokenizer["model"]["type"] == "WordPiece" {
        tokenizer["normalizer"] = json!({
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": true,
            "lowercase": true
        });
    }
    if pieces.adds_space() {
        let space = json!({"type": "Prepend", "prepend": " "});
        let both = match tokenizer["normalizer"].take() {
            Value::Null => vec![space],
            normalizer => vec![space, normalizer],
        };
        tokenizer["normalizer"] = json!({"type": "Sequence", "normalizers": both});
    }
    tokenizer["truncation"] = Value::Null;
    tokenizer["padding"] = Value::Null;
    Ok(tokenizer)
}

/// A `tokenizer_config.json`, by which transformers takes the `tokenizer.json` as it is.
pub(super) fn settings(pieces: &PieceTokenizer, decoding: &Decoding) -> Value {
    let [open, close] = decoding.frame;
    let special = [
        ("cls_token", open),
        ("sep_token", close),
        ("unk_token", decoding.unknown),
        ("pad_token", decoding.padding),
    ];
    let mut settings = Map::new();
    settings.insert("tokenizer_class".into(), json!("PreTrainedTokenizerFast"));
    settings.insert("model_max_length".into(), json!(decoding.max_pieces + 2));
    settings.insert("model_input_names".into(), json!(["input_ids", "attention_mask"]));
    settings.insert("clean_up_tokenization_spaces".into(), json!(false));
    for (key, id) in special {
        if let Some(piece) = pieces.text(id) {
            settings.insert(key.into(), json!(piece));
        }
    }
    Value::Object(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A byte-level BPE whose pieces mark spaces.
    const BYTE_LEVEL: &str = r#"{"version": "1.0", "truncation": {"direction": "Right", "max_length": 8,
        "strategy": "LongestFirst", "stride": 0}, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0], "trim_offsets": true,
            "add_prefix_space": false},
        "decoder": null,
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
            "vocab": {"<s>": 0, "</s>": 1, "a": 2, "b": 3, "\u0120": 4, "\u0120a": 5}, "merges": [["\u0120", "a"]]}}"#;

    fn adapted(json: &str, fold_case: bool) -> (PieceTokenizer, Value) {
        let path = Path::new("tokenizer.json");
        let pieces = PieceTokenizer::new(path, json.as_bytes(), fold_case).unwrap();
        let value = as_labelled(path, json.as_bytes(), &pieces, fold_case).unwrap();
        (pieces, value)
    }

    /// The pieces of a word by the adapted tokenizer, which needs no treatment of its own.
    fn alone(value: &Value, word: &str) -> Vec<u32> {
        let tokenizer = tokenizers::Tokenizer::from_bytes(value.to_string()).unwrap();
        assert!(tokenizer.get_truncation().is_none());
        tokenizer.encode(word, false).unwrap().get_ids().to_vec()
    }

    #[test]
    fn words_have_the_pieces_that_the_tagger_reads() {
        let (pieces, value) = adapted(BYTE_LEVEL, false);
        for word in ["a", "b", "ab"] {
            assert_eq!(alone(&value, word), pieces.sentence(&[word]).ids, "{word}");
        }
        assert_eq!(alone(&value, "a"), [5]);
        let (pieces, value) = adapted(gleaner_sample::encoder().tokenizer, true);
        for word in ["Môre", "VAN", "Brakfontein"] {
            assert_eq!(alone(&value, word), pieces.sentence(&[word]).ids, "{word}");
        }
        assert_eq!(alone(&value, "Môre"), alone(&value, "more"));
    }

    #[test]
    fn a_tokenizer_that_needs_no_change_gets_none() {
        let json = gleaner_sample::encoder().tokenizer;
        let original: Value = serde_json::from_str(json).unwrap();
        assert_eq!(adapted(json, false).1, original);
    }
}
