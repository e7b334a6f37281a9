//! `gleaner sources`

use crate::{
    cli::SourcesArgs, cores, hub::Fetcher, opened, output::Output, reading, text, trainings,
    trainings_bar::TrainingsBar,
};
use anyhow::Result;
use gleaner::{
    CorpusPath, Dataset, EncoderFiles, GleanerError, Settings,
    sources::{Candidate, Correlation, Gains, Ranked, Ranking, correlations, rank},
};
use gleaner_corpus::LabelMap;
use serde_json::json;
use std::{fmt::Write, path::Path};

pub fn run(args: &SourcesArgs, output: &Output) -> Result<()> {
    let settings = settings(args, output)?;
    cores::set_threads(settings.run.threads)?;
    let encoder = settings.network.encoder.as_deref();
    let tokenizer = encoder
        .map(|folder| opened::tokenizer(folder, settings.pieces.fold_case, output))
        .transpose()?;
    if args.labels.map.is_empty() && settings.corpus.label_map.is_some() {
        output.note(
            "note: the [label-map] of the settings file applies to the candidates; use --target-map for the target",
        );
    }
    reading::different("candidate", &args.candidates)?;
    let fetcher = Fetcher::new(output);
    let load = |corpus: &CorpusPath, label_map: Option<LabelMap>| -> Result<Dataset> {
        let mut settings = settings.clone();
        settings.data.data = Some(fetcher.data_folder(&corpus.path)?);
        settings.corpus.label_map = label_map;
        settings.corpus = corpus.among(&settings.corpus);
        Ok(Dataset::load(&settings)?)
    };
    let target = load(&args.target, reading::label_map("--target-map", &args.target_map)?)?;
    let candidates: Result<Vec<Candidate>> = names(&args.candidates)
        .into_iter()
        .zip(&args.candidates)
        .map(|(name, path)| {
            Ok(Candidate { name, data: load(path, settings.corpus.label_map.clone())? })
        })
        .collect();
    let candidates = candidates?;
    // Read before any training, so that an error in it costs no time.
    let known: Vec<&str> = candidates.iter().map(|c| c.name.as_str()).collect();
    let gains = args.gains.as_deref().map(|path| Gains::read(path, &known)).transpose()?;
    print_texts(&args.target.path, &target, &candidates, output)?;
    let bar = TrainingsBar::new(output, candidates.len(), settings.optimizer.epochs);
    let rows = (!args.no_training).then_some(args.train);
    for candidate in candidates.iter().filter(|_| rows.is_some()) {
        let has = candidate.data.train.sentences.len();
        if has < args.train {
            output.note(&format!(
                "note: {} has {has} training sentences, fewer than --train {}; this may lower its zero-shot F1",
                candidate.name, args.train
            ));
        }
    }
    let files = encoder.filter(|_| args.neighbours > 0).map(EncoderFiles::open).transpose()?;
    let neighbours = files.as_ref().map(|files| (files, args.neighbours));
    let how = Ranking { settings: &settings, rows, tokenizer: tokenizer.as_ref(), neighbours };
    let ranked = rank(&target, &candidates, &how, &mut |number, event| {
        bar.on(number, &candidates[number - 1].name, event);
    });
    bar.finish();
    let ranked = ranked?;
    output.human(&table(&ranked))?;
    for candidate in &ranked {
        output.event("source", candidate)?;
    }
    let (gains, event, what) = match gains {
        Some(gains) => (gains, "prediction", "measured gains"),
        None => (zero_shot(&ranked), "zero-shot-prediction", "zero-shot scores"),
    };
    // The order of two candidates shows nothing.
    if event == "prediction" || gains.0.len() > 2 {
        let mut found = correlations(&ranked, &gains);
        found.retain(|c| event == "prediction" || c.measure != "zero-shot");
        output.human(&prediction(&found, what, ranked.len()))?;
        for correlation in &found {
            output.event(event, correlation)?;
        }
    }
    Ok(())
}

/// The scores of short trainings, in place of measured gains.
fn zero_shot(ranked: &[Ranked]) -> Gains {
    let score = |r: &Ranked| Some((r.source.clone(), r.zero_shot?.f1));
    Gains(ranked.iter().filter_map(score).collect())
}

/// The settings for reading text and training taggers.
fn settings(args: &SourcesArgs, output: &Output) -> Result<Settings> {
    let mut options = args.trainings.overrides();
    options.network.encoder.clone_from(&args.encoder);
    let settings = trainings::settings(&args.trainings, &options, &args.labels.map, output)?;
    if !args.no_training && settings.network.encoder.is_none() && settings.network.start.is_none() {
        let what =
            "no encoder; give --encoder FOLDER (or --encoder sample:tiny to try), or --no-training";
        return Err(GleanerError::Settings(what.into()).into());
    }
    Ok(settings)
}

