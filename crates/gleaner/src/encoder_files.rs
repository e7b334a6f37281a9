//! The files of an encoder: configuration, tokenizer and weights.

use crate::{GleanerError, tokenizer_files};
use gleaner_base::{
    bounded,
    model_files::{CONFIG, WEIGHTS},
};
use gleaner_nn::{
    encoder::EncoderConfig,
    weights::{self, WeightFile},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The name of the tiny encoder that is built into the program.
pub const SAMPLE_ENCODER: &str = "sample:tiny";

/// Maximum length of `config.json` in bytes. The names of thousands of labels stay below it.
pub(crate) const MAX_CONFIG: u64 = 1_000_000;

/// An encoder's configuration, tokenizer and weights.
pub struct EncoderFiles {
    /// Its shape.
    pub config: EncoderConfig,
    /// `config.json`, unchanged.
    pub config_json: serde_json::Value,
    /// `tokenizer.json`, unchanged, or built from `vocab.txt`, `sentencepiece.bpe.model` or `spm.model`.
    pub tokenizer_json: Vec<u8>,
    /// Its tensors.
    pub weights: Arc<WeightFile>,
}

impl EncoderFiles {
    /// Opens the encoder in a folder, or [`SAMPLE_ENCODER`].
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn open(source: &Path) -> Result<Self, GleanerError> {
        if source == Path::new(SAMPLE_ENCODER) {
            let files = gleaner_sample::encoder();
            let weights = WeightFile::from_bytes(SAMPLE_ENCODER, files.weights)?;
            let (config, config_json) = parsed(source, files.config)?;
            let tokenizer_json = files.tokenizer.as_bytes().to_vec();
            return Ok(Self { config, config_json, tokenizer_json, weights: Arc::new(weights) });
        }
        if !source.is_dir() {
            return Err(GleanerError::model(
                source,
                "no such folder",
                "name a folder with config.json, tokenizer.json and model.safetensors, or an encoder on the hub with its owner, such as intfloat/multilingual-e5-small",
            ));
        }
        let missing = |name: &str| {
            GleanerError::model(
                source,
                format!("no {name} in it"),
                "name a folder with config.json, tokenizer.json and model.safetensors",
            )
        };
        let path = source.join(CONFIG);
        if !path.is_file() {
            return Err(missing(CONFIG));
        }
        let weights = weights_in(source);
        if !weights.is_file() {
            return Err(missing(WEIGHTS));
        }
        let text = bounded::read(&path, MAX_CONFIG).map_err(|e| GleanerError::io(&path, e))?;
        let (config, config_json) = parsed(&path, &String::from_utf8_lossy(&text))?;
        let tokenizer_json = tokenizer_files::read(source, &config, &config_json)?;
        let weights = Arc::new(WeightFile::open(&weights)?);
        Ok(Self { config, config_json, tokenizer_json, weights })
    }
}

/// The files that the encoder in a folder is read from: configuration, tokenizer, weights. Files that are missing
/// have the names of usual ones.
///
/// # Errors
/// The index of weights in several files is malformed.
pub fn encoder_paths(folder: &Path) -> Result<Vec<PathBuf>, GleanerError> {
    let mut paths = vec![folder.join(CONFIG)];
    paths.extend(tokenizer_files::paths(folder));
    paths.extend(weights::parts(&weights_in(folder))?);
    Ok(paths)
}

/// The weights in a folder.
fn weights_in(folder: &Path) -> PathBuf {
    let mut found = weights::FILES.into_iter().map(|name| folder.join(name));
    found.find(|path| path.is_file()).unwrap_or_else(|| folder.join(weights::FILES[0]))
}

/// The contents of a `config.json`.
fn parsed(path: &Path, text: &str) -> Result<(EncoderConfig, serde_json::Value), GleanerError> {
    let config = EncoderConfig::parse(path, text)?;
    let json = serde_json::from_str(text)
        .map_err(|e| GleanerError::model(path, e.to_string(), "fetch the file again"))?;
    Ok((config, json))
}
