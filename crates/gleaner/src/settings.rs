//! Every choice that changes a number, under one name each.
//!
//! Settings come from a protocol's preset, then a file, then options; each layer overrides the one
//! before. What results is saved whole with the model.

#[macro_use]
mod words;

mod freeze;
mod joined;
mod overrides;
mod presets;
mod rate;
mod self_training;

pub use freeze::Freeze;
pub use joined::Joined;
pub use overrides::Overrides;
pub use rate::EncoderRate;
pub use self_training::{Student, Targets, Unsure};

use crate::GleanerError;
use gleaner_corpus::LabelMap;
use gleaner_nn::{Precision, network::HeadKind, optim::OptimizerKind, parse_device};
use serde::{Deserialize, Serialize};
use std::{fmt, path::PathBuf, str::FromStr};

words! {
    /// Every choice that changes a number, under one name.
    Protocol {
        /// As the authors of the study ran it.
        Published = "published",
        /// As we recommend it.
        Sound = "sound",
    }
}
words! {
    /// Where training, dev and test sentences come from.
    Split {
        /// The files as they are given.
        Given = "given",
        /// All sentences of all files in the order train, dev, test, split 80/10/10 as
        /// scikit-learn's `train_test_split` would.
        Shuffled = "80-10-10",
        /// Cross-validation: all sentences of all files in the order train, dev, test, of which one of
        /// several parts is the test part, and about a tenth of all the dev part.
        Folds = "folds",
    }
}
words! {
    /// Which pieces carry a word's tag.
    PieceLabels {
        /// The first; the CRF sees words only.
        First = "first",
        /// All pieces of all words; a repeated B becomes I.
        All = "all",
        /// All pieces, the tag repeated as it is, and the special pieces tagged O.
        Repeated = "repeated",
    }
}
words! {
    /// How learning rates change over time.
    Schedule {
        /// They stay.
        Constant = "constant",
        /// Linear warm-up, then linear decay to zero.
        WarmupLinear = "warmup-linear",
        /// They shrink when the dev loss stops falling.
        Plateau = "plateau",
    }
}
words! {
    /// Which epoch is kept.
    Selection {
        /// That with the best entity-level micro F1 on dev, seqeval's default mode.
        EntityF1 = "entity-f1",
        /// That with the best published score on dev: micro F1 over pieces, averaged over batches.
        Published = "published",
        /// The last one. Dev chooses nothing then, so that a few dev sentences do not choose by
        /// chance, and the temperature that fits them is that of sentences not met before.
        Last = "last",
    }
}

words! {
    /// How sure a tagger is of a sentence that it labelled itself; from 0 to 1.
    Confidence {
        /// As published: the mean over the sentence's units, special pieces included, of the
        /// softmax probability of the tag that was chosen, transitions left out of account.
        Softmax = "softmax",
        /// The least sure decision of the sentence, under the CRF: the smallest among the
        /// probabilities of its spans and, of each word outside, of being outside. A minimum,
        /// because one wrong label spoils a sentence and a mean hides it among many easy words.
        Marginals = "marginals",
        /// As `marginals`, with the CRF at the temperature that fits dev best, so that confidences
        /// are rates of being right: the limit is the setting `sure`, not a quantile of the pool.
        Spans = "spans",
    }
}
words! {
    /// What becomes of sentences that were added in earlier epochs.
    Additions {
        /// They stay, with the labels they got; a sentence may be added again.
        Append = "append",
        /// They are replaced by what is added now.
        Replace = "replace",
    }
}

/// What kind of training settings describe; presets differ by it.
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