/// The last parts of the candidates' paths if they are unique, otherwise the whole paths.
fn names(corpora: &[CorpusPath]) -> Vec<String> {
    let short = |corpus: &CorpusPath| {
        let path = &corpus.path;
        path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
    };
    let names: Vec<String> = corpora.iter().map(short).collect();
    let differ = (1..names.len()).all(|n| !names[..n].contains(&names[n]));
    match differ {
        true => names,
        false => corpora.iter().map(|corpus| corpus.path.display().to_string()).collect(),
    }
}

/// Prints the target's size, and notes on all texts.
fn print_texts(
    path: &Path,
    target: &Dataset,
    candidates: &[Candidate],
    output: &Output,
) -> Result<()> {
    let (train, dev) = (target.train.sentences.len(), target.dev.sentences.len());
    output
        .human(&format!("Target {}: {train} training and {dev} dev sentences.", path.display()))?;
    output.json(&json!({"event": "target", "target": path, "train": train, "dev": dev}))?;
    let name = path.display().to_string();
    let texts = std::iter::once((name.as_str(), target));
    for (name, data) in texts.chain(candidates.iter().map(|c| (c.name.as_str(), &c.data))) {
        data.notes.iter().for_each(|note| output.note(&format!("note: {name}: {note}")));
        for warning in &data.warnings {
            output.note(&format!("warning: {name}: {warning}"));
        }
        let odd = data.corpora().filter_map(|corpus| text::oddities(&corpus.findings));
        odd.for_each(|note| output.note(&note));
    }
    let types = target.train.entity_types();
    for candidate in candidates {
        let own = candidate.data.train.entity_types();
        if !own.iter().any(|name| types.contains(name)) {
            output.note(&format!(
                "note: {}: none of the target's entity types ({}) occur, only {}; rename types with --map OLD=NEW",
                candidate.name,
                types.join(", "),
                own.join(", ")
            ));
        }
    }
    Ok(())
}

/// The candidates, best first.
fn table(ranked: &[Ranked]) -> String {
    let width = ranked.iter().map(|r| r.source.chars().count()).max().unwrap_or(0).max(6);
    let mut out = format!(
        "\n     {:<width$}  zero-shot F1          neighbours  mean rank   words  pieces  script    tags  mentions  entities\n",
        "source"
    );
    let share = |x: f64| format!("{x:.3}");
    for r in ranked {
        let zero_shot = match r.zero_shot {
            None => "-".to_owned(),
            Some(z) => {
                let interval = z.interval.map(|i| format!(" [{:.3}, {:.3}]", i.low, i.high));
                share(z.f1) + &interval.unwrap_or_default()
            }
        };
        let m = &r.measures;
        let _ = writeln!(
            out,
            "{:>3}  {:<width$}  {zero_shot:<20}  {:>10} {:>10.2}   {}  {:>6}  {:>6}  {:>6}  {:>8}  {:>8}",
            r.rank,
            r.source,
            r.neighbours.map_or("-".into(), share),
            r.mean_rank,
            share(m.word_tokens),
            m.piece_tokens.map_or("-".into(), share),
            share(m.script),
            share(m.tag_distance),
            share(m.mentions),
            text::grouped(m.entities),
        );
    }
    out += "
neighbours: share of the nearest neighbours of the target's pieces in the encoder's hidden states;
words, pieces, mentions: shares of the target's running words, pieces and entities that also occur in
the source; script: similarity of the letters' scripts; tags: distance of the tag distributions (0:
equal, 1: disjoint); mean rank: over words, pieces, script, tags, mentions and entities.
";
    out
}

/// Rank correlations of the measures with the gains, or with `what` else.
fn prediction(found: &[Correlation], what: &str, candidates: usize) -> String {
    let n = found.first().map_or(0, |c| c.n);
    let mut out = format!("\nRank correlation with {n} {what} ({candidates} candidates):\n");
    let _ = writeln!(out, "{:<14}{:>13}  {:>13}", "measure", "Spearman rho", "Kendall tau");
    let number = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.2}"));
    for c in found {
        let _ = writeln!(out, "{:<14}{:>13}  {:>13}", c.measure, number(c.rho), number(c.tau));
    }
    if n < 5 {
        out += "With fewer than 5 sources these values are due to chance: draw no conclusions from them.\n";
    }
    out
}
