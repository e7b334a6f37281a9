//! Settings of commands that train taggers to measure texts.

use crate::{cli::TrainingsArgs, hub::Fetcher, output::Output, settings};
use anyhow::Result;
use gleaner::{Overrides, Settings};

/// The settings for reading text and training taggers: `options` (which include those of `args`) over the
/// settings file of `args`. The texts that the file names, and its limits on their sentences, are dropped.
pub fn settings(
    args: &TrainingsArgs,
    options: &Overrides,
    map: &[(String, String)],
    output: &Output,
) -> Result<Settings> {
    let mut settings = settings::resolve(args.config.as_deref(), options, map)?;
    settings.data.data = None;
    (settings.data.train, settings.data.dev, settings.data.test) =
        (Vec::new(), Vec::new(), Vec::new());
    (settings.data.join, settings.self_training.pool, settings.data.exclude) =
        (Vec::new(), Vec::new(), Vec::new());
    settings.self_training.teacher = Vec::new();
    (settings.data.cutoff, settings.data.train_limit) = (options.data.cutoff, None);
    Fetcher::new(output).resolve(&mut settings)?;
    Ok(settings)
}
