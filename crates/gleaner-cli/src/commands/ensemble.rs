//! `gleaner ensemble`: makes several taggers label as one.

use crate::{
    cli::EnsembleArgs,
    held_out::{self, Part},
    hub::Fetcher,
    output::Output,
    text,
};
use anyhow::Result;
use gleaner::{Corpus, Ensemble, EnsembleScores, Scored, Tagger};
use gleaner_metrics::{Bootstrap, SeqevalMode};
use std::path::PathBuf;

pub fn run(args: &EnsembleArgs, output: &Output) -> Result<()> {
    text::set_threads(args.threads)?;
    Ensemble::check_folder(&args.out)?;
    let fetcher = Fetcher::without_events(output);
    let folder = |model: &PathBuf| fetcher.model_folder(model);
    let folders: Vec<PathBuf> = args.models.iter().map(folder).collect::<Result<_>>()?;
    let dev = match &args.dev {
        Some(dev) => held_out::named(dev, Part::Dev, &args.read, output)?,
        None => held_out::of_training(&folders[0], output)?.dev,
    };
    let members = folders.iter().map(Tagger::load).collect::<Result<Vec<_>, _>>()?;
    let mut ensemble = Ensemble::new(members)?.with_share(args.share);
    let mut of_members = Vec::new();
    for (number, member) in (1..).zip(ensemble.members()) {
        let f1 = f1(&member.score(&dev, usize::MAX)?);
        output.note(&format!("member {number}: entity F1 {:.2} on dev", 100.0 * f1));
        of_members.push(f1);
    }
    ensemble.calibrate(&dev)?;
    let scored = ensemble.score(&dev, usize::MAX)?;
    let scores = scores(&dev, of_members, &scored);
    ensemble.save(&args.out, &folders, Some(scores.clone()))?;
    let mean = scores.members.iter().sum::<f64>() / scores.members.len() as f64;
    output.human(&format!(
        "{}, {} sentences:\n  entity F1           {:.2}, members {:.2} on average: {:+.2} points\n  \
         temperature         {:.3} times the members' own\n\
         saved {}; label with gleaner predict",
        scores.text,
        scores.sentences,
        100.0 * scores.f1,
        100.0 * mean,
        100.0 * (scores.f1 - mean),
        ensemble.temperature(),
        args.out.display(),
    ))?;
    output.json(&serde_json::json!({"scores": scores, "temperature": ensemble.temperature()}))
}

fn f1(scored: &Scored) -> f64 {
    scored.evaluation.report(SeqevalMode::Default).micro.f1
}

fn scores(dev: &Corpus, members: Vec<f64>, scored: &Scored) -> EnsembleScores {
    let intervals = scored.evaluation.intervals(SeqevalMode::Default, &Bootstrap::default());
    EnsembleScores {
        text: dev.path.display().to_string(),
        sentences: dev.sentences.len(),
        members,
        f1: f1(scored),
        interval: intervals.map(|i| i.micro_f1),
    }
}
