//! The settings of commands that train taggers of their own, to measure texts by.

use crate::{cli::TrainingsArgs, hub::Fetcher, output::Output, text};
use anyhow::Result;
use gleaner::{Overrides, Settings};

/// The settings by which text is read and taggers are trained: `options`, which hold those of `args`,
/// over the file that `args` names. Texts that the file names are left out, and how many of their sentences
/// are used.
pub fn settings(
    args: &TrainingsArgs,
    options: &Overrides,
    map: &[(String, String)],
    output: &Output,
) -> Result<Settings> {
    let mut settings = text::settings(args.config.as_deref(), options, map)?;
    settings.data.data = None;
    (settings.data.train, settings.data.dev, settings.data.test) =
        (Vec::new(), Vec::new(), Vec::new());
    (settings.data.join, settings.self_training.pool, settings.data.exclude) =
        (Vec::new(), Vec::new(), Vec::new());
    (settings.data.cutoff, settings.data.train_limit) = (options.data.cutoff, None);
    Fetcher::new(output).resolve(&mut settings)?;
    Ok(settings)
}
