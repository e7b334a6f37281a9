//! Options of `gleaner ensemble`.

use super::{ReadArgs, data::corpus};
use clap::Args;
use gleaner::{CorpusPath, Ensemble};
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner ensemble run-1 run-2 run-3 --out together
  gleaner ensemble run-1 run-2 --dev dev.conll --out together
  gleaner predict together archive.txt

The ensemble keeps a span if the mean of the members' probabilities for exactly this span is above
--share. Labelling takes as long as with all its members one after the other. The folder holds
copies of the members.";

#[derive(Args)]
pub struct EnsembleArgs {
    /// Folders of two or more models with the same entity types, or OWNER/NAME on the Hugging Face hub.
    #[arg(required = true, num_args = 2.., value_name = "MODEL")]
    pub models: Vec<PathBuf>,
    /// Write the ensemble to this folder, which must be new or empty.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Labelled text to calibrate confidences on: a file, a folder with a dev file, a data set of the
    /// Hugging Face hub (hub:OWNER/NAME:CONFIG), or `sample:af` [default: the dev text of the first
    /// model's training].
    #[arg(long, value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub dev: Option<CorpusPath>,
    /// Probability above which a span is kept, from 0 to 1.
    #[arg(long, value_name = "P", default_value_t = Ensemble::SHARE, value_parser = probability)]
    pub share: f64,
    /// Number of threads [default: the number of physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub read: ReadArgs,
}

fn probability(s: &str) -> Result<f64, String> {
    let share = s.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "not a number from 0 to 1".into())
}
