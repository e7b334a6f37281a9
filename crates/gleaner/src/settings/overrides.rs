//! One layer of settings: a file, or the options of a command.

use super::{
    Additions, Confidence, EncoderRate, Freeze, Joined, PieceLabels, Protocol, Schedule, Selection,
    Settings, Split, Student, Targets, Unsure,
};
use crate::GleanerError;
use gleaner_corpus::LabelMap;
use gleaner_nn::{Precision, network::HeadKind, optim::OptimizerKind};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Parses a word of a `kebab-case` enum as a file would.
#[cfg(feature = "clap")]
fn word<T: serde::de::DeserializeOwned>(s: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(s.to_owned())).map_err(|e| e.to_string())
}

/// Declares the struct and its application to [`Settings`] from one list of keys.
macro_rules! overrides {
    ($($(#[$meta:meta])* $kind:ident $key:ident: $type:ty,)+) => {
        /// Settings that a file or some options give; what is not given stays as it was.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "clap", derive(clap::Args))]
        #[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
        pub struct Overrides {
            $(
                $(#[$meta])*
                pub $key: Option<$type>,
            )+
            /// What entity types become, such as PERSON = "PER", MISC = "O", "*" = "O".
            #[cfg_attr(feature = "clap", arg(skip))]
            pub label_map: Option<LabelMap>,
            /// What the entity types of `pool` become.
            #[cfg_attr(feature = "clap", arg(skip))]
            pub pool_map: Option<LabelMap>,
        }

        impl Overrides {
            /// `settings` with what is given here put in its place.
            pub(super) fn apply(&self, mut settings: Settings) -> Settings {
                $(overrides!(@apply $kind settings self $key);)+
                for (map, place) in [
                    (&self.label_map, &mut settings.label_map),
                    (&self.pool_map, &mut settings.pool_map),
                ] {
                    if map.is_some() {
                        place.clone_from(map);
                    }
                }
                settings
            }
        }
    };
    (@apply plain $settings:ident $self:ident $key:ident) => {
        if let Some(value) = &$self.$key {
            $settings.$key.clone_from(value);
        }
    };
    (@apply optional $settings:ident $self:ident $key:ident) => {
        if $self.$key.is_some() {
            $settings.$key.clone_from(&$self.$key);
        }
    };
}

overrides! {
    /// Preset that all other settings start from: `sound` (the default) or `published`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    plain protocol: Protocol,
    /// Folder of the encoder (config.json, tokenizer.json, model.safetensors), its name on the
    /// Hugging Face hub (OWNER/NAME), or `sample:tiny`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FOLDER"))]
    optional encoder: PathBuf,
    /// Model folder to start from: encoder, head and CRF are taken over, labels matched by name.
    #[cfg_attr(feature = "clap", arg(long, value_name = "MODEL"))]
    optional start: PathBuf,
    /// Folder with files named train, dev (or validation) and test, a data set of the hub
    /// (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FOLDER"))]
    optional data: PathBuf,
    /// Training files (CoNLL, JSONL or parquet).
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE", num_args = 1..))]
    plain train: Vec<PathBuf>,
    /// Dev files: confidences are fitted on them, and where --select asks for the best epoch they choose it.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE", num_args = 1..))]
    plain dev: Vec<PathBuf>,
    /// Test files: scored once, at the end.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE", num_args = 1..))]
    plain test: Vec<PathBuf>,
    /// `given`: files as they are; `80-10-10`: all sentences, divided as scikit-learn would;
    /// `folds`: all sentences, one of several parts for the test (cross-validation).
    #[cfg_attr(feature = "clap", arg(long, value_name = "HOW"))]
    plain split: Split,
    /// Seed of an 80-10-10 split, of folds, and of --train-limit.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain split_seed: u32,
    /// Parts of a cross-validation, with --split folds.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain folds: usize,
    /// The part that is tested on, from 1, with --split folds.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain fold: usize,
    /// Use only the first N sentences: of all before an 80-10-10 split, else of the training part.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional cutoff: usize,
    /// Train on N sentences of the training part, drawn once it is divided and free of leaks.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional train_limit: usize,
    /// Folders of corpora whose training parts are put before the main one's; with =N only the
    /// first N sentences, as --cutoff. A settings file may give a label map too, and
    /// `whole = true` to join all parts.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FOLDER[=N]", num_args = 1..))]
    plain join: Vec<Joined>,
    /// Text that the tagger labels itself to learn from: a folder (its training part), labelled
    /// files, plain text (.txt), or `sample:af` (its unlabelled part).
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATH", num_args = 1..))]
    plain pool: Vec<PathBuf>,
    /// As --cutoff, of the pool.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional pool_limit: usize,
    /// Add sentences whose confidence is strictly above this quantile of the pool's.
    #[cfg_attr(feature = "clap", arg(long, value_name = "Q"))]
    plain quantile: f64,
    /// Add sentences whose mean entropy is below this.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain entropy: f64,
    /// Label the pool after epochs whose index, from 0, is above this.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain delay: u32,
    /// Confidence in a sentence: `softmax` (mean over pieces, as published), `marginals` (the least
    /// sure span or outside word under the CRF) or `spans` (the same, calibrated on dev; what is at
    /// least `sure` is added).
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND"))]
    plain confidence: Confidence,
    /// Earlier additions: `append` keeps them (as published), `replace` drops them.
    #[cfg_attr(feature = "clap", arg(long, value_name = "HOW"))]
    plain additions: Additions,
    /// Sentences that the tagger is not sure of: `drop`, or `partial` (added, but any tag will do
    /// for words that are not sure).
    #[cfg_attr(feature = "clap", arg(long, value_name = "HOW"))]
    plain unsure: Unsure,
    /// How probable a sure decision is.
    #[cfg_attr(feature = "clap", arg(long, value_name = "P"))]
    plain sure: f64,
    /// At most this share of the sentences of a round may be due to one type; 1 for no limit.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    plain type_cap: f64,
    /// Learn the tags of added sentences: `hard`, or `soft` (the tagger's distribution over them).
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND"))]
    plain targets: Targets,
    /// Who learns from the pool: `continue` (the tagger goes on) or `fresh` (a new one each round).
    #[cfg_attr(feature = "clap", arg(long, value_name = "WHO"))]
    plain student: Student,
    /// Label the pool so often at most; 0 for no limit.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain rounds: u32,
    /// Epochs of each fresh student [default: as --epochs].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional round_epochs: u32,
    /// Weight of the loss of added sentences, up to 1.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain pool_weight: f64,
    /// At least this share of a batch is of the training text, repeated as needed; 0 as it comes.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    plain gold_share: f64,
    /// Column of the word in CoNLL files, from 1 [default: the first].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional word_column: usize,
    /// Column of the tag in CoNLL files, from 1 [default: the last].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional tag_column: usize,
    /// Drop training sentences that stand in dev or test too, or in --exclude.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    plain drop_leaks: bool,
    /// Files and folders whose sentences are not to be trained on: they are dropped as leaks are.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATH", num_args = 1..))]
    plain exclude: Vec<PathBuf>,
    /// A stray inside tag (I-X that continues nothing) is an error.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    plain strict: bool,
    /// Leave malformed sentences out, counted and listed.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    plain skip_bad: bool,
    /// Seed of everything random in training.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain seed: u64,
    /// Epochs at most.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain epochs: u32,
    /// Stop after N epochs without a better dev score; 0 never stops early.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain patience: u32,
    /// Sentences a batch.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain batch: usize,
    /// Batches a step: gradients are summed over them.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain accumulate: usize,
    /// New order of sentences every epoch, in batches of like length.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    plain shuffle: bool,
    /// What stands on the encoder: `bilstm-crf`, `crf` or `linear`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "KIND", value_parser = word::<HeadKind>))]
    plain head: HeadKind,
    /// Units a direction of each LSTM layer.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain lstm_units: usize,
    /// LSTM layers.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain lstm_layers: usize,
    /// Dropout between LSTM layers.
    #[cfg_attr(feature = "clap", arg(long, value_name = "P"))]
    plain lstm_dropout: f64,
    /// Rule out tag sequences that are not IOB2.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    plain constraints: bool,
    /// Pieces that carry a word's tag: `first`, `all` or `repeated` (as published).
    #[cfg_attr(feature = "clap", arg(long, value_name = "WHICH"))]
    plain piece_labels: PieceLabels,
    /// Pieces a sentence at most, special pieces not counted.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain max_pieces: usize,
    /// Lower-case and strip accents before a WordPiece encoder.
    #[cfg_attr(feature = "clap", arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    plain fold_case: bool,
    /// `adam` (L2 in the gradient) or `adamw` (decoupled decay).
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", value_parser = word::<OptimizerKind>))]
    plain optimizer: OptimizerKind,
    /// Weight decay.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain decay: f64,
    /// Learning rate of the encoder: a number, or `by-width`: 5e-5 for a width of 768, more for a
    /// narrower one.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain rate_encoder: EncoderRate,
    /// Learning rate of the BiLSTM.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain rate_lstm: f64,
    /// Learning rate of the linear layer; 0 leaves it as it was drawn.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain rate_linear: f64,
    /// Learning rate of the CRF.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain rate_crf: f64,
    /// `constant`, `warmup-linear` or `plateau`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    plain schedule: Schedule,
    /// Share of the steps that warm up.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE"))]
    plain warmup: f64,
    /// Largest norm of a step's gradient over all parameters; 0 does not clip.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X"))]
    plain clip: f64,
    /// What keeps its pre-trained values: `none`, `embeddings`, or a number of lower layers.
    #[cfg_attr(feature = "clap", arg(long, value_name = "WHAT"))]
    plain freeze: Freeze,
    /// Which epoch is kept: the best on dev by `entity-f1` or by the `published` score, or the `last`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "EPOCH"))]
    plain select: Selection,
    /// Average the parameters after each of the last N epochs, and keep the average if it is no
    /// worse on dev, or in any case with `select = "last"`; 1 for none.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain average: u32,
    /// Resamples of the bootstrap intervals.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain resamples: usize,
    /// Threads [default: the physical cores].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    optional threads: usize,
    /// Where to compute: `cpu`, or a GPU as `gleaner devices` calls it.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME"))]
    plain device: String,
    /// `f32`, or `bf16`: about one and a half times as fast where the device has instructions for it.
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", value_parser = word::<Precision>))]
    plain precision: Precision,
    /// Seconds between checkpoints, at the ends of epochs; 0 writes one every epoch.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    plain checkpoint_seconds: u64,
}

impl Overrides {
    /// Reads a TOML file, or the settings in a model's `gleaner.json`.
    ///
    /// # Errors
    /// The file cannot be read, a key is unknown or a value does not fit; with the line.
    pub fn read(path: &Path) -> Result<Self, GleanerError> {
        let text = std::fs::read_to_string(path).map_err(|e| GleanerError::io(path, e))?;
        if path.extension().is_some_and(|e| e == "json") {
            return Self::from_manifest(path, &text);
        }
        toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |s| text[..s.start].matches('\n').count() + 1);
            let what = e.message().replace('\n', " ");
            GleanerError::Settings(format!(
                "{}:{line}: {what}; `gleaner train --help` lists the keys",
                path.display()
            ))
        })
    }

    fn from_manifest(path: &Path, text: &str) -> Result<Self, GleanerError> {
        let bad = |what: String| {
            GleanerError::Settings(format!(
                "{}: {what}; give a TOML file or the gleaner.json of a model",
                path.display()
            ))
        };
        let manifest: serde_json::Value =
            serde_json::from_str(text).map_err(|e| bad(format!("not JSON ({e})")))?;
        let settings = manifest.get("settings").ok_or_else(|| bad("no settings in it".into()))?;
        serde_json::from_value(settings.clone()).map_err(|e| bad(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Stage, presets};
    use super::*;

    #[test]
    fn effective_settings_given_as_overrides_repeat_themselves() {
        for (protocol, stage) in [
            (Protocol::Sound, Stage::Fresh),
            (Protocol::Published, Stage::Fresh),
            (Protocol::Published, Stage::PseudoLabel),
        ] {
            let settings = presets::of(protocol, stage);
            let json = serde_json::to_value(&settings).unwrap();
            let all: Overrides = serde_json::from_value(json).unwrap();
            assert_eq!(Settings::resolve(&[&all]).unwrap(), settings);
        }
    }

    #[test]
    fn options_go_before_the_file_and_the_file_before_the_preset() {
        let file: Overrides = toml::from_str(
            "protocol = \"published\"\nepochs = 3\nseed = 7\n[label-map]\nPERSON = \"PER\"",
        )
        .unwrap();
        let options = Overrides { seed: Some(1), ..Overrides::default() };
        let s = Settings::resolve(&[&file, &options]).unwrap();
        assert_eq!((s.epochs, s.seed, s.batch), (3, 1, 32));
        assert_eq!(s.label_map.unwrap().get("PERSON"), Some("PER"));
    }

    #[test]
    fn a_start_and_a_pool_choose_the_preset() {
        let of = |toml: &str| {
            let file: Overrides = toml::from_str(toml).unwrap();
            let options = Overrides {
                protocol: Some(Protocol::Published),
                encoder: None,
                ..Overrides::default()
            };
            Settings::resolve(&[&file, &options]).unwrap()
        };
        let rates = |s: &Settings| [s.rate_encoder.at(768), s.rate_lstm, s.rate_linear, s.rate_crf];
        let (fresh, tuned) = (of("seed = 1"), of("start = \"m\""));
        assert_eq!((fresh.epochs, fresh.patience, fresh.stage()), (20, 5, Stage::Fresh));
        assert_eq!((tuned.epochs, tuned.patience, tuned.stage()), (15, 3, Stage::FineTune));
        assert_eq!(rates(&fresh), rates(&tuned));
        let pseudo = of("start = \"m\"\npool = [\"p\"]");
        assert_eq!((pseudo.epochs, pseudo.patience, pseudo.delay), (25, 5, 8));
        assert_eq!(rates(&pseudo), [2e-5, 3e-3, 0.0, 3e-5]);
        assert_eq!((pseudo.quantile, pseudo.entropy), (0.90, 0.15));
        assert_eq!(of("start = \"m\"\npool = []"), Settings { pool: Vec::new(), ..tuned });
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        std::fs::write(&path, "epochs = 2\nepoch = 3\n").unwrap();
        let error = Overrides::read(&path).unwrap_err().to_string();
        assert!(error.contains("s.toml:2: unknown field `epoch`"), "{error}");
        std::fs::write(&path, "epochs = 2\n\nbatch = \"x\"\n").unwrap();
        let error = Overrides::read(&path).unwrap_err().to_string();
        assert!(error.contains("s.toml:3:"), "{error}");
    }

    #[test]
    fn values_out_of_range_are_refused_by_key() {
        for (toml, key) in [
            ("epochs = 0", "epochs"),
            ("batch = 0", "batch"),
            ("warmup = 1.5", "warmup"),
            ("rate-crf = -1.0", "rate"),
            ("threads = 0", "threads"),
            ("cutoff = 0", "cutoff"),
            ("train-limit = 0", "train-limit"),
            ("join = [\"a=0\"]", "join: limit"),
            ("split = \"folds\"\nfolds = 1", "folds"),
            ("split = \"folds\"\nfold = 0", "fold"),
            ("split = \"folds\"\nfolds = 3\nfold = 4", "fold: there is no fold 4 of 3"),
            ("quantile = 1.0", "quantile"),
            ("quantile = nan", "quantile"),
            ("entropy = 0.0", "entropy"),
            ("start = \"a\"\nencoder = \"b\"", "start"),
            ("data = \"a\"\ntrain = [\"b\"]", "data"),
        ] {
            let file: Overrides = toml::from_str(toml).unwrap();
            let error = Settings::resolve(&[&file]).unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }
}
