//! `gleaner ensemble`: makes several taggers label as one.

use crate::{
    cli::EnsembleArgs,
    cores,
    held_out::{self, Part},
    hub::Fetcher,
    output::Output,
};
use anyhow::Result;
use gleaner::{Ensemble, Tagger};
use std::path::PathBuf;

pub fn run(args: &EnsembleArgs, output: &Output) -> Result<()> {
    cores::set_threads(args.threads)?;
    Ensemble::check_folder(&args.out)?;
    let fetcher = Fetcher::without_events(output);
    let folder = |model: &PathBuf| fetcher.model_folder(model);
    let folders: Vec<PathBuf> = args.models.iter().map(folder).collect::<Result<_>>()?;
    Ensemble::check_members(&folders)?;
    let dev = match &args.dev {
        Some(dev) => held_out::named(dev, Part::Dev, &args.read, output)?,
        None => {
            held_out::refuse_options(&args.read)?;
            held_out::of_training(&folders[0], output)?.dev
        }
    };
    let members = folders.iter().map(Tagger::load).collect::<Result<Vec<_>, _>>()?;
    let mut ensemble = Ensemble::new(members)?.with_share(args.share);
    let scores = ensemble.assess(&dev, |number| {
        output.note(&format!("labelling {} with member {number}", dev.path.display()));
    })?;
    ensemble.save(&args.out, &folders, Some(scores.clone()))?;
    let points = |f1: &f64| format!("{:.2}", 100.0 * f1);
    output.human(&format!(
        "{}, {} sentences:\n  entity F1           {}; members {}: {:+.2} points over their mean\n  \
         temperature         {:.3} times the members' own\n\
         saved {}; label with gleaner predict",
        scores.text,
        scores.sentences,
        points(&scores.f1),
        scores.members.iter().map(points).collect::<Vec<_>>().join(", "),
        100.0 * (scores.f1 - scores.mean_of_members()),
        ensemble.temperature(),
        args.out.display(),
    ))?;
    output.json(&serde_json::json!({"scores": scores, "temperature": ensemble.temperature()}))
}
