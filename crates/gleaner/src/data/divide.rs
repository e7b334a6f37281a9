//! Splitting a text into training, dev and test part.

use super::{GleanerError, Settings};
use crate::Split;
use gleaner_corpus::{
    Corpus, Splits, overlap,
    splits::{self, SplitError},
};
use gleaner_nn::rng::Stream;

/// A text in its parts.
pub(super) struct Divided {
    pub(super) train: Corpus,
    pub(super) dev: Corpus,
    /// Whether dev was drawn from the training text.
    pub(super) is_dev_drawn: bool,
    pub(super) test: Option<Corpus>,
    /// The positions of the test sentences: in the test part where parts are used as given, else among all sentences.
    pub(super) test_positions: Vec<usize>,
}

/// Splits the main text as the settings say.
pub(super) fn divide(
    parts: Splits<Corpus>,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Divided, GleanerError> {
    match settings.data.split {
        Split::Given => given(parts, settings, notes),
        Split::Shuffled => shuffled(parts, settings, settings.data.cutoff, notes),
        Split::Folds => folds(parts, settings, notes),
    }
}

/// The training part of a joined text or of a pool.
pub(super) fn training_part(
    parts: Splits<Corpus>,
    settings: &Settings,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<Corpus, GleanerError> {
    match settings.data.split {
        Split::Shuffled => Ok(shuffled(parts, settings, limit, notes)?.train),
        // No sentence of it is tested on, so none is held back.
        Split::Given | Split::Folds => {
            let mut train = parts.train;
            truncate(&mut train, limit, notes);
            Ok(train)
        }
    }
}

/// All parts of a joined text.
pub(super) fn whole(
    parts: Splits<Corpus>,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Corpus {
    let mut all = together(parts);
    truncate(&mut all, limit, notes);
    all
}

/// Keeps the first `limit` sentences.
pub(super) fn truncate(corpus: &mut Corpus, limit: Option<usize>, notes: &mut Vec<String>) {
    let Some(limit) = limit else { return };
    let all = corpus.sentences.len();
    if limit > all {
        notes.push(format!(
            "the limit is {limit}, but there are only {all} sentences: all are used"
        ));
    }
    corpus.sentences.truncate(limit);
}

/// Keeps `train-limit` sentences, drawn with the seed of the split. A smaller limit draws a subset of what a larger one
/// draws.
pub(super) fn draw(corpus: &mut Corpus, settings: &Settings, notes: &mut Vec<String>) {
    let Some(limit) = settings.data.train_limit else { return };
    let all = corpus.sentences.len();
    if limit > all {
        notes.push(format!(
            "train-limit is {limit}, but there are only {all} training sentences: all are used"
        ));
    }
    let mut drawn: Vec<usize> = (0..all).collect();
    Stream::new(settings.data.split_seed.into()).named("train-limit").shuffle(&mut drawn);
    drawn.truncate(limit);
    drawn.sort_unstable();
    *corpus = choose(corpus, &drawn);
}

/// The parts as they are given; without a dev part, a tenth of the training part.
pub(super) fn given(
    parts: Splits<Corpus>,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Divided, GleanerError> {
    let Splits { mut train, dev, test } = parts;
    let is_dev_drawn = dev.is_none();
    let dev = match dev {
        Some(dev) => dev,
        None => {
            let (kept, held) =
                splits::train_test_split(train.sentences.len(), 0.1, settings.data.split_seed)
                    .map_err(|e| cannot(&train, &e))?;
            let dev = without_findings(choose(&train, &held));
            train = choose(&train, &kept);
            notes.push(format!(
                "no dev data: {} training sentences, drawn with seed {}, are used as dev",
                dev.sentences.len(),
                settings.data.split_seed
            ));
            dev
        }
    };
    truncate(&mut train, settings.data.cutoff, notes);
    let test_positions = (0..test.as_ref().map_or(0, |t| t.sentences.len())).collect();
    Ok(Divided { train, dev, is_dev_drawn, test, test_positions })
}

fn shuffled(
    parts: Splits<Corpus>,
    settings: &Settings,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<Divided, GleanerError> {
    let mut all = together(parts);
    truncate(&mut all, limit, notes);
    let split = splits::split_80_10_10(all.sentences.len(), settings.data.split_seed)
        .map_err(|e| cannot(&all, &e))?;
    Ok(chosen(&all, split))
}

fn folds(
    parts: Splits<Corpus>,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<Divided, GleanerError> {
    let all = together(parts);
    let keys: Vec<String> = all.sentences.iter().map(|s| overlap::sentence_key(&s.words)).collect();
    let split = splits::cross_validation(
        &keys,
        settings.data.folds,
        settings.data.fold,
        settings.data.split_seed,
    )
    .map_err(|e| cannot(&all, &e))?;
    let mut divided = chosen(&all, split);
    truncate(&mut divided.train, settings.data.cutoff, notes);
    Ok(divided)
}

/// All sentences in the order train, dev, test.
fn together(parts: Splits<Corpus>) -> Corpus {
    let mut all = parts.train;
    [parts.dev, parts.test].into_iter().flatten().for_each(|part| all.append(part));
    all
}

fn chosen(all: &Corpus, split: splits::Split) -> Divided {
    Divided {
        train: choose(all, &split.train),
        dev: without_findings(choose(all, &split.dev)),
        is_dev_drawn: true,
        test: Some(without_findings(choose(all, &split.test))),
        test_positions: split.test,
    }
}

fn cannot(corpus: &Corpus, error: &SplitError) -> GleanerError {
    GleanerError::Settings(format!("{}: {error}", corpus.path.display()))
}

pub(super) fn choose(corpus: &Corpus, positions: &[usize]) -> Corpus {
    let sentences = positions.iter().map(|&i| corpus.sentences[i].clone()).collect();
    Corpus {
        sentences,
        path: corpus.path.clone(),
        scheme: corpus.scheme,
        findings: corpus.findings.clone(),
        files: corpus.files.clone(),
    }
}

/// A part of a text whose findings are reported with another part.
fn without_findings(part: Corpus) -> Corpus {
    Corpus { findings: Vec::new(), ..part }
}
