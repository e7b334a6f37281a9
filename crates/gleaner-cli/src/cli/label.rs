//! Options of `gleaner evaluate` and `gleaner predict`.

use super::{ColumnArgs, MapArgs};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

pub(super) const EVALUATE_EXAMPLES: &str = "Examples:
  gleaner evaluate my-model test.conll
  gleaner evaluate my-model other-corpus/test.conll --map PERSON=PER --map LOC=LOC --map ORG=ORG --map '*=O'
  gleaner evaluate my-model test.conll --errors 20";

pub(super) const PREDICT_HELP: &str = "Examples:
  gleaner predict my-model letter.txt
  gleaner predict my-model --format jsonl < archive.txt > entities.jsonl
  gleaner predict my-model words.conll --format conll
  gleaner predict my-model archive.txt --precision int8 > entities.conll

Plain text is split into sentences and words by Unicode Standard Annex #29. Offsets count Unicode
scalar values from the start of the input.";

/// Where and how precisely to compute, if not as the tagger was trained.
#[derive(Args)]
pub struct ComputeArgs {
    /// Precision of the encoder's matrix products: `f32`, `bf16` (about 1.5 times as fast on a device
    /// with bf16 instructions), or `int8` (on the processor, after `gleaner quantize`) [default: as in
    /// training].
    #[arg(long, value_name = "NAME", value_parser = precision)]
    pub precision: Option<LabelPrecision>,
    /// Device to compute on: `cpu`, or a GPU as `gleaner devices` names it [default: as in training if
    /// available, otherwise cpu].
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Number of threads [default: the number of physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// The precision of labelling.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LabelPrecision {
    F32,
    Bf16,
    Int8,
}

fn precision(s: &str) -> Result<LabelPrecision, String> {
    match s {
        "f32" => Ok(LabelPrecision::F32),
        "bf16" => Ok(LabelPrecision::Bf16),
        "int8" => Ok(LabelPrecision::Int8),
        _ => Err("none of `f32`, `bf16` and `int8`".into()),
    }
}

#[derive(Args)]
pub struct EvaluateArgs {
    /// Folder of a model, or OWNER/NAME on the Hugging Face hub.
    pub model: PathBuf,
    /// Labelled text: a file, a folder with a test file, a data set of the Hugging Face hub
    /// (hub:OWNER/NAME:CONFIG), or `sample:af`.
    pub data: PathBuf,
    /// List up to N wrong sentences, with gold and prediction [default: none; all without N].
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1000000")]
    pub errors: Option<usize>,
    /// Number of bootstrap resamples of each confidence interval; 0 computes no intervals.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub resamples: usize,
    #[command(flatten)]
    pub columns: ColumnArgs,
    /// Skip malformed sentences; count and report them [default: false].
    #[arg(long)]
    pub skip_bad: bool,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten)]
    pub compute: ComputeArgs,
}

#[derive(Args)]
pub struct PredictArgs {
    /// Folder of a model, or OWNER/NAME on the Hugging Face hub.
    pub model: PathBuf,
    /// Text to label; `-` is standard input.
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// Input format.
    #[arg(long, value_enum, value_name = "KIND", default_value_t = InputKind::Auto)]
    pub input: InputKind,
    /// Output format [default: jsonl with --output json, otherwise text on a terminal and conll
    /// elsewhere].
    #[arg(long, value_enum, value_name = "KIND")]
    pub format: Option<OutputKind>,
    /// Column of the word in CoNLL files, counted from 1 [default: the first].
    #[arg(long, value_name = "N")]
    pub word_column: Option<usize>,
    /// Treat every line of plain text as one sentence [default: false].
    #[arg(long)]
    pub one_sentence_per_line: bool,
    #[command(flatten)]
    pub compute: ComputeArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputKind {
    /// CoNLL for .conll, .conllu, .tsv, .iob, .iob2 and .bio files, otherwise plain text.
    Auto,
    Text,
    Conll,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputKind {
    /// Words with brackets (and colours) around entities.
    Text,
    /// One word and its tag per line.
    Conll,
    /// One object per sentence: tokens, tags, spans with offsets and confidence.
    Jsonl,
}
