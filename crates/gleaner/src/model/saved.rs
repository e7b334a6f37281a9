//! Reading a model folder.

use super::MANIFEST;
use crate::{EncoderFiles, GleanerError, Labels, TaggerConfig, TrainedOn};
use gleaner_base::sha256::Sha256;
use gleaner_corpus::text::Segmenter;
use serde::Deserialize;
use std::path::Path;

/// The version of the format of `gleaner.json`.
pub(crate) const FORMAT: u32 = 3;

/// The contents of a model folder.
pub(crate) struct SavedModel {
    pub(crate) manifest: Manifest,
    pub(crate) encoder: EncoderFiles,
    pub(crate) labels: Labels,
    /// The sentences that the tagger was trained on, where the folder says so.
    pub(crate) trained_on: Option<TrainedOn>,
}

/// What labelling needs of `gleaner.json`, which also says how the tagger was trained.
pub(crate) struct Manifest {
    pub(crate) tagger: TaggerConfig,
    /// The device of the training.
    pub(crate) device: String,
    pub(crate) temperature: f64,
    /// The default in models that were saved without one.
    pub(crate) segmenter: Segmenter,
    /// The bytes of the file.
    pub(crate) bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct Parsed {
    settings: ParsedSettings,
    #[serde(default = "uncalibrated")]
    temperature: f64,
    #[serde(default)]
    segmenter: Segmenter,
}

#[derive(Deserialize)]
struct ParsedSettings {
    #[serde(flatten)]
    tagger: TaggerConfig,
    device: String,
}

/// The temperature of models that were saved without one.
pub(crate) fn uncalibrated() -> f64 {
    1.0
}

impl SavedModel {
    pub(crate) fn open(folder: &Path) -> Result<Self, GleanerError> {
        let manifest = Manifest::parse(&folder.join(MANIFEST), read_manifest(folder)?)?;
        let encoder = EncoderFiles::open(folder)?;
        let labels = labels(&folder.join("config.json"), &encoder.config_json)?;
        let trained_on = TrainedOn::read(folder)?;
        Ok(Self { manifest, encoder, labels, trained_on })
    }
}

impl Manifest {
    fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, GleanerError> {
        let Parsed { settings, temperature, segmenter } = parse_manifest(path, &bytes)?;
        if !(temperature > 0.0 && temperature.is_finite()) {
            return Err(malformed(path, "temperature: must be a number above 0"));
        }
        let ParsedSettings { tagger, device } = settings;
        Ok(Self { tagger, device, temperature, segmenter, bytes })
    }
}

/// The bytes of a finished folder's `gleaner.json`.
pub(crate) fn read_manifest(folder: &Path) -> Result<Vec<u8>, GleanerError> {
    let path = folder.join(MANIFEST);
    if !path.is_file() {
        let what = if folder.is_dir() { "no gleaner.json in it" } else { "no such folder" };
        let fix = "name a folder with a finished training of `gleaner train`";
        return Err(GleanerError::model(folder, what, fix));
    }
    std::fs::read(&path).map_err(|e| GleanerError::io(&path, e))
}

/// SHA-256 of a finished folder's `gleaner.json`, in hexadecimal digits: which training it comes from.
pub(crate) fn digest(folder: &Path) -> Result<String, GleanerError> {
    let hash = Sha256::digest(read_manifest(folder)?);
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Parses a `gleaner.json` of this program's format.
pub(crate) fn parse_manifest<T: serde::de::DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
) -> Result<T, GleanerError> {
    let json: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|e| malformed(path, &format!("not JSON ({e})")))?;
    match json["format"].as_u64() {
        Some(format) if format == u64::from(FORMAT) => {
            serde_json::from_value(json).map_err(|e| malformed(path, &e.to_string()))
        }
        Some(format) if format > u64::from(FORMAT) => Err(newer_format(path, format, FORMAT)),
        Some(format) => {
            let what = format!("format {format}, but this program reads format {FORMAT}");
            Err(malformed(path, &what))
        }
        None => Err(malformed(path, "no format in it")),
    }
}

/// The error of a file whose format is newer than `known`, which this program reads.
pub(crate) fn newer_format(path: &Path, format: u64, known: u32) -> GleanerError {
    let what = format!("format {format}, but this program reads format {known}");
    GleanerError::model(path, what, "a newer version of Gleaner wrote it: update Gleaner")
}

/// The error of a `gleaner.json` that cannot be used.
pub(crate) fn malformed(path: &Path, what: &str) -> GleanerError {
    GleanerError::model(path, what, "use the gleaner.json that was saved with the model")
}

/// The labels in a `config.json`'s `id2label`.
fn labels(path: &Path, config: &serde_json::Value) -> Result<Labels, GleanerError> {
    let bad = |what: &str| {
        GleanerError::model(path, what, "use the config.json that was saved with the model")
    };
    let map = config["id2label"].as_object().ok_or_else(|| bad("no id2label in it"))?;
    let name = |i: usize| map.get(&i.to_string()).and_then(|n| n.as_str()).map(str::to_owned);
    let names: Option<Vec<String>> = (0..map.len()).map(name).collect();
    names.map(Labels::new).ok_or_else(|| bad("id2label does not number its names from 0"))
}
