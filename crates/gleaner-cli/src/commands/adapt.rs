//! `gleaner adapt`

use crate::{
    adapt_progress::AdaptProgress, cli::AdaptArgs, cores, hub::Fetcher, output::Output, signals,
    text,
};
use anyhow::Result;
use gleaner::adapt::{AdaptSettings, Adapted, Record, adapt};
use std::{fmt::Write, time::Instant};

pub fn run(args: &AdaptArgs, output: &Output) -> Result<()> {
    let settings = resolved(&args.settings, output)?;
    cores::set_threads(settings.threads)?;
    if args.resume && !args.out.exists() {
        output
            .note(&format!("note: no checkpoint in {}; starting from scratch", args.out.display()));
    }
    let started = Instant::now();
    let mut progress = AdaptProgress::new(output, signals::flag(output));
    let adapted = adapt(&settings, &args.out, args.resume, &mut progress)?;
    let mut said = summary(&adapted);
    let _ = writeln!(
        said,
        "Saved the encoder to {} ({}). Next step:\n  gleaner train --data CORPUS --encoder {0} --out MODEL",
        args.out.display(),
        text::duration(started.elapsed())
    );
    output.human(&said)?;
    output.json(&serde_json::json!({"event": "done", "out": args.out,
        "seconds": started.elapsed().as_secs_f64(), "history": adapted.history}))
}

/// The settings with names on the Hugging Face hub replaced by folders of its cache.
pub fn resolved(settings: &AdaptSettings, output: &Output) -> Result<AdaptSettings> {
    let fetcher = Fetcher::new(output);
    let mut settings = settings.clone();
    settings.encoder = fetcher.encoder_folder(&settings.encoder)?;
    for text in &mut settings.exclude {
        text.path = fetcher.data_folder(&text.path)?;
    }
    Ok(settings)
}

/// The losses before the first step and after the last.
fn summary(adapted: &Adapted) -> String {
    let held_out = |record: Option<&Record>| record.and_then(|record| record.held_out_loss);
    match (held_out(adapted.history.first()), held_out(adapted.history.last())) {
        (Some(first), Some(last)) => {
            format!("Loss on held-out sentences: {first:.3} before, {last:.3} after.\n")
        }
        _ => String::new(),
    }
}
