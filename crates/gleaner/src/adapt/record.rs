//! How an encoder was adapted: `adapted.json`.

use super::{AdaptSettings, NewPieces, RawText, prepare::Work};
use gleaner_nn::masked::MaskedLm;
use serde::{Deserialize, Serialize};

/// Version of the format of `adapted.json`.
const FORMAT: u32 = 1;

/// How an encoder was adapted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Adapted {
    /// Version of this record's format.
    pub format: u32,
    /// Name and version of the program.
    pub program: String,
    /// Number of threads.
    pub threads: usize,
    /// The settings.
    pub settings: AdaptSettings,
    /// The texts.
    pub texts: Vec<RawText>,
    /// The pieces that were added to the tokenizer, if any were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_pieces: Option<NewPieces>,
    /// Number of pieces in the active vocabulary, whose embeddings alone were trained.
    pub active: usize,
    /// Whether the encoder had no masked-language head.
    pub new_head: bool,
    /// Number of steps.
    pub steps: u64,
    /// Number of first steps that trained the head alone.
    pub head_steps: u64,
    /// What users should know, one sentence each.
    pub notes: Vec<String>,
    /// The losses, before the first step and at intervals.
    pub history: Vec<Record>,
}

/// The losses after some steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Number of steps.
    pub step: u64,
    /// Number of pieces trained on, special ones included.
    pub pieces: u64,
    /// Mean cross-entropy of the pieces hidden in training since the record before; none before the first step.
    pub loss: Option<f64>,
    /// Mean cross-entropy of the pieces hidden in held-out sentences, if there are any.
    pub held_out_loss: Option<f64>,
}

impl Adapted {
    /// What is known before the first step.
    pub(super) fn new(settings: &AdaptSettings, model: &MaskedLm, work: &Work) -> Self {
        Self {
            format: FORMAT,
            program: concat!("gleaner ", env!("CARGO_PKG_VERSION")).to_owned(),
            threads: rayon::current_num_threads(),
            settings: settings.clone(),
            texts: work.texts.records.clone(),
            new_pieces: work.new_pieces.clone(),
            active: work.active,
            new_head: model.has_new_head(),
            steps: work.plan.steps,
            head_steps: work.plan.head_steps,
            notes: work.notes.clone(),
            history: Vec::new(),
        }
    }
}
