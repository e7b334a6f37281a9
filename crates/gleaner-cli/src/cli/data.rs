//! Options of `gleaner data`, and of reading labelled text.

use super::{AuditArgs, audit};
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum DataCommand {
    /// Count sentences, words and entities; name the tag scheme and the problems.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Find what makes scores untrustworthy: leaks, duplicates, contradictory tags, markup.
    #[command(after_help = audit::HELP)]
    Audit(Box<AuditArgs>),
    /// Write the built-in sample corpus to a folder, as an example of the format.
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArgs),
}

const INSPECT_EXAMPLES: &str = "Examples:
  gleaner data inspect my-corpus
  gleaner data inspect train.conll dev.conll
  gleaner data inspect train.parquet --encoder intfloat/multilingual-e5-small";

const SAMPLE_EXAMPLES: &str = "Examples:
  gleaner data sample sample
  gleaner data inspect sample/af";

#[derive(Args)]
pub struct ColumnArgs {
    /// Column of the word in CoNLL files, counted from 1 [default: the first].
    #[arg(long, value_name = "N")]
    pub word_column: Option<usize>,
    /// Column of the tag in CoNLL files, counted from 1 [default: the last].
    #[arg(long, value_name = "N")]
    pub tag_column: Option<usize>,
}

#[derive(Args)]
pub struct MapArgs {
    /// Rename an entity type (OLD=NEW), keep it (PER=PER) or drop it (OLD=O); `*` means all other
    /// types. May be repeated; if given, it must cover every type [default: keep all types].
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair)]
    pub map: Vec<(String, String)>,
}

pub(super) fn pair(s: &str) -> Result<(String, String), String> {
    let (old, new) = s.split_once('=').ok_or_else(|| format!("`{s}` is not OLD=NEW"))?;
    Ok((old.to_owned(), new.to_owned()))
}

#[derive(Args)]
pub struct InspectArgs {
    /// Labelled files (CoNLL, JSONL or parquet), folders with train, dev and test files, data sets of the
    /// Hugging Face hub (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Count pieces per word and unknown pieces of this encoder's tokenizer: a folder, or OWNER/NAME on
    /// the Hugging Face hub [default: count none].
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
    #[command(flatten)]
    pub columns: ColumnArgs,
    /// Skip malformed sentences; count and list them [default: false].
    #[arg(long)]
    pub skip_bad: bool,
    /// Treat a stray inside tag as an error [default: false].
    #[arg(long)]
    pub strict: bool,
    /// List every finding, not only the first of each kind [default: false].
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub labels: MapArgs,
}

#[derive(Args)]
pub struct SampleArgs {
    /// Write to this folder, which must be new or empty.
    pub out: PathBuf,
}
