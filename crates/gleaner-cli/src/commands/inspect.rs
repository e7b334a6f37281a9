//! `gleaner data inspect`

use crate::{cli::InspectArgs, hub::Fetcher, output::Output, text};
use anyhow::Result;
use gleaner::{PieceCounts, Pieces, is_sample, read_folder};
use gleaner_corpus::{
    Corpus, CorpusError, Problem, ReadOptions, find_splits, find_test, inspect::Summary, read,
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt::Write, path::PathBuf};

/// The statistics of one file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Inspection<'a> {
    #[serde(flatten)]
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<PieceCounts>,
    findings_listed: Vec<&'a str>,
}

pub fn run(args: &InspectArgs, output: &Output) -> Result<()> {
    let options = ReadOptions {
        word_column: args.columns.word_column,
        tag_column: args.columns.tag_column,
        label_map: text::label_map("--map", &args.labels.map)?,
        strict: args.strict,
        skip_bad: args.skip_bad,
        ..ReadOptions::default()
    };
    let encoder = args.encoder.as_deref().map(|e| Fetcher::new(output).encoder_folder(e));
    let tokenizer = encoder.transpose()?.map(|folder| text::pieces(&folder, false)).transpose()?;
    for path in &args.paths {
        let path = Fetcher::new(output).data_folder(path)?;
        if is_sample(&path) {
            let parts = read_folder(&path, &options)?;
            for part in [Some(parts.train), parts.dev, parts.test].iter().flatten() {
                look(part, args, tokenizer.as_ref(), output)?;
            }
            continue;
        }
        for file in files(path)? {
            look(&read(&file, &options)?, args, tokenizer.as_ref(), output)?;
        }
    }
    Ok(())
}

/// The file itself, or the files of a folder.
fn files(path: PathBuf) -> Result<Vec<PathBuf>, CorpusError> {
    if !path.is_dir() {
        return Ok(vec![path]);
    }
    match find_splits(&path) {
        Ok(parts) => {
            Ok([Some(parts.train), parts.dev, parts.test].into_iter().flatten().flatten().collect())
        }
        // A folder may have only a test file.
        Err(e) if matches!(e.problem(), Problem::NoTrain { .. }) => find_test(&path).map_err(|_| e),
        Err(e) => Err(e),
    }
}

/// Prints the statistics of a text.
fn look(
    corpus: &Corpus,
    args: &InspectArgs,
    tokenizer: Option<&Pieces>,
    output: &Output,
) -> Result<()> {
    let pieces = tokenizer.map(|t| counts(t, corpus));
    let summary = Summary::of(corpus);
    output.human(&view(corpus, &summary, pieces.as_ref(), args.all))?;
    let details: Vec<String> = corpus.findings.iter().map(ToString::to_string).collect();
    let findings_listed =
        if args.all { details.iter().map(String::as_str).collect() } else { Vec::new() };
    output.json(&Inspection { summary, pieces, findings_listed })
}

fn counts(tokenizer: &Pieces, corpus: &Corpus) -> PieceCounts {
    let mut counts = PieceCounts::default();
    corpus.sentences.iter().for_each(|s| tokenizer.count(&s.words, &mut counts));
    counts
}

fn view(corpus: &Corpus, s: &Summary, pieces: Option<&PieceCounts>, all: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", corpus.path.display());
    let mut row = |name: &str, value: String| {
        let _ = writeln!(out, "  {name:<22}{value}");
    };
    row("tag scheme", s.scheme.to_string());
    row("sentences", text::grouped(s.sentences));
    row(
        "words",
        format!(
            "{} ({:.1} per sentence, {} in the longest, line {})",
            text::grouped(s.words),
            s.mean_length,
            s.longest,
            s.longest_line
        ),
    );
    let entities: usize = s.entities.values().sum();
    let types: Vec<String> =
        s.entities.iter().map(|(t, n)| format!("{t} {}", text::grouped(*n))).collect();
    row("entities", format!("{} ({})", text::grouped(entities), types.join(", ")));
    if let Some(n) = s.without_entity {
        row("without entities", format!("{n} sentences"));
    }
    row("repeated sentences", s.duplicates.to_string());
    if let Some(p) = pieces {
        row("pieces per word", format!("{:.2}", p.pieces as f64 / p.words.max(1) as f64));
        row(
            "unknown pieces",
            format!("{} ({:.2} %)", p.unknown, 100.0 * p.unknown as f64 / p.pieces.max(1) as f64),
        );
        row("words without pieces", p.empty_words.to_string());
    }
    if corpus.findings.is_empty() {
        row("problems", "none".into());
    }
    for (kind, n) in &s.findings {
        row("problems", format!("{n} × {kind}"));
    }
    let mut seen = BTreeSet::new();
    for finding in corpus.findings.iter().filter(|f| all || seen.insert(f.kind)) {
        let _ = writeln!(out, "    {finding}");
    }
    out
}
