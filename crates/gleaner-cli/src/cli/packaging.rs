//! Options of commands for those who install Gleaner.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

pub(super) const COMPLETIONS_HELP: &str = "Examples:
  gleaner completions bash > ~/.local/share/bash-completion/completions/gleaner
  gleaner completions zsh > ~/.zfunc/_gleaner
  gleaner completions fish > ~/.config/fish/completions/gleaner.fish";

pub(super) const MAN_HELP: &str = "Examples:
  gleaner man --out pages
  man pages/gleaner-train.1";

#[derive(Args)]
pub struct CompletionsArgs {
    /// Shell that reads the script.
    pub shell: Shell,
}

#[derive(Args)]
pub struct ManArgs {
    /// Write the pages to this folder, which must be new or empty.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
}
