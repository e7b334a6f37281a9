//! Options of `gleaner sources`.

use super::{
    MapArgs, TrainingsArgs,
    data::{corpus, pair},
};
use clap::Args;
use gleaner::CorpusPath;
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner sources faroese --candidate danish icelandic --encoder intfloat/multilingual-e5-small
  gleaner sources sample:af --candidate sample:nl --no-training
  gleaner sources faroese --candidate danish,word-column=2 icelandic,format=doccano --no-training
  gleaner sources faroese --candidate turkish hindi --no-training --map PERSON=PER --map GPE=LOC --map ORG=ORG --map '*=O'
  gleaner sources faroese --candidate danish icelandic --encoder google-bert/bert-base-multilingual-cased --gains gains.csv

After a comma, a text takes options of its own, as for `gleaner data inspect`.

For each candidate a tagger is trained on its first sentences. Candidates are ranked by that
tagger's entity F1 on the target's dev text. With --no-training they are ranked by the mean of their
ranks by word and piece overlap, script, tags, shared entities and number of entities.

With an encoder, the nearest neighbours of the pieces of some target sentences are looked for in its
hidden states, without training. A candidate's share of these neighbours is a ranking of its own
(NN-Rank); it is not part of the mean rank.";

#[derive(Args)]
pub struct SourcesArgs {
    /// Text to transfer to: a folder with train, dev and test files, a data set of the Hugging Face hub
    /// (hub:OWNER/NAME:CONFIG), or `sample:af`. Its test part is not used.
    #[arg(value_name = "TARGET[,KEY=VALUE]...", value_parser = corpus)]
    pub target: CorpusPath,
    /// Texts to transfer from, in the same form as the target. After a comma, a text takes options of its own
    /// (see below).
    #[arg(long = "candidate", value_name = "PATH[,KEY=VALUE]...", num_args = 1.., required = true, value_parser = corpus)]
    pub candidates: Vec<CorpusPath>,
    /// Encoder to train with: a folder, its name on the Hugging Face hub, or `sample:tiny`
    /// [default: none].
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
    /// Number of sentences of each candidate to train on.
    #[arg(long, value_name = "ROWS", default_value_t = 240, value_parser = rows)]
    pub train: usize,
    /// Measure the texts without training [default: false].
    #[arg(long, conflicts_with = "train")]
    pub no_training: bool,
    /// Number of target sentences whose pieces look for their nearest neighbours; 0 skips this. Needs an
    /// encoder.
    #[arg(long, value_name = "SENTENCES", default_value_t = 25)]
    pub neighbours: usize,
    /// Measured gains of the candidates (CSV with the columns `source,gain`): report how well each
    /// measure ranks them [default: none].
    #[arg(long, value_name = "FILE")]
    pub gains: Option<PathBuf>,
    #[command(flatten)]
    pub labels: MapArgs,
    /// Rename entity types of the target, as --map does for the candidates (as does the [label-map] of a
    /// settings file) [default: keep all types].
    #[arg(long = "target-map", value_name = "OLD=NEW", value_parser = pair)]
    pub target_map: Vec<(String, String)>,
    #[command(flatten)]
    pub trainings: TrainingsArgs,
}

fn rows(s: &str) -> Result<usize, String> {
    let rows = s.parse().ok().filter(|rows| *rows > 0);
    rows.ok_or_else(|| "not a number above 0; to skip training use --no-training".into())
}
