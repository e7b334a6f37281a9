//! Unigram (Kudo 2018) from `sentencepiece.bpe.model`, as transformers converts the models of XLM-R and CamemBERT.

use super::{
    charsmap, metaspace,
    sentencepiece::{Kind, Model},
    special,
};
use serde_json::{Value, json};

/// The rule by which fairseq numbered the pieces of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// `<s>`, `<pad>`, `</s>` and `<unk>` are 0 to 3, and the other pieces follow.
    XlmRoberta,
    /// As `XlmRoberta`, but `<s>` and `</s>` of the model follow too, and are the ones in use.
    Camembert,
}

/// The pieces before those of the model. Those whose name ends in `NOTUSED` only fill their place.
const OF_XLM_ROBERTA: [(&str, f64); 4] =
    [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)];
const OF_CAMEMBERT: [(&str, f64); 5] = [
    ("<s>NOTUSED", 0.0),
    ("<pad>", 0.0),
    ("</s>NOTUSED", 0.0),
    ("<unk>", 0.0),
    ("<unk>NOTUSED", -100.0),
];
const UNKNOWN: usize = 3;

/// The description of the tokenizer, and its number of pieces.
///
/// # Errors
/// The bytes are not a Unigram model of SentencePiece, or it has a feature that these encoders do not use.
pub(super) fn build(bytes: &[u8], ids: Ids) -> Result<(Value, usize), String> {
    let model = Model::read(bytes)?;
    if model.falls_back_to_bytes {
        return Err("it falls back to bytes".into());
    }
    let starts = model.pieces.iter().take(3).map(|piece| (piece.text.as_str(), piece.kind));
    let usual = [("<unk>", Kind::Unknown), ("<s>", Kind::Control), ("</s>", Kind::Control)];
    if !starts.eq(usual) {
        return Err("its first pieces are not <unk>, <s> and </s>".into());
    }
    if let Some(piece) = model.pieces[3..].iter().find(|piece| piece.kind != Kind::Normal) {
        return Err(format!("its piece `{}` is of a special kind", piece.text));
    }
    let (before, from) = match ids {
        Ids::XlmRoberta => (&OF_XLM_ROBERTA[..], 3),
        Ids::Camembert => (&OF_CAMEMBERT[..], 1),
    };
    let own = model.pieces[from..].iter().map(|p| (p.text.as_str(), f64::from(p.score)));
    let vocab: Vec<(&str, f64)> =
        before.iter().copied().chain(own).chain([("<mask>", 0.0)]).collect();
    let id = |piece: &str| vocab.iter().position(|(text, _)| *text == piece);
    let [open, close] = ["<s>", "</s>"].map(|piece| (piece, id(piece)));
    let added: Vec<Value> = vocab
        .iter()
        .enumerate()
        .filter(|(_, (text, _))| ["<s>", "<pad>", "</s>", "<unk>", "<mask>"].contains(text))
        .map(|(id, (text, _))| special(id, text, *text == "<mask>"))
        .collect();
    let description = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": charsmap::normalizer(&model.charsmap)?,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace()]},
        "post_processor": {
            "type": "RobertaProcessing", "sep": close, "cls": open, "trim_offsets": true, "add_prefix_space": true,
        },
        "decoder": metaspace(),
        "model": {"type": "Unigram", "unk_id": UNKNOWN, "vocab": vocab, "byte_fallback": false},
    });
    Ok((description, vocab.len()))
}
