//! `gleaner data audit`

use crate::{
    cli::AuditArgs, cores, exit::IssuesDenied, hub::Fetcher, opened, output::Output, reading, text,
    trainings, trainings_bar::TrainingsBar,
};
use anyhow::Result;
use gleaner::{
    CorpusPath, FileReport, GleanerError, Settings, Split,
    audit::{CrossValidation, doubtful_tags, read_data_sets, unknown_pieces},
};
use gleaner_corpus::audit::{AuditOptions, DataSet, Issue, IssueKind, Part, audit};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Number of issues shown per kind without --all.
const SHOWN: usize = 3;

pub fn run(args: &AuditArgs, output: &Output) -> Result<()> {
    let settings = settings(args, output)?;
    cores::set_threads(settings.run.threads)?;
    let fetcher = Fetcher::new(output);
    let paths: Result<Vec<CorpusPath>> = args.paths.iter().map(|p| fetcher.corpus(p)).collect();
    let paths = paths?;
    reading::different("data set", &paths)?;
    let sets = read_data_sets(&paths, &settings)?;
    print_sizes(&sets, output)?;
    let mut faults = audit(&sets, &AuditOptions { similarity: args.similarity });
    let mut kinds = IssueKind::ALL.to_vec();
    match &settings.network.encoder {
        Some(encoder) => {
            let tokenizer = opened::tokenizer(encoder, settings.pieces.fold_case, output)?;
            faults.extend(sets.iter().flat_map(|set| unknown_pieces(set, &tokenizer)));
        }
        None => kinds.retain(|kind| *kind != IssueKind::UnknownPieces),
    }
    match args.cross_validate {
        Some(folds) => faults.extend(cross_validated(args, folds, &sets, &settings, output)?),
        None => kinds.retain(|kind| *kind != IssueKind::DoubtfulTags),
    }
    faults.sort_by_key(|fault| fault.kind); // stable: each kind keeps its order
    let count = |kind: IssueKind| faults.iter().filter(|fault| fault.kind == kind).count();
    let counts: Vec<(IssueKind, usize)> = kinds.iter().map(|&kind| (kind, count(kind))).collect();
    let denied: Vec<(IssueKind, usize)> =
        counts.iter().copied().filter(|(kind, n)| *n > 0 && args.deny.0.contains(kind)).collect();
    output.human(&view(&counts, &faults, args.all))?;
    for fault in &faults {
        output.event("fault", fault)?;
    }
    let by_name: Map<String, Value> =
        counts.iter().map(|(kind, n)| (kind.name().to_owned(), (*n).into())).collect();
    let of_denied: usize = denied.iter().map(|(_, n)| n).sum();
    output.json(&json!({"event": "audit", "faults": by_name, "denied": of_denied}))?;
    match denied.is_empty() {
        true => Ok(()),
        false => Err(IssuesDenied(denied).into()),
    }
}

/// The settings for reading text and training taggers.
fn settings(args: &AuditArgs, output: &Output) -> Result<Settings> {
    let mut options = args.trainings.overrides();
    options.network.encoder.clone_from(&args.encoder);
    options.data.cutoff = args.cutoff;
    let settings = trainings::settings(&args.trainings, &options, &args.labels.map, output)?;
    if args.cross_validate.is_some()
        && settings.network.encoder.is_none()
        && settings.network.start.is_none()
    {
        let what = "--cross-validate trains taggers; give --encoder FOLDER (or --encoder sample:tiny to try)";
        return Err(GleanerError::Settings(what.into()).into());
    }
    if args.cutoff.is_some() && settings.data.split != Split::Shuffled {
        let what = "--cutoff limits the sentences of an 80-10-10 split; add --split 80-10-10";
        return Err(GleanerError::Settings(what.into()).into());
    }
    let checks = [
        (IssueKind::UnknownPieces, settings.network.encoder.is_some(), "--encoder FOLDER"),
        (IssueKind::DoubtfulTags, args.cross_validate.is_some(), "--cross-validate"),
    ];
    for (kind, is_enabled, option) in checks {
        if args.deny.0.contains(&kind) && !is_enabled {
            let what = format!("--deny {}: this check is not enabled; add {option}", kind.name());
            return Err(GleanerError::Settings(what).into());
        }
    }
    Ok(settings)
}

