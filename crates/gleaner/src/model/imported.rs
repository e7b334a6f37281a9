//! Taggers that transformers saved: an encoder and a linear layer, as a `*ForTokenClassification` of a known family.

mod labels;

use super::{
    Fingerprints, architecture,
    decoding::Decoding,
    saved::{Manifest, Rows, SavedModel, id2label, uncalibrated, usable},
};
use crate::{
    EncoderFiles, GleanerError, TaggerConfig, TrainedOn, encoder_files::MAX_CONFIG,
    framing::PieceLabels, tokenizer_files,
};
use gleaner_base::{
    bounded,
    model_files::{CONFIG, MANIFEST},
};
use gleaner_corpus::text::Segmenter;
use gleaner_nn::{
    Precision,
    encoder::EncoderConfig,
    network::{Classifier, HeadKind},
};
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The end of the names of classes for token classification.
const TASK: &str = "ForTokenClassification";
/// The class of taggers that Gleaner exported with a CRF.
const OWN_CLASS: &str = "GleanerForTokenClassification";

/// The configuration of a tagger that transformers saved.
pub(super) struct Imported {
    path: PathBuf,
    json: Value,
    class: String,
}

impl TaggerConfig {
    /// The settings of a tagger that transformers saved, or that Gleaner exported for it, in the folder `model`. `None`
    /// if the folder holds something else, such as a model that Gleaner trained.
    ///
    /// # Errors
    /// `config.json` is not the configuration of an encoder of a known family.
    pub fn imported(model: &Path) -> Result<Option<Self>, GleanerError> {
        let Some(imported) = Imported::find(model) else { return Ok(None) };
        imported.check()?;
        let text = imported.json.to_string();
        let encoder = EncoderConfig::parse(&imported.path, &text)?;
        imported.tagger(model, &encoder).map(|found| Some(found.0))
    }
}

impl Imported {
    /// The configuration in a folder that holds a tagger of transformers and none of Gleaner.
    pub(super) fn find(folder: &Path) -> Option<Self> {
        if folder.join(MANIFEST).exists() {
            return None;
        }
        let path = folder.join(CONFIG);
        let json: Value = serde_json::from_slice(&bounded::read(&path, MAX_CONFIG).ok()?).ok()?;
        let class = json["architectures"][0].as_str().filter(|name| name.ends_with(TASK))?;
        let class = class.to_owned();
        Some(Self { path, json, class })
    }

    /// Opens the tagger.
    pub(super) fn open(self, folder: &Path) -> Result<SavedModel, GleanerError> {
        self.check()?;
        let encoder = EncoderFiles::open(folder)?;
        let (tagger, temperature) = self.tagger(folder, &encoder.config)?;
        let names = id2label(&self.path, &self.json)?;
        let known = labels::tags(&names).map_err(|what| {
            let fix = "rename its labels in id2label to tags of IOB2, such as O, B-PER and I-PER, or use another model";
            GleanerError::model(&self.path, what, fix)
        })?;
        let (rows, hidden) = (known.len(), encoder.config.hidden_size);
        let classifier = Classifier {
            weight: encoder.weights.read("classifier.weight", &[rows, hidden])?,
            bias: encoder.weights.read("classifier.bias", &[rows])?,
        };
        // The linear layer's values identify the training.
        let values = classifier.weight.iter().chain(&classifier.bias);
        let mut bytes = self.json.to_string().into_bytes();
        bytes.extend(values.flat_map(|x| x.to_le_bytes()));
        let (device, segmenter) = ("cpu".to_owned(), Segmenter::default());
        let files = Fingerprints::default();
        let manifest = Manifest { tagger, device, temperature, segmenter, files, bytes };
        let labels = usable(&self.path, labels::completed(&known))?;
        let rows = Some(Rows { labels: known, classifier });
        let trained_on = TrainedOn::read(folder)?;
        Ok(SavedModel { manifest, encoder, labels, rows, trained_on })
    }

    /// Refuses classes with other layers than an encoder and a linear layer.
    fn check(&self) -> Result<(), GleanerError> {
        let class = self.class.as_str();
        if architecture::classes().any(|known| known == class) {
            return Ok(());
        }
        let (what, fix) = match class {
            OWN_CLASS => (
                "`gleaner export` wrote it, for transformers alone".to_owned(),
                "use the model that it was exported from".to_owned(),
            ),
            _ => {
                let known: Vec<&str> = architecture::classes().collect();
                (format!("a {class} is not known"), format!("use a {}", known.join(", ")))
            }
        };
        Err(GleanerError::model(&self.path, what, fix))
    }

    /// The settings for labelling, and the temperature. Those that Gleaner exported are in the file; other models label
    /// the first piece of a word and do not rule out any sequence, as the pipeline of transformers does.
    fn tagger(
        &self,
        folder: &Path,
        encoder: &EncoderConfig,
    ) -> Result<(TaggerConfig, f64), GleanerError> {
        let decoding = match &self.json["gleaner"] {
            Value::Null => None,
            own => Some(Decoding::deserialize(own).map_err(|e| self.malformed(&e.to_string()))?),
        };
        let temperature = decoding.as_ref().map_or_else(uncalibrated, |own| own.temperature);
        if !(temperature > 0.0 && temperature.is_finite()) {
            return Err(self.malformed("temperature: must be a number above 0"));
        }
        let config = TaggerConfig {
            head: HeadKind::Linear,
            lstm_units: 0,
            lstm_layers: 0,
            lstm_dropout: 0.0,
            constraints: decoding.as_ref().is_some_and(|own| own.constraints),
            piece_labels: decoding.as_ref().map_or(PieceLabels::First, |own| own.piece_labels),
            max_pieces: match decoding {
                Some(Decoding { max_pieces: 0, .. }) => {
                    return Err(self.malformed("max_pieces: must be above 0"));
                }
                Some(own) => own.max_pieces,
                None => longest(folder, encoder)?,
            },
            // The tokenizer folds case where the encoder needs it.
            fold_case: false,
            precision: Precision::F32,
        };
        Ok((config, temperature))
    }

    fn malformed(&self, what: &str) -> GleanerError {
        let fix = "export the model again, or remove the key `gleaner`";
        GleanerError::model(&self.path, format!("gleaner: {what}"), fix)
    }
}

/// How many pieces the model reads besides the two special ones: as many as its encoder has positions for, or fewer if
/// its tokenizer cuts texts off earlier (transformers writes 1e30 where it does not).
fn longest(folder: &Path, encoder: &EncoderConfig) -> Result<usize, GleanerError> {
    let settings = tokenizer_files::settings(folder)?;
    let most = settings["model_max_length"].as_f64().unwrap_or(f64::INFINITY);
    match encoder.max_pieces().min(most as usize).saturating_sub(2) {
        0 => {
            let what = "its tokenizer's model_max_length leaves no room for a word";
            let fix = "set model_max_length in tokenizer_config.json to 3 or more, or remove it";
            Err(GleanerError::model(folder, what, fix))
        }
        pieces => Ok(pieces),
    }
}

#[cfg(test)]
mod tests;
