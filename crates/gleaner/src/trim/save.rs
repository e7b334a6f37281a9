//! Writing a trimmed encoder: an encoder folder that Gleaner and transformers read.

use super::{
    TrimSettings, Trimmed, card,
    ids::NewIds,
    vocabulary::{Vocabulary, renumber},
    weights,
};
use crate::{EncoderFiles, GleanerError, export::Folder};
use gleaner_base::{
    bounded,
    model_files::{CONFIG, SPECIAL_PIECES, TOKENIZER, TOKENIZER_SETTINGS, TRIMMED, WEIGHTS},
};
use serde_json::{Map, Value, json};
use std::io::ErrorKind;

/// Maximum length in bytes of the files beside the tokenizer that transformers reads.
const MAX_SETTINGS: u64 = 16_000_000;
/// Up to this id, the padding piece keeps its id: families of RoBERTa number positions from it.
const FIRST: u32 = 16;

/// The ids that an encoder's configuration names, and those before its padding piece, which keeps its id so.
pub(super) fn special_ids(encoder: &EncoderFiles, vocabulary: &Vocabulary) -> Vec<u32> {
    let config = encoder.config_json.as_object().into_iter().flatten();
    let named = config.filter(|(key, _)| key.ends_with("_token_id")).flat_map(|(_, value)| {
        let several = value.as_array().into_iter().flatten();
        several.chain([value]).filter_map(Value::as_u64).collect::<Vec<_>>()
    });
    let padding = u32::try_from(encoder.config.pad_token_id).ok().filter(|id| *id < FIRST);
    let ids = named.filter_map(|id| u32::try_from(id).ok()).chain(0..=padding.unwrap_or(0));
    ids.filter(|id| vocabulary.has(*id)).collect()
}

/// Writes all files of the folder, and counts the values of the weights in `trimmed`.
pub(super) fn save(
    mut folder: Folder,
    settings: &TrimSettings,
    encoder: &EncoderFiles,
    tokenizer: &[u8],
    ids: &NewIds,
    trimmed: &mut Trimmed,
) -> Result<(), GleanerError> {
    folder.create()?;
    folder.write(TOKENIZER, tokenizer)?;
    if let Some(mut own) = beside(settings, TOKENIZER_SETTINGS)? {
        if let Some(added) = own.get_mut("added_tokens_decoder") {
            renumber_keys(added, ids);
        }
        folder.json(TOKENIZER_SETTINGS, &own)?;
    }
    if let Some(own) = beside(settings, SPECIAL_PIECES)? {
        folder.json(SPECIAL_PIECES, &own)?;
    }
    let sizes = weights::write(&folder.register(WEIGHTS), &encoder.weights, ids)?;
    (trimmed.values_before, trimmed.values) = (sizes.before, sizes.after);
    folder.write("README.md", card::text(trimmed).as_bytes())?;
    folder.json(TRIMMED, trimmed)?;
    folder.json(CONFIG, &config(&encoder.config_json, ids))
}

/// A JSON file of the encoder's folder, if it is there.
fn beside(settings: &TrimSettings, name: &str) -> Result<Option<Value>, GleanerError> {
    let path = settings.encoder.join(name);
    match bounded::read(&path, MAX_SETTINGS) {
        Ok(bytes) => {
            let json = serde_json::from_slice(&bytes);
            let malformed =
                |e| GleanerError::model(&path, format!("not JSON ({e})"), "fetch the file again");
            json.map(Some).map_err(malformed)
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(GleanerError::io(&path, e)),
    }
}

/// The configuration of an encoder with fewer pieces, whose weights are f32.
fn config(of_encoder: &Value, ids: &NewIds) -> Value {
    let mut config = of_encoder.clone();
    config["vocab_size"] = json!(ids.len());
    config["dtype"] = json!("float32");
    // Versions of transformers before 4.56 call it so.
    if let Some(dtype) = config.get_mut("torch_dtype") {
        *dtype = json!("float32");
    }
    for (key, value) in config.as_object_mut().into_iter().flatten() {
        if key.ends_with("_token_id") {
            renumber(value, ids);
            value.as_array_mut().into_iter().flatten().for_each(|id| renumber(id, ids));
        }
    }
    config
}

/// Replaces the ids that are keys of an object.
fn renumber_keys(object: &mut Value, ids: &NewIds) {
    let Some(entries) = object.as_object_mut() else { return };
    let old = std::mem::take(entries);
    let renumbered = old
        .into_iter()
        .filter_map(|(id, entry)| Some((ids.new_id(id.parse().ok()?)?.to_string(), entry)));
    *entries = renumbered.collect::<Map<_, _>>();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_configuration_are_the_new_ones() {
        let ids = NewIds::of(vec![0, 3, 7]);
        let of_encoder = json!({"vocab_size": 9, "pad_token_id": 0, "eos_token_id": [3, 7],
            "bos_token_id": null, "torch_dtype": "float16", "hidden_size": 7});
        let expected = json!({"vocab_size": 3, "pad_token_id": 0, "eos_token_id": [1, 2],
            "bos_token_id": null, "torch_dtype": "float32", "hidden_size": 7, "dtype": "float32"});
        assert_eq!(config(&of_encoder, &ids), expected);
        let mut keys = json!({"0": "a", "5": "b", "7": "c"});
        renumber_keys(&mut keys, &ids);
        assert_eq!(keys, json!({"0": "a", "2": "c"}));
    }
}
