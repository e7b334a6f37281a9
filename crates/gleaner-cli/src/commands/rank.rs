//! `gleaner encoder rank`: which encoder suits a text.

use crate::{cli::EncoderRankArgs, cores, hub::Fetcher, output::Output, reading, text, trainings};
use anyhow::Result;
use gleaner::{
    CorpusPath, Dataset,
    encoders::{Probing, RankedEncoder, rank as rank_encoders},
};
use serde_json::json;
use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

pub fn run(args: &EncoderRankArgs, output: &Output) -> Result<()> {
    let (trainings, map) = (&args.trainings, &args.labels.map);
    let mut settings = trainings::settings(trainings, &trainings.overrides(), map, output)?;
    cores::set_threads(settings.run.threads)?;
    let named: Vec<CorpusPath> = args.encoders.iter().map(|e| e.as_path().into()).collect();
    reading::different("encoder", &named)?;
    let fetcher = Fetcher::new(output);
    settings.data.data = Some(fetcher.data_folder(&args.data.path)?);
    settings.corpus = args.data.among(&settings.corpus);
    (settings.network.encoder, settings.network.start) = (None, None);
    let data = Dataset::load(&settings)?;
    data.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    data.warnings.iter().for_each(|warning| output.note(&format!("warning: {warning}")));
    let folders: Result<Vec<PathBuf>> =
        args.encoders.iter().map(|encoder| fetcher.encoder_folder(encoder)).collect();
    let folders = folders?;
    let name = |folder: &Path| {
        let at = folders.iter().position(|other| other == folder);
        at.map_or(folder, |at| args.encoders[at].as_path()).display().to_string()
    };
    let how = Probing { folds: args.folds, sentences: args.sentences };
    let ranked = rank_encoders(&settings, &data, &folders, how, &mut |encoder| {
        let (name, time) = (name(&encoder.encoder), text::seconds(encoder.seconds));
        let f1 = encoder.f1;
        output.note(&format!("{name}: probe F1 {f1:.3} ({time})"));
    })?;
    let path = args.data.path.display();
    if let Some(first) = ranked.first() {
        let RankedEncoder { sentences, words, .. } = first;
        let (sentences, words) = (text::grouped(*sentences), text::grouped(*words));
        output.human(&format!("{path}: {sentences} sentences, {words} words"))?;
    }
    output.human(&table(&ranked, &name))?;
    for encoder in &ranked {
        output.json(
            &json!({"event": "encoder", "name": name(&encoder.encoder), "measures": encoder}),
        )?;
    }
    Ok(())
}

/// The encoders, best first.
fn table(ranked: &[RankedEncoder], name: &dyn Fn(&Path) -> String) -> String {
    let names: Vec<String> = ranked.iter().map(|r| name(&r.encoder)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(7);
    let folds = ranked.first().map_or(0, |r| 6 * r.fold_f1.len()).max(8);
    let mut out = format!(
        "\n     {:<width$}  probe F1              {:<folds$}  pieces/word  unknown  words/s  training    memory    seconds\n",
        "encoder", "by fold"
    );
    for (r, name) in ranked.iter().zip(&names) {
        let interval = r.interval.map(|i| format!(" [{:.3}, {:.3}]", i.low, i.high));
        let score = format!("{:.3}{}", r.f1, interval.unwrap_or_default());
        let by_fold: String = r.fold_f1.iter().map(|f1| format!("{f1:.3} ")).collect();
        let _ = writeln!(
            out,
            "{:>3}  {name:<width$}  {score:<20}  {:<folds$}  {:>11.2}  {:>5.1} %  {:>7.0}  {:<10}  {:<8}  {:>7.1}",
            r.rank,
            by_fold.trim_end(),
            r.pieces_per_word,
            100.0 * r.unknown,
            r.words_a_second,
            text::seconds(r.training_seconds),
            text::bytes(r.training_bytes as u64),
            r.seconds,
        );
    }
    out += "
probe F1: entity F1 of a linear probe on the frozen encoder, with its 95 % interval; words/s: speed of
reading; training, memory: estimated for a training on this text; seconds: what this comparison took.
";
    out
}
