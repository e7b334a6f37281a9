//! Options of commands that train taggers to measure texts.

use clap::Args;
use gleaner::{CorpusOverrides, Overrides, Split};
use std::path::PathBuf;

#[derive(Args)]
pub struct TrainingsArgs {
    /// Split each text: `given` (parts as they are) or `80-10-10` (all sentences, split as in `gleaner
    /// train`) [default: as in `gleaner train`].
    #[arg(long, value_name = "HOW", value_parser = split)]
    pub split: Option<Split>,
    /// Seed of an 80-10-10 split and of folds [default: 42].
    #[arg(long, value_name = "N")]
    pub split_seed: Option<u32>,
    /// Number of epochs of each training [default: as in `gleaner train`].
    #[arg(long, value_name = "N")]
    pub epochs: Option<u32>,
    /// Seed of the trainings [default: 42].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Read settings from this file, as in `gleaner train`; the texts that it names are ignored [default:
    /// none].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Number of threads [default: the number of physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub read: CorpusOverrides,
    /// Skip malformed sentences; count and report them [default: false].
    #[arg(long)]
    pub skip_bad: bool,
}

/// `folds` splits one text for one training; these commands train several.
fn split(s: &str) -> Result<Split, String> {
    match s.parse() {
        Ok(split @ (Split::Given | Split::Shuffled)) => Ok(split),
        _ => Err("neither `given` nor `80-10-10`".into()),
    }
}

impl TrainingsArgs {
    /// The options as settings.
    pub fn overrides(&self) -> Overrides {
        let mut given = Overrides::default();
        given.data.split = self.split;
        given.data.split_seed = self.split_seed;
        given.corpus = self.read.clone();
        given.data.skip_bad = self.skip_bad.then_some(true);
        given.optimizer.epochs = self.epochs;
        given.run.seed = self.seed;
        given.run.threads = self.threads;
        given
    }
}
