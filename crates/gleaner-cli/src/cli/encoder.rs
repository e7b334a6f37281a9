//! Options of `gleaner encoder`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

const TRIM_HELP: &str = "Examples:
  gleaner encoder trim intfloat/multilingual-e5-small --text raw.txt train.conll --out small
  gleaner train --data my-corpus --encoder small --out my-model

The encoder computes the same as before for the words of the texts, to the bit. Other words are cut
into more pieces, so give all text that you have.";

#[derive(Subcommand)]
pub enum EncoderCommand {
    /// Keep only the pieces of the vocabulary that some texts need.
    #[command(after_help = TRIM_HELP)]
    Trim(TrimArgs),
}

#[derive(Args)]
pub struct TrimArgs {
    /// Folder of an encoder, OWNER/NAME on the Hugging Face hub, or `sample:tiny`.
    pub encoder: PathBuf,
    /// Plain or labelled text whose pieces are kept.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    pub text: Vec<PathBuf>,
    /// New or empty folder to write to.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Number of further pieces to keep, the most frequent first.
    #[arg(long, value_name = "N", default_value_t = 5000)]
    pub keep: usize,
}
