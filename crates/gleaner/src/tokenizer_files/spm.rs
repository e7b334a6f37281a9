//! Unigram (Kudo 2018) from `spm.model`, as transformers converts the models of DeBERTa-v3 and mDeBERTa-v3.

use super::{
    charsmap, metaspace,
    sentencepiece::{Kind, Model},
    special,
};
use serde_json::{Value, json};

/// The special pieces. Published models do not have the last one, which follows their pieces.
const SPECIAL: [&str; 5] = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"];

/// The description of the tokenizer, and its number of pieces.
///
/// Published models let SentencePiece cut a character without a piece into bytes. In transformers, such a character is
/// the unknown piece, and so it is here.
///
/// # Errors
/// The bytes are not a Unigram model of SentencePiece, a special piece is missing, or a setting is not supported.
pub(super) fn build(bytes: &[u8], settings: &Value) -> Result<(Value, usize), String> {
    for key in ["do_lower_case", "split_by_punct"] {
        if settings[key] == true {
            return Err(format!("`{key}` is true in tokenizer_config.json"));
        }
    }
    let model = Model::read(bytes)?;
    let own = model.pieces.iter().map(|piece| (piece.text.as_str(), f64::from(piece.score)));
    let mut vocab: Vec<(&str, f64)> = own.collect();
    if vocab.iter().all(|(text, _)| *text != "[MASK]") {
        vocab.push(("[MASK]", 0.0));
    }
    let needed = |piece: &'static str| match vocab.iter().position(|(text, _)| *text == piece) {
        Some(id) => Ok((piece, id)),
        None => Err(format!("the piece {piece} is missing")),
    };
    let (open, close) = (needed("[CLS]")?, needed("[SEP]")?);
    let (_, unknown) = needed("[UNK]")?;
    let is_special = |id: usize, text: &str| {
        let kind = model.pieces.get(id).map(|piece| piece.kind);
        SPECIAL.contains(&text) || matches!(kind, Some(Kind::Control | Kind::UserDefined))
    };
    let added: Vec<Value> = vocab
        .iter()
        .enumerate()
        .filter(|(id, (text, _))| is_special(*id, text))
        .map(|(id, (text, _))| special(id, text, false))
        .collect();
    let strip = json!({"type": "Strip", "strip_left": true, "strip_right": true});
    let rules = charsmap::normalizer(&model.charsmap)?.map(|rules| json!(rules));
    let spaces = json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "});
    let normalizers: Vec<Value> =
        [Some(strip), rules, Some(spaces)].into_iter().flatten().collect();
    let description = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": metaspace(),
        "post_processor": {"type": "BertProcessing", "sep": close, "cls": open},
        "decoder": metaspace(),
        "model": {"type": "Unigram", "unk_id": unknown, "vocab": vocab, "byte_fallback": false},
    });
    Ok((description, vocab.len()))
}
