//! How a tagger was made, and what it reached: `gleaner.json`.

use crate::{
    GleanerError, RunData, Scored, Settings,
    data::fingerprint,
    train::{EpochRecord, TakenOver},
};
use gleaner_corpus::Corpus;
use gleaner_metrics::{Bootstrap, Intervals, Mode, Report};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The version of the format of `gleaner.json`.
const FORMAT: u32 = 3;

/// Everything that is said of a tagger beside its weights.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Provenance {
    /// Version of this file's format.
    pub format: u32,
    /// Name and version of the program.
    pub program: String,
    /// Threads that computed.
    pub threads: usize,
    /// The effective settings.
    pub settings: Settings,
    /// The training text.
    pub train: TextRecord,
    /// The dev text.
    pub dev_text: TextRecord,
    /// The test text.
    pub test_text: Option<TextRecord>,
    /// The pool, with whatever tags it brings.
    pub pool: Option<TextRecord>,
    /// What came from an earlier model.
    pub taken_over: Option<TakenOver>,
    /// What was done to the texts.
    pub notes: Vec<String>,
    /// The epoch of the saved state, from 1; of an average, the last one in it.
    pub best_epoch: u32,
    /// Epochs whose parameters were averaged, if the saved state is an average.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub averaged: Option<u32>,
    /// What the CRF's scores are divided by where confidences are told, fitted on dev; 1 of models
    /// that are not calibrated.
    #[serde(default = "uncalibrated")]
    pub temperature: f64,
    /// Scores on dev.
    pub dev: Option<Scores>,
    /// Scores on test.
    pub test: Option<Scores>,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
}

/// A text, by size and fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRecord {
    /// Sentences.
    pub sentences: usize,
    /// Words.
    pub words: usize,
    /// SHA-256 of words and tags.
    pub sha256: String,
}

/// Scores on one text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Scores {
    /// Entity-level scores, seqeval's default mode.
    pub entities: Report,
    /// Their bootstrap intervals.
    pub intervals: Option<Intervals>,
    /// Share of words with the right tag.
    pub token_accuracy: f64,
    /// The published score.
    pub published_score: f64,
}

/// The temperature of models that were saved without one.
fn uncalibrated() -> f64 {
    1.0
}

/// A SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

impl TextRecord {
    fn of(corpus: &Corpus) -> Self {
        Self {
            sentences: corpus.sentences.len(),
            words: corpus.word_count(),
            sha256: fingerprint(corpus),
        }
    }
}

impl Scores {
    /// What is kept of a scoring; intervals are drawn from so many resamples.
    pub fn of(scored: &Scored, resamples: usize) -> Self {
        let bootstrap = Bootstrap { resamples, ..Bootstrap::default() };
        Self {
            entities: scored.evaluation.report(Mode::Default),
            intervals: scored.evaluation.intervals(Mode::Default, &bootstrap),
            token_accuracy: scored.evaluation.token_accuracy(),
            published_score: scored.published,
        }
    }
}

impl Provenance {
    /// What is known before training.
    pub(crate) fn new(settings: &Settings, data: &RunData, taken_over: Option<TakenOver>) -> Self {
        Self {
            format: FORMAT,
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
            temperature: uncalibrated(),
            dev: None,
            test: None,
            history: Vec::new(),
        }
    }

    /// Which state was kept, for people: an epoch, or the average of some.
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
    pub(crate) fn texts(&self) -> [Option<TextRecord>; 4] {
        let of = |record: &TextRecord| Some(record.clone());
        [of(&self.train), of(&self.dev_text), self.test_text.clone(), self.pool.clone()]
    }

    /// Reads the bytes of a `gleaner.json`.
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, GleanerError> {
        let bad = |what: String| {
            GleanerError::model(path, what, "use the gleaner.json that was saved with the model")
        };
        let json: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|e| bad(format!("not JSON ({e})")))?;
        match json["format"].as_u64() {
            Some(f) if f == u64::from(FORMAT) => {
                let provenance: Self =
                    serde_json::from_value(json).map_err(|e| bad(e.to_string()))?;
                provenance.settings.check().map_err(|e| bad(e.to_string()))?;
                if !(provenance.temperature > 0.0 && provenance.temperature.is_finite()) {
                    return Err(bad("temperature: must be a number above 0".into()));
                }
                Ok(provenance)
            }
            Some(f) => Err(bad(format!("format {f}, but this program reads format {FORMAT}"))),
            None => Err(bad("no format in it".into())),
        }
    }
}
