//! Options of `gleaner serve`.

use super::ComputeArgs;
use clap::Args;
use std::{net::IpAddr, path::PathBuf};

pub(super) const HELP: &str = "Examples:
  gleaner serve my-model
  gleaner serve my-model --model nl=dutch-model --port 9000
  gleaner serve my-model --bind 0.0.0.0 --token-file token
  curl localhost:8080/predict --json '{\"text\": \"Anna bor í Havn.\"}'

http://localhost:8080/ is a page to try the models, and /openapi.json describes all requests. In
Label Studio, connect http://localhost:8080 as a model; for another model than the first,
http://localhost:8080/label-studio/NAME.

A model whose folder is replaced by another one is loaded again. SIGTERM and SIGINT end the server
once the requests that it has are answered, with exit code 0.";

#[derive(Args)]
pub struct ServeArgs {
    /// Folder of a model or an ensemble, or OWNER/NAME on the Hugging Face hub. Requests that name no model
    /// get this one, whose name is `default`.
    pub model: PathBuf,
    /// Another model, which requests choose by its name. Repeatable [default: none].
    #[arg(long = "model", value_name = "NAME=FOLDER", value_parser = named)]
    pub others: Vec<(String, PathBuf)>,
    /// Address to listen on. Any but those of this machine itself needs --token-file.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// Port to listen on; 0 is any free port.
    #[arg(long, value_name = "N", default_value_t = 8080)]
    pub port: u16,
    /// File with a secret that requests must bring, as `Authorization: Bearer SECRET` or as the password of
    /// basic authentication [default: none].
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Name by which requests may call this server, beside `localhost` and addresses in digits. Not needed
    /// with --token-file. Repeatable [default: none].
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Maximum size of a request, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub max_request: u16,
    /// Maximum time to receive a request, and to answer it, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub time_limit: u32,
    /// Maximum number of words that wait for a model. Requests beyond it are refused with status 429.
    #[arg(long, value_name = "WORDS", default_value_t = 100_000)]
    pub queue: usize,
    /// Log requests and events as JSON Lines on standard error [default: false].
    #[arg(long)]
    pub log: bool,
    #[command(flatten)]
    pub compute: ComputeArgs,
}

fn named(s: &str) -> Result<(String, PathBuf), String> {
    let (name, folder) = s.split_once('=').ok_or_else(|| format!("`{s}` is not NAME=FOLDER"))?;
    Ok((name.to_owned(), folder.into()))
}
