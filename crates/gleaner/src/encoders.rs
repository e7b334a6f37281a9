//! Choosing an encoder: how well it separates the tags of a text before any training, how it cuts the text into pieces,
//! and what training on it would need.

mod lbfgs;
mod logistic;
mod probe;

use crate::{
    Dataset, EncoderFiles, GleanerError, Labels, PieceCounts, PieceLabels, PieceTokenizer,
    Sentence, Settings, estimate, frozen::FrozenEncoder, train::rehearse,
};
use gleaner_base::model_files::TOKENIZER;
use gleaner_metrics::{Bootstrap, Interval};
use probe::Probe;
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    time::Instant,
};

/// How encoders are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probing {
    /// Number of folds of the cross-validation.
    pub folds: usize,
    /// Maximum number of sentences: the first of the training part, then of the dev part.
    pub sentences: usize,
}

/// An encoder with its measures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RankedEncoder {
    /// Its folder.
    pub encoder: PathBuf,
    /// Its rank by the probe's score; the best encoder has 1.
    pub rank: usize,
    /// Entity-level micro F1 of the probe over the sentences of all folds, seqeval's default mode.
    pub f1: f64,
    /// Its bootstrap interval over the sentences.
    pub interval: Option<Interval>,
    /// The same score in every fold.
    pub fold_f1: Vec<f64>,
    /// Number of sentences of the probe.
    pub sentences: usize,
    /// Number of their words.
    pub words: usize,
    /// Mean number of pieces of a word.
    pub pieces_per_word: f64,
    /// Share of the pieces that are the unknown piece, from 0 to 1.
    pub unknown: f64,
    /// Number of words a second that the encoder reads with all threads.
    pub words_a_second: f64,
    /// Estimated seconds of a training on the data, measured on a few batches.
    pub training_seconds: f64,
    /// Estimated peak memory of that training in bytes.
    pub training_bytes: usize,
    /// Seconds that all this took.
    pub seconds: f64,
}

/// An encoder whose files are open.
struct Opened<'a> {
    path: &'a Path,
    files: EncoderFiles,
    tokenizer: PieceTokenizer,
}

/// Compares encoders on the training and dev parts of a data set, and sorts them best first by the score of a probe.
/// Ties keep the given order. The test part is not used.
///
/// The probe is a multinomial logistic regression from the last hidden state of every word's first piece to the word's
/// tag (a linear probe: Alain and Bengio 2017). The encoder is not trained. For each fold the probe is fitted on the
/// other folds; sentences with the same words are in one fold. The best tags that keep the rules of IOB2 are scored.
///
/// `settings` are those of the training that is estimated. `observer` gets every encoder as it is measured, unranked.
///
/// # Errors
/// An encoder is malformed, there are too few sentences for the folds, or there are no entities.
pub fn rank(
    settings: &Settings,
    data: &Dataset,
    encoders: &[PathBuf],
    how: Probing,
    observer: &mut dyn FnMut(&RankedEncoder),
) -> Result<Vec<RankedEncoder>, GleanerError> {
    // All are opened before the first is measured, so that an error costs no time.
    let opened: Result<Vec<Opened>, GleanerError> =
        encoders.iter().map(|path| opened(settings, path)).collect();
    let opened = opened?;
    let sentences: Vec<&Sentence> = [&data.train, &data.dev]
        .into_iter()
        .flat_map(|corpus| &corpus.sentences)
        .take(how.sentences)
        .collect();
    let labels = Labels::of([&data.train, &data.dev]);
    labels.check_for(&data.train.path)?;
    let probe = Probe::new(&sentences, &labels, how.folds, settings.data.split_seed)
        .map_err(|what| GleanerError::Labels { path: data.train.path.clone(), what })?;
    let mut ranked = Vec::with_capacity(opened.len());
    for encoder in opened {
        let measured = measure(settings, data, &sentences, &probe, encoder)?;
        observer(&measured);
        ranked.push(measured);
    }
    ranked.sort_by(|a, b| b.f1.total_cmp(&a.f1)); // stable
    ranked.iter_mut().zip(1..).for_each(|(encoder, rank)| encoder.rank = rank);
    Ok(ranked)
}

fn opened<'a>(settings: &Settings, path: &'a Path) -> Result<Opened<'a>, GleanerError> {
    let files = EncoderFiles::open(path)?;
    let name = path.join(TOKENIZER);
    let tokenizer = PieceTokenizer::new(&name, &files.tokenizer_json, settings.pieces.fold_case)?;
    Ok(Opened { path, files, tokenizer })
}

fn measure(
    settings: &Settings,
    data: &Dataset,
    sentences: &[&Sentence],
    probe: &Probe,
    encoder: Opened,
) -> Result<RankedEncoder, GleanerError> {
    let Opened { path, files, tokenizer } = encoder;
    let started = Instant::now();
    let mut counts = PieceCounts::default();
    sentences.iter().for_each(|sentence| tokenizer.count(&sentence.words, &mut counts));
    let layers = files.config.num_hidden_layers;
    let frozen = FrozenEncoder::open(&files, &tokenizer, layers, PieceLabels::First)?;
    let reading = Instant::now();
    let states = frozen.states(sentences)?;
    let words_a_second = counts.words as f64 / reading.elapsed().as_secs_f64().max(1e-9);
    let width = frozen.width();
    drop(frozen);
    let evaluation = probe.evaluate(&states, width)?;
    let bootstrap = Bootstrap { resamples: settings.run.resamples, ..Bootstrap::default() };
    let needs = needs(settings, data, path)?;
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    Ok(RankedEncoder {
        encoder: path.to_owned(),
        rank: 0,
        f1: evaluation.f1(),
        interval: evaluation.interval(&bootstrap),
        fold_f1: evaluation.fold_f1(),
        sentences: sentences.len(),
        words: counts.words,
        pieces_per_word: share(counts.pieces, counts.words),
        unknown: share(counts.unknown, counts.pieces),
        words_a_second,
        training_seconds: needs.seconds,
        training_bytes: needs.bytes,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// What a training would need.
struct Needs {
    seconds: f64,
    bytes: usize,
}

fn needs(settings: &Settings, data: &Dataset, encoder: &Path) -> Result<Needs, GleanerError> {
    let mut settings = settings.clone();
    settings.network.encoder = Some(encoder.to_owned());
    settings.network.start = None;
    let rehearsal = rehearse(&settings, data)?;
    let size = estimate(&settings, data, &rehearsal);
    let an_epoch = size.pieces as f64 / rehearsal.pieces_a_second;
    let seconds = an_epoch * f64::from(settings.epochs_in_all());
    Ok(Needs { seconds, bytes: size.bytes })
}

#[cfg(test)]
mod tests;
