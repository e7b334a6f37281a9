//! Scores a saved model on a labelled file: `cargo run --release --example evaluate -- MODEL FILE`.

use gleaner::{GleanerError, ReadOptions, Scores, Tagger, read};
use std::{env, path::Path, process::exit};

/// Number of bootstrap resamples for the interval.
const RESAMPLES: usize = 1000;
/// Batch size of the published score, which is averaged over batches.
const BATCH: usize = 32;

fn main() -> Result<(), GleanerError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [model, file] = arguments.as_slice() else {
        eprintln!("usage: evaluate MODEL FILE");
        exit(2);
    };
    let tagger = Tagger::load(model)?;
    let corpus = read(Path::new(file), &ReadOptions::default())?;
    let scores = Scores::of(&tagger.score(&corpus, BATCH)?, RESAMPLES);
    println!("entity micro F1: {:.3}", scores.entities.micro.f1);
    if let Some(interval) = scores.intervals.map(|intervals| intervals.micro_f1) {
        println!("95 % interval: {:.3} to {:.3}", interval.low, interval.high);
    }
    Ok(())
}
