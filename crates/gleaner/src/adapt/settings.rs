//! The settings of adapting an encoder.

use crate::settings::range::Range;
#[cfg(feature = "clap")]
use crate::settings::word::word;
use crate::{CorpusPath, EncoderRate, GleanerError, Joined};
use gleaner_nn::Precision;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The settings of adapting an encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AdaptSettings {
    /// Adapt this encoder: a folder (config.json, tokenizer.json, model.safetensors), its name on the
    /// Hugging Face hub (OWNER/NAME), or `sample:tiny`.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FOLDER"))]
    pub encoder: PathBuf,
    /// Learn from these files: plain text, or text in any format, whose tags are not used.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE[,KEY=VALUE]...", num_args = 1.., required = true, value_parser = str::parse::<CorpusPath>))]
    pub text: Vec<CorpusPath>,
    /// Learn from these files too, such as text of related languages; `=N` uses only the first N
    /// sentences.
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE[=N][,KEY=VALUE]...", num_args = 1..))]
    pub join: Vec<Joined>,
    /// Leave out sentences that occur in these files or folders, such as the dev and test texts of a
    /// tagger.
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATH[,KEY=VALUE]...", num_args = 1.., value_parser = str::parse::<CorpusPath>))]
    pub exclude: Vec<CorpusPath>,
    /// Skip malformed sentences, and lines in scripts without spaces between words; count and report
    /// them [default: false].
    #[cfg_attr(feature = "clap", arg(long))]
    pub skip_bad: bool,
    /// Maximum number of pieces of a sequence, special pieces included. A sequence has one or more
    /// sentences.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = LENGTH))]
    pub length: usize,
    /// Number of sequences per step.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = BATCH))]
    pub batch: usize,
    /// Number of passes over the text [default: 1].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub epochs: Option<u32>,
    /// Number of steps, in place of --epochs.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub steps: Option<u64>,
    /// Number of pieces to train on, in place of --epochs.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub pieces: Option<u64>,
    /// Hide whole words in place of single pieces [default: false].
    #[cfg_attr(feature = "clap", arg(long))]
    pub whole_words: bool,
    /// Add up to N pieces to the tokenizer, learnt from the texts: letters that it lacks, and pieces that
    /// often follow one another. None are added if that hardly changes how words are cut [default: none].
    #[serde(default)]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub new_pieces: Option<usize>,
    /// Add the pieces of --new-pieces even if they hardly change how words are cut [default: false].
    #[serde(default)]
    #[cfg_attr(feature = "clap", arg(long))]
    pub force_new_pieces: bool,
    /// Number of first steps that train the masked-language head alone [default: a tenth of the steps if
    /// the encoder has no such head, otherwise 0].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub head_steps: Option<u64>,
    /// Learning rate: a number, or `by-width` (5e-5 for a width of 768, in inverse proportion for
    /// others).
    #[cfg_attr(feature = "clap", arg(long, value_name = "X", default_value = "by-width"))]
    pub rate: EncoderRate,
    /// Learning rate of the steps that train the head alone.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X", default_value_t = HEAD_RATE))]
    pub head_rate: f64,
    /// Share of the steps that warm up.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE", default_value_t = WARMUP))]
    pub warmup: f64,
    /// Weight decay of AdamW.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X", default_value_t = DECAY))]
    pub decay: f64,
    /// Maximum norm of a step's gradient over all parameters; 0 disables clipping.
    #[cfg_attr(feature = "clap", arg(long, value_name = "X", default_value_t = CLIP))]
    pub clip: f64,
    /// Share of the sentences that are never trained on, to measure the loss.
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE", default_value_t = HELD_OUT))]
    pub held_out: f64,
    /// Number of times that the loss on held-out sentences is measured, apart from that before the first
    /// step.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = MEASUREMENTS))]
    pub measurements: u64,
    /// Precision of the factors of large matrix products: `f32`, or `bf16` (about 1.5 times as fast on a
    /// processor with bf16 instructions).
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", value_parser = word::<Precision>, default_value = "f32"))]
    pub precision: Precision,
    /// Seed of everything random.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = SEED))]
    pub seed: u64,
    /// Number of threads [default: the number of physical cores].
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    pub threads: Option<usize>,
    /// Seconds between checkpoints; 0 writes one after every step.
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = CHECKPOINT_SECONDS))]
    pub checkpoint_seconds: u64,
}

