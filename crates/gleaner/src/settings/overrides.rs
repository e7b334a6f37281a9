//! One layer of settings: a file, or the options of a command.

use super::{
    CardOverrides, CorpusOverrides, DataOverrides, NetworkOverrides, OptimizerOverrides,
    PieceOverrides, RunOverrides, SelectionOverrides, SelfTrainingOverrides, Settings,
};
use crate::GleanerError;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor},
};
use std::{fmt, path::Path};

/// Settings that a file, some options or a Rust program give; an absent value leaves the weaker layer's
/// in place. Files hold the keys of all groups side by side.
///
/// It is also the builder of [`Settings`]: a method for each key, then [`Overrides::build`].
///
/// ```
/// use gleaner::{Protocol, Settings};
///
/// let settings = Settings::builder()
///     .protocol(Protocol::Published)
///     .encoder("sample:tiny")
///     .data("sample:af")
///     .epochs(5)
///     .build()?;
/// assert_eq!(settings.optimizer.epochs, 5);
/// assert_eq!(settings.optimizer.batch, 32); // from the preset `published`
/// # Ok::<(), gleaner::GleanerError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[non_exhaustive]
pub struct Overrides {
    /// Preset, seed and device.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Run settings"))]
    pub run: RunOverrides,
    /// The labelled text.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Data settings"))]
    pub data: DataOverrides,
    /// How the labelled text is read.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Reading settings"))]
    pub corpus: CorpusOverrides,
    /// The sub-word pieces.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Piece settings"))]
    pub pieces: PieceOverrides,
    /// The network.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Network settings"))]
    pub network: NetworkOverrides,
    /// The optimiser.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Optimiser settings"))]
    pub optimizer: OptimizerOverrides,
    /// Self-training.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Self-training settings"))]
    pub self_training: SelfTrainingOverrides,
    /// The epoch to keep.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Selection settings"))]
    pub selection: SelectionOverrides,
    /// The model card.
    #[serde(flatten)]
    #[cfg_attr(feature = "clap", command(flatten, next_help_heading = "Model card settings"))]
    pub card: CardOverrides,
}

/// The keys of all groups, as files have them.
const KEYS: [&[&str]; 9] = [
    RunOverrides::KEYS,
    DataOverrides::KEYS,
    CorpusOverrides::KEYS,
    PieceOverrides::KEYS,
    NetworkOverrides::KEYS,
    OptimizerOverrides::KEYS,
    SelfTrainingOverrides::KEYS,
    SelectionOverrides::KEYS,
    CardOverrides::KEYS,
];

impl Overrides {
    /// The settings that these values and the preset make.
    ///
    /// # Errors
    /// A value is out of range, or the device is unknown.
    pub fn build(self) -> Result<Settings, GleanerError> {
        Settings::resolve(&[&self])
    }

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

    /// Puts the values that are given into `settings`.
    pub(super) fn apply(&self, settings: &mut Settings) {
        self.run.apply(&mut settings.run);
        self.data.apply(&mut settings.data);
        self.corpus.apply(&mut settings.corpus);
        self.pieces.apply(&mut settings.pieces);
        self.network.apply(&mut settings.network);
        self.optimizer.apply(&mut settings.optimizer);
        self.self_training.apply(&mut settings.self_training);
        self.selection.apply(&mut settings.selection);
        self.card.apply(&mut settings.card);
    }
}

/// A key of some group. Checked as it is read, so that an error has the key's own line.
struct Key(&'static str);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Known;
        impl Visitor<'_> for Known {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the key of a setting")
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
                let found = KEYS.iter().copied().flatten().find(|key| **key == name);
                found.map(|key| Key(key)).ok_or_else(|| E::custom(format!("unknown key `{name}`")))
            }
        }
        deserializer.deserialize_identifier(Known)
    }
}

