//! The contents of a model folder, and reading one that `gleaner train` wrote.

use super::{Fingerprints, versioned};
use crate::{EncoderFiles, GleanerError, Labels, TaggerConfig, TrainedOn};
use gleaner_base::{
    bounded,
    hash::{Digest, Sha256, hex},
    model_files::{CONFIG, MANIFEST},
};
use gleaner_corpus::text::Segmenter;
use gleaner_nn::{
    Compute,
    network::{Classifier, Network},
};
use serde::Deserialize;
use std::{path::Path, sync::Arc};

/// The version of the format of `gleaner.json`.
pub(crate) const FORMAT: u32 = 3;

const FIX: &str = "use the gleaner.json that was saved with the model";
/// Maximum length of `gleaner.json` in bytes. The record of thousands of epochs, and a hundred thousand abbreviations
/// of a pool, stay below it.
const MAX_LENGTH: u64 = 8_000_000;

/// The contents of a model folder.
pub(crate) struct SavedModel {
    pub(crate) manifest: Manifest,
    pub(crate) encoder: EncoderFiles,
    pub(crate) labels: Labels,
    /// The head of a tagger that transformers saved.
    pub(crate) rows: Option<Rows>,
    /// The sentences that the tagger was trained on, where the folder says so.
    pub(crate) trained_on: Option<TrainedOn>,
}

/// A linear layer with the label of each of its rows.
pub(crate) struct Rows {
    pub(crate) labels: Labels,
    pub(crate) classifier: Classifier,
}

/// What labelling needs of `gleaner.json`, which also says how the tagger was trained.
pub(crate) struct Manifest {
    pub(crate) tagger: TaggerConfig,
    /// The device of the training.
    pub(crate) device: String,
    pub(crate) temperature: f64,
    /// The default in models that were saved without one.
    pub(crate) segmenter: Segmenter,
    pub(super) files: Fingerprints,
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
    #[serde(default)]
    files: Fingerprints,
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
    /// Reads a folder that `gleaner train` wrote.
    pub(super) fn trained(folder: &Path) -> Result<Self, GleanerError> {
        let manifest = Manifest::parse(&folder.join(MANIFEST), read_manifest(folder)?)?;
        let encoder = EncoderFiles::open(folder)?;
        let path = folder.join(CONFIG);
        let labels = usable(&path, Labels::new(id2label(&path, &encoder.config_json)?))?;
        let trained_on = TrainedOn::read(folder)?;
        // Last: what a file says of itself is a better message.
        manifest.files.check(folder)?;
        Ok(Self { manifest, encoder, labels, rows: None, trained_on })
    }

    /// The tagger's network on a device.
    pub(crate) fn network(&self, compute: Compute) -> Result<Network, GleanerError> {
        let head = self.manifest.tagger.head(&self.labels);
        let (encoder, file) = (self.encoder.config.clone(), Arc::clone(&self.encoder.weights));
        Ok(match &self.rows {
            None => Network::saved(encoder, head, file, compute)?,
            Some(rows) => {
                let classifier = rows.completed(&self.labels);
                Network::with_classifier(encoder, &classifier, head.rules, file, compute)?
            }
        })
    }
}

impl Rows {
    /// The layer with a row for each of `labels`. Labels that it does not have are never chosen.
    fn completed(&self, labels: &Labels) -> Classifier {
        /// The bias of labels that are never chosen: their probability is 0 in f32.
        const NEVER: f32 = -1e4;
        let Classifier { weight, bias } = &self.classifier;
        let hidden = weight.len() / bias.len();
        let mut all = Classifier { weight: Vec::new(), bias: Vec::new() };
        for name in labels.names() {
            match self.labels.id(name).map(usize::from) {
                Some(row) => {
                    all.weight.extend_from_slice(&weight[row * hidden..][..hidden]);
                    all.bias.push(bias[row]);
                }
                None => {
                    all.weight.resize(all.weight.len() + hidden, 0.0);
                    all.bias.push(NEVER);
                }
            }
        }
        all
    }
}

impl Manifest {
    fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, GleanerError> {
        let Parsed { settings, temperature, segmenter, files } = parse_manifest(path, &bytes)?;
        if !(temperature > 0.0 && temperature.is_finite()) {
            return Err(malformed(path, "temperature: must be a number above 0"));
        }
        let ParsedSettings { tagger, device } = settings;
        tagger.check().map_err(|what| malformed(path, &what))?;
        Ok(Self { tagger, device, temperature, segmenter, files, bytes })
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
    bounded::read(&path, MAX_LENGTH).map_err(|e| GleanerError::io(&path, e))
}

/// SHA-256 of a finished folder's `gleaner.json`, in hexadecimal digits: which training it comes from.
pub(crate) fn digest(folder: &Path) -> Result<String, GleanerError> {
    Ok(hex(Sha256::digest(read_manifest(folder)?)))
}

/// Parses a `gleaner.json` of this program's format.
pub(crate) fn parse_manifest<T: serde::de::DeserializeOwned>(
    path: &Path,
    bytes: &[u8],
) -> Result<T, GleanerError> {
    versioned::parse(path, bytes, FORMAT, FIX)
}

/// The error of a `gleaner.json` that cannot be used.
pub(crate) fn malformed(path: &Path, what: &str) -> GleanerError {
    GleanerError::model(path, what, FIX)
}

/// The names in a `config.json`'s `id2label`, in the order of their numbers.
pub(super) fn id2label(
    path: &Path,
    config: &serde_json::Value,
) -> Result<Vec<String>, GleanerError> {
    let bad = |what: &str| {
        GleanerError::model(path, what, "use the config.json that was saved with the model")
    };
    let map = config["id2label"].as_object().ok_or_else(|| bad("no id2label in it"))?;
    let name = |i: usize| map.get(&i.to_string()).and_then(|n| n.as_str()).map(str::to_owned);
    let names: Option<Vec<String>> = (0..map.len()).map(name).collect();
    names.ok_or_else(|| bad("id2label does not number its names from 0"))
}

/// The labels of the `config.json` at `path`, if a tagger can have them.
pub(super) fn usable(path: &Path, labels: Labels) -> Result<Labels, GleanerError> {
    match labels.fault() {
        None => Ok(labels),
        Some(fault) => {
            let fix = "use the config.json that was saved with the model";
            Err(GleanerError::model(path, format!("id2label: {fault}"), fix))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_without_a_row_are_never_chosen() {
        let labels = |names: &[&str]| Labels::new(names.iter().map(|n| (*n).to_owned()).collect());
        let classifier = Classifier { weight: vec![1.0, 2.0, 3.0, 4.0], bias: vec![5.0, 6.0] };
        let rows = Rows { labels: labels(&["I-X", "O"]), classifier };
        let all = rows.completed(&labels(&["O", "B-X", "I-X"]));
        assert_eq!(all.weight, [3.0, 4.0, 0.0, 0.0, 1.0, 2.0]);
        assert_eq!((all.bias[0], all.bias[2]), (6.0, 5.0));
        assert_eq!(all.bias[1].exp(), 0.0);
    }
}
