//! Options of `gleaner data audit`.

use super::{MapArgs, TrainingsArgs};
use clap::Args;
use gleaner_corpus::audit::{IssueKind, UnknownKind};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "Examples:
  gleaner data audit my-corpus
  gleaner data audit wikiann/fo --split 80-10-10 --all
  gleaner data audit danish faroese --map PERSON=PER --map LOC=LOC --map '*=O'
  gleaner data audit my-corpus --encoder intfloat/multilingual-e5-small --cross-validate
  gleaner data audit my-corpus --deny leak,near-leak,doubtful-tags --output json > faults.jsonl

Faults of the kinds that --deny names make the exit code 6. The kinds: leak, contradictory-tags,
doubtful-tags, dev-test-duplicate, cross-duplicate, near-leak, label-names, markup, duplicate,
near-duplicate, cross-near-duplicate, no-context, unknown-pieces.";

#[derive(Args)]
pub struct AuditArgs {
    /// Folders with train, dev and test files (one a language), files, data sets of the Hugging Face
    /// hub (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Kinds of faults that make the exit code 6, separated by commas; or `none`.
    #[arg(long, value_name = "KINDS", value_parser = denied, default_value = "leak,contradictory-tags")]
    pub deny: Denied,
    /// List every fault, not only the first of each kind.
    #[arg(long)]
    pub all: bool,
    /// The least similarity of near duplicates: above 0, at most 1.
    #[arg(long, value_name = "S", value_parser = share, default_value = "0.8")]
    pub similarity: f64,
    /// Use only the first N sentences before an 80-10-10 split.
    #[arg(long, value_name = "N")]
    pub cutoff: Option<usize>,
    /// Look for words that this encoder does not know.
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
    /// Train a tagger a fold without one of N parts of each data set, and tell which tags of that part
    /// it contradicts; needs an encoder.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5")]
    pub cross_validate: Option<usize>,
    /// The least probability of another tag that is told.
    #[arg(long, value_name = "P", value_parser = share, default_value = "0.5")]
    pub confidence: f64,
    #[command(flatten)]
    pub trainings: TrainingsArgs,
    #[command(flatten)]
    pub labels: MapArgs,
}

/// The kinds of faults that an audit refuses.
#[derive(Clone)]
pub struct Denied(pub Vec<IssueKind>);

fn denied(s: &str) -> Result<Denied, UnknownKind> {
    let kinds: Result<Vec<IssueKind>, UnknownKind> = match s {
        "none" => Ok(Vec::new()),
        kinds => kinds.split(',').map(|kind| kind.trim().parse()).collect(),
    };
    kinds.map(Denied)
}

fn share(s: &str) -> Result<f64, String> {
    let share = s.parse().ok().filter(|share| 0.0 < *share && *share <= 1.0);
    share.ok_or_else(|| "not a number above 0 and up to 1".into())
}
