//! Settings in a study file: which keys may be set where.

use super::check::Checks;
use crate::error::StudyError;
use gleaner::{Overrides, Settings, Split};
use toml::Spanned;

/// Keys that decide which sentences are read and how they are split. They are the same in all runs of
/// a study.
pub(super) const DIVIDING: [&str; 11] = [
    "split",
    "split-seed",
    "strict",
    "skip-bad",
    "format",
    "word-column",
    "tag-column",
    "labels",
    "nested",
    "offsets",
    "text-field",
];

/// The key of how all results of a study are compared.
pub(super) const RESAMPLES: &str = "resamples";

/// Checks the settings of some runs on top of `common`, the settings of more of them. The keys that the
/// study itself decides are refused, except those in `allowed`.
pub(super) fn settings_of(
    file: &Checks,
    settings: Option<&Spanned<Overrides>>,
    common: &[&Overrides],
    allowed: &[&str],
) -> Result<Overrides, StudyError> {
    let Some(spanned) = settings else { return Ok(Overrides::default()) };
    let s = spanned.get_ref();
    let at = spanned.span().start;
    let decided = [
        ("protocol", s.run.protocol.is_some()),
        ("encoder", s.network.encoder.is_some()),
        ("start", s.network.start.is_some()),
        ("data", s.data.data.is_some()),
        ("train", s.data.train.is_some()),
        ("dev", s.data.dev.is_some()),
        ("test", s.data.test.is_some()),
        ("join", s.data.join.is_some()),
        ("exclude", s.data.exclude.is_some()),
        ("train-limit", s.data.train_limit.is_some()),
        (
            "fold",
            s.data.fold.is_some() || s.data.folds.is_some() || s.data.split == Some(Split::Folds),
        ),
        (
            "pool",
            s.self_training.pool.is_some()
                || s.self_training.pool_limit.is_some()
                || s.self_training.pool_map.is_some(),
        ),
        ("mentions", s.data.mentions.is_some()),
        ("teacher", s.self_training.teacher.is_some()),
        ("label-map", s.corpus.label_map.is_some()),
        ("cutoff", s.data.cutoff.is_some()),
        ("seed", s.run.seed.is_some()),
        ("quantile", s.self_training.quantile.is_some()),
        ("device", s.run.device.is_some()),
        ("threads", s.run.threads.is_some()),
        ("split", s.data.split.is_some()),
        ("split-seed", s.data.split_seed.is_some()),
        ("strict", s.data.strict.is_some()),
        ("skip-bad", s.data.skip_bad.is_some()),
        ("format", s.corpus.format.is_some()),
        ("word-column", s.corpus.word_column.is_some()),
        ("tag-column", s.corpus.tag_column.is_some()),
        ("labels", s.corpus.labels.is_some()),
        ("nested", s.corpus.nested.is_some()),
        ("offsets", s.corpus.offsets.is_some()),
        ("text-field", s.corpus.text_field.is_some()),
        (RESAMPLES, s.run.resamples.is_some()),
    ];
    if let Some((key, _)) = decided.iter().find(|(key, given)| *given && !allowed.contains(key)) {
        let (what, fix) = refusal(key);
        return Err(file.error(at, format!("settings: `{key}` {what}"), fix));
    }
    Settings::resolve(&[common, &[s]].concat())
        .map_err(|e| file.message(at, &format!("settings: {e}")))?;
    Ok(s.clone())
}

/// Why a key may not be set, and where it can be.
fn refusal(key: &str) -> (&'static str, &'static str) {
    match key {
        key if DIVIDING.contains(&key) => (
            "decides which sentences are tested on",
            "set it under the study's [settings], for all experiments",
        ),
        RESAMPLES => (
            "decides how all results are compared",
            "set it under the study's [settings], for all experiments",
        ),
        "protocol" | "encoder" | "device" | "threads" => {
            ("is set once for the whole study", "set it at the top of the file")
        }
        "teacher" | "mentions" => {
            ("names files that a study does not record", "use `gleaner train`")
        }
        "fold" => {
            ("differs between runs", "set folds = 5 at the top of the file for a cross-validation")
        }
        _ => (
            "differs between runs",
            "remove it: docs/reference/study-file.md says where the study sets it",
        ),
    }
}
