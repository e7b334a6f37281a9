//! Estimates of time and disk space.

use super::{Plan, Run, corpus_stats::CorpusStats, draft::Draft};
use crate::{results::Results, study::PoolSource, task::Task};
use gleaner::{PieceLabels, Split, Student};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Sub-word pieces of a sentence, with special ones, before any run is finished: the mean of WikiANN with
/// mBERT's vocabulary.
const PIECES: f64 = 20.0;

/// Cost of labelling a sentence relative to training on it.
const LABELLING: f64 = 0.35;

/// Floating-point operations a second of one thread, before any run is finished.
const SPEED: f64 = 6e10;

/// The cost of unfinished runs. The time assumes that no training stops early.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds of the runs, one after the other.
    pub seconds: f64,
    /// Whether it is based on finished runs.
    pub measured: bool,
    /// Bytes of their models and of the largest checkpoint.
    pub bytes: u64,
}

impl CorpusStats {
    /// Sentences that a run trains on, over all epochs. A sentence that is only labelled counts about a
    /// third. `teachers` is the number of models that it learns from.
    pub(super) fn work(&self, draft: &Draft, teachers: usize) -> f64 {
        let s = &draft.settings;
        let target = draft.task.target();
        let text = match s.data.split {
            Split::Folds => self.as_target(target),
            Split::Given | Split::Shuffled => &self.texts[target],
        };
        let at_most = |all: usize, limit: Option<usize>| limit.unwrap_or(all).min(all) as f64;
        let own = match s.data.split {
            Split::Shuffled => 0.8 * at_most(text.all(), s.data.cutoff),
            Split::Given | Split::Folds => at_most(text.train, s.data.cutoff),
        };
        let own = s.data.train_limit.map_or(own, |n| own.min(n as f64));
        let own = match draft.task {
            Task::Active { size, .. } => own.min(size as f64),
            _ => own,
        };
        // The training part of another language, or all of it.
        let other = |language: &str, limit: Option<usize>, whole| match self.texts.get(language) {
            None => limit.unwrap_or(0) as f64,
            Some(text) if whole => at_most(text.all(), limit),
            Some(text) if s.data.split == Split::Shuffled => 0.8 * at_most(text.all(), limit),
            Some(text) => at_most(text.train, limit),
        };
        let joined: f64 =
            draft.joined.iter().zip(&s.data.join).map(|(l, j)| other(l, j.limit, j.whole)).sum();
        let dev = LABELLING * text.dev as f64;
        let test = LABELLING * text.test.unwrap_or(0) as f64;
        if !draft.task.trains() {
            return (dev + test) * draft.members.len().max(1) as f64;
        }
        let epochs = f64::from(s.epochs_in_all());
        let passes = s.optimizer.passes() as f64;
        let trained = epochs * (passes * (own + joined) + dev) + test;
        // Each teacher labels the training text, if it is learnt from, and the pool, both once.
        let of_teachers = LABELLING * teachers as f64;
        let taught = if s.self_training.teacher_share > 0.0 { own + joined } else { 0.0 };
        let trained = trained + of_teachers * taught;
        let Some(pool) = &draft.pool else { return trained };
        // Unlabelled text is not counted: assume as much as there is labelled text.
        let pool = match (pool.kind, s.self_training.pool_limit) {
            (PoolSource::Target, Some(n)) => n as f64,
            (PoolSource::Target, None) => text.all() as f64,
            (PoolSource::Source, limit) => other(&pool.language, limit, false),
        };
        // What a round adds to every later epoch, about.
        let added = passes * pool * (1.0 - s.self_training.quantile) / 2.0;
        if teachers > 0 {
            return trained + of_teachers * pool + added * epochs;
        }
        if s.self_training.student == Student::Fresh {
            let later = epochs - f64::from(s.optimizer.epochs);
            return trained + f64::from(s.self_training.rounds) * LABELLING * pool + added * later;
        }
        let most = (epochs - 1.0 - f64::from(s.self_training.delay)).max(0.0);
        let rounds = if s.self_training.rounds == 0 {
            most
        } else {
            most.min(f64::from(s.self_training.rounds))
        };
        trained + rounds * LABELLING * pool + added * rounds * rounds / 2.0
    }
}

impl Plan {
    /// Sentences that a run trains on, over all epochs. A sentence that is only labelled counts about a
    /// third.
    pub fn work(&self, run: &Run) -> f64 {
        run.work
    }

    /// Estimates the runs at `positions`, with `threads` threads for each.
    pub fn estimate(
        &self,
        positions: &[usize],
        results: &Results,
        threads: usize,
        keep_models: bool,
    ) -> Estimate {
        let (mut done, mut seconds) = (0.0, 0.0);
        for run in &self.runs {
            if let Some(time) = results.run(&run.id).seconds() {
                done += self.work(run);
                seconds += time;
            }
        }
        let measured = done > 0.0;
        let mut encoders: BTreeMap<&Path, u64> = BTreeMap::new();
        let mut bytes_once =
            |encoder| *encoders.entry(encoder).or_insert_with(|| weight_bytes(encoder));
        let lengths: Vec<u64> =
            self.runs.iter().map(|run| bytes_once(self.encoder_of(run))).collect();
        let seconds_of = |at: usize| {
            let rate =
                if measured { seconds / done } else { guess(lengths[at], &self.runs[at], threads) };
            rate * self.work(&self.runs[at])
        };
        // An ensemble has copies of its members.
        let bytes_of = |at: usize| {
            let run = &self.runs[at];
            let own = if run.task.trains() { lengths[at] } else { 0 };
            own + run.members.iter().map(|member| lengths[*member]).sum::<u64>()
        };
        // A checkpoint has the parameters, the best parameters and two moments.
        let largest = positions.iter().map(|at| lengths[*at]).max().unwrap_or(0);
        let mut bytes = 4 * largest;
        // Models that others need, and the one in training.
        let is_kept = |at: &usize| keep_models || !self.needed_by[*at].is_empty();
        bytes += positions.iter().copied().filter(is_kept).map(bytes_of).sum::<u64>();
        if !keep_models {
            bytes += largest;
        }
        Estimate { seconds: positions.iter().map(|at| seconds_of(*at)).sum(), measured, bytes }
    }

    /// The folder of the encoder that a run trains: its own, or that of the model that it starts from.
    fn encoder_of<'a>(&'a self, run: &'a Run) -> &'a Path {
        match (&run.settings.network.encoder, run.needs) {
            (Some(own), _) => own,
            (None, Some(at)) => self.encoder_of(&self.runs[at]),
            (None, None) => &self.encoder,
        }
    }
}

/// Seconds for a sentence, from the size of an encoder's weights in bytes.
fn guess(weights: u64, run: &Run, threads: usize) -> f64 {
    let parameters = weights as f64 / 4.0;
    let is_cut = run.settings.pieces.piece_labels == PieceLabels::Repeated;
    let pieces = if is_cut { PIECES } else { 1.2 * PIECES };
    6.0 * parameters * pieces / (SPEED * threads.max(1) as f64)
}

/// The size of the weights in the folder of an encoder.
fn weight_bytes(encoder: &Path) -> u64 {
    let is_weights =
        |file: &PathBuf| file.extension().is_some_and(|e| e == "safetensors" || e == "bin");
    let mut files = gleaner::encoder_paths(encoder).unwrap_or_default();
    files.retain(is_weights);
    let lengths = files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|m| m.len());
    match lengths.sum::<u64>() {
        0 => gleaner_sample::encoder().weights.len() as u64,
        bytes => bytes,
    }
}
