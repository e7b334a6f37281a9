//! How a tagger was made, and what it reached: `gleaner.json`.

use crate::{GleanerError, RunData, Scored, Settings, data::fingerprint, train::EpochRecord};
use gleaner_corpus::Corpus;
use gleaner_metrics::{Bootstrap, Intervals, Mode, Report};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The version of the format of `gleaner.json`.
const FORMAT: u32 = 1;

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
    /// What was done to the texts.
    pub notes: Vec<String>,
    /// The epoch of the saved state, from 1.
    pub best_epoch: u32,
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
    /// What is kept of a scoring.
    pub(crate) fn of(scored: &Scored, settings: &Settings) -> Self {
        let bootstrap = Bootstrap { resamples: settings.resamples, ..Bootstrap::default() };
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
    pub(crate) fn new(settings: &Settings, data: &RunData) -> Self {
        Self {
            format: FORMAT,
            program: concat!("gleaner ", env!("CARGO_PKG_VERSION")).to_owned(),
            threads: rayon::current_num_threads(),
            settings: settings.clone(),
            train: TextRecord::of(&data.train),
            dev_text: TextRecord::of(&data.dev),
            test_text: data.test.as_ref().map(TextRecord::of),
            notes: data.notes.clone(),
            best_epoch: 0,
            dev: None,
            test: None,
            history: Vec::new(),
        }
    }

    /// The training, dev and test text.
    pub(crate) fn texts(&self) -> [Option<TextRecord>; 3] {
        [Some(self.train.clone()), Some(self.dev_text.clone()), self.test_text.clone()]
    }

    /// Reads a `gleaner.json`.
    pub(super) fn read(path: &Path) -> Result<Self, GleanerError> {
        let bytes = std::fs::read(path).map_err(|e| GleanerError::io(path, e))?;
        let bad = |what: String| {
            GleanerError::model(path, what, "use the gleaner.json that was saved with the model")
        };
        let json: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|e| bad(format!("not JSON ({e})")))?;
        match json["format"].as_u64() {
            Some(f) if f == u64::from(FORMAT) => {
                let provenance: Self =
                    serde_json::from_value(json).map_err(|e| bad(e.to_string()))?;
                provenance.settings.check().map_err(|e| bad(e.to_string()))?;
                Ok(provenance)
            }
            Some(f) => Err(bad(format!("format {f}, but this program reads format {FORMAT}"))),
            None => Err(bad("no format in it".into())),
        }
    }
}
