//! `gleaner predict`: labels a text as a stream, a few hundred sentences at a time.

use crate::{
    cli::{InputKind, OutputKind, OutputMode, PredictArgs},
    hub::Fetcher,
    output::Output,
    text,
};
use anyhow::Result;
use gleaner::{GleanerError, Tagged, Tagger, Words};
use gleaner_corpus::{CorpusError, Format, ReadOptions, conll, text as plain};
use gleaner_metrics::Entity;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, IsTerminal, Write},
    path::Path,
    sync::Arc,
    time::Instant,
};

/// Number of sentences after which the output is flushed.
const FLUSH: usize = 512;

/// A sentence to label.
struct Waiting {
    words: Vec<String>,
    /// Offsets of the words, where the input is text.
    offsets: Option<Vec<(usize, usize)>>,
    line: usize,
}

impl Words for Waiting {
    fn words(&self) -> &[String] {
        &self.words
    }
}

pub fn run(args: &PredictArgs, output: &Output) -> Result<()> {
    let format = format(args, output)?;
    let conll = is_conll(args)?;
    text::set_threads(args.compute.threads)?;
    let model = Fetcher::without_events(output).model_folder(&args.model)?;
    let (tagger, _) = text::open_tagger(&model, &args.compute, output)?;
    let tagger = Arc::new(tagger);
    let input: Box<dyn BufRead + Send> = if args.file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file =
            File::open(&args.file).map_err(|e| CorpusError::in_file(&args.file, e.into()))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    let name = if args.file == Path::new("-") { Path::new("<standard input>") } else { &args.file };
    let mut writer =
        Writer { out: BufWriter::new(io::stdout().lock()), format, colour: output.colour };
    let started = Instant::now();
    let words = if conll {
        let word_column = args.word_column;
        let options = ReadOptions { word_column, unlabelled: true, ..ReadOptions::default() };
        let rows = conll::Reader::new(input, name, &options).map(|rows| {
            rows.map(|r| Waiting {
                words: r.words().into_iter().map(str::to_owned).collect(),
                offsets: None,
                line: r.line,
            })
        });
        label(&tagger, rows, &mut writer)?
    } else {
        let sentences = plain::Reader::new(input, name, args.one_sentence_per_line).map(|s| {
            s.map(|s| Waiting {
                offsets: Some(s.tokens.iter().map(|t| (t.start, t.end)).collect()),
                line: s.line,
                words: s.tokens.into_iter().map(|t| t.text).collect(),
            })
        });
        label(&tagger, sentences, &mut writer)?
    };
    let seconds = started.elapsed();
    output.note(&format!(
        "{} words in {}: {:.0} words/s",
        text::grouped(words),
        text::duration(seconds),
        words as f64 / seconds.as_secs_f64().max(1e-9)
    ));
    Ok(())
}

/// The output format.
fn format(args: &PredictArgs, output: &Output) -> Result<OutputKind> {
    let json = output.mode == OutputMode::Json;
    match args.format {
        Some(OutputKind::Text | OutputKind::Conll) if json => {
            let what =
                "--output json writes JSON Lines; leave --format out, or give --format jsonl";
            Err(GleanerError::Settings(what.into()).into())
        }
        Some(format) => Ok(format),
        None if json => Ok(OutputKind::Jsonl),
        None if io::stdout().is_terminal() => Ok(OutputKind::Text),
        None => Ok(OutputKind::Conll),
    }
}

/// Whether the input is CoNLL rather than plain text.
fn is_conll(args: &PredictArgs) -> Result<bool> {
    let path = &args.file;
    match (args.input, Format::of(path)) {
        (InputKind::Conll, _) => Ok(true),
        (InputKind::Text, _) => Ok(false),
        (InputKind::Auto, Some(Format::Conll)) => Ok(path.extension().is_none_or(|e| e != "txt")),
        (InputKind::Auto, None) => Ok(false),
        (InputKind::Auto, Some(_)) => {
            let what = "predict reads plain text and CoNLL; convert the file, or use --input text to read it as plain text";
            Err(GleanerError::Settings(format!("{}: {what}", path.display())).into())
        }
    }
}

/// Labels sentences as they are read; returns the number of words. Sentences before an error are labelled
/// and written.
fn label<E: std::error::Error + Send + Sync + 'static>(
    tagger: &Arc<Tagger>,
    sentences: impl Iterator<Item = Result<Waiting, E>> + Send + 'static,
    writer: &mut Writer<impl Write>,
) -> Result<usize> {
    let sentences = sentences.map(|sentence| sentence.map_err(Failure::from_error));
    let mut words = 0;
    let labelled = tagger.stream(sentences);
    for (number, sentence) in (1..).zip(labelled) {
        let (sentence, tagged) = match sentence {
            Ok(labelled) => labelled,
            Err(Failure(error)) => {
                writer.out.flush()?;
                return Err(error);
            }
        };
        words += sentence.words.len();
        writer.write(&sentence, &tagged)?;
        if number % FLUSH == 0 {
            writer.out.flush()?;
        }
    }
    writer.out.flush()?;
    Ok(words)
}

/// What ends a stream of sentences: an error of the input or of the tagger.
struct Failure(anyhow::Error);

impl Failure {
    fn from_error(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(error.into())
    }
}

impl From<GleanerError> for Failure {
    fn from(error: GleanerError) -> Self {
        Self(error.into())
    }
}

struct Writer<W> {
    out: W,
    format: OutputKind,
    colour: bool,
}

impl<W: Write> Writer<W> {
    fn write(&mut self, sentence: &Waiting, tagged: &Tagged) -> Result<()> {
        match self.format {
            OutputKind::Conll => {
                for (word, tag) in sentence.words.iter().zip(&tagged.tags) {
                    writeln!(self.out, "{word}\t{tag}")?;
                }
                writeln!(self.out)?;
            }
            OutputKind::Text => {
                let spans: Vec<Entity> = tagged
                    .spans
                    .iter()
                    .map(|s| Entity { entity_type: s.label.clone(), start: s.start, end: s.end })
                    .collect();
                writeln!(
                    self.out,
                    "{}",
                    gleaner_report::marked_text(&sentence.words, &spans, self.colour)
                )?;
            }
            OutputKind::Jsonl => writeln!(self.out, "{}", object(sentence, tagged))?,
        }
        Ok(())
    }
}

/// A labelled sentence as JSON. Spans count words (`first`, `last`) and, for text, scalar values of
/// the input (`start`, `end`).
fn object(sentence: &Waiting, tagged: &Tagged) -> Value {
    let spans: Vec<Value> = tagged
        .spans
        .iter()
        .map(|s| {
            let confidence = (s.confidence * 1e4).round() / 1e4;
            let mut span = json!({"label": s.label, "first": s.start, "last": s.end - 1, "confidence": confidence});
            if let Some(offsets) = &sentence.offsets {
                span["start"] = offsets[s.start].0.into();
                span["end"] = offsets[s.end - 1].1.into();
            }
            span
        })
        .collect();
    let mut object = json!({"line": sentence.line, "tokens": sentence.words, "tags": tagged.tags, "spans": spans});
    if let Some(offsets) = &sentence.offsets {
        object["offsets"] = json!(offsets);
    }
    object
}