// By hand, since serde's `flatten` neither refuses unknown keys nor keeps the lines of errors.
impl<'de> Deserialize<'de> for Overrides {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Layer;
        impl<'de> Visitor<'de> for Layer {
            type Value = Overrides;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a table of settings")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Overrides, M::Error> {
                let mut all = Overrides::default();
                while let Some(Key(key)) = map.next_key()? {
                    let _known = all.run.read(key, &mut map)?
                        || all.data.read(key, &mut map)?
                        || all.corpus.read(key, &mut map)?
                        || all.pieces.read(key, &mut map)?
                        || all.network.read(key, &mut map)?
                        || all.optimizer.read(key, &mut map)?
                        || all.self_training.read(key, &mut map)?
                        || all.selection.read(key, &mut map)?
                        || all.card.read(key, &mut map)?;
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(Layer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Protocol, Stage};
    use super::*;

    #[test]
    fn effective_settings_given_as_overrides_repeat_themselves() {
        for (protocol, stage) in [
            (Protocol::Sound, Stage::Fresh),
            (Protocol::Published, Stage::Fresh),
            (Protocol::Published, Stage::PseudoLabel),
        ] {
            let settings = Settings::preset(protocol, stage);
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
        let options = Settings::builder().seed(1);
        let s = Settings::resolve(&[&file, &options]).unwrap();
        assert_eq!((s.optimizer.epochs, s.run.seed, s.optimizer.batch), (3, 1, 32));
        assert_eq!(s.corpus.label_map.unwrap().get("PERSON"), Some("PER"));
    }

    #[test]
    fn a_start_and_a_pool_choose_the_preset() {
        let of = |toml: &str| {
            let file: Overrides = toml::from_str(toml).unwrap();
            let options = Settings::builder().protocol(Protocol::Published);
            Settings::resolve(&[&file, &options]).unwrap()
        };
        let rates = |s: &Settings| {
            let o = &s.optimizer;
            [o.rate_encoder.at(768), o.rate_lstm, o.rate_linear, o.rate_crf]
        };
        let ends = |s: &Settings| (s.optimizer.epochs, s.selection.patience);
        let (fresh, tuned) = (of("seed = 1"), of("start = \"m\""));
        assert_eq!((ends(&fresh), fresh.stage()), ((20, 5), Stage::Fresh));
        assert_eq!((ends(&tuned), tuned.stage()), ((15, 3), Stage::FineTune));
        assert_eq!(rates(&fresh), rates(&tuned));
        let pseudo = of("start = \"m\"\npool = [\"p\"]");
        assert_eq!((ends(&pseudo), pseudo.self_training.delay), ((25, 5), 8));
        assert_eq!(rates(&pseudo), [2e-5, 3e-3, 0.0, 3e-5]);
        let pool = &pseudo.self_training;
        assert_eq!((pool.quantile, pool.entropy), (0.90, 0.15));
        assert_eq!(of("start = \"m\"\npool = []"), tuned);
    }

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        std::fs::write(&path, "epochs = 2\nepoch = 3\n").unwrap();
        let error = Overrides::read(&path).unwrap_err().to_string();
        assert!(error.contains("s.toml:2: unknown key `epoch`"), "{error}");
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
            ("r-drop = -1.0", "r-drop: -1 is out of range"),
            ("layer-decay = 0.0", "layer-decay: 0 is out of range"),
            ("layer-decay = 1.1", "layer-decay: 1.1 is"),
            ("layer-decay = nan", "layer-decay: NaN is"),
            ("start = \"m\"\nreset-layers = 1", "reset-layers: would forget"),
            ("rate-crf = -1.0", "rate"),
            ("threads = 0", "threads"),
            ("cutoff = 0", "cutoff"),
            ("train-limit = 0", "train-limit"),
            ("join = [\"a=0\"]", "join: limit"),
            ("word-column = 0", "word-column"),
            ("labels = []", "labels"),
            ("split = \"folds\"\nfolds = 1", "folds"),
            ("split = \"folds\"\nfold = 0", "fold"),
            ("split = \"folds\"\nfolds = 3\nfold = 4", "fold: there is no fold 4 of 3"),
            ("quantile = 1.0", "quantile"),
            ("quantile = nan", "quantile"),
            ("entropy = 0.0", "entropy"),
            ("start = \"a\"\nencoder = \"b\"", "start"),
            ("data = \"a\"\ntrain = [\"b\"]", "data"),
            ("language = [\"fo\", \"no: yes\"]", "language: `no: yes` is not a language code"),
            ("license = \"\"", "license: `` is not an identifier"),
        ] {
            let file: Overrides = toml::from_str(toml).unwrap();
            let error = Settings::resolve(&[&file]).unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        }
    }
}
