//! What decides a run's results, and the id that is a hash of it.

mod keys;

use crate::{fingerprints::digest, task::Task};
use gleaner::{CorpusOptions, Joined, Protocol, Settings, Split, Stage};
use gleaner_corpus::LabelMap;
use keys::{Uses, differences};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of identities. Raise it when equal settings give different results than before: a preset
/// has other values, or texts are read or split in another way. All runs then get new ids.
///
/// 3: settings are differences from the preset. The dev part of a fold is drawn at random from all
/// sentences that are not tested on.
pub(crate) const FORMAT: u64 = 3;

/// Everything that decides a run's results. Files are identified by their contents, not by their paths.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Identity {
    format: u64,
    task: Task,
    /// Fingerprint of the encoder, if the run starts from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    encoder: Option<String>,
    #[serde(flatten)]
    models: Models,
    texts: Texts,
    /// The preset that settings are compared with.
    preset: (Protocol, Stage),
    /// Settings that decide results and differ from the preset.
    settings: BTreeMap<String, Value>,
}

/// Ids of the runs whose models a run needs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Models {
    /// The run whose model it starts from, or whose model chooses its sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    /// The runs whose models vote, in the order of the members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) members: Vec<String>,
    /// The ensemble that it learns from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) teacher: Option<String>,
}

/// Fingerprints of the texts.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Texts {
    pub(super) own: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) joined: Vec<JoinedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pool: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) excluded: Vec<String>,
}

/// A joined text and how it is read. Defaults are left out, as they are of settings.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct JoinedText {
    print: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_map: Option<LabelMap>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    whole: bool,
    /// Other options of reading, where they differ from those of the main text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reading: BTreeMap<String, Value>,
}

impl JoinedText {
    pub(super) fn new(print: String, joined: &Joined, main: &CorpusOptions) -> Self {
        let Joined { limit, whole, corpus } = joined;
        let label_map = corpus.options.label_map.clone();
        let reading = differently_read(&corpus.options, main);
        Self { print, limit: *limit, label_map, whole: *whole, reading }
    }
}

/// The options of a text that differ from those of the main one, apart from the label map. Options that only the main
/// text has are null.
fn differently_read(own: &CorpusOptions, main: &CorpusOptions) -> BTreeMap<String, Value> {
    let json = |options| serde_json::to_value(options).expect("options are plain data");
    let (own, main) = (json(own), json(main));
    let all = own.as_object().into_iter().flatten();
    all.filter(|(key, value)| *key != "label-map" && main.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The fingerprint of a text whose tags are not trained on, and of how it is read where that differs from the main
/// text.
pub(super) fn fingerprint_of_reading(
    print: String,
    own: &CorpusOptions,
    main: &CorpusOptions,
) -> String {
    let reading = differently_read(own, main);
    match reading.is_empty() {
        true => print,
        false => digest(serde_json::json!([print, reading]).to_string().as_bytes()),
    }
}

impl Identity {
    pub(super) fn new(
        task: &Task,
        settings: &Settings,
        encoder: Option<&str>,
        models: Models,
        texts: Texts,
    ) -> Self {
        let json = |s: &Settings| serde_json::to_value(s).expect("settings are plain data");
        let preset = Settings::preset(settings.run.protocol, settings.stage());
        let uses = Uses {
            pool: !settings.self_training.pool.is_empty(),
            folds: settings.data.split == Split::Folds,
        };
        Self {
            format: FORMAT,
            task: task.clone(),
            encoder: encoder.map(str::to_owned),
            models,
            texts,
            preset: (settings.run.protocol, settings.stage()),
            settings: differences(&json(settings), &json(&preset), uses),
        }
    }

    /// The run's id: 16 hexadecimal digits.
    pub(super) fn id(&self) -> String {
        digest(&serde_json::to_vec(self).expect("plain data"))[..16].to_owned()
    }
}

#[cfg(test)]
mod tests;
