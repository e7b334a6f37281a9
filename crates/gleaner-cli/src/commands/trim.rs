//! `gleaner encoder trim`: an encoder with only the pieces that some texts need.

use crate::{cli::TrimArgs, hub::Fetcher, output::Output};
use anyhow::Result;
use gleaner::trim::{TrimSettings, trim};

pub fn run(args: &TrimArgs, output: &Output) -> Result<()> {
    let encoder = Fetcher::new(output).encoder_folder(&args.encoder)?;
    let settings = TrimSettings { encoder, text: args.text.clone(), keep: args.keep };
    let trimmed = trim(&settings, &args.out)?;
    let millions = |values: usize| values as f64 / 1e6;
    output.human(&format!(
        "{} of {} pieces are kept: {} of the texts, {} frequent ones, and special pieces and characters\n\
         {:.1} of {:.1} million values\n\
         saved {out}; train with --encoder {out}",
        trimmed.pieces,
        trimmed.pieces_before,
        trimmed.used,
        trimmed.frequent,
        millions(trimmed.values),
        millions(trimmed.values_before),
        out = args.out.display(),
    ))?;
    output.event("trimmed", &trimmed)
}
