//! Options of `gleaner adapt`.

use clap::Args;
use gleaner::adapt::AdaptSettings;
use std::path::PathBuf;

pub(super) const HELP: &str = "Examples:
  gleaner adapt --encoder intfloat/multilingual-e5-small --text hsb.txt --out hsb-encoder
  gleaner adapt --encoder sample:tiny --text raw.txt --join related.txt=5000 --exclude my-corpus --out adapted
  gleaner train --data my-corpus --encoder adapted --out my-model
  gleaner doctor adapt --encoder sample:tiny --text raw.txt

Hides 15 % of the pieces of raw text, and trains the encoder to predict them. The result is an
encoder folder, with the masked-language head in the same file, so that adapting can continue.

Sentences that occur in --exclude are left out: two sentences are the same if they have the same
words after Unicode normalisation (NFC). Name the dev and test texts of your tagger there.

After a comma, FILE and PATH take options of their own: format, word-column, tag-column, labels
(separated by spaces), map (OLD:NEW, may be repeated), nested, offsets, text-field.";

#[derive(Args)]
pub struct AdaptArgs {
    /// Write the encoder to this folder, which must be new or empty.
    #[arg(long, value_name = "FOLDER")]
    pub out: PathBuf,
    /// Continue the unfinished training in the folder, or start one if there is none.
    #[arg(long)]
    pub resume: bool,
    #[command(flatten)]
    pub settings: AdaptSettings,
}
