//! The two protocols.

use super::{
    Additions, CardSettings, Confidence, CorpusOptions, DataSettings, DecayOn, EncoderRate, Freeze,
    NetworkSettings, OptimizerSettings, PieceLabels, PieceSettings, Protocol, RunSettings,
    Schedule, Selection, SelectionSettings, SelfTrainingSettings, Settings, Split, Stage, Student,
    Targets, Unsure,
};
use gleaner_nn::{Precision, network::HeadKind, optim::OptimizerKind};

/// The preset of a protocol for a kind of training.
pub(super) fn of(protocol: Protocol, stage: Stage) -> Settings {
    let mut settings = match protocol {
        Protocol::Sound => return sound(),
        Protocol::Published => published(),
    };
    match stage {
        Stage::Fresh => {}
        Stage::FineTune => {
            settings.optimizer.epochs = 15;
            settings.selection.patience = 3;
        }
        Stage::PseudoLabel => {
            settings.optimizer.epochs = 25;
            settings.optimizer.rate_encoder = EncoderRate::Of(2e-5);
            settings.optimizer.rate_lstm = 3e-3;
            settings.optimizer.rate_crf = 3e-5;
        }
    }
    settings
}

/// The recommended settings: AdamW with warm-up, decay and clipping; first-piece labels; the last epoch
/// kept; leaks dropped.
fn sound() -> Settings {
    Settings {
        run: RunSettings {
            protocol: Protocol::Sound,
            seed: 42,
            resamples: 1000,
            threads: None,
            device: "cpu".into(),
            checkpoint_seconds: 120,
        },
        data: DataSettings {
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
            drop_leaks: true,
            exclude: Vec::new(),
            replace_mentions: 0.0,
            mentions: Vec::new(),
            strict: false,
            skip_bad: false,
        },
        corpus: CorpusOptions::default(),
        pieces: PieceSettings {
            piece_labels: PieceLabels::First,
            max_pieces: 510,
            fold_case: false,
        },
        network: NetworkSettings {
            encoder: None,
            start: None,
            head: HeadKind::BilstmCrf,
            lstm_units: 128,
            lstm_layers: 2,
            lstm_dropout: 0.3,
            constraints: true,
            freeze: Freeze::None,
            reset_layers: 0,
            precision: Precision::F32,
        },
        optimizer: OptimizerSettings {
            epochs: 20,
            batch: 16,
            accumulate: 1,
            shuffle: true,
            optimizer: OptimizerKind::Adamw,
            decay: 0.01,
            decay_on: DecayOn::All,
            rate_encoder: EncoderRate::ByWidth,
            layer_decay: 1.0,
            rate_lstm: 5e-3,
            rate_linear: 5e-3,
            rate_crf: 5e-3,
            schedule: Schedule::WarmupLinear,
            warmup: 0.1,
            r_drop: 0.0,
            clip: 1.0,
        },
        self_training: SelfTrainingSettings {
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
            teacher: Vec::new(),
            teacher_share: 0.5,
            gold_share: 0.0,
        },
        selection: SelectionSettings {
            select: Selection::Last,
            patience: 0,
            average: 1,
            train_score: false,
        },
        card: CardSettings { language: Vec::new(), license: None },
    }
}

/// The study as its authors ran it (baseline and source training).
fn published() -> Settings {
    let sound = sound();
    Settings {
        run: RunSettings { protocol: Protocol::Published, ..sound.run },
        data: DataSettings { split: Split::Shuffled, drop_leaks: false, ..sound.data },
        corpus: CorpusOptions::default(),
        pieces: PieceSettings {
            piece_labels: PieceLabels::Repeated,
            max_pieces: 78,
            fold_case: true,
        },
        network: NetworkSettings { constraints: false, ..sound.network },
        optimizer: OptimizerSettings {
            batch: 32,
            shuffle: false,
            optimizer: OptimizerKind::Adam,
            decay: 0.02,
            rate_encoder: EncoderRate::Of(3e-5),
            rate_lstm: 5e-3,
            rate_linear: 0.0,
            rate_crf: 5e-5,
            schedule: Schedule::Plateau,
            warmup: 0.0,
            clip: 0.0,
            ..sound.optimizer
        },
        self_training: SelfTrainingSettings {
            quantile: 0.90,
            entropy: 0.15,
            delay: 8,
            confidence: Confidence::Softmax,
            additions: Additions::Append,
            ..sound.self_training
        },
        selection: SelectionSettings {
            select: Selection::Published,
            patience: 5,
            train_score: true,
            ..sound.selection
        },
        card: sound.card,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::defaults::shown, *};
    use serde_json::Value;
    use std::collections::BTreeMap;

    const TABLE: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/settings.md"));

    /// The values of a preset that the table has, by key, as the table writes them.
    fn documented(settings: &Settings) -> BTreeMap<String, String> {
        let Ok(Value::Object(all)) = serde_json::to_value(settings) else { panic!("no object") };
        let all = all.into_iter().filter(|(key, _)| key != "protocol");
        all.filter_map(|(key, value)| Some((key, shown(&value)?))).collect()
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
                [key, _, "–", _] => assert!(!written[0].contains_key(key)),
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
            assert_eq!(*written, documented(preset));
        }
        for stage in [Stage::FineTune, Stage::PseudoLabel] {
            assert_eq!(documented(&of(Protocol::Sound, stage)), documented(&columns[0]));
        }
    }
}