const LENGTH: usize = 128;
const BATCH: usize = 16;
const HEAD_RATE: f64 = 1e-3;
const WARMUP: f64 = 0.1;
const DECAY: f64 = 0.01;
const CLIP: f64 = 1.0;
const HELD_OUT: f64 = 0.01;
const MEASUREMENTS: u64 = 10;
const SEED: u64 = 42;
const CHECKPOINT_SECONDS: u64 = 300;
/// Maximum number of new pieces.
const MOST_PIECES: usize = 100_000;

impl AdaptSettings {
    /// The defaults, for an encoder and some texts.
    pub fn new(
        encoder: impl Into<PathBuf>,
        text: impl IntoIterator<Item = impl Into<CorpusPath>>,
    ) -> Self {
        Self {
            encoder: encoder.into(),
            text: text.into_iter().map(Into::into).collect(),
            join: Vec::new(),
            exclude: Vec::new(),
            skip_bad: false,
            length: LENGTH,
            batch: BATCH,
            epochs: None,
            steps: None,
            pieces: None,
            whole_words: false,
            new_pieces: None,
            force_new_pieces: false,
            head_steps: None,
            rate: EncoderRate::ByWidth,
            head_rate: HEAD_RATE,
            warmup: WARMUP,
            decay: DECAY,
            clip: CLIP,
            held_out: HELD_OUT,
            measurements: MEASUREMENTS,
            precision: Precision::F32,
            seed: SEED,
            threads: None,
            checkpoint_seconds: CHECKPOINT_SECONDS,
        }
    }

    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        let bad = |key: &str, what: &str| Err(GleanerError::Settings(format!("{key}: {what}")));
        let lengths = [self.epochs.map(u64::from), self.steps, self.pieces];
        if lengths.iter().flatten().count() > 1 {
            return bad("epochs, steps, pieces", "each sets the number of steps; give one of them");
        }
        if lengths.contains(&Some(0)) {
            return bad("epochs, steps, pieces", "0 trains nothing; use 1 or more");
        }
        if self.length < 3 {
            return bad("length", "two special pieces leave no room; use 3 or more");
        }
        if self.batch == 0 || self.measurements == 0 {
            return bad("batch, measurements", "0 is out of range; use 1 or more");
        }
        if let Some(n) = self.new_pieces.filter(|n| !(1..=MOST_PIECES).contains(n)) {
            let what = format!("{n} is out of range; use 1 to {MOST_PIECES}, or leave it out");
            return bad("new-pieces", &what);
        }
        if self.force_new_pieces && self.new_pieces.is_none() {
            return bad("force-new-pieces", "no effect without new-pieces; give their number");
        }
        if self.join.iter().any(|joined| joined.limit == Some(0)) {
            return bad("join", "0 leaves no sentence; leave it out to use all");
        }
        Range::ShareBelowOne.check(&[("warmup", self.warmup), ("held-out", self.held_out)])?;
        Range::NotNegative.check(&[
            ("rate", self.rate.at(1)), // in range for one width, in range for all
            ("head-rate", self.head_rate),
            ("decay", self.decay),
            ("clip", self.clip),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let start = || AdaptSettings::new("sample:tiny", ["a.txt"]);
        assert!(start().check().is_ok());
        type Change<'a> = &'a dyn Fn(&mut AdaptSettings);
        let changes: [(Change, &str); 11] = [
            (&|s| (s.steps, s.pieces) = (Some(1), Some(1)), "epochs, steps, pieces: each sets"),
            (&|s| s.epochs = Some(0), "epochs, steps, pieces: 0 trains nothing"),
            (&|s| s.length = 2, "length: "),
            (&|s| s.batch = 0, "batch, measurements: "),
            (&|s| s.new_pieces = Some(0), "new-pieces: 0 is out of range; use 1 to 100000"),
            (&|s| s.force_new_pieces = true, "force-new-pieces: no effect without new-pieces"),
            (&|s| s.join = vec!["b.txt=0".parse().unwrap()], "join: "),
            (&|s| s.warmup = 1.0, "warmup: "),
            (&|s| s.held_out = -0.1, "held-out: "),
            (&|s| s.rate = EncoderRate::Of(f64::NAN), "rate: "),
            (&|s| s.clip = f64::INFINITY, "clip: "),
        ];
        for (change, says) in changes {
            let mut settings = start();
            change(&mut settings);
            let error = settings.check().unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
    }

    #[test]
    fn settings_are_read_as_they_were_written() {
        let mut settings = AdaptSettings::new("sample:tiny", ["a.txt,text-field=body"]);
        settings.join = vec!["b.txt=5".parse().unwrap()];
        settings.pieces = Some(7);
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<AdaptSettings>(&json).unwrap(), settings);
    }
}
