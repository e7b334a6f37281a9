//! WordPiece (Schuster and Nakajima 2012) from `vocab.txt`, as `BertTokenizerFast` of transformers builds it.

use super::special;
use serde_json::{Map, Value, json};

/// The longest word that is cut into pieces, in characters. Longer ones become the unknown piece.
const LONGEST: usize = 100;

/// The description of the tokenizer, and its number of pieces.
///
/// # Errors
/// The vocabulary is not text or lacks a special piece, or a setting is not supported.
pub(super) fn build(vocabulary: &[u8], settings: &Value) -> Result<(Value, usize), String> {
    let text = std::str::from_utf8(vocabulary).map_err(|e| format!("not UTF-8 ({e})"))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let pieces: Vec<&str> =
        text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    if settings["do_basic_tokenize"] == false {
        return Err("`do_basic_tokenize` is false in tokenizer_config.json".into());
    }
    if settings["never_split"].as_array().is_some_and(|words| !words.is_empty()) {
        return Err("`never_split` has words in tokenizer_config.json".into());
    }
    let mut vocab = Map::new();
    for (id, piece) in pieces.iter().enumerate() {
        // Of equal pieces the last one counts, as in transformers.
        vocab.insert((*piece).to_owned(), id.into());
    }
    let name = |key: &str, usual: &str| {
        let setting = &settings[key];
        let given = setting.as_str().or_else(|| setting["content"].as_str());
        given.unwrap_or(usual).to_owned()
    };
    let id = |piece: &str| vocab.get(piece).and_then(Value::as_u64).map(|id| id as usize);
    let needed = |piece: String| match id(&piece) {
        Some(id) => Ok((piece, id)),
        None => Err(format!("the piece {piece} is missing")),
    };
    let unknown = needed(name("unk_token", "[UNK]"))?;
    let open = needed(name("cls_token", "[CLS]"))?;
    let close = needed(name("sep_token", "[SEP]"))?;
    let mut specials = vec![unknown.clone(), open.clone(), close.clone()];
    for (key, usual) in [("pad_token", "[PAD]"), ("mask_token", "[MASK]")] {
        specials.extend(needed(name(key, usual)));
    }
    specials.sort_by_key(|(_, id)| *id);
    let is_special = |piece: &str| specials.iter().any(|(name, _)| name == piece);
    let in_brackets = |piece: &str| piece.starts_with('[') && piece.ends_with(']');
    // Without a setting, capital letters in the vocabulary show that the encoder has seen them. (Unused pieces of BERT
    // are written in brackets.)
    let has_capitals = pieces
        .iter()
        .filter(|piece| !is_special(piece) && !in_brackets(piece))
        .any(|piece| piece.chars().any(char::is_uppercase));
    let lowercase = settings["do_lower_case"].as_bool().unwrap_or(!has_capitals);
    let flag = |key: &str| settings[key].as_bool();
    let added: Vec<Value> = specials.iter().map(|(name, id)| special(*id, name, false)).collect();
    let description = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": flag("clean_text").unwrap_or(true),
            "handle_chinese_chars": flag("tokenize_chinese_chars").unwrap_or(true),
            "strip_accents": flag("strip_accents"),
            "lowercase": lowercase,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": close, "cls": open},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {
            "type": "WordPiece",
            "unk_token": unknown.0,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": LONGEST,
            "vocab": vocab,
        },
    });
    Ok((description, pieces.len()))
}
