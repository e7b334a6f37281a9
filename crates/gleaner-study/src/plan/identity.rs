//! What decides a run's results, and the id that is a hash of it.

use crate::{fingerprints::digest, task::Task};
use gleaner::{Settings, Split};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Changes when a run's results mean something else although its settings are the same.
const FORMAT: u32 = 2;

/// Settings that say where something lies or how it is computed, not what.
const NOT_DECIDING: [&str; 12] = [
    "encoder",
    "start",
    "data",
    "train",
    "dev",
    "test",
    "join",
    "pool",
    "exclude",
    "threads",
    "checkpoint-seconds",
    "train-score",
];

/// Settings of pseudo-labelling.
const OF_POOL: [&str; 16] = [
    "pool-limit",
    "pool-map",
    "quantile",
    "entropy",
    "delay",
    "confidence",
    "additions",
    "unsure",
    "sure",
    "type-cap",
    "targets",
    "student",
    "rounds",
    "round-epochs",
    "pool-weight",
    "gold-share",
];

/// Settings of a cross-validation.
const OF_FOLDS: [&str; 2] = ["folds", "fold"];

/// Everything that decides a run's results, in a fixed order. Files are told by their contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Identity {
    format: u32,
    task: Task,
    /// Fingerprint of the encoder, where one is trained from.
    encoder: Option<String>,
    /// Id of the run whose model is started from.
    model: Option<String>,
    texts: Texts,
    settings: Value,
}

/// Fingerprints of what is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Texts {
    pub(super) own: String,
    pub(super) joined: Vec<String>,
    pub(super) pool: Option<String>,
    pub(super) excluded: Vec<String>,
}

impl Identity {
    pub(super) fn new(
        task: &Task,
        settings: &Settings,
        encoder: Option<&str>,
        model: Option<&str>,
        texts: Texts,
    ) -> Self {
        let mut deciding = serde_json::to_value(settings).expect("settings are plain data");
        if let Some(map) = deciding.as_object_mut() {
            let of_pool: &[&str] =
                if settings.self_training.pool.is_empty() { &OF_POOL } else { &[] };
            let of_folds: &[&str] =
                if settings.data.split == Split::Folds { &[] } else { &OF_FOLDS };
            if settings.data.word_column.is_none() {
                map.shift_remove("word-column"); // as it was before there was such a setting
            }
            for key in NOT_DECIDING.iter().chain(of_pool).chain(of_folds) {
                map.shift_remove(*key);
            }
            let joined = settings.data.join.iter().map(|j| match j.whole {
                false => json!([j.limit, j.label_map]),
                true => json!([j.limit, j.label_map, "whole"]),
            });
            map.insert("joined".to_owned(), joined.collect());
        }
        Self {
            format: FORMAT,
            task: task.clone(),
            encoder: encoder.map(str::to_owned),
            model: model.map(str::to_owned),
            texts,
            settings: deciding,
        }
    }

    /// The run's id.
    pub(super) fn id(&self) -> String {
        digest(&serde_json::to_vec(self).expect("plain data"))[..16].to_owned()
    }
}
