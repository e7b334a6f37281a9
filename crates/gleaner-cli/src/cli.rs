//! Commands and options.

mod audit;
mod sources;
mod trainings;

pub use audit::AuditArgs;
pub use sources::SourcesArgs;
pub use trainings::TrainingsArgs;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gleaner::Overrides;
use gleaner_nn::Precision;
use std::path::PathBuf;

/// Trains named-entity recognisers for languages with little labelled text, and says how far each
/// number can be trusted.
#[derive(Parser)]
#[command(name = "gleaner", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// How to speak: for people, as JSON lines, or not at all (errors excepted).
    #[arg(long, global = true, help_heading = OF_ALL, value_enum, default_value_t = Mode::Human, value_name = "MODE")]
    pub output: Mode,
    /// Whether to colour what is printed.
    #[arg(long, global = true, help_heading = OF_ALL, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// What the help of a command says of options that all have.
const OF_ALL: &str = "Options of every command";

const EXIT_CODES: &str = "Exit codes: 0 done; 1 a file, or the hub, could not be read or written; 2 wrong options or settings, or a device that is not there or too small; \
3 malformed text or labels; 4 a missing or malformed encoder or model; 5 runs of a study failed; 6 an audit found faults that it was to refuse.";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Tables, a progress bar on a terminal, a line an epoch elsewhere.
    Human,
    /// One JSON object a line on standard output.
    Json,
    /// Nothing but errors, and what `predict` and `evaluate` find.
    Quiet,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub enum Command {
    /// Train a tagger from labelled text.
    #[command(after_help = TRAIN_EXAMPLES)]
    Train(Box<TrainArgs>),
    /// Score a tagger on labelled text.
    #[command(after_help = EVALUATE_EXAMPLES)]
    Evaluate(EvaluateArgs),
    /// Find the entities in a text.
    #[command(after_help = PREDICT_EXAMPLES)]
    Predict(PredictArgs),
    /// Look at labelled text.
    #[command(subcommand)]
    Data(DataCommand),
    /// Run many trainings that one file describes, and gather their results.
    #[command(subcommand)]
    Study(StudyCommand),
    /// Rank texts of other languages by how much a tagger for yours would learn from them.
    #[command(after_help = sources::EXAMPLES)]
    Sources(Box<SourcesArgs>),
    /// List the devices that this machine and this build can compute on.
    #[command(after_help = DEVICES_EXAMPLES)]
    Devices,
    /// What this machine and this build can do, and what a training would need.
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(Box<DoctorArgs>),
}

#[derive(Subcommand)]
pub enum DataCommand {
    /// Count sentences, words and entities; name the tag scheme and the problems.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Look for what makes scores untrustworthy: leaks, duplicates, contradictory tags, markup.
    #[command(after_help = audit::EXAMPLES)]
    Audit(Box<AuditArgs>),
    /// Write the built-in sample corpus to a folder, to see the format.
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArgs),
}

#[derive(Subcommand)]
pub enum StudyCommand {
    /// List the runs, what they need, and about how much time and disk they take.
    #[command(after_help = STUDY_PLAN_EXAMPLES)]
    Plan(StudyPlanArgs),
    /// Do what is missing, and write the tables.
    #[command(after_help = STUDY_RUN_EXAMPLES)]
    Run(StudyRunArgs),
    /// Say how far a study is, and what failed.
    #[command(after_help = STUDY_STATUS_EXAMPLES)]
    Status(StudyArgs),
    /// Write the tables of what is finished.
    #[command(after_help = STUDY_REPORT_EXAMPLES)]
    Report(StudyArgs),
    /// Drop checkpoints, and if asked models; keep tables and manifests.
    #[command(after_help = STUDY_CLEAN_EXAMPLES)]
    Clean(StudyCleanArgs),
}

#[derive(Args)]
pub struct StudyArgs {
    /// Study file (TOML), or `quickstart` for the one inside the program.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Results folder [default: the file's name with -results].
    #[arg(long, value_name = "RESULTS")]
    pub out: Option<PathBuf>,
}

#[derive(Args)]
pub struct StudyPlanArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    /// Only runs whose name holds PATTERN, or fits it if it has a `*`.
    #[arg(long, value_name = "PATTERN")]
    pub only: Option<String>,
}

