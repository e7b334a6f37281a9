//! Options of commands that train taggers of their own, to measure texts by.

use super::ColumnArgs;
use clap::Args;
use gleaner::{Overrides, Split};
use std::path::PathBuf;

#[derive(Args)]
pub struct TrainingsArgs {
    /// `given`: parts as they are; `80-10-10`: all sentences of each text, divided as `gleaner train`
    /// would.
    #[arg(long, value_name = "HOW", value_parser = split)]
    pub split: Option<Split>,
    /// Seed of an 80-10-10 split, and of folds.
    #[arg(long, value_name = "N")]
    pub split_seed: Option<u32>,
    /// Epochs of each training [default: as `gleaner train`].
    #[arg(long, value_name = "N")]
    pub epochs: Option<u32>,
    /// Seed of the trainings.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Settings file of the trainings (TOML, as of `gleaner train`); texts that it names are not read.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Threads [default: the physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub columns: ColumnArgs,
    /// Leave malformed sentences out, counted and told.
    #[arg(long)]
    pub skip_bad: bool,
}

/// Folds divide one text for one training; here there are several.
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
        given.data.word_column = self.columns.word_column;
        given.data.tag_column = self.columns.tag_column;
        given.data.skip_bad = self.skip_bad.then_some(true);
        given.optimizer.epochs = self.epochs;
        given.run.seed = self.seed;
        given.run.threads = self.threads;
        given
    }
}
