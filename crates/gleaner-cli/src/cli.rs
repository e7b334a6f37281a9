//! Commands and options.

mod adapt;
mod annotate;
mod audit;
mod convert;
mod data;
mod encoder;
mod ensemble;
mod export;
mod label;
mod packaging;
mod push;
mod quantize;
mod serve;
mod settings;
mod sources;
mod study;
mod train;
mod trainings;

pub use adapt::AdaptArgs;
pub use annotate::AnnotateArgs;
pub use audit::AuditArgs;
pub use convert::{ConvertArgs, Shares, SplitArgs, WriteArgs};
pub use data::{DataCommand, InspectArgs, MapArgs, MentionsArgs, ReadArgs, SampleArgs};
pub use encoder::{EncoderCommand, EncoderRankArgs, TrimArgs};
pub use ensemble::EnsembleArgs;
pub use export::{ExportArgs, Form};
pub(crate) use label::precision;
pub use label::{ComputeArgs, EvaluateArgs, Input, LabelPrecision, OutputKind, PredictArgs};
pub use packaging::{CompletionsArgs, ManArgs};
pub use push::PushArgs;
pub use quantize::QuantizeArgs;
pub use serve::ServeArgs;
pub use sources::SourcesArgs;
pub use study::{StudyArgs, StudyCleanArgs, StudyCommand, StudyPlanArgs, StudyRunArgs};
pub use train::{DoctorArgs, DoctorCommand, Recipe, TrainArgs};
pub use trainings::TrainingsArgs;

use crate::exit;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;

/// Train named-entity taggers for languages with little labelled text, and measure how reliable their
/// scores are.
#[derive(Parser)]
#[command(name = "gleaner", version, arg_required_else_help = true, after_help = exit::HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Output format: human-readable, JSON Lines, or errors only.
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, default_value_t = OutputMode::Human, value_name = "MODE")]
    pub output: OutputMode,
    /// When to use colour.
    #[arg(long, global = true, help_heading = GLOBAL, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// The heading of options that all commands have.
const GLOBAL: &str = "Global options";

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputMode {
    /// Tables, with a progress bar on a terminal and a line per epoch elsewhere.
    Human,
    /// One JSON object per line on standard output.
    Json,
    /// Errors only, and the results of `predict` and `evaluate`.
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
    /// Train a tagger on labelled text.
    #[command(after_help = train::TRAIN_HELP)]
    Train(Box<TrainArgs>),
    /// Adapt an encoder to raw text, before a tagger is trained on it.
    #[command(after_help = adapt::HELP)]
    Adapt(Box<AdaptArgs>),
    /// Score a tagger on labelled text.
    #[command(after_help = label::EVALUATE_EXAMPLES)]
    Evaluate(Box<EvaluateArgs>),
    /// Find the entities in a text.
    #[command(after_help = label::PREDICT_HELP)]
    Predict(Box<PredictArgs>),
    /// Serve taggers over HTTP: label text, and pre-annotate for Label Studio and doccano.
    #[command(after_help = serve::HELP)]
    Serve(Box<ServeArgs>),
    /// Make several taggers label as one.
    #[command(after_help = ensemble::HELP)]
    Ensemble(Box<EnsembleArgs>),
    /// Prepare a tagger to label in 8 bits, and measure what that costs.
    #[command(after_help = quantize::HELP)]
    Quantize(Box<QuantizeArgs>),
    /// Annotate text in the browser, with a tagger that learns from the answers.
    #[command(after_help = annotate::HELP)]
    Annotate(Box<AnnotateArgs>),
    /// Write a tagger in the form of another program: transformers or ONNX.
    #[command(after_help = export::HELP)]
    Export(Box<ExportArgs>),
    /// Send a model to the Hugging Face hub.
    #[command(after_help = push::HELP)]
    Push(Box<PushArgs>),
    /// Inspect, check, convert and split labelled text.
    #[command(subcommand)]
    Data(DataCommand),
    /// Run the trainings that a study file describes, and report their results.
    #[command(subcommand)]
    Study(StudyCommand),
    /// Rank texts of other languages by how well a tagger trained on them transfers to yours.
    #[command(after_help = sources::HELP)]
    Sources(Box<SourcesArgs>),
    /// Choose an encoder, or make it smaller.
    #[command(subcommand)]
    Encoder(EncoderCommand),
    /// List the devices that this build can compute on.
    #[command(after_help = train::DEVICES_HELP)]
    Devices,
    /// Report what this machine and this build can do, and estimate the needs of a training.
    #[command(after_help = train::DOCTOR_HELP)]
    Doctor(Box<DoctorArgs>),
    /// Print a script that completes commands and options in a shell.
    #[command(after_help = packaging::COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Write a manual page for each command, for `man`.
    #[command(after_help = packaging::MAN_HELP)]
    Man(ManArgs),
}

impl Cli {
    /// Reads the command line; ends the program on an error, and after printing help.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let matches = Self::with_defaults().get_matches_from(arguments);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The commands, with the presets' values in the help of each setting.
    pub fn with_defaults() -> clap::Command {
        ["train", "doctor"].into_iter().fold(Self::command(), |all, name| {
            all.mut_subcommand(name, |command| command.mut_args(settings::with_defaults))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_consistent() {
        Cli::with_defaults().debug_assert();
    }
}
