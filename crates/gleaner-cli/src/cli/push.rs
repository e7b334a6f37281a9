//! Options of `gleaner push`.

use clap::Args;
use gleaner_hub::{HubId, PushOptions};
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner push my-model me/my-model --dry-run
  gleaner push my-model me/my-model --private --message \"Trained on 500 sentences\"

Sends the files of the model and nothing else of its folder. Files that the repository has already
are not sent again: after an interruption, run the command again.

The token comes from HF_TOKEN, or from the file that `hf auth login` writes.";

#[derive(Args)]
pub struct PushArgs {
    /// Folder of a model, an ensemble or an encoder, or a folder that `gleaner export` wrote.
    pub model: PathBuf,
    /// Repository on the Hugging Face hub; it is created if it is missing.
    #[arg(value_name = "OWNER/NAME")]
    pub repository: HubId,
    /// Create a private repository, and refuse to send to a public one.
    #[arg(long)]
    pub private: bool,
    /// Branch to send to; it is created if it is missing [default: main].
    #[arg(long, value_name = "BRANCH")]
    pub revision: Option<String>,
    /// Message of the commit.
    #[arg(long, value_name = "TEXT", default_value_t = PushOptions::default().message, value_parser = message)]
    pub message: String,
    /// List what would be sent, with sizes; uses no network.
    #[arg(long)]
    pub dry_run: bool,
}

fn message(text: &str) -> Result<String, String> {
    match text.lines().next().is_none_or(|line| line.trim().is_empty()) {
        true => Err("the first line is empty".into()),
        false => Ok(text.to_owned()),
    }
}
