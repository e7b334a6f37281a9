//! How a tagger was made, and its scores: `gleaner.json`.

use super::{EpochRecord, TakenOver};
use crate::{Dataset, GleanerError, Scores, Settings, TextRecord, model};
use gleaner_base::model_files::MANIFEST;
use gleaner_corpus::{Corpus, text::Segmenter};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How a tagger was made and its scores: everything a model folder records beside the weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Provenance {
    /// Version of this file's format.
    pub format: u32,
    /// Name and version of the program.
    pub program: String,
    /// Number of threads.
    pub threads: usize,
    /// The effective settings.
    pub settings: Settings,
    /// The training text.
    pub train: TextRecord,
    /// The dev text.
    pub dev_text: TextRecord,
    /// The test text.
    pub test_text: Option<TextRecord>,
    /// The pool, with the tags that it has.
    pub pool: Option<TextRecord>,
    /// What the training took over from an earlier model.
    pub taken_over: Option<TakenOver>,
    /// What was done to the texts, one sentence each.
    pub notes: Vec<String>,
    /// The epoch of the saved parameters, from 1; of an average, its last epoch.
    pub best_epoch: u32,
    /// The number of epochs whose parameters were averaged, if the saved parameters are an average.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub averaged: Option<u32>,
    /// The divisor of the CRF's scores when confidences are computed, fitted on dev; 1 of models that are not
    /// calibrated.
    #[serde(default = "model::uncalibrated")]
    pub temperature: f64,
    /// How plain text is cut into sentences and words.
    #[serde(default)]
    pub segmenter: Segmenter,
    /// Scores on dev.
    pub dev: Option<Scores>,
    /// Scores on test.
    pub test: Option<Scores>,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
}

impl Provenance {
    /// What is known before training.
    pub(super) fn new(settings: &Settings, data: &Dataset, taken_over: Option<TakenOver>) -> Self {
        Self {
            format: model::FORMAT,
            program: concat!("gleaner ", env!("CARGO_PKG_VERSION")).to_owned(),
            threads: rayon::current_num_threads(),
            settings: settings.clone(),
            train: TextRecord::of(&data.train),
            dev_text: TextRecord::of(&data.dev),
            test_text: data.test.as_ref().map(TextRecord::of),
            pool: data.pool.as_ref().map(TextRecord::of),
            taken_over,
            notes: data.notes.clone(),
            best_epoch: 0,
            averaged: None,
            temperature: model::uncalibrated(),
            segmenter: data.segmenter.clone(),
            dev: None,
            test: None,
            history: Vec::new(),
        }
    }

    /// Which parameters were kept, in words: an epoch, or the average of several.
    pub fn kept(&self) -> String {
        let (last, all) = (self.best_epoch, self.history.len());
        match self.averaged {
            Some(n) => {
                let first = (last + 1).saturating_sub(n).max(1);
                format!("the average of epochs {first} to {last} of {all}")
            }
            None => format!("epoch {last} of {all}"),
        }
    }

    /// The training, dev and test text, and the pool.
    pub(super) fn texts(&self) -> [Option<TextRecord>; 4] {
        let of = |record: &TextRecord| Some(record.clone());
        [of(&self.train), of(&self.dev_text), self.test_text.clone(), self.pool.clone()]
    }

    /// Whether the texts of `data` are those that the tagger was made with.
    pub(crate) fn is_of(&self, data: &Dataset) -> bool {
        let of = |text: Option<&Corpus>| text.map(TextRecord::of);
        let Dataset { train, dev, test, pool, .. } = data;
        self.texts() == [of(Some(train)), of(Some(dev)), of(test.as_ref()), of(pool.as_ref())]
    }

    /// Whether this is the dev text that the tagger was calibrated on.
    pub fn has_dev_text(&self, dev: &Corpus) -> bool {
        self.dev_text == TextRecord::of(dev)
    }

    /// Reads how the tagger in a model folder was made, without opening its weights.
    ///
    /// # Errors
    /// The folder holds no finished training, or its `gleaner.json` is malformed.
    pub fn read(folder: &Path) -> Result<Self, GleanerError> {
        let path = folder.join(MANIFEST);
        let provenance: Self = model::parse_manifest(&path, &model::read_manifest(folder)?)?;
        let bad = |what: &str| Err(model::malformed(&path, what));
        if let Err(error) = provenance.settings.check() {
            return bad(&error.to_string());
        }
        match provenance.temperature > 0.0 && provenance.temperature.is_finite() {
            true => Ok(provenance),
            false => bad("temperature: must be a number above 0"),
        }
    }
}
