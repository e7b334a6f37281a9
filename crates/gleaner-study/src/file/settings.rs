//! Settings in a study file: which keys may be set where.

use super::check::Checks;
use crate::error::StudyError;
use gleaner::{Overrides, Settings, Split};
use toml::Spanned;

/// Keys that decide which sentences are read and how they are split. They are the same in all runs of
/// a study.
pub(super) const DIVIDING: [&str; 6] =
    ["split", "split-seed", "strict", "skip-bad", "word-column", "tag-column"];

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
        ("protocol", s.protocol.is_some()),
        ("encoder", s.encoder.is_some()),
        ("start", s.start.is_some()),
        ("data", s.data.is_some()),
        ("train", s.train.is_some()),
        ("dev", s.dev.is_some()),
        ("test", s.test.is_some()),
        ("join", s.join.is_some()),
        ("exclude", s.exclude.is_some()),
        ("train-limit", s.train_limit.is_some()),
        ("fold", s.fold.is_some() || s.folds.is_some() || s.split == Some(Split::Folds)),
        ("pool", s.pool.is_some() || s.pool_limit.is_some() || s.pool_map.is_some()),
        ("label-map", s.label_map.is_some()),
        ("cutoff", s.cutoff.is_some()),
        ("seed", s.seed.is_some()),
        ("quantile", s.quantile.is_some()),
        ("device", s.device.is_some()),
        ("threads", s.threads.is_some()),
        ("split", s.split.is_some()),
        ("split-seed", s.split_seed.is_some()),
        ("strict", s.strict.is_some()),
        ("skip-bad", s.skip_bad.is_some()),
        ("word-column", s.word_column.is_some()),
        ("tag-column", s.tag_column.is_some()),
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
        "protocol" | "encoder" | "device" | "threads" => {
            ("is set once for the whole study", "set it at the top of the file")
        }
        "fold" => {
            ("differs between runs", "set folds = 5 at the top of the file for a cross-validation")
        }
        _ => (
            "differs between runs",
            "remove it; docs/reference/study-file.md says where the study sets it",
        ),
    }
}
