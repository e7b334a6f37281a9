//! `gleaner data inspect`

mod files;

use crate::{cli::InspectArgs, hub::Fetcher, opened, output::Output, reading, text};
use anyhow::Result;
use files::{Group, groups};
use gleaner::{
    CorpusPath, FileReport, PieceCounts, PieceTokenizer, Role, is_plain_text, is_sample,
    read_folder,
};
use gleaner_corpus::{
    Corpus, CorpusError, ReadOptions, Splits, Warning, inspect::Summary, part_warnings, read,
    read_plain,
};
use serde::Serialize;
use serde_json::json;
use std::{collections::BTreeSet, fmt::Write, path::Path};

/// Words of the first sentence that are shown.
const SHOWN: usize = 12;

/// How one file was read, and its statistics.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Inspection<'a> {
    #[serde(flatten)]
    summary: Summary,
    format: &'a str,
    format_reason: &'a str,
    choices: &'a [String],
    first: &'a [(String, String)],
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<PieceCounts>,
    findings_listed: Vec<&'a str>,
}

pub fn run(args: &InspectArgs, output: &Output) -> Result<()> {
    let common = reading::options(&args.read)?;
    let fetcher = Fetcher::new(output);
    let encoder = args.encoder.as_deref().map(|e| fetcher.encoder_folder(e));
    let tokenizer =
        encoder.transpose()?.map(|folder| opened::tokenizer(&folder, false, output)).transpose()?;
    let inspector = Inspector { args, tokenizer, output };
    let options = |one: &CorpusPath| ReadOptions {
        strict: args.strict,
        skip_bad: args.skip_bad,
        ..one.among(&common).read_options()
    };
    for group in groups(&args.paths) {
        match group {
            Group::Files(files) => {
                let mut parts = Parts::default();
                for one in files {
                    let file = fetcher.corpus(one)?;
                    let corpus = of_file(&file.path, &options(one))?;
                    inspector.look(&corpus)?;
                    parts.add(Role::of_file(&file.path), corpus);
                }
                // Who names files leaves parts out on purpose.
                let is_apt = |warning: &Warning| !matches!(warning, Warning::NoPart { .. });
                inspector.warn(parts.warnings().into_iter().filter(is_apt).collect())?;
            }
            Group::Whole(one) => {
                let whole = fetcher.corpus(one)?;
                inspector.warn(inspector.parts(&whole, &options(one))?.warnings())?;
            }
        }
    }
    Ok(())
}

/// Reads a file: as plain text where a name that ends in `.txt` leaves that open and the content shows nothing else.
fn of_file(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let can_be_text = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt"));
    let has_columns = options.word_column.is_some() || options.tag_column.is_some();
    match can_be_text && !has_columns && is_plain_text(path, options)? {
        true => read_plain(path, options),
        false => read(path, options),
    }
}

/// Corpora by what they are used for.
#[derive(Default)]
struct Parts {
    train: Option<Corpus>,
    dev: Option<Corpus>,
    test: Option<Corpus>,
}

impl Parts {
    fn add(&mut self, role: Role, corpus: Corpus) {
        let part = match role {
            Role::Dev => &mut self.dev,
            Role::Test => &mut self.test,
            _ => &mut self.train,
        };
        match part {
            Some(part) => part.append(corpus),
            None => *part = Some(corpus),
        }
    }

    /// Without a training part nothing is compared.
    fn warnings(self) -> Vec<Warning> {
        let Self { train, dev, test } = self;
        train.map_or_else(Vec::new, |train| part_warnings(&Splits { train, dev, test }))
    }
}

struct Inspector<'a> {
    args: &'a InspectArgs,
    tokenizer: Option<PieceTokenizer>,
    output: &'a Output,
}

impl Inspector<'_> {
    /// Looks at the parts of a folder or of a sample, one after the other.
    fn parts(&self, whole: &CorpusPath, options: &ReadOptions) -> Result<Parts> {
        let mut found = Parts::default();
        if is_sample(&whole.path) {
            let Splits { train, dev, test } = read_folder(&whole.path, options)?;
            for (role, part) in [(Role::Train, Some(train)), (Role::Dev, dev), (Role::Test, test)] {
                let Some(part) = part else { continue };
                self.look(&part)?;
                found.add(role, part);
            }
            return Ok(found);
        }
        for (role, file) in files::of_folder(&whole.path)? {
            let corpus = read(&file, options)?;
            self.look(&corpus)?;
            found.add(role, corpus);
        }
        Ok(found)
    }

    /// Prints how a file was read, and its statistics.
    fn look(&self, corpus: &Corpus) -> Result<()> {
        let pieces = self.tokenizer.as_ref().map(|t| counts(t, corpus));
        let summary = Summary::of(corpus);
        let files: Vec<FileReport> =
            corpus.files.iter().map(|read| FileReport::new(Role::Whole, read)).collect();
        let all = self.args.all;
        self.output.human(&view(corpus, &files, &summary, pieces.as_ref(), all))?;
        let Some(file) = files.first() else { return Ok(()) };
        let details: Vec<String> = corpus.findings.iter().map(ToString::to_string).collect();
        let findings_listed =
            if all { details.iter().map(String::as_str).collect() } else { Vec::new() };
        self.output.json(&Inspection {
            summary,
            format: &file.format,
            format_reason: &file.format_reason,
            choices: &file.choices,
            first: &file.first,
            pieces,
            findings_listed,
        })
    }

    fn warn(&self, warnings: Vec<Warning>) -> Result<()> {
        if warnings.is_empty() {
            return Ok(());
        }
        let said: Vec<String> = warnings.iter().map(|w| format!("warning: {w}")).collect();
        self.output.human(&said.join("\n"))?;
        self.output.json(&json!({"event": "warnings", "warnings": text::warnings(&warnings)}))
    }
}

fn counts(tokenizer: &PieceTokenizer, corpus: &Corpus) -> PieceCounts {
    let mut counts = PieceCounts::default();
    corpus.sentences.iter().for_each(|s| tokenizer.count(&s.words, &mut counts));
    counts
}

fn view(
    corpus: &Corpus,
    files: &[FileReport],
    s: &Summary,
    pieces: Option<&PieceCounts>,
    all: bool,
) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", corpus.path.display());
    let mut row = |name: &str, value: String| {
        let _ = writeln!(out, "  {name:<22}{value}");
    };
    if let Some(file) = files.first() {
        row("format", format!("{} ({})", file.format_name(), file.format_reason));
        file.choices.iter().for_each(|choice| row("", choice.clone()));
        row("first sentence", file.first_words(SHOWN));
    }
    if files.len() > 1 {
        row("files", text::grouped(files.len()));
    }
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
    if let Some(n) = s.without_entity {
        let entities: usize = s.entities.values().sum();
        let types: Vec<String> =
            s.entities.iter().map(|(t, n)| format!("{t} {}", text::grouped(*n))).collect();
        let types =
            if types.is_empty() { String::new() } else { format!(" ({})", types.join(", ")) };
        row("entities", text::grouped(entities) + &types);
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