#[derive(Args)]
pub struct StudyRunArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    /// Trainings at a time [default: the study's `jobs`, else 1].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub jobs: Option<u16>,
    /// Only runs whose name holds PATTERN, or fits it if it has a `*`, and what they need.
    #[arg(long, value_name = "PATTERN")]
    pub only: Option<String>,
    /// Start no further run once one has failed.
    #[arg(long)]
    pub fail_fast: bool,
}

#[derive(Args)]
pub struct StudyCleanArgs {
    #[command(flatten)]
    pub study: StudyArgs,
    /// Drop the models of finished runs too; a run that needs one trains it again.
    #[arg(long)]
    pub models: bool,
}

const STUDY_PLAN_EXAMPLES: &str = "Examples:
  gleaner study plan quickstart
  gleaner study plan my-study.toml --only 'transfer/fo-*'";

const STUDY_RUN_EXAMPLES: &str = "Examples:
  gleaner study run quickstart
  gleaner study run my-study.toml --out results --jobs 2
  gleaner study run my-study.toml --only pseudo/fo-da

A study that was stopped, or killed, goes on where it was when it is run again: finished runs are
kept, failed ones tried again. Several processes may run one study on one results folder.";

const STUDY_STATUS_EXAMPLES: &str = "Examples:
  gleaner study status my-study.toml
  gleaner study status my-study.toml --out results --output json";

const STUDY_CLEAN_EXAMPLES: &str = "Examples:
  gleaner study clean my-study.toml
  gleaner study clean my-study.toml --out results --models";

const STUDY_REPORT_EXAMPLES: &str = "Examples:
  gleaner study report my-study.toml --out results

