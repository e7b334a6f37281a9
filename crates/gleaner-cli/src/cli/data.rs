//! Options of `gleaner data`, and of reading labelled text.

use super::{AuditArgs, ConvertArgs, SplitArgs, audit, convert};
use clap::{Args, Subcommand};
use gleaner::{CorpusOverrides, CorpusPath};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum DataCommand {
    /// Show how files are read: format, columns, tag scheme, first sentence, counts and problems.
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(Box<InspectArgs>),
    /// Find what makes scores untrustworthy: leaks, duplicates, contradictory tags, markup.
    #[command(after_help = audit::HELP)]
    Audit(Box<AuditArgs>),
    /// Write a text in another format.
    #[command(after_help = convert::CONVERT_HELP)]
    Convert(Box<ConvertArgs>),
    /// Divide a text into train, dev and test.
    #[command(after_help = convert::SPLIT_HELP)]
    Split(Box<SplitArgs>),
    /// List the mentions of labelled texts by type, for `gleaner train --mentions`.
    #[command(after_help = MENTIONS_EXAMPLES)]
    Mentions(Box<MentionsArgs>),
    /// Write the built-in sample corpus to a folder, as an example of the format.
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArgs),
}

const INSPECT_EXAMPLES: &str = "Examples:
  gleaner data inspect my-corpus
  gleaner data inspect train.conll dev.conll
  gleaner data inspect danish,word-column=2,tag-column=3 export.json,map=Person:PER,map=*:O
  gleaner data inspect train.parquet --encoder intfloat/multilingual-e5-small

After a comma, PATH takes options of its own: format, word-column, tag-column, labels (separated by
spaces), map (OLD:NEW, may be repeated), nested, offsets, text-field. It then takes no format and no
columns from the options above; alone=true takes none of them at all.";

const MENTIONS_EXAMPLES: &str = "Examples:
  gleaner data mentions danish/train.conll > names.tsv
  gleaner train --data my-corpus --replace-mentions 0.5 --mentions names.tsv --encoder intfloat/multilingual-e5-small --out my-model

Each line has a type, a tab and a mention. After a comma, PATH takes options of its own, as for
`gleaner data inspect`.";

const SAMPLE_EXAMPLES: &str = "Examples:
  gleaner data sample sample
  gleaner data inspect sample/af";

/// How labelled text is read.
#[derive(Args)]
pub struct ReadArgs {
    #[command(flatten)]
    pub options: CorpusOverrides,
    /// Rename an entity type (OLD=NEW), keep it (PER=PER) or drop it (OLD=O); `*` means all other
    /// types. May be repeated; if given, it must cover every type [default: keep all types].
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair)]
    pub map: Vec<(String, String)>,
}

impl ReadArgs {
    /// Whether no option is given.
    pub fn is_default(&self) -> bool {
        self.map.is_empty() && self.options == CorpusOverrides::default()
    }
}

#[derive(Args)]
pub struct MapArgs {
    /// Rename an entity type (OLD=NEW), keep it (PER=PER) or drop it (OLD=O); `*` means all other
    /// types. May be repeated; if given, it must cover every type [default: keep all types].
    #[arg(long = "map", value_name = "OLD=NEW", value_parser = pair)]
    pub map: Vec<(String, String)>,
}

/// A path with options. By hand: clap would take the conversion from any text, which has no options.
pub(super) fn corpus(s: &str) -> Result<CorpusPath, String> {
    s.parse()
}

pub(super) fn pair(s: &str) -> Result<(String, String), String> {
    let (old, new) = s.split_once('=').ok_or_else(|| format!("`{s}` is not OLD=NEW"))?;
    Ok((old.to_owned(), new.to_owned()))
}

#[derive(Args)]
pub struct InspectArgs {
    /// Labelled files in any format, folders with train, dev and test files, data sets of the Hugging Face
    /// hub (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[arg(required = true, value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub paths: Vec<CorpusPath>,
    /// Count pieces per word and unknown pieces of this encoder's tokenizer: a folder, or OWNER/NAME on
    /// the Hugging Face hub [default: count none].
    #[arg(long, value_name = "FOLDER")]
    pub encoder: Option<PathBuf>,
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
    pub read: ReadArgs,
}

#[derive(Args)]
pub struct MentionsArgs {
    /// Labelled files in any format, folders (their training parts), data sets of the Hugging Face hub
    /// (hub:OWNER/NAME:CONFIG), or `sample:af`, `sample:nl`.
    #[arg(required = true, value_name = "PATH[,KEY=VALUE]...", value_parser = corpus)]
    pub paths: Vec<CorpusPath>,
    #[command(flatten)]
    pub read: ReadArgs,
}

#[derive(Args)]
pub struct SampleArgs {
    /// Write to this folder, which must be new or empty.
    pub out: PathBuf,
}
