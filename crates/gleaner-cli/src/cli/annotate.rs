//! Options of `gleaner annotate`.

use super::{ReadArgs, convert::format};
use clap::Args;
use gleaner_corpus::Format;
use std::{net::IpAddr, path::PathBuf};

pub(super) const HELP: &str = "Examples:
  gleaner annotate my-project --new --types PER,ORG,LOC --encoder intfloat/multilingual-e5-small --import raw.txt
  gleaner annotate my-project --import more.conll
  gleaner annotate my-project
  gleaner annotate my-project --export my-corpus

With none of --new, --import and --export, the project is annotated in the browser, at the address
that is shown. Every answer is on the disk before it is confirmed. After every 50 accepted sentences
a tagger is trained on them in the background, and proposes entities from then on. A random share of
the sentences is never trained on, and shows how good the taggers are. project.toml in the folder
has the settings.

SIGTERM and SIGINT end the program once the requests that it has are answered, with exit code 0. A
training that is not finished is then given up.";

#[derive(Args)]
pub struct AnnotateArgs {
    /// Folder of the project.
    pub project: PathBuf,
    /// Create the project [default: false].
    #[arg(long, requires = "types")]
    pub new: bool,
    /// Entity types of a new project, separated by commas. The keys 1 to 9 of the page give them in this
    /// order.
    #[arg(long, value_name = "TYPES", value_delimiter = ',', requires = "new")]
    pub types: Vec<String>,
    /// Encoder of a new project's trainings: a folder, a name on the Hugging Face hub, or `sample:tiny`
    /// [default: train no tagger].
    #[arg(long, value_name = "FOLDER", requires = "new")]
    pub encoder: Option<String>,
    /// Add the sentences of these files: text with or without labels in any format, or plain text.
    /// Sentences that the project has already are left out. Labels are shown as proposals.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub import: Vec<PathBuf>,
    /// Write the accepted sentences to this folder: `train`, and `test` with the random share.
    #[arg(long, value_name = "FOLDER")]
    pub export: Option<PathBuf>,
    /// Format of --export.
    #[arg(long, value_name = "FORMAT", value_parser = format, default_value = "conll")]
    pub to: Format,
    /// Overwrite the files of an earlier --export [default: false].
    #[arg(long)]
    pub force: bool,
    /// Address to listen on. Any but those of this machine itself needs --token-file.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// Port to listen on; 0 is any free port.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,
    /// File with a secret that annotators must give before they can see the project [default: none].
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Name by which browsers may call this server, beside `localhost` and addresses in digits. Not needed
    /// with --token-file. Repeatable [default: none].
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Number of threads [default: the number of physical cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    #[command(flatten)]
    pub read: ReadArgs,
}
