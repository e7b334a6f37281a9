//! Options of `gleaner train` and `gleaner doctor`.

use super::MapArgs;
use clap::{Args, Subcommand, ValueEnum};
use gleaner::{Joined, Overrides, adapt::AdaptSettings};
use gleaner_track::Target;
use std::path::PathBuf;

pub(super) const TRAIN_HELP: &str = "Examples:
  gleaner train --data sample:af --encoder sample:tiny --out first-model
  gleaner train --data my-corpus --encoder intfloat/multilingual-e5-small --out my-model
  gleaner train --train a.conll b.jsonl --dev dev.conll --encoder google-bert/bert-base-multilingual-cased --epochs 30 --out my-model
  gleaner train --config run.toml --seed 7 --out run-7
  gleaner train --data my-corpus --start danish-model --out tuned
  gleaner train --data my-corpus --start my-model --pool archive.txt --out self-trained
  gleaner train --data faroese --join danish=500,word-column=2,map=PERSON:PER,map=*:O --encoder intfloat/multilingual-e5-small --out joint
  gleaner train --config my-model/gleaner.json --out again
  gleaner train --data my-corpus --start my-model --log tensorboard:runs/tuned --out tuned
  gleaner train --recipe best --data my-corpus --sources danish icelandic --pool raw.txt --encoder intfloat/multilingual-e5-small --out my-model

A default without a name is that of the preset `sound`, and of `published` where none is given for
it. `with start` and `with pool` are trainings with --start and with --pool.

The options of reading (--format, --word-column, ..., --map) are those of the main corpus. The
texts of --join, --sources, --pool and --exclude take their own after a comma: format, word-column,
tag-column, labels (separated by spaces), map (OLD:NEW, may be repeated), nested, offsets,
text-field. Without them they use the main corpus's columns, --nested, --offsets and --text-field;
alone=true takes none of these.

A settings file is TOML. Its keys are the names of the options without the dashes in front, and the
tables [label-map] and [pool-map]. A corpus with options is a table such as { path = \"danish\",
word-column = 2 }. Options override the file; the file overrides the preset.";

pub(super) const DEVICES_HELP: &str = "Examples:
  gleaner devices
  gleaner train --device cuda:1 --data my-corpus --encoder intfloat/multilingual-e5-small --out my-model

Every device can label with every model. GPUs need a build with their feature: see
docs/how-to/gpu.md.";

pub(super) const DOCTOR_HELP: &str = "Examples:
  gleaner doctor
  gleaner doctor --data my-corpus --encoder intfloat/multilingual-e5-small
  gleaner doctor adapt --encoder intfloat/multilingual-e5-small --text raw.txt";

#[derive(Args)]
pub struct TrainArgs {
    /// Write the model to this folder, which must be new or empty.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Read settings from this file: TOML, or the gleaner.json of a model to repeat its training.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Continue the unfinished training in the folder, or start one if there is none.
    #[arg(long)]
    pub resume: bool,
    /// Log parameters, curves and scores to event files of TensorBoard (tensorboard:FOLDER) or to an MLflow
    /// server (mlflow:http://HOST:PORT). May be repeated. A log that fails never stops the training.
    #[arg(long, value_name = "TARGET")]
    pub log: Vec<Target>,
    #[command(flatten)]
    pub recipe: RecipeArgs,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten)]
    pub settings: Overrides,
}

#[derive(Args)]
pub struct RecipeArgs {
    /// Make the model in several stages, each with the settings that are given [default: one training].
    #[arg(long, value_name = "NAME")]
    pub recipe: Option<Recipe>,
    /// With --recipe: train on these corpora of other languages first, written as for --join. The dev part
    /// of the first is used [default: none].
    #[arg(long, value_name = "PATH[=N][,KEY=VALUE]...", num_args = 1.., requires = "recipe")]
    pub sources: Vec<Joined>,
    /// With --recipe: number of members of the ensemble [default: 5].
    #[arg(long, value_name = "N", requires = "recipe")]
    pub members: Option<u32>,
    /// With --recipe: keep the folder of the stages, which is named as --out with `.stages` at the end
    /// [default: false].
    #[arg(long, requires = "recipe")]
    pub keep_stages: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Recipe {
    /// Train on --sources, fine-tune members that differ in their seed, make an ensemble of them, and
    /// train one model that learns from it on the training text and on --pool.
    Best,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DoctorArgs {
    #[command(subcommand)]
    pub command: Option<DoctorCommand>,
    /// Estimate the training that this settings file describes.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten)]
    pub settings: Overrides,
}

#[derive(Subcommand)]
pub enum DoctorCommand {
    /// Estimate the time and memory of adapting an encoder.
    Adapt(Box<AdaptSettings>),
}
