//! Options of `gleaner encoder`.

use super::{MapArgs, TrainingsArgs, data::corpus};
use clap::{Args, Subcommand};
use gleaner::CorpusPath;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum EncoderCommand {
    /// Rank encoders by how well a linear probe finds the entities of a text in their hidden states.
    #[command(after_help = RANK_HELP)]
    Rank(Box<EncoderRankArgs>),
    /// Keep only the pieces of the vocabulary that some texts need.
    #[command(after_help = TRIM_HELP)]
    Trim(TrimArgs),
}

const RANK_HELP: &str = "Examples:
  gleaner encoder rank --encoder intfloat/multilingual-e5-small sentence-transformers/LaBSE --data my-corpus
  gleaner encoder rank --encoder sample:tiny adapted --data sample:af --folds 3

No encoder is trained. For each fold, a logistic regression from the last hidden state of every
word's first piece to the word's tag is fitted on the other folds, and scored on the fold by entity
F1. The training and dev parts of the data are used, and the test part is not.

The table also has pieces per word, the share of unknown pieces, the speed of reading on this
machine, and the time and memory of a training, estimated from a few batches.";

#[derive(Args)]
pub struct EncoderRankArgs {
    /// Encoders to compare: folders, names on the Hugging Face hub (OWNER/NAME), or `sample:tiny`.
    #[arg(long = "encoder", value_name = "FOLDER", num_args = 1.., required = true)]
    pub encoders: Vec<PathBuf>,
    /// Labelled text: a folder with train, dev and test files, a data set of the Hugging Face hub
    /// (hub:OWNER/NAME:CONFIG), or `sample:af`. After a comma, it takes options of its own, as for
    /// `gleaner data inspect`.
    #[arg(long, value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub data: CorpusPath,
    /// Number of folds.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub folds: usize,
    /// Maximum number of sentences of the probe, from the start of the data.
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub sentences: usize,
    #[command(flatten)]
    pub labels: MapArgs,
    #[command(flatten)]
    pub trainings: TrainingsArgs,
}

const TRIM_HELP: &str = "Examples:
  gleaner encoder trim intfloat/multilingual-e5-small --text raw.txt train.conll --out small
  gleaner train --data my-corpus --encoder small --out my-model

The encoder computes the same as before for the words of the texts, to the bit. Other words are cut
into more pieces, so give all text that you have.";

#[derive(Args)]
pub struct TrimArgs {
    /// Folder of an encoder, OWNER/NAME on the Hugging Face hub, or `sample:tiny`.
    pub encoder: PathBuf,
    /// Plain or labelled text whose pieces are kept: files, or `sample:af` (all its sentences).
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub text: Vec<PathBuf>,
    /// New or empty folder to write to.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Number of further pieces to keep, the most frequent first.
    #[arg(long, value_name = "N", default_value_t = 5000)]
    pub keep: usize,
}