/// The effective settings of a training. Keys in files are written with hyphens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The preset that was started from.
    pub protocol: Protocol,
    /// Folder of the encoder: `config.json`, `tokenizer.json`, `model.safetensors`.
    pub encoder: Option<PathBuf>,
    /// Model folder that the training starts from, in place of an encoder.
    pub start: Option<PathBuf>,
    /// Folder with train, dev and test files.
    pub data: Option<PathBuf>,
    /// Training files.
    pub train: Vec<PathBuf>,
    /// Dev files.
    pub dev: Vec<PathBuf>,
    /// Test files.
    pub test: Vec<PathBuf>,
    /// How sentences are divided.
    pub split: Split,
    /// Seed of an 80/10/10 split, of folds, and of what `train_limit` draws.
    pub split_seed: u32,
    /// Parts of a cross-validation.
    pub folds: usize,
    /// The part that is tested on, from 1.
    pub fold: usize,
    /// Use only the first so many sentences: of what an 80/10/10 split divides, else of the training
    /// part.
    pub cutoff: Option<usize>,
    /// Train on so many sentences of the training part, drawn once it is divided and free of leaks;
    /// those of a smaller limit are among those of a larger one.
    pub train_limit: Option<usize>,
    /// Column of the word in CoNLL files, from 1; the first where it is not given.
    pub word_column: Option<usize>,
    /// Column of the tag in CoNLL files, from 1; the last where it is not given.
    pub tag_column: Option<usize>,
    /// What entity types become.
    pub label_map: Option<LabelMap>,
    /// Corpora whose training parts stand before the main one's, in this order. An 80/10/10 split
    /// divides them too; else their training parts are used as they are given: they are not folded.
    pub join: Vec<Joined>,
    /// Sentences to be labelled by the tagger itself: files, or a folder of which the training part
    /// is used, as of a joined corpus.
    pub pool: Vec<PathBuf>,
    /// As `cutoff`, of the pool; of files, the first so many sentences.
    pub pool_limit: Option<usize>,
    /// What the entity types of the pool's own tags become; these are never trained on.
    pub pool_map: Option<LabelMap>,
    /// A sentence is added if its confidence is strictly above this quantile of the whole pool's.
    pub quantile: f64,
    /// A sentence is added if its mean entropy a unit (natural logarithm) is below this.
    pub entropy: f64,
    /// Nothing is labelled in the first epochs: the pool is labelled after epochs whose index, from
    /// 0, is above this.
    pub delay: u32,
    /// How sure a tagger is of a sentence.
    pub confidence: Confidence,
    /// What becomes of earlier additions.
    pub additions: Additions,
    /// What becomes of sentences that the tagger is not sure of.
    #[serde(default)]
    pub unsure: Unsure,
    /// How probable a decision must be to be sure: with `confidence = "spans"` or
    /// `unsure = "partial"`.
    #[serde(default = "self_training::sure")]
    pub sure: f64,
    /// At most this share of a round's sentences may be due to one type; 1 for no limit.
    #[serde(default = "self_training::one")]
    pub type_cap: f64,
    /// What is learnt of a sentence that was added.
    #[serde(default)]
    pub targets: Targets,
    /// Who learns from what was added.
    #[serde(default)]
    pub student: Student,
    /// The pool is labelled so often at most; 0 for no limit.
    #[serde(default)]
    pub rounds: u32,
    /// Epochs of each fresh student; as many as `epochs` where it is not given.
    #[serde(default)]
    pub round_epochs: Option<u32>,
    /// Weight of the loss of a sentence that was added, against 1 of one of the training text.
    #[serde(default = "self_training::one")]
    pub pool_weight: f64,
    /// At least this share of every batch is of the training text, repeated as needed, once
    /// something was added; 0 for batches as they come.
    #[serde(default)]
    pub gold_share: f64,
    /// Drop training sentences that stand in dev or test too, or in `exclude`.
    pub drop_leaks: bool,
    /// Files and folders whose sentences may not be trained on, such as the texts that a model will
    /// be tested on later.
    pub exclude: Vec<PathBuf>,
    /// A stray inside tag is an error.
    pub strict: bool,
    /// Leave malformed sentences out, counted and listed.
    pub skip_bad: bool,
    /// Seed of everything random in training.
    pub seed: u64,
    /// Epochs at most.
    pub epochs: u32,
    /// Stop after so many epochs without a better dev score; 0 never stops early.
    pub patience: u32,
    /// Sentences a batch.
    pub batch: usize,
    /// Batches a step.
    pub accumulate: usize,
    /// New order of sentences every epoch, in batches of like length.
    pub shuffle: bool,
    /// What stands on the encoder.
    pub head: HeadKind,
    /// Units a direction of each LSTM layer.
    pub lstm_units: usize,
    /// LSTM layers.
    pub lstm_layers: usize,
    /// Dropout between LSTM layers.
    pub lstm_dropout: f64,
    /// Rule out tag sequences that are not IOB2.
    pub constraints: bool,
    /// Which pieces carry tags.
    pub piece_labels: PieceLabels,
    /// Pieces a sentence at most, special pieces not counted; the encoder's own limit holds too.
    pub max_pieces: usize,
    /// Lower-case and strip accents before a WordPiece encoder.
    pub fold_case: bool,
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// Weight decay.
    pub decay: f64,
    /// Learning rate of the encoder.
    pub rate_encoder: EncoderRate,
    /// Learning rate of the BiLSTM.
    pub rate_lstm: f64,
    /// Learning rate of the linear layer; 0 leaves it as it was drawn.
    pub rate_linear: f64,
    /// Learning rate of the CRF.
    pub rate_crf: f64,
    /// How rates change.
    pub schedule: Schedule,
    /// Share of the steps that warm up.
    pub warmup: f64,
    /// Largest norm of a step's gradient over all parameters; 0 does not clip.
    pub clip: f64,
    /// What is not trained: `none`, `embeddings`, or a number of lower layers (with the
    /// embeddings).
    pub freeze: Freeze,
    /// Which score chooses the best epoch.
    pub select: Selection,
    /// The parameters after each of the last so many epochs are averaged, and the average kept if it
    /// is no worse on dev than the best epoch; 1 for no average.
    #[serde(default = "self_training::one_epoch")]
    pub average: u32,
    /// Resamples of the intervals.
    pub resamples: usize,
    /// Threads; the physical cores where it is not given.
    pub threads: Option<usize>,
    /// Where to compute: `cpu`, or `cuda`, `rocm`, `vulkan`, `metal` or `webgpu` where the build has
    /// them, with `:1` for the second device.
    pub device: String,
    /// Of the factors of the encoder's matrix products.
    #[serde(default)]
    pub precision: Precision,
    /// Seconds between checkpoints, at the ends of epochs.
    pub checkpoint_seconds: u64,
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

