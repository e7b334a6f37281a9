//! The tokenizer of an encoder: its `tokenizer.json`, or one built from the files that older encoders have instead.

pub(crate) mod charsmap;
pub(crate) mod protobuf;
mod sentencepiece;
mod spm;
mod unigram;
mod wordpiece;

use crate::GleanerError;
use gleaner_base::{
    bounded,
    model_files::{TOKENIZER, TOKENIZER_SETTINGS},
};
use gleaner_nn::encoder::EncoderConfig;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The pieces of a WordPiece tokenizer, one in each line.
const VOCABULARY: &str = "vocab.txt";
/// The pieces of a Unigram tokenizer, a protobuf message of SentencePiece.
const SENTENCEPIECE: &str = "sentencepiece.bpe.model";
/// The same of DeBERTa-v3 and mDeBERTa-v3.
const SPM: &str = "spm.model";

/// Maximum lengths in bytes of a tokenizer, of which the largest have 40 MB, and of its settings.
const MAX_TOKENIZER: u64 = 256_000_000;
const MAX_SETTINGS: u64 = 1_000_000;

const FIX: &str = "save the tokenizer with transformers (AutoTokenizer.from_pretrained(...).save_pretrained(...)) and copy \
                   its tokenizer.json to this folder";

/// A way to build a tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    WordPiece,
    Unigram(unigram::Ids),
    Spm,
}

/// The bytes of a `tokenizer.json` for the encoder in a folder.
///
/// # Errors
/// A file is missing or malformed, or the tokenizer is of another kind.
pub(crate) fn read(
    folder: &Path,
    config: &EncoderConfig,
    config_json: &Value,
) -> Result<Vec<u8>, GleanerError> {
    let bytes =
        |path: &Path| bounded::read(path, MAX_TOKENIZER).map_err(|e| GleanerError::io(path, e));
    let path = folder.join(TOKENIZER);
    if path.is_file() {
        return bytes(&path);
    }
    let settings = settings(folder)?;
    let class = [&settings, config_json].into_iter().find_map(|c| c["tokenizer_class"].as_str());
    let kind = Kind::of(class, &config.model_type)
        .map_err(|what| GleanerError::model(folder, what, FIX))?;
    let name = match kind {
        Kind::WordPiece => VOCABULARY,
        Kind::Unigram(_) => SENTENCEPIECE,
        Kind::Spm => SPM,
    };
    let path = folder.join(name);
    if !path.is_file() {
        let what = format!("no {TOKENIZER} and no {name} in it");
        return Err(GleanerError::model(folder, what, FIX));
    }
    let built = match kind {
        Kind::WordPiece => wordpiece::build(&bytes(&path)?, &settings),
        Kind::Unigram(ids) => unigram::build(&bytes(&path)?, ids),
        Kind::Spm => spm::build(&bytes(&path)?, &settings),
    };
    let bad = |what: String| GleanerError::model(&path, what, FIX);
    let (tokenizer, pieces) = built.map_err(bad)?;
    // An encoder can have more rows than pieces, to fill a multiple of 8 or 64.
    if pieces > config.vocab_size {
        return Err(bad(format!(
            "it has {pieces} pieces, but config.json has a vocab_size of {}",
            config.vocab_size
        )));
    }
    Ok(tokenizer.to_string().into_bytes())
}

/// The `tokenizer_config.json` of a folder; null if there is none.
///
/// # Errors
/// It cannot be read, or is not JSON.
pub(crate) fn settings(folder: &Path) -> Result<Value, GleanerError> {
    let path = folder.join(TOKENIZER_SETTINGS);
    if !path.is_file() {
        return Ok(Value::Null);
    }
    let bytes = bounded::read(&path, MAX_SETTINGS).map_err(|e| GleanerError::io(&path, e))?;
    serde_json::from_slice(&bytes)
        .map_err(|e| GleanerError::model(&path, format!("not JSON ({e})"), FIX))
}

/// The files in a folder that its tokenizer depends on.
pub(crate) fn paths(folder: &Path) -> Vec<PathBuf> {
    let at = |name: &str| folder.join(name);
    let older = [VOCABULARY, SENTENCEPIECE, SPM, TOKENIZER_SETTINGS].map(at).into_iter();
    let older: Vec<PathBuf> = older.filter(|path| path.is_file()).collect();
    match at(TOKENIZER) {
        path if path.is_file() || older.is_empty() => vec![path],
        _ => older,
    }
}

impl Kind {
    /// The kind of a `tokenizer_class`, or the usual one of a family of encoders.
    fn of(class: Option<&str>, model_type: &str) -> Result<Self, String> {
        let class = class.map(|class| class.strip_suffix("Fast").unwrap_or(class));
        match (class, model_type) {
            (Some("BertTokenizer" | "DistilBertTokenizer" | "ElectraTokenizer"), _)
            | (None, "bert" | "distilbert" | "electra") => Ok(Self::WordPiece),
            (Some("XLMRobertaTokenizer"), _) | (None, "xlm-roberta") => {
                Ok(Self::Unigram(unigram::Ids::XlmRoberta))
            }
            (Some("CamembertTokenizer"), _) | (None, "camembert") => {
                Ok(Self::Unigram(unigram::Ids::Camembert))
            }
            (Some("DebertaV2Tokenizer"), _) | (None, "deberta-v2") => Ok(Self::Spm),
            (Some(class), _) => {
                Err(format!("no {TOKENIZER} in it, and a {class} cannot be built from other files"))
            }
            (None, family) => Err(format!(
                "no {TOKENIZER} in it, and that of a `{family}` encoder cannot be built from other files"
            )),
        }
    }
}

/// An entry of `added_tokens`: a piece that is found in text before all others.
fn special(id: usize, content: &str, takes_space: bool) -> Value {
    serde_json::json!({
        "id": id, "content": content, "single_word": false, "lstrip": takes_space, "rstrip": false,
        "normalized": false, "special": true
    })
}

/// The part of a Unigram tokenizer that marks the start of every word.
fn metaspace() -> Value {
    serde_json::json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true})
}

#[cfg(test)]
mod tests;
