//! The two protocols.

use super::{
    Additions, Confidence, EncoderRate, Freeze, PieceLabels, Protocol, Schedule, Selection,
    Settings, Split, Stage, Student, Targets, Unsure,
};
use gleaner_nn::{Precision, network::HeadKind, optim::OptimizerKind};

/// The preset of a protocol for a kind of training.
pub(super) fn of(protocol: Protocol, stage: Stage) -> Settings {
    match (protocol, stage) {
        (Protocol::Sound, _) => sound(),
        (Protocol::Published, Stage::Fresh) => published(),
        (Protocol::Published, Stage::FineTune) => {
            Settings { epochs: 15, patience: 3, ..published() }
        }
        (Protocol::Published, Stage::PseudoLabel) => Settings {
            epochs: 25,
            rate_encoder: EncoderRate::Of(2e-5),
            rate_lstm: 3e-3,
            rate_crf: 3e-5,
            ..published()
        },
    }
}

/// What we recommend: AdamW with warm-up, decay and clipping; first-piece labels; the last epoch kept;
/// leaks dropped.
fn sound() -> Settings {
    Settings {
        protocol: Protocol::Sound,
        encoder: None,
        start: None,
        data: None,
        train: Vec::new(),
        dev: Vec::new(),
        test: Vec::new(),
        split: Split::Given,
        split_seed: 42,
        folds: 5,
        fold: 1,
        cutoff: None,
        train_limit: None,
        join: Vec::new(),
        pool: Vec::new(),
        pool_limit: None,
        pool_map: None,
        quantile: 0.5,
        entropy: 0.15,
        delay: 2,
        confidence: Confidence::Marginals,
        additions: Additions::Replace,
        unsure: Unsure::Drop,
        sure: 0.9,
        type_cap: 1.0,
        targets: Targets::Hard,
        student: Student::Continue,
        rounds: 0,
        round_epochs: None,
        pool_weight: 1.0,
        gold_share: 0.0,
        word_column: None,
        tag_column: None,
        label_map: None,
        drop_leaks: true,
        exclude: Vec::new(),
        strict: false,
        skip_bad: false,
        seed: 42,
        epochs: 20,
        patience: 0,
        batch: 16,
        accumulate: 1,
        shuffle: true,
        head: HeadKind::BilstmCrf,
        lstm_units: 128,
        lstm_layers: 2,
        lstm_dropout: 0.3,
        constraints: true,
        piece_labels: PieceLabels::First,
        max_pieces: 510,
        fold_case: false,
        optimizer: OptimizerKind::Adamw,
        decay: 0.01,
        rate_encoder: EncoderRate::ByWidth,
        rate_lstm: 5e-3,
        rate_linear: 5e-3,
        rate_crf: 5e-3,
        schedule: Schedule::WarmupLinear,
        warmup: 0.1,
        clip: 1.0,
        freeze: Freeze::None,
        select: Selection::Last,
        average: 1,
        resamples: 1000,
        threads: None,
        device: "cpu".into(),
        precision: Precision::F32,
        checkpoint_seconds: 120,
    }
}

/// The study as its authors ran it (baseline and source training).
fn published() -> Settings {
    Settings {
        protocol: Protocol::Published,
        split: Split::Shuffled,
        quantile: 0.90,
        entropy: 0.15,
        delay: 8,
        confidence: Confidence::Softmax,
        additions: Additions::Append,
        drop_leaks: false,
        patience: 5,
        batch: 32,
        shuffle: false,
        constraints: false,
        piece_labels: PieceLabels::Repeated,
        max_pieces: 78,
        fold_case: true,
        optimizer: OptimizerKind::Adam,
        decay: 0.02,
        rate_encoder: EncoderRate::Of(3e-5),
        rate_lstm: 5e-3,
        rate_linear: 0.0,
        rate_crf: 5e-5,
        schedule: Schedule::Plateau,
        warmup: 0.0,
        clip: 0.0,
        select: Selection::Published,
        ..sound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeMap;

    const TABLE: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/settings.md"));

    /// The values of a preset that there is something to say of, by key, as the table writes them.
    fn told(settings: &Settings) -> BTreeMap<String, String> {
        let Ok(Value::Object(all)) = serde_json::to_value(settings) else { panic!("no object") };
        let text = |value: Value| match value {
            Value::Null => None,
            Value::Array(list) if list.is_empty() => None,
            Value::String(word) => Some(word),
            Value::Number(n) => Some(n.as_f64().map_or(String::new(), |n| match n {
                n if n > 0.0 && n < 1e-3 => format!("{n:e}"),
                n => n.to_string(),
            })),
            other => Some(other.to_string()),
        };
        let all = all.into_iter().filter(|(key, _)| key != "protocol");
        all.filter_map(|(key, value)| Some((key, text(value)?))).collect()
    }

    #[test]
    fn the_documented_defaults_are_the_presets() {
        let columns = [
            of(Protocol::Sound, Stage::Fresh),
            of(Protocol::Published, Stage::Fresh),
            of(Protocol::Published, Stage::FineTune),
            of(Protocol::Published, Stage::PseudoLabel),
        ];
        let mut written = [const { BTreeMap::new() }; 4];
        for line in TABLE.lines().filter(|line| line.starts_with("| `")) {
            let cells: Vec<&str> =
                line.trim_matches('|').split('|').map(|c| c.trim().trim_matches('`')).collect();
            // A table of keys has four columns; the table of what depends on `start` and `pool` has three.
            match cells[..] {
                [key, _, value, _] if value == "–" => assert!(!written[0].contains_key(key)),
                [key, _, sound, published] => {
                    for (column, value) in
                        [sound, published, published, published].into_iter().enumerate()
                    {
                        written[column].insert(key.to_owned(), value.to_owned());
                    }
                }
                [key, start, pool] => {
                    for (column, value) in [(2, start), (3, pool)] {
                        written[column].insert(key.to_owned(), value.to_owned());
                    }
                }
                _ => panic!("{line}"),
            }
        }
        for (written, preset) in written.iter().zip(&columns) {
            assert_eq!(*written, told(preset));
        }
        for stage in [Stage::FineTune, Stage::PseudoLabel] {
            assert_eq!(told(&of(Protocol::Sound, stage)), told(&columns[0]));
        }
    }
}
