//! Every choice that changes a result, under one name each.
//!
//! Settings come from a protocol's preset, then a file, then options; each layer overrides the one
//! before. The resulting settings are saved with the model.
//!
//! In Rust they are grouped by meaning; files hold the keys of all groups side by side, written with
//! hyphens.

#[macro_use]
mod group;

mod card;
mod corpus;
mod data;
mod defaults;
mod freeze;
mod joined;
mod network;
mod optimizer;
mod overrides;
mod pieces;
mod presets;
pub(crate) mod range;
mod rate;
mod run;
mod selection;
mod self_training;
pub(crate) mod word;

pub use card::{CardOverrides, CardSettings};
pub use corpus::{CorpusOptions, CorpusOverrides, CorpusPath};
pub use data::{DataOverrides, DataSettings, Split};
pub use freeze::Freeze;
pub use joined::Joined;
pub use network::{NetworkOverrides, NetworkSettings};
pub use optimizer::{DecayOn, OptimizerOverrides, OptimizerSettings, Schedule};
pub use overrides::Overrides;
pub use pieces::{PieceLabels, PieceOverrides, PieceSettings};
pub use rate::EncoderRate;
pub use run::{Protocol, RunOverrides, RunSettings};
pub use selection::{Selection, SelectionOverrides, SelectionSettings};
pub use self_training::{
    Additions, Confidence, SelfTrainingOverrides, SelfTrainingSettings, Student, Targets, Unsure,
};

use crate::GleanerError;
use gleaner_corpus::ReadOptions;
use gleaner_nn::parse_device;
use serde::{Deserialize, Deserializer, Serialize};

/// The kind of training that settings describe; presets differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// From a pre-trained encoder, with a fresh head.
    Fresh,
    /// From an earlier tagger.
    FineTune,
    /// With a pool of unlabelled sentences.
    PseudoLabel,
}

impl Stage {
    fn of(start: bool, pool: bool) -> Self {
        match (pool, start) {
            (true, _) => Self::PseudoLabel,
            (false, true) => Self::FineTune,
            (false, false) => Self::Fresh,
        }
    }
}

/// The effective settings of a training, by meaning. In files all keys are at one level.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Settings {
    /// Preset, seed and device.
    #[serde(flatten)]
    pub run: RunSettings,
    /// The labelled text.
    #[serde(flatten)]
    pub data: DataSettings,
    /// How the labelled text is read.
    #[serde(flatten)]
    pub corpus: CorpusOptions,
    /// The sub-word pieces.
    #[serde(flatten)]
    pub pieces: PieceSettings,
    /// The network.
    #[serde(flatten)]
    pub network: NetworkSettings,
    /// The optimiser.
    #[serde(flatten)]
    pub optimizer: OptimizerSettings,
    /// Self-training.
    #[serde(flatten)]
    pub self_training: SelfTrainingSettings,
    /// The epoch to keep.
    #[serde(flatten)]
    pub selection: SelectionSettings,
    /// The model card.
    #[serde(flatten)]
    pub card: CardSettings,
}

/// Reads the settings of a saved model. A key that the version which saved them did not have gets its
/// value from the preset.
impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::layered(&[&Overrides::deserialize(deserializer)?]))
    }
}

impl Settings {
    /// Settings of which nothing is given yet.
    pub fn builder() -> Overrides {
        Overrides::default()
    }

    /// The preset of a protocol for a kind of training.
    pub fn preset(protocol: Protocol, stage: Stage) -> Self {
        presets::of(protocol, stage)
    }

    /// The settings that `layers` make, the weakest first, on the preset of the last protocol that is
    /// named (`sound` where none is).
    ///
    /// # Errors
    /// A value is out of range, or the device is unknown.
    pub fn resolve(layers: &[&Overrides]) -> Result<Self, GleanerError> {
        let settings = Self::layered(layers);
        settings.check()?;
        // Not part of the check: a model may have been trained by a build with other devices.
        parse_device(&settings.run.device)?;
        Ok(settings)
    }

    /// The layers on their preset, unchecked.
    fn layered(layers: &[&Overrides]) -> Self {
        let last = |has: fn(&Overrides) -> Option<bool>| {
            layers.iter().rev().find_map(|l| has(l)).unwrap_or(false)
        };
        let stage = Stage::of(
            last(|l| l.network.start.as_ref().map(|_| true)),
            last(|l| l.self_training.pool.as_ref().map(|p| !p.is_empty())),
        );
        let protocol = layers.iter().rev().find_map(|l| l.run.protocol);
        let mut settings = presets::of(protocol.unwrap_or(Protocol::Sound), stage);
        layers.iter().for_each(|layer| layer.apply(&mut settings));
        settings
    }

    /// The kind of training that these settings describe.
    pub fn stage(&self) -> Stage {
        Stage::of(self.network.start.is_some(), !self.self_training.pool.is_empty())
    }

    /// How the main corpus is read.
    pub fn read_options(&self) -> ReadOptions {
        self.with_faults(&self.corpus)
    }

    /// How a text is read that accompanies the main corpus: see [`CorpusOptions::beside`].
    pub fn read_options_beside(&self, own: &CorpusPath) -> ReadOptions {
        self.with_faults(&own.beside(&self.corpus))
    }

    /// How one of several corpora is read that share these settings: see [`CorpusOptions::or`].
    pub fn read_options_among(&self, own: &CorpusPath) -> ReadOptions {
        self.with_faults(&own.among(&self.corpus))
    }

    fn with_faults(&self, options: &CorpusOptions) -> ReadOptions {
        let (strict, skip_bad) = (self.data.strict, self.data.skip_bad);
        ReadOptions { strict, skip_bad, ..options.read_options() }
    }

    /// Refuses values that are out of range.
    pub(crate) fn check(&self) -> Result<(), GleanerError> {
        self.run.check()?;
        self.data.check()?;
        self.corpus.check()?;
        self.pieces.check()?;
        self.network.check()?;
        self.optimizer.check()?;
        self.self_training.check()?;
        self.selection.check()?;
        self.card.check()
    }
}

/// The error of a key's value.
fn bad(key: &str, what: &str) -> Result<(), GleanerError> {
    Err(GleanerError::Settings(format!("{key}: {what}")))
}
