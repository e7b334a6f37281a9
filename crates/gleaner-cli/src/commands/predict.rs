//! `gleaner predict`: labels a text as a stream, a few hundred sentences at a time.

mod columns;
mod gold;
mod input;
mod object;
mod sentence;
mod skipped;
mod source;
mod writer;

use crate::{
    cli::{OutputKind, OutputMode, PredictArgs},
    cores,
    exit::STOPPED,
    hub::Fetcher,
    opened,
    output::{Output, of_stdout, say},
    signals, text,
};
use anyhow::Result;
use gleaner::{Ensemble, GleanerError};
use gleaner_corpus::{CorpusError, Format, Offsets};
use input::Input;
use sentence::Waiting;
use std::{
    io::{self, IsTerminal, Stdout, Write},
    process,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};
use writer::Writer;

/// Number of sentences after which the output is flushed.
const FLUSH: usize = 512;

pub fn run(args: &PredictArgs, output: &Output) -> Result<()> {
    check_format(args, output)?;
    cores::set_threads(args.compute.threads)?;
    let model = Fetcher::without_events(output).model_folder(&args.model)?;
    let tagger = opened::open(&model, &args.compute, output)?.ensemble;
    let Input { sentences, description, has_gold, is_json, is_text, skipped } =
        input::open(args, tagger.segmenter())?;
    let kind = format(args, output, is_json);
    if kind == OutputKind::Format(Format::Brat) && !is_text {
        let what = "--format brat writes annotations of the input, which must be plain text; write jsonl, and convert it with `gleaner data convert`";
        return Err(GleanerError::Settings(what.into()).into());
    }
    let offsets = args.offsets.unwrap_or_default();
    let has_units = matches!(kind, OutputKind::Format(format) if format.has_units());
    if is_text && !has_units && offsets != Offsets::default() {
        let what = "--offsets: no effect: in plain text, characters are Unicode scalar values; leave it out";
        return Err(GleanerError::Settings(what.into()).into());
    }
    output.note(&format!("reading {description}"));
    let sink = Arc::new(Sink::new(Writer::new(kind, offsets, output.colour, has_gold)));
    stop_at_signals(output, &sink);
    let started = Instant::now();
    let words = label(&tagger, sentences, &sink).map_err(of_stdout)?;
    let seconds = started.elapsed();
    output.note(&format!(
        "{} words in {}: {:.0} words/s",
        text::grouped(words),
        text::duration(seconds),
        words as f64 / seconds.as_secs_f64().max(1e-9)
    ));
    // Not a note: with JSON Lines on standard output, this is the only place for it.
    if let (Some(said), true) = (skipped.said(), output.mode != OutputMode::Quiet) {
        say(&said);
    }
    Ok(())
}

/// A writer that a signal can take from the thread that labels.
struct Sink<W: Write> {
    writer: Mutex<Writer<W>>,
    stopping: AtomicBool,
}

impl<W: Write> Sink<W> {
    fn new(writer: Writer<W>) -> Self {
        Self { writer: Mutex::new(writer), stopping: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Writer<W>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer, for another sentence. Waits for the end of the program once it is stopping.
    fn next(&self) -> MutexGuard<'_, Writer<W>> {
        while self.stopping.load(Ordering::Relaxed) {
            thread::park();
        }
        self.lock()
    }
}

/// At a signal, ends the program once the sentence that is being written is complete. The thread that labels may be
/// waiting for input, so it cannot be asked.
fn stop_at_signals(output: &Output, sink: &Arc<Sink<Stdout>>) {
    let (stopping, sink) = (Arc::clone(sink), Arc::clone(sink));
    let request = move || stopping.stopping.store(true, Ordering::Relaxed);
    signals::on_stop(output, "sentence", request, move || {
        let mut writer = sink.lock();
        if writer.is_finished() {
            return;
        }
        // If nobody reads any longer, nothing can be done about what is left.
        let _ = writer.flush();
        let what = match writer.is_whole() {
            true => "the labelling was stopped before anything was written",
            false => "the labelling was stopped; every sentence that was written is complete",
        };
        say(&format!("error: {what}; run the command again to label all of them"));
        process::exit(STOPPED.into());
    });
}

/// Refuses a format that contradicts `--output json`.
fn check_format(args: &PredictArgs, output: &Output) -> Result<()> {
    let is_jsonl = args.format.is_none_or(|kind| kind == OutputKind::Format(Format::Jsonl));
    if output.mode == OutputMode::Json && !is_jsonl {
        let what = "--output json writes JSON Lines; leave --format out, or give --format jsonl";
        return Err(GleanerError::Settings(what.into()).into());
    }
    Ok(())
}

/// The output format.
fn format(args: &PredictArgs, output: &Output, is_json: bool) -> OutputKind {
    match args.format {
        Some(kind) => kind,
        None if output.mode == OutputMode::Json || is_json => OutputKind::Format(Format::Jsonl),
        None if io::stdout().is_terminal() => OutputKind::Text,
        None => OutputKind::Format(Format::Conll),
    }
}

/// Labels sentences as they are read; returns the number of words. Sentences before an error are labelled
/// and written.
fn label(
    tagger: &Arc<Ensemble>,
    sentences: impl Iterator<Item = Result<Waiting, CorpusError>> + Send + 'static,
    sink: &Sink<impl Write>,
) -> Result<usize> {
    let sentences = sentences.map(|sentence| sentence.map_err(|error| Failure(error.into())));
    let mut words = 0;
    for (number, sentence) in (1..).zip(tagger.stream(sentences)) {
        let (sentence, tagged) = match sentence {
            Ok(labelled) => labelled,
            Err(Failure(error)) => {
                sink.lock().flush()?;
                return Err(error);
            }
        };
        words += sentence.words.len();
        let mut writer = sink.next();
        if let Err(error) = writer.write(sentence, tagged) {
            // The sentences before it; the error says more than that of a closed output.
            let _ = writer.flush();
            return Err(error);
        }
        if number % FLUSH == 0 {
            writer.flush()?;
        }
    }
    sink.lock().finish()?;
    Ok(words)
}

/// What ends a stream of sentences: an error of the input or of the tagger.
struct Failure(anyhow::Error);

impl From<GleanerError> for Failure {
    fn from(error: GleanerError) -> Self {
        Self(error.into())
    }
}
