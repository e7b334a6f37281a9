//! `gleaner train`

use super::recipe;
use crate::{
    cli::{Recipe, TrainArgs},
    cores,
    hub::Fetcher,
    output::Output,
    settings, signals, text,
    tracking::Tracking,
};
use anyhow::Result;
use gleaner::{
    Provenance, Scores, Selection, Settings,
    train::{self, Trained},
};
use std::{fmt::Write, time::Instant};

pub fn run(args: &TrainArgs, output: &Output) -> Result<()> {
    let mut settings = settings::resolve(args.config.as_deref(), &args.settings, &args.labels.map)?;
    Fetcher::new(output).resolve(&mut settings)?;
    cores::set_threads(settings.run.threads)?;
    if args.resume && !args.out.exists() && args.recipe.recipe.is_none() {
        output
            .note(&format!("note: no checkpoint in {}; starting from scratch", args.out.display()));
    }
    let started = Instant::now();
    let trained = match args.recipe.recipe {
        None => alone(args, &settings, output)?,
        Some(Recipe::Best) => recipe::best(args, &settings, output)?,
    };
    let mut said = summary(&trained.provenance);
    let _ = writeln!(
        said,
        "\nSaved the model to {} ({}). Next steps:\n  gleaner evaluate {0} DATA\n  gleaner predict {0} TEXT",
        args.out.display(),
        text::duration(started.elapsed())
    );
    output.human(&said)?;
    output.json(&serde_json::json!({"event": "done", "out": args.out, "seconds": started.elapsed().as_secs_f64(),
        "best-epoch": trained.provenance.best_epoch, "dev": trained.provenance.dev, "test": trained.provenance.test}))
}

fn alone(args: &TrainArgs, settings: &Settings, output: &Output) -> Result<Trained> {
    let mut tracking = Tracking::new(&args.log, &args.out, output, signals::flag(output));
    let result = train::train(settings, &args.out, args.resume, &mut tracking);
    tracking.finish(&result);
    Ok(result?)
}

/// Scores on dev and test, with their intervals.
fn summary(p: &Provenance) -> String {
    let why = match p.settings.selection.select {
        _ if p.averaged.is_some() => "",
        Selection::Last => ", the last",
        _ => ", the best on dev",
    };
    let mut out = format!("Kept: {}{why}.\n", p.kept());
    let mut part = |name: &str, sentences: usize, scores: &Scores| {
        let mode = gleaner_metrics::SeqevalMode::Default;
        let _ = writeln!(
            out,
            "\n{name}: {sentences} sentences, token accuracy {:.3}, published score {:.3}\n{}",
            scores.token_accuracy,
            scores.published_score,
            gleaner_report::score_table(&scores.entities, scores.intervals.as_ref(), mode)
        );
    };
    if let Some(dev) = &p.dev {
        part("Dev", p.dev_text.sentences, dev);
    }
    if let (Some(test), Some(text)) = (&p.test, &p.test_text) {
        part("Test", text.sentences, test);
    }
    out
}
