//! Options of `gleaner evaluate` and `gleaner predict`.

use super::{
    ReadArgs,
    convert::{format, unit},
};
use clap::Args;
use gleaner::CorpusOptions;
use gleaner_corpus::{Format, Nested, Offsets};
use std::path::PathBuf;

pub(super) const EVALUATE_EXAMPLES: &str = "Examples:
  gleaner evaluate my-model test.conll
  gleaner evaluate my-model other-corpus/test.conll --map PERSON=PER --map LOC=LOC --map ORG=ORG --map '*=O'
  gleaner evaluate my-model test.conll --errors 20";

pub(super) const PREDICT_HELP: &str = "Examples:
  gleaner predict my-model letter.txt
  gleaner predict my-model --format jsonl < archive.txt > entities.jsonl
  gleaner predict my-model words.conll
  gleaner predict my-model notes.jsonl --text-field body > labelled.jsonl
  gleaner predict my-model test.conll > test.out && conlleval < test.out
  gleaner predict my-model letter.txt --format brat > letter.ann
  gleaner predict my-model archive.txt --precision int8 > entities.conll

The content of the input decides its format: columns, JSON or plain text. Columns, comments and
fields of JSON are kept in conll and jsonl output; so are starts of documents, ranges and empty
nodes in conll. If the input has tags, they are in the column before the prediction, as conlleval
expects, and under the key `gold` in jsonl.

Plain text is split into sentences and words by Unicode Standard Annex #29, corrected by what the
training text shows. Offsets count Unicode scalar values from the start of the input, and in JSON
from the start of the text.";

/// Where and how precisely to compute, if not as the tagger was trained.
#[derive(Clone, Args)]
pub struct ComputeArgs {
    /// Precision of the encoder's matrix products: `f32`, `bf16` (about 1.5 times as fast on a device
    /// with bf16 instructions), or `int8` (on the CPU, after `gleaner quantize`) [default: as in training].
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

pub(crate) fn precision(s: &str) -> Result<LabelPrecision, String> {
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
    /// Skip malformed sentences; count and report them [default: false].
    #[arg(long)]
    pub skip_bad: bool,
    #[command(flatten)]
    pub read: ReadArgs,
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
    /// Input format: `auto` (by content and name), `text`, or a format as for `gleaner data inspect
    /// --format`.
    #[arg(long, value_name = "KIND", value_parser = input, default_value = "auto")]
    pub input: Input,
    /// Output format: text (words with brackets and colours around entities), jsonl, conll (the columns
    /// of the input, its tag and the predicted one), conll2003, conllup, json, doccano, label-studio,
    /// label-studio-min, prodigy, parquet, csv, spacy, webanno or brat (annotations of plain text) [default:
    /// jsonl with --output json and for JSON, otherwise text on a terminal and conll elsewhere].
    #[arg(long, visible_alias = "to", value_name = "KIND", value_parser = output)]
    pub format: Option<OutputKind>,
    /// Column of the word in CoNLL files, counted from 1 [default: detected].
    #[arg(long, value_name = "N")]
    pub word_column: Option<usize>,
    /// Column of the tag in CoNLL files, counted from 1 [default: detected].
    #[arg(long, value_name = "N")]
    pub tag_column: Option<usize>,
    /// Names of tags that are numbers, in the order of the numbers: O B-PER I-PER [default: those in the
    /// file].
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ' ')]
    pub labels: Option<Vec<String>>,
    /// Key of the text in JSON [default: text].
    #[arg(long, value_name = "KEY")]
    pub text_field: Option<String>,
    /// Unit of character offsets in JSON and in formats of annotation tools: `scalar`, `utf16` or
    /// `graphemes` [default: scalar].
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    pub offsets: Option<Offsets>,
    /// Skip malformed sentences; count and report them [default: false].
    #[arg(long)]
    pub skip_bad: bool,
    /// Treat every line of plain text as one sentence [default: false].
    #[arg(long)]
    pub one_sentence_per_line: bool,
    #[command(flatten)]
    pub compute: ComputeArgs,
}

impl PredictArgs {
    /// How the input is read.
    pub fn options(&self) -> CorpusOptions {
        let mut options = CorpusOptions::default();
        if let Input::Format(format) = self.input {
            options.format = Some(format);
        }
        (options.word_column, options.tag_column) = (self.word_column, self.tag_column);
        options.labels.clone_from(&self.labels);
        options.text_field.clone_from(&self.text_field);
        options.offsets = self.offsets;
        // The spans of the input are not needed: they only show how good the predicted ones are.
        options.nested = Some(Nested::Outermost);
        options
    }
}

/// The format of the input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// By content and name.
    Auto,
    /// Plain text.
    Text,
    Format(Format),
}

fn input(s: &str) -> Result<Input, String> {
    match s {
        "auto" => Ok(Input::Auto),
        "text" => Ok(Input::Text),
        name => format(name).map(Input::Format).map_err(|e| format!("{e}, auto, text")),
    }
}

/// The format of the output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OutputKind {
    /// Words with brackets (and colours) around entities.
    Text,
    Format(Format),
}

fn output(s: &str) -> Result<OutputKind, String> {
    match s {
        "text" => Ok(OutputKind::Text),
        name => format(name).map(OutputKind::Format).map_err(|e| format!("{e}, text")),
    }
}
