//! Options of `gleaner sources`.

use super::{MapArgs, TrainingsArgs, pair};
use clap::Args;
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "Examples:
  gleaner sources faroese --candidate danish icelandic --encoder intfloat/multilingual-e5-small
  gleaner sources sample:af --candidate sample:nl --no-training
  gleaner sources faroese --candidate turkish hindi --no-training --map PERSON=PER --map GPE=LOC --map ORG=ORG --map '*=O'
  gleaner sources faroese --candidate danish icelandic --encoder google-bert/bert-base-multilingual-cased --gains gains.csv

Candidates are ranked by the entity F1 on the target's dev text of a tagger trained on the first
sentences of the candidate; with --no-training by the mean of their ranks by word and piece overlap,
script, tags, shared entities and number of entities.";

#[derive(Args)]
pub struct SourcesArgs {
    /// The text to transfer to: a folder with train, dev and test files, a data set of the Hugging Face
    /// hub (hub:OWNER/NAME:CONFIG), or `sample:af`. Its test part is left alone.
    #[arg(value_name = "TARGET")]
    pub target: PathBuf,
    /// Texts to transfer from, as the target is named.
    #[arg(long = "candidate", value_name = "DIR", num_args = 1.., required = true)]
    pub candidates: Vec<PathBuf>,
    /// Folder of the encoder, its name on the Hugging Face hub, or `sample:tiny`.
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
    /// Sentences of each candidate to train on.
    #[arg(long, value_name = "ROWS", default_value_t = 240, value_parser = rows)]
    pub train: usize,
    /// Train nothing: measure the texts alone.
    #[arg(long, conflicts_with = "train")]
    pub no_training: bool,
    /// Gains of the candidates that were measured (CSV with the columns `source,gain`): tells how well
    /// each measure ranks them.
    #[arg(long, value_name = "FILE")]
    pub gains: Option<PathBuf>,
    #[command(flatten)]
    pub labels: MapArgs,
    /// As --map, of the target; --map, and the [label-map] of a settings file, are for the candidates.
    #[arg(long = "target-map", value_name = "OLD=NEW", value_parser = pair)]
    pub target_map: Vec<(String, String)>,
    #[command(flatten)]
    pub trainings: TrainingsArgs,
}

fn rows(s: &str) -> Result<usize, String> {
    let rows = s.parse().ok().filter(|rows| *rows > 0);
    rows.ok_or_else(|| "not a number above 0; to train nothing give --no-training".into())
}
