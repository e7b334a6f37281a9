//! Writing a model folder, each file whole or not at all.

use super::{Fingerprints, label_maps};
use crate::{EncoderFiles, GleanerError, Tagger, TrainedOn};
use gleaner_base::{
    files,
    model_files::{CONFIG, MANIFEST, TOKENIZER, TRAINED_ON, WEIGHTS},
};
use serde::Serialize;
use serde_json::json;
use std::path::Path;

/// Writes all files that labelling needs but the manifest: the encoder's configuration with the labels, the
/// tokenizer, the weights, and the digests of the sentences that the tagger was trained on.
pub(crate) fn write_tagger(
    folder: &Path,
    tagger: &Tagger,
    encoder: &EncoderFiles,
    trained_on: Option<&TrainedOn>,
) -> Result<(), GleanerError> {
    write_file(&folder.join(CONFIG), &json_bytes(&config(tagger, encoder)))?;
    write_file(&folder.join(TOKENIZER), &encoder.tokenizer_json)?;
    tagger.network.save(&folder.join(WEIGHTS))?;
    match trained_on {
        Some(sentences) => write_file(&folder.join(TRAINED_ON), sentences.text().as_bytes()),
        None => Ok(()),
    }
}

/// Writes the manifest, which makes the folder a finished one, with the fingerprints of the files in it.
pub(crate) fn write_manifest(folder: &Path, manifest: &impl Serialize) -> Result<(), GleanerError> {
    #[derive(Serialize)]
    struct Whole<'a, T> {
        #[serde(flatten)]
        manifest: &'a T,
        files: Fingerprints,
    }
    let whole = Whole { manifest, files: Fingerprints::of(folder)? };
    write_file(&folder.join(MANIFEST), &json_bytes(&whole))
}

/// The bytes of a JSON file.
pub(crate) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("settings and scores are plain data");
    bytes.push(b'\n');
    bytes
}

/// Replaces a file.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), GleanerError> {
    files::write(path, bytes).map_err(|e| GleanerError::io(path, e))
}

/// The encoder's configuration with the labels.
fn config(tagger: &Tagger, encoder: &EncoderFiles) -> serde_json::Value {
    let mut config = encoder.config_json.clone();
    for (key, map) in label_maps(&tagger.labels) {
        config[key] = map;
    }
    config["dtype"] = json!("float32");
    config
}
