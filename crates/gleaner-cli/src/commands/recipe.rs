//! `gleaner train --recipe best`: the stages one after the other.

use crate::{cli::TrainArgs, hub::Fetcher, output::Output, signals, text, tracking::Tracking};
use anyhow::Result;
use gleaner::{
    GleanerError, Joined, Provenance, Settings,
    recipe::{Best, Kind, Stage, remove_stages, stages_folder},
    train::Trained,
};
use serde_json::json;
use std::{
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

/// Number of members by default.
const MEMBERS: u32 = 5;

/// Writes the model of the last stage. The folder of the stages is removed, unless it is to be kept.
pub fn best(args: &TrainArgs, settings: &Settings, output: &Output) -> Result<Trained> {
    let keep = args.recipe.keep_stages;
    let fetcher = Fetcher::new(output);
    let fetch = |source: &Joined| -> Result<Joined> {
        Ok(Joined { corpus: fetcher.corpus(&source.corpus)?, ..source.clone() })
    };
    let sources = args.recipe.sources.iter().map(fetch).collect::<Result<_>>()?;
    let recipe = Best { sources, members: args.recipe.members.unwrap_or(MEMBERS) };
    let stages = recipe
        .stages(settings, &args.out, args.resume)
        .inspect_err(|_| note_stages_left(&args.out, output))?;
    let stop = signals::flag(output);
    let mut times = Times::default();
    let mut last = None;
    for (number, stage) in (1..).zip(&stages) {
        let name = name(stage.kind, recipe.members);
        let is_done = stage.is_done()?;
        let left = times.left(&stages[number - 1..]).filter(|_| !is_done);
        let state = match (is_done, left) {
            (true, _) => "; already finished".to_owned(),
            (false, Some(left)) => format!("; about {} left", text::duration(left)),
            (false, None) => String::new(),
        };
        output.note(&format!("stage {number} of {}: {name}{state}", stages.len()));
        output
            .json(&json!({"event": "stage", "number": number, "of": stages.len(), "name": name,
            "finished": is_done, "seconds-left": left.map(|left| left.as_secs_f64())}))?;
        if is_done {
            continue;
        }
        if stop.load(Ordering::Relaxed) {
            return Err(GleanerError::Stopped { path: Some(args.out.clone()) }.into());
        }
        let started = Instant::now();
        // Logs are of the model that is kept.
        let logs = if stage.kind == Kind::Distilled { &args.log[..] } else { &[] };
        let mut tracking = Tracking::new(logs, &stage.folder, output, Arc::clone(&stop));
        if let Some(result) = stage.run(&mut tracking).transpose() {
            tracking.finish(&result);
            last = Some(result?);
        }
        times.add(stage.kind, started.elapsed());
    }
    if !keep {
        remove_stages(&args.out)?;
    }
    Ok(last.expect("the last stage trains the model that is kept, which is not finished before"))
}

/// Names the folder of the stages if the model is finished. Either the stages were to be kept, or the program was
/// killed before it removed them, or the model is not theirs. So the user decides.
fn note_stages_left(out: &Path, output: &Output) {
    let stages = stages_folder(out);
    if stages.is_dir() && Provenance::read(out).is_ok() {
        output.note(&format!(
            "note: {} has the stages of an earlier start; remove it if you do not need them",
            stages.display()
        ));
    }
}

/// A stage in words.
fn name(kind: Kind, members: u32) -> String {
    match kind {
        Kind::Sources => "training on the sources".to_owned(),
        Kind::Member(number) => format!("training member {number} of {members}"),
        Kind::Ensemble => "making the ensemble".to_owned(),
        Kind::Distilled => "training the model that learns from the ensemble".to_owned(),
    }
}

/// How long the members took that this start trained.
#[derive(Default)]
struct Times(Vec<Duration>);

impl Times {
    fn add(&mut self, kind: Kind, time: Duration) {
        if matches!(kind, Kind::Member(_)) {
            self.0.push(time);
        }
    }

    /// The time for these stages, once a member is trained: the last one takes about as long as a member, or longer
    /// with a pool.
    fn left(&self, stages: &[Stage]) -> Option<Duration> {
        let mean = self.0.iter().sum::<Duration>().checked_div(self.0.len() as u32)?;
        let trainings = stages.iter().filter(|s| s.kind != Kind::Ensemble).count();
        Some(mean * trainings as u32)
    }
}