/// Prints the size of each data set.
pub(super) fn print_sizes(sets: &[DataSet], output: &Output) -> Result<()> {
    for set in sets {
        let size = |part: Part| set.part(part).count();
        let parts = [Part::Train, Part::Dev, Part::Test, Part::Whole];
        let sizes: Vec<String> = parts
            .into_iter()
            .filter(|part| size(*part) > 0)
            .map(|part| match part {
                Part::Whole => text::grouped(size(part)),
                part => format!("{} {part}", text::grouped(size(part))),
            })
            .collect();
        output.human(&format!("{}: {} sentences", set.name, sizes.join(", ")))?;
        let files = reports(set);
        for file in &files {
            output.human(&format!("  {file}"))?;
        }
        set.warnings.iter().for_each(|warning| output.note(&format!("warning: {warning}")));
        text::oddities(&set.findings).iter().for_each(|note| output.note(note));
        output.json(&json!({"event": "data-set", "name": set.name, "train": size(Part::Train),
            "dev": size(Part::Dev), "test": size(Part::Test), "whole": size(Part::Whole),
            "oddities": set.findings.len(), "files": files, "warnings": text::warnings(&set.warnings)}))?;
    }
    Ok(())
}

/// How the files of a data set were read.
fn reports(set: &DataSet) -> Vec<FileReport> {
    set.files.iter().map(|(part, read)| FileReport::new((*part).into(), read)).collect()
}

/// Cross-validates every data set; gives the tags that taggers contradict.
fn cross_validated(
    args: &AuditArgs,
    folds: usize,
    sets: &[DataSet],
    settings: &Settings,
    output: &Output,
) -> Result<Vec<Issue>> {
    let how = CrossValidation { settings, folds, confidence: args.confidence };
    let bar = TrainingsBar::new(output, folds * sets.len(), settings.optimizer.epochs);
    let mut faults = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        let found = doubtful_tags(set, &how, &mut |fold, event| {
            let name = format!("{}, fold {fold} of {folds}", set.name);
            bar.on(number * folds + fold, &name, event);
        });
        faults.extend(found?);
    }
    bar.finish();
    Ok(faults)
}

/// The counts, and the issues of each kind: the first ones or all.
fn view(counts: &[(IssueKind, usize)], faults: &[Issue], all: bool) -> String {
    let mut out = String::from("\n");
    let found: Vec<&(IssueKind, usize)> = counts.iter().filter(|(_, n)| *n > 0).collect();
    match found.is_empty() {
        true => out += "No issues found.\n",
        false => {
            let _ = writeln!(out, "{:<22}{:<9}{:>7}", "issue", "severity", "count");
        }
    }
    for (kind, n) in &found {
        let n = text::grouped(*n);
        let _ = writeln!(out, "{kind:<22}{:<9}{n:>7}  {}", kind.severity(), kind.describe());
    }
    let is_checked = |kind: IssueKind| counts.iter().any(|(known, _)| *known == kind);
    for (kind, option) in [
        (IssueKind::DoubtfulTags, "--encoder with --cross-validate"),
        (IssueKind::UnknownPieces, "--encoder"),
    ] {
        if !is_checked(kind) {
            let _ = writeln!(out, "Not checked: {kind} (needs {option})");
        }
    }
    for (kind, n) in found {
        let _ = writeln!(out, "\n{kind}: {}", kind.describe());
        let shown = if all { *n } else { SHOWN };
        for fault in faults.iter().filter(|fault| fault.kind == *kind).take(shown) {
            let part = match fault.place.part {
                Part::Whole => String::new(),
                part => format!(" ({part})"),
            };
            let _ = writeln!(out, "  {}{part}: {}", fault.place, fault.detail);
            let _ = writeln!(out, "      {}", fault.text);
        }
        if *n > shown {
            let _ = writeln!(out, "  and {} more (--all lists them)", text::grouped(n - shown));
        }
    }
    out
}
