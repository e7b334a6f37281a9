//! The three files of an encoder.

use crate::GleanerError;
use gleaner_nn::{encoder::EncoderConfig, weights::WeightFile};
use std::{path::Path, sync::Arc};

/// The name of the tiny encoder that is built into the program.
pub const SAMPLE_ENCODER: &str = "sample:tiny";

/// An encoder's configuration, tokenizer and weights.
pub struct EncoderFiles {
    /// Its shape.
    pub config: EncoderConfig,
    /// `config.json`, unchanged.
    pub config_json: serde_json::Value,
    /// `tokenizer.json`, unchanged.
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
            return Self::new(
                source,
                files.config.to_owned(),
                files.tokenizer.as_bytes().to_vec(),
                weights,
            );
        }
        if !source.is_dir() {
            return Err(GleanerError::model(
                source,
                "no such folder",
                "name a folder with config.json, tokenizer.json and model.safetensors, or an encoder on the hub with its owner, such as intfloat/multilingual-e5-small",
            ));
        }
        for name in ["config.json", "tokenizer.json", "model.safetensors"] {
            if !source.join(name).is_file() {
                return Err(GleanerError::model(
                    source,
                    format!("no {name} in it"),
                    "name a folder with config.json, tokenizer.json and model.safetensors",
                ));
            }
        }
        let read = |name: &str| {
            let path = source.join(name);
            std::fs::read(&path).map_err(|e| GleanerError::io(&path, e))
        };
        let config = String::from_utf8_lossy(&read("config.json")?).into_owned();
        let weights = WeightFile::open(&source.join("model.safetensors"))?;
        Self::new(&source.join("config.json"), config, read("tokenizer.json")?, weights)
    }

    fn new(
        config_path: &Path,
        config: String,
        tokenizer_json: Vec<u8>,
        weights: WeightFile,
    ) -> Result<Self, GleanerError> {
        let parsed = EncoderConfig::parse(config_path, &config)?;
        let config_json = serde_json::from_str(&config)
            .map_err(|e| GleanerError::model(config_path, e.to_string(), "fetch the file again"))?;
        Ok(Self { config: parsed, config_json, tokenizer_json, weights: Arc::new(weights) })
    }
}