impl Settings {
    /// The settings that `layers` make, the first the weakest, on the preset of the last protocol
    /// that is named (`sound` where none is).
    ///
    /// # Errors
    /// A value is out of range.
    pub fn resolve(layers: &[&Overrides]) -> Result<Self, GleanerError> {
        let last = |has: fn(&Overrides) -> Option<bool>| {
            layers.iter().rev().find_map(|l| has(l)).unwrap_or(false)
        };
        let stage = Stage::of(
            last(|l| l.start.as_ref().map(|_| true)),
            last(|l| l.pool.as_ref().map(|p| !p.is_empty())),
        );
        let protocol = layers.iter().rev().find_map(|l| l.protocol).unwrap_or(Protocol::Sound);
        let settings = layers.iter().fold(presets::of(protocol, stage), |s, l| l.apply(s));
        settings.check()?;
        // Not part of the check: a model may have been trained by a build that has other devices.
        parse_device(&settings.device)?;
        Ok(settings)
    }

    /// What kind of training this is.
    pub fn stage(&self) -> Stage {
        Stage::of(self.start.is_some(), !self.pool.is_empty())
    }

    /// Refuses values that are out of range.
    pub(crate) fn check(&self) -> Result<(), GleanerError> {
        let bad = |key: &str, what: &str| Err(GleanerError::Settings(format!("{key}: {what}")));
        if self.epochs == 0 {
            return bad("epochs", "0 would train nothing; use 1 or more");
        }
        if self.batch == 0 || self.accumulate == 0 {
            return bad("batch, accumulate", "0 sentences make no step; use 1 or more");
        }
        if self.lstm_units == 0 || self.lstm_layers == 0 {
            return bad(
                "lstm-units, lstm-layers",
                "an LSTM needs 1 or more; for none set head = \"crf\"",
            );
        }
        if self.select == Selection::Last && self.patience > 0 {
            return bad(
                "patience",
                "waits for a better epoch on dev, but the last one is kept; set select = \"entity-f1\", or patience = 0",
            );
        }
        if self.max_pieces == 0 {
            return bad("max-pieces", "0 leaves no sentence; use 1 or more");
        }
        if self.threads == Some(0) {
            return bad(
                "threads",
                "0 threads compute nothing; leave it out for the physical cores",
            );
        }
        for (key, value) in [("lstm-dropout", self.lstm_dropout), ("warmup", self.warmup)] {
            if !(0.0..1.0).contains(&value) {
                return bad(key, "must be 0 or more and below 1");
            }
        }
        for (key, value) in [
            ("rate-encoder", self.rate_encoder.at(1)), // one by the width is in range at any
            ("rate-lstm", self.rate_lstm),
            ("rate-linear", self.rate_linear),
            ("rate-crf", self.rate_crf),
            ("decay", self.decay),
            ("clip", self.clip),
        ] {
            if !value.is_finite() || value < 0.0 {
                return bad(key, "must be a number of 0 or more");
            }
        }
        let joined = self.join.iter().map(|j| ("join: limit", j.limit));
        let limits = [
            ("cutoff", self.cutoff),
            ("train-limit", self.train_limit),
            ("pool-limit", self.pool_limit),
        ];
        for (key, limit) in limits.into_iter().chain(joined) {
            if limit == Some(0) {
                return bad(key, "0 leaves no sentence; leave it out for all");
            }
        }
        if self.split == Split::Folds && self.folds < 2 {
            return bad("folds", "one part leaves nothing to train on; use 2 or more");
        }
        if self.split == Split::Folds && !(1..=self.folds).contains(&self.fold) {
            let what = format!("there is no fold {} of {}; count from 1", self.fold, self.folds);
            return bad("fold", &what);
        }
        if !(0.0..1.0).contains(&self.quantile) {
            return bad("quantile", "must be 0 or more and below 1");
        }
        if !(self.entropy > 0.0 && self.entropy.is_finite()) {
            return bad("entropy", "must be a number above 0");
        }
        self.check_self_training()?;
        if self.start.is_some() && self.encoder.is_some() {
            return bad("start, encoder", "a model brings its own encoder; give one of the two");
        }
        if self.data.is_some()
            && !(self.train.is_empty() && self.dev.is_empty() && self.test.is_empty())
        {
            return bad(
                "data",
                "names the files together with train, dev or test; use one or the other",
            );
        }
        Ok(())
    }
}
