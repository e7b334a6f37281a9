//! Options of `gleaner data audit`.

use super::{MapArgs, TrainingsArgs, data::corpus};
use clap::Args;
use gleaner::CorpusPath;
use gleaner_corpus::audit::{IssueKind, UnknownKind};
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner data audit my-corpus
  gleaner data audit wikiann/fo --split 80-10-10 --all
  gleaner data audit danish faroese --map PERSON=PER --map LOC=LOC --map '*=O'
  gleaner data audit danish,word-column=2,map=PERSON:PER,map=*:O faroese
  gleaner data audit my-corpus --encoder intfloat/multilingual-e5-small --cross-validate
  gleaner data audit my-corpus --deny leak,near-leak,doubtful-tags --output json > issues.jsonl

After a comma, PATH takes options of its own, as for `gleaner data inspect`.

The exit code is 6 if the audit finds issues of a kind that --deny names. The kinds: leak,
contradictory-tags, doubtful-tags, dev-test-duplicate, cross-duplicate, near-leak, label-names,
markup, duplicate, near-duplicate, cross-near-duplicate, no-context, unknown-pieces.";

#[derive(Args)]
pub struct AuditArgs {
    /// Folders with train, dev and test files (one a language), files, data sets of the Hugging Face
    /// hub (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[arg(required = true, value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub paths: Vec<CorpusPath>,
    /// Exit with code 6 if issues of these kinds are found: kinds separated by commas, or `none`.
    #[arg(long, value_name = "KINDS", value_parser = denied, default_value = "leak,contradictory-tags")]
    pub deny: Denied,
    /// List every issue, not only the first of each kind [default: false].
    #[arg(long)]
    pub all: bool,
    /// Minimum similarity of near duplicates: above 0, up to 1.
    #[arg(long, value_name = "S", value_parser = share, default_value = "0.8")]
    pub similarity: f64,
    /// Use only the first N sentences, with --split 80-10-10 [default: all].
    #[arg(long, value_name = "N")]
    pub cutoff: Option<usize>,
    /// Find words that this encoder does not know: a folder, or OWNER/NAME on the Hugging Face hub
    /// [default: skip this check].
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
    /// Split each data set into N folds, train a tagger without each fold, and report which tags of
    /// the fold it contradicts. Needs an encoder [default: skip this check; 5 without N].
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "5")]
    pub cross_validate: Option<usize>,
    /// Minimum probability of a different tag to report it, with --cross-validate.
    #[arg(long, value_name = "P", value_parser = share, default_value = "0.5")]
    pub confidence: f64,
    #[command(flatten)]
    pub trainings: TrainingsArgs,
    #[command(flatten)]
    pub labels: MapArgs,
}

/// The kinds of issues that make an audit fail.
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
    share.ok_or_else(|| "not a number above 0, up to 1".into())
}
