//! Options of `gleaner annotate`.

use super::{ReadArgs, convert::format, data::corpus};
use clap::Args;
use gleaner::CorpusPath;
use gleaner_corpus::{Format, audit::Part};
use std::{net::IpAddr, path::PathBuf};

pub(super) const HELP: &str = "Examples:
  gleaner annotate my-project --new --types PER,ORG,LOC --encoder intfloat/multilingual-e5-small --import raw.txt
  gleaner annotate my-project --import more.conll
  gleaner annotate my-project
  gleaner annotate my-project --export my-corpus
  gleaner annotate my-review --new --audit my-corpus --model my-model
  gleaner annotate my-review --new --audit test.conll --predicted test.out,tag-column=3
  gleaner annotate my-review --new --audit my-corpus,map=PERSON:PER,map=*:O --part test
  gleaner annotate my-review --export my-corpus-2

With none of --new, --import and --export, the project is annotated in the browser, at the address
that is shown. Every answer is on the disk before it is confirmed. After every 50 accepted sentences
a tagger is trained on them in the background, and proposes entities from then on. A random share of
the sentences is never trained on, and shows how good the taggers are. project.toml in the folder
has the settings.

With --audit, the project reviews a labelled corpus: the page shows the sentences that an audit or a
model finds doubtful. --export then writes the corrected corpus to a new folder, with all changes in
patch.jsonl. The files of the corpus are never changed.

SIGTERM and SIGINT end the program once the requests that it has are answered, with exit code 0. A
training that is not finished is then given up.";

#[derive(Args)]
pub struct AnnotateArgs {
    /// Folder of the project.
    pub project: PathBuf,
    /// Create the project; needs --types or --audit [default: false].
    #[arg(long, requires = "contents")]
    pub new: bool,
    /// Entity types of a new project, separated by commas. The keys 1 to 9 of the page give them in this
    /// order.
    #[arg(long, value_name = "TYPES", value_delimiter = ',', requires = "new", group = "contents")]
    pub types: Vec<String>,
    /// Encoder of a new project's trainings: a folder, a name on the Hugging Face hub, or `sample:tiny`
    /// [default: train no tagger].
    #[arg(long, value_name = "FOLDER", requires = "new", conflicts_with = "audit")]
    pub encoder: Option<String>,
    /// Make the new project a review of this labelled corpus: a folder with train, dev and test files, a
    /// file, or a data set of the Hugging Face hub (hub:OWNER/NAME:CONFIG). It shows the sentences with
    /// contradictory or broken tags, and mentions that are tagged otherwise in most other places.
    #[arg(
        long,
        value_name = "CORPUS[,KEY=VALUE]...",
        value_parser = corpus,
        requires = "new",
        group = "contents",
        conflicts_with = "import"
    )]
    pub audit: Option<CorpusPath>,
    /// With --audit, also show the sentences on which this model disagrees with the corpus with a
    /// probability of at least 0.5: a folder, or OWNER/NAME on the Hugging Face hub [default: none].
    // clap overlooks that --audit is missing where --types excludes it.
    #[arg(long, value_name = "FOLDER", requires = "audit", conflicts_with = "types")]
    pub model: Option<PathBuf>,
    /// With --audit, also show the sentences that a model has labelled otherwise in this file, such as the
    /// output of `gleaner predict` [default: none].
    #[arg(
        long,
        value_name = "FILE[,KEY=VALUE]...",
        value_parser = corpus,
        requires = "audit",
        conflicts_with_all = ["model", "types"]
    )]
    pub predicted: Option<CorpusPath>,
    /// With --audit, show sentences of this part only: train, dev or test. The others still count as
    /// places where the same words have other tags [default: all parts].
    #[arg(long, value_name = "PART", requires = "audit", conflicts_with = "types", value_parser = part)]
    pub part: Option<Part>,
    /// Add the sentences of these files: text with or without labels in any format, or plain text.
    /// Sentences that the project has already are left out. Labels are shown as proposals.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub import: Vec<PathBuf>,
    /// Write the accepted sentences to this folder: `train`, and `test` with the random share. Of a project
    /// made with --audit, write the corrected corpus and `patch.jsonl` to this folder, which must be new or
    /// empty.
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

fn part(s: &str) -> Result<Part, String> {
    let parts = [Part::Train, Part::Dev, Part::Test];
    let named = parts.into_iter().find(|part| part.to_string() == s);
    named.ok_or_else(|| "none of `train`, `dev` and `test`".into())
}
