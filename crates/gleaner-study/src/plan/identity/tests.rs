//! Every setting either decides ids or is listed as one that does not.

use super::{
    keys::{NOT_DECIDING, OF_FOLDS, OF_POOL},
    *,
};
use serde_json::json;
use std::collections::BTreeSet;

/// Settings that always decide. A new setting must be added here, or to a list of `keys.rs`.
const DECIDING: [&str; 49] = [
    "decay-on",
    "layer-decay",
    "r-drop",
    "reset-layers",
    "mentions",
    "replace-mentions",
    "teacher-share",
    "split",
    "split-seed",
    "cutoff",
    "train-limit",
    "format",
    "word-column",
    "labels",
    "nested",
    "offsets",
    "text-field",
    "tag-column",
    "label-map",
    "drop-leaks",
    "skip-bad",
    "seed",
    "epochs",
    "patience",
    "batch",
    "accumulate",
    "shuffle",
    "head",
    "lstm-units",
    "lstm-layers",
    "lstm-dropout",
    "constraints",
    "piece-labels",
    "max-pieces",
    "fold-case",
    "optimizer",
    "decay",
    "rate-encoder",
    "rate-lstm",
    "rate-linear",
    "rate-crf",
    "schedule",
    "warmup",
    "clip",
    "freeze",
    "select",
    "average",
    "device",
    "precision",
];

const ALL: Uses = Uses { pool: true, folds: true };

fn preset() -> Value {
    serde_json::to_value(Settings::preset(Protocol::Sound, Stage::Fresh)).unwrap()
}

/// A value that no preset has.
fn other(value: &Value) -> Value {
    json!({ "changed": value })
}

#[test]
fn every_setting_is_classified_once() {
    let lists: [&[&str]; 4] = [&DECIDING, &NOT_DECIDING, &OF_POOL, &OF_FOLDS];
    let classified: Vec<&str> = lists.concat();
    let distinct: BTreeSet<&str> = classified.iter().copied().collect();
    assert_eq!(classified.len(), distinct.len(), "a setting is in two lists");
    let preset = preset();
    let keys: BTreeSet<&str> = preset.as_object().unwrap().keys().map(String::as_str).collect();
    let new: Vec<_> = keys.difference(&distinct).collect();
    assert!(new.is_empty(), "do {new:?} change the model or its predictions? add them to a list");
    let gone: Vec<_> = distinct.difference(&keys).collect();
    assert!(gone.is_empty(), "{gone:?} are not settings; remove them from the lists");
}

#[test]
fn a_setting_decides_if_and_only_if_its_list_says_so() {
    let preset = preset();
    for (key, value) in preset.as_object().unwrap() {
        let key = key.as_str();
        let mut settings = preset.clone();
        settings[key] = other(value);
        let decides = |pool: bool, folds: bool| {
            differences(&settings, &preset, Uses { pool, folds }).contains_key(key)
        };
        assert_eq!(decides(true, true), !NOT_DECIDING.contains(&key), "{key}");
        assert_eq!(decides(false, true), decides(true, true) && !OF_POOL.contains(&key), "{key}");
        assert_eq!(decides(true, false), decides(true, true) && !OF_FOLDS.contains(&key), "{key}");
    }
}

#[test]
fn a_setting_that_is_added_with_its_default_changes_nothing() {
    let (settings, preset) =
        (json!({"epochs": 3, "batch": 16}), json!({"epochs": 20, "batch": 16}));
    let before = differences(&settings, &preset, ALL);
    let added = |mut map: Value, value: i32| {
        map["brand-new"] = value.into();
        map
    };
    let with_default = differences(&added(settings.clone(), 7), &added(preset.clone(), 7), ALL);
    assert_eq!(with_default, before);
    let with_another = differences(&added(settings, 8), &added(preset, 7), ALL);
    assert_eq!(with_another["brand-new"], 8);
}

#[test]
fn the_order_of_keys_changes_nothing() {
    let preset = json!({});
    let of =
        |settings: Value| serde_json::to_string(&differences(&settings, &preset, ALL)).unwrap();
    assert_eq!(of(json!({"a": 1, "b": 2})), of(json!({"b": 2, "a": 1})));
}

#[test]
fn the_kind_of_a_device_decides_and_its_number_does_not() {
    let preset = preset();
    let of = |device: &str| {
        let mut settings = preset.clone();
        settings["device"] = device.into();
        differences(&settings, &preset, ALL)
    };
    assert_eq!(of("cpu"), BTreeMap::new());
    assert_eq!(of("cuda:1"), of("cuda"));
    assert_ne!(of("cuda"), of("vulkan"));
}

/// Deciding settings of all presets, by preset and key.
type Presets = BTreeMap<String, BTreeMap<String, Value>>;

fn presets() -> Presets {
    let mut all = Presets::new();
    for protocol in [Protocol::Sound, Protocol::Published] {
        for stage in [Stage::Fresh, Stage::FineTune, Stage::PseudoLabel] {
            let preset = serde_json::to_value(Settings::preset(protocol, stage)).unwrap();
            let [protocol, stage] = [json!(protocol), json!(stage)];
            let name = [protocol, stage].map(|word| word.as_str().unwrap().to_owned()).join(" ");
            all.insert(name, differences(&preset, &json!({}), ALL));
        }
    }
    all
}

/// Ids are hashes of differences from presets. If a preset changes, equal ids mean other results.
#[test]
fn presets_are_those_of_this_identity_format() {
    let known = include_str!("../../../tests/fixtures/presets.json");
    let known: Presets = serde_json::from_str(known).unwrap();
    let presets = presets();
    assert_eq!(known.keys().collect::<Vec<_>>(), presets.keys().collect::<Vec<_>>());
    for (name, known) in &known {
        for (key, value) in known {
            let now = &presets[name][key];
            assert_eq!(
                now,
                value,
                "{key} of {name}: raise FORMAT; the fixture is then\n{}",
                serde_json::to_string_pretty(&presets).unwrap()
            );
        }
    }
}
