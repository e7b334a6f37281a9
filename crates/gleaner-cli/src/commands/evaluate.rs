//! `gleaner evaluate`

use crate::{
    cli::{EvaluateArgs, OutputMode},
    cores,
    hub::Fetcher,
    opened::{self, Opened},
    output::{self, Output},
    reading, text,
};
use anyhow::{Context, Result};
use gleaner::{Scored, TrainedOn, is_sample, read_folder};
use gleaner_corpus::{Corpus, Finding, ReadOptions, find_test, is_annotated, read, read_all};
use gleaner_metrics::Bootstrap;
use gleaner_report::{EvaluationView, SpanConfidence};
use serde_json::json;
use std::{
    iter::{repeat, repeat_n},
    path::Path,
};

pub fn run(args: &EvaluateArgs, output: &Output) -> Result<()> {
    cores::set_threads(args.compute.threads)?;
    let model = Fetcher::new(output).model_folder(&args.model)?;
    let opened = opened::open(&model, &args.compute, output)?;
    let options = reading::options(&args.read)?.read_options();
    let options = ReadOptions { skip_bad: args.skip_bad, ..options };
    let corpus = corpus(&args.data, &options, output)?;
    text::oddities(&corpus.findings).iter().for_each(|note| output.note(note));
    let (view, scored) = score(&opened, &model, &corpus, args.resamples)?;
    if view.trained_on.is_none() {
        output.note(
            "note: this model does not record its training text, because an earlier version or another program made \
             it; it is unknown whether it was trained on any of these sentences",
        );
    }
    match output.mode {
        OutputMode::Json => output.json(&view)?,
        OutputMode::Human | OutputMode::Quiet => {
            output::print(&gleaner_report::evaluation_text(&view))?
        }
    }
    if let Some(most) = args.errors {
        errors(&corpus, &scored, most, output)?;
    }
    Ok(())
}

/// Labels a text, and compares the predictions with its tags. `model` is the folder of the tagger. No intervals are
/// computed with 0 resamples.
pub fn score(
    opened: &Opened,
    model: &Path,
    corpus: &Corpus,
    resamples: usize,
) -> Result<(EvaluationView, Scored)> {
    let scored = opened.ensemble.score(corpus, opened.training.batch)?;
    let bootstrap = Bootstrap { resamples, ..Bootstrap::default() };
    let bootstrap = (resamples > 0).then_some(&bootstrap);
    let confidence = SpanConfidence::new(
        opened.temperature(),
        &scored.uncalibrated,
        &scored.calibrated,
        bootstrap,
    );
    let mut view = EvaluationView::new(&scored.evaluation, bootstrap, Some(scored.published))
        .with_confidence(confidence)
        .with_left_out(Finding::skipped(&corpus.findings));
    if let Some(trained_on) = TrainedOn::read(model)? {
        let (others, known) = scored.without(&trained_on, corpus)?;
        view = view.with_untrained(&others, known, bootstrap);
    }
    Ok((view, scored))
}

/// The text to score on: a file, a folder of brat's documents, or the test part of a folder, of a data set on the hub
/// or of the sample.
pub fn corpus(data: &Path, options: &ReadOptions, output: &Output) -> Result<Corpus> {
    if is_sample(data) {
        let parts = read_folder(data, options)?;
        return parts.test.context("the sample has no test sentences");
    }
    let data = Fetcher::new(output).data_folder(data)?;
    match data.is_dir() && !is_annotated(&data) {
        true => Ok(read_all(&find_test(&data)?, options)?),
        false => Ok(read(&data, options)?),
    }
}

/// Lists wrong sentences, in order.
fn errors(corpus: &Corpus, scored: &Scored, most: usize, output: &Output) -> Result<()> {
    // A part can have several files. A sample has none.
    let paths = corpus.files.iter().flat_map(|read| repeat_n(&read.path, read.sentences));
    let paths = paths.chain(repeat(&corpus.path));
    let pairs = corpus.sentences.iter().zip(&scored.tagged).zip(paths);
    let wrong: Vec<_> = pairs.filter(|((s, t), _)| s.tags != t.tags).collect();
    let shown = wrong.len().min(most);
    if output.mode != OutputMode::Json {
        output::print(&format!(
            "\n{} of {} sentences are wrong; showing {shown}:",
            wrong.len(),
            corpus.sentences.len()
        ))?;
    }
    for ((sentence, tagged), path) in wrong.into_iter().take(most) {
        if output.mode == OutputMode::Json {
            output.json(&json!({"path": path, "line": sentence.line, "tokens": sentence.words, "gold": sentence.tags, "predicted": tagged.tags}))?;
        } else {
            let diff = gleaner_report::sentence_diff(&sentence.words, &sentence.tags, &tagged.tags);
            let place = format!("{}:{}", path.display(), sentence.line);
            output::print(&format!("\n{}\n{diff}", output::escaped(&place)))?;
        }
    }
    Ok(())
}