Writes summary.md, report.html, report.json, plots/*.svg and a CSV of each table: baseline.csv,
transfer_learning.csv, iterative_pseudo_labeling.csv, recipes.csv, comparisons.csv, means.csv,
learning_curve.csv, calibration.csv.";

const TRAIN_EXAMPLES: &str = "Examples:
  gleaner train --data sample:af --encoder sample:tiny --out first-model
  gleaner train --data my-corpus --encoder intfloat/multilingual-e5-small --out my-model
  gleaner train --train a.conll b.jsonl --dev dev.conll --encoder google-bert/bert-base-multilingual-cased --epochs 30 --out my-model
  gleaner train --config run.toml --seed 7 --out run-7
  gleaner train --data my-corpus --start danish-model --out tuned
  gleaner train --data my-corpus --start my-model --pool archive.txt --out self-trained
  gleaner train --config my-model/gleaner.json --out again

A settings file is TOML with the same keys as the options, without the dashes in front, and a table
[label-map]. Options override the file, the file overrides the protocol's preset.";

const EVALUATE_EXAMPLES: &str = "Examples:
  gleaner evaluate my-model test.conll
  gleaner evaluate my-model other-corpus/test.conll --map PERSON=PER --map LOC=LOC --map ORG=ORG --map '*=O'
  gleaner evaluate my-model test.conll --errors 20";

const PREDICT_EXAMPLES: &str = "Examples:
  gleaner predict my-model letter.txt
  gleaner predict my-model --format jsonl < archive.txt > entities.jsonl
  gleaner predict my-model words.conll --format conll

Plain text is cut into sentences and words by Unicode Standard Annex #29. Offsets count Unicode
scalar values from the start of the input.";

const INSPECT_EXAMPLES: &str = "Examples:
  gleaner data inspect my-corpus
  gleaner data inspect train.conll dev.conll
  gleaner data inspect train.parquet --encoder intfloat/multilingual-e5-small";

const SAMPLE_EXAMPLES: &str = "Examples:
  gleaner data sample sample
  gleaner data inspect sample/af";

const DEVICES_EXAMPLES: &str = "Examples:
  gleaner devices
  gleaner train --device cuda:1 --data my-corpus --encoder intfloat/multilingual-e5-small --out my-model

Any device labels with any model. GPUs need a build of their own: see docs/how-to/gpu.md.";

const DOCTOR_EXAMPLES: &str = "Examples:
  gleaner doctor
  gleaner doctor --data my-corpus --encoder intfloat/multilingual-e5-small";

#[derive(Args)]
pub struct TrainArgs {
    /// Folder to write the model to; must be new or empty.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Settings file: TOML, or the gleaner.json of a model to repeat its training.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Go on with the unfinished training in the folder; begin one where there is none.
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten, next_help_heading = "Settings")]
    pub settings: Overrides,
}

#[derive(Args)]
pub struct ColumnArgs {
    /// Column of the word in CoNLL files, from 1 [default: the first].
    #[arg(long, value_name = "N")]
    pub word_column: Option<usize>,
    /// Column of the tag in CoNLL files, from 1 [default: the last].
    #[arg(long, value_name = "N")]
    pub tag_column: Option<usize>,
}

#[derive(Args)]
pub struct MapArgs {
    /// Rename an entity type (OLD=NEW), keep it (PER=PER) or drop it (OLD=O); `*` stands for all
    /// others. May be repeated; once it is given, every type must be named.
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair)]
    pub map: Vec<(String, String)>,
}

fn pair(s: &str) -> Result<(String, String), String> {
    let (old, new) = s.split_once('=').ok_or_else(|| format!("`{s}` is not OLD=NEW"))?;
    Ok((old.to_owned(), new.to_owned()))
}

fn precision(s: &str) -> Result<Precision, String> {
    match s {
        "f32" => Ok(Precision::F32),
        "bf16" => Ok(Precision::Bf16),
        _ => Err("neither `f32` nor `bf16`".into()),
    }
}

/// How to label, where it is not to be as the tagger was trained.
#[derive(Args)]
pub struct HowArgs {
    /// `f32` or `bf16` (about one and a half times as fast where the device has instructions for it)
    /// [default: as it was trained].
    #[arg(long, value_name = "NAME", value_parser = precision)]
    pub precision: Option<Precision>,
    /// `cpu`, or a GPU as `gleaner devices` calls it [default: as it was trained if that is here, else
    /// cpu].
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
}

#[derive(Args)]
pub struct EvaluateArgs {
    /// Folder of a trained tagger.
    pub model: PathBuf,
    /// Labelled text: a file, a folder with a test file, a data set of the Hugging Face hub
    /// (hub:OWNER/NAME:CONFIG), or `sample:af`.
    pub data: PathBuf,
    /// List wrong sentences with gold and prediction, N at most.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1000000")]
    pub errors: Option<usize>,
    /// Resamples of the bootstrap intervals; 0 leaves them out.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub resamples: usize,
    #[command(flatten)]
    pub columns: ColumnArgs,
    /// Leave malformed sentences out, counted and told.
    #[arg(long)]
    pub skip_bad: bool,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten)]
    pub how: HowArgs,
    /// Threads [default: the physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Args)]
pub struct PredictArgs {
    /// Folder of a trained tagger.
    pub model: PathBuf,
    /// Text to label; `-` is standard input.
    #[arg(default_value = "-")]
    pub file: PathBuf,
    /// What comes in.
    #[arg(long, value_enum, value_name = "KIND", default_value_t = InputKind::Auto)]
    pub input: InputKind,
    /// What goes out [default: jsonl with --output json, else text on a terminal and conll elsewhere].
    #[arg(long, value_enum, value_name = "KIND")]
    pub format: Option<OutputKind>,
    /// Column of the word in CoNLL files, from 1 [default: the first].
    #[arg(long, value_name = "N")]
    pub word_column: Option<usize>,
    /// Every line of plain text is one sentence.
    #[arg(long)]
    pub one_sentence_per_line: bool,
    #[command(flatten)]
    pub how: HowArgs,
    /// Threads [default: the physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputKind {
    /// CoNLL for .conll, .conllu, .tsv, .iob, .iob2 and .bio files, else plain text.
    Auto,
    Text,
    Conll,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputKind {
    /// Words with brackets (and colours) around entities.
    Text,
    /// A word and its tag a line.
    Conll,
    /// An object a sentence: tokens, tags, spans with offsets and confidence.
    Jsonl,
}

#[derive(Args)]
pub struct InspectArgs {
    /// Labelled files (CoNLL, JSONL or parquet), folders with train, dev and test files, data sets of the
    /// Hugging Face hub (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Count pieces a word and unknown pieces of this encoder's tokenizer: a folder, or OWNER/NAME of
    /// the Hugging Face hub.
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
    #[command(flatten)]
    pub columns: ColumnArgs,
    /// Leave malformed sentences out, counted and listed.
    #[arg(long)]
    pub skip_bad: bool,
    /// A stray inside tag is an error.
    #[arg(long)]
    pub strict: bool,
    /// List every oddity, not only the first of each kind.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub labels: MapArgs,
}

#[derive(Args)]
pub struct SampleArgs {
    /// Folder to write to; must be new or empty.
    pub out: PathBuf,
}

#[derive(Args)]
pub struct DoctorArgs {
    /// Settings file whose training is to be estimated.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten, next_help_heading = "Settings")]
    pub settings: Overrides,
}
