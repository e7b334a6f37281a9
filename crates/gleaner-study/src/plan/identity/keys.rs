//! Which settings decide a run's results. A setting does unless it is listed here.

use serde_json::Value;
use std::collections::BTreeMap;

/// Settings that change neither the trained model nor its predictions.
pub(super) const NOT_DECIDING: [&str; 18] = [
    // Paths: the identity has fingerprints of the contents.
    "encoder",
    "start",
    "teacher",
    "data",
    "train",
    "dev",
    "test",
    "join",
    "pool",
    "exclude",
    // The identity names the preset.
    "protocol",
    // It only refuses texts; what it accepts is read in the same way.
    "strict",
    // Speed and safety. Another number of threads changes sums in their last bits, but so does another
    // processor: the results of a run are those of any machine.
    "threads",
    "checkpoint-seconds",
    // Reported beside the results.
    "train-score",
    // Statistics are computed from the stored predictions whenever results are gathered.
    "resamples",
    // Words on the model card.
    "language",
    "license",
];

/// Settings that have an effect only if there is a pool.
pub(super) const OF_POOL: [&str; 16] = [
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

/// Settings that have an effect only in a cross-validation.
pub(super) const OF_FOLDS: [&str; 2] = ["folds", "fold"];

/// Which settings that depend on others have an effect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uses {
    pub(super) pool: bool,
    pub(super) folds: bool,
}

/// The settings that decide results and differ from the preset, sorted by key. So a setting that a later
/// version adds changes nothing while it has its default.
pub(super) fn differences(settings: &Value, preset: &Value, uses: Uses) -> BTreeMap<String, Value> {
    let decides = |key: &str| {
        !NOT_DECIDING.contains(&key)
            && (uses.pool || !OF_POOL.contains(&key))
            && (uses.folds || !OF_FOLDS.contains(&key))
    };
    let all = settings.as_object().into_iter().flatten();
    all.filter(|(key, _)| decides(key))
        .map(|(key, value)| (key.clone(), effect_of(key, value)))
        .filter(|(key, value)| preset.get(key) != Some(value))
        .collect()
}

/// The part of a value that decides: of a device its kind, since GPUs compute other sums than processors,
/// but not its number.
fn effect_of(key: &str, value: &Value) -> Value {
    match (key, value.as_str()) {
        ("device", Some(name)) => name.split(':').next().unwrap_or(name).into(),
        _ => value.clone(),
    }
}
