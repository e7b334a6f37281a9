//! The loop over epochs.

use super::{
    Event, Observer, WordPieces,
    checkpoint::{self, Progress},
    event::EpochRecord,
};
use crate::{
    GleanerError, Provenance, RunData, Schedule, Selection, Settings, Tagger,
    batches::{self, Sequence},
    model_folder::OpenFolder,
    tagger::Share,
};
use gleaner_metrics::Mode;
use gleaner_nn::{
    Grads, Group,
    optim::{Adam, AdamConfig, clip_factor, global_norm},
    rng::Stream,
    schedule::{Plateau, warmup_linear},
};
use std::time::{Duration, Instant};

/// A training sentence.
struct Example {
    sequence: Sequence,
    tags: Vec<u16>,
    words: usize,
}

/// The state that a training starts or goes on from; what is not fresh is put into `tagger`.
pub(super) fn begin(
    settings: &Settings,
    tagger: &mut Tagger,
    folder: &OpenFolder,
    made_of: &Provenance,
) -> Result<Progress, GleanerError> {
    let mut state = fresh(settings, tagger);
    checkpoint::load(folder, made_of, tagger, &mut state)?;
    Ok(state)
}

fn fresh(settings: &Settings, tagger: &Tagger) -> Progress {
    let adam = AdamConfig::new(settings.optimizer, settings.decay);
    Progress::new(Adam::new(adam, &tagger.network.params), Plateau::new(0.1, 5, 1e-4))
}

/// Trains until the last epoch or until patience ends, and leaves the tagger in its best state.
pub(super) fn run(
    settings: &Settings,
    data: &RunData,
    tagger: &mut Tagger,
    folder: &OpenFolder,
    mut state: Progress,
    provenance: &mut Provenance,
    observer: &mut dyn Observer,
) -> Result<(), GleanerError> {
    if !state.history.is_empty() {
        observer.on(&Event::Resumed { epochs: state.history.len() as u32 });
    }
    let examples = examples(tagger, data, observer);
    let mut trainer = Trainer::new(settings, &examples, tagger);
    let mut saved = Instant::now();
    while (state.history.len() as u32) < settings.epochs
        && !state.out_of_patience(settings.patience)
    {
        let epoch = state.history.len() as u32 + 1;
        let (train_loss, train_score) = trainer.epoch(epoch, tagger, &mut state, observer)?;
        let scored = tagger.score(&data.dev, settings.batch)?;
        let record = EpochRecord {
            epoch,
            train_loss,
            train_score,
            dev_loss: scored.loss,
            dev_f1: scored.evaluation.report(Mode::Default).micro.f1,
            dev_published: scored.published,
        };
        state.plateau.observe(record.dev_loss);
        let score = match settings.select {
            Selection::EntityF1 => record.dev_f1,
            Selection::Published => record.dev_published,
        };
        let best = state.observe(score, epoch, &tagger.network.params);
        observer.on(&Event::Epoch { record: &record, best });
        state.history.push(record);
        if saved.elapsed() >= Duration::from_secs(settings.checkpoint_seconds) {
            checkpoint::save(folder, provenance, tagger, &state)?;
            saved = Instant::now();
        }
    }
    state.restore_best(&mut tagger.network.params);
    let scored = tagger.score(&data.dev, settings.batch)?;
    provenance.dev = Some(crate::model_folder::Scores::of(&scored, settings));
    provenance.best_epoch = state.best_epoch;
    provenance.history = state.history;
    Ok(())
}

/// Trains a few batches, the first to warm up; gives pieces a second.
pub(super) fn rehearse(
    settings: &Settings,
    data: &RunData,
    tagger: &mut Tagger,
) -> Result<f64, GleanerError> {
    const BATCHES: usize = 5;
    let mut all = examples(tagger, data, &mut |_: &Event| {});
    all.truncate(BATCHES * settings.batch * settings.accumulate);
    let mut state = fresh(settings, tagger);
    let mut trainer = Trainer::new(settings, &all, tagger);
    let (mut started, mut measured) = (Instant::now(), 0);
    trainer.epoch(1, tagger, &mut state, &mut |event: &Event| {
        if let Event::Batch { done, of, pieces, .. } = event {
            if *done == 1 && *of > 1 {
                started = Instant::now();
            } else {
                measured += pieces;
            }
        }
    })?;
    Ok(measured as f64 / started.elapsed().as_secs_f64().max(1e-9))
}

fn examples(tagger: &Tagger, data: &RunData, observer: &mut dyn Observer) -> Vec<Example> {
    let (mut cut, mut lost) = (0, 0);
    let sentences = data.train.sentences.iter().map(|sentence| {
        let pieces: WordPieces = tagger.pieces.sentence(&sentence.words);
        let (sequence, words) = tagger.framing.cut(&tagger.pieces, &pieces);
        cut += usize::from(words < sentence.words.len());
        lost += sentence.words.len() - words;
        let gold: Vec<u16> =
            sentence.tags.iter().map(|t| tagger.labels.id(t).unwrap_or(0)).collect();
        let tags = sequence.tags(tagger.framing, &tagger.labels, &gold);
        Example { sequence, tags, words }
    });
    let examples = sentences.collect();
    if cut > 0 {
        observer.on(&Event::Cut { sentences: cut, words: lost });
    }
    examples
}

struct Trainer<'a> {
    settings: &'a Settings,
    examples: &'a [Example],
    lengths: Vec<usize>,
    steps_in_all: u64,
    grads: Grads,
    stream: Stream,
}

impl<'a> Trainer<'a> {
    fn new(settings: &'a Settings, examples: &'a [Example], tagger: &Tagger) -> Self {
        let batches = examples.len().div_ceil(settings.batch);
        Self {
            settings,
            examples,
            lengths: examples.iter().map(|e| e.sequence.ids.len()).collect(),
            steps_in_all: batches.div_ceil(settings.accumulate) as u64 * u64::from(settings.epochs),
            grads: Grads::zeros(&tagger.network.params),
            stream: Stream::new(settings.seed).named("training"),
        }
    }

    /// One epoch; gives the means over batches of the loss and of the share of right units.
    fn epoch(
        &mut self,
        epoch: u32,
        tagger: &mut Tagger,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(f64, f64), GleanerError> {
        let order =
            self.settings.shuffle.then(|| self.stream.named("order").child(u64::from(epoch)));
        let batches = batches::epoch(&self.lengths, self.settings.batch, order);
        let (mut loss, mut score, mut done) = (0.0, 0.0, 0);
        for group in batches.chunks(self.settings.accumulate) {
            self.grads.clear();
            let sentences: usize = group.iter().map(Vec::len).sum();
            for indices in group {
                let chosen = indices.iter().map(|&i| &self.examples[i]);
                let tags = chosen.clone().flat_map(|e| e.tags.iter().copied()).collect();
                let batch = batches::assemble(chosen.clone().map(|e| &e.sequence), tags);
                let dropout =
                    self.stream.named("dropout").child(state.adam.steps()).child(done as u64);
                let pass = tagger.network.train_pass(
                    &batch,
                    1.0 / sentences as f64,
                    Some(dropout),
                    &mut self.grads,
                )?;
                loss += pass.losses.iter().sum::<f64>() / indices.len() as f64;
                let crf = tagger.network.crf();
                let mut share = Share::default();
                for w in batch.unit_offsets.windows(2) {
                    let emissions = &pass.emissions[w[0] * crf.tags..w[1] * crf.tags];
                    share.add(&crf.best(emissions), &batch.tags[w[0]..w[1]]);
                }
                score += share.ratio();
                done += 1;
                observer.on(&Event::Batch {
                    epoch,
                    done,
                    of: batches.len(),
                    loss: loss / done as f64,
                    words: chosen.map(|e| e.words).sum(),
                    pieces: batch.packed.pieces(),
                });
            }
            self.step(tagger, state);
        }
        Ok((loss / done as f64, score / done as f64))
    }

    fn step(&mut self, tagger: &mut Tagger, state: &mut Progress) {
        let s = self.settings;
        let mut scale = 1.0;
        if s.clip > 0.0 {
            scale = clip_factor(global_norm(&tagger.network.params, &self.grads), s.clip);
        }
        let factor = match s.schedule {
            Schedule::Constant => 1.0,
            Schedule::Plateau => state.plateau.scale(),
            Schedule::WarmupLinear => {
                let warmup = (s.warmup * self.steps_in_all as f64).round() as u64;
                warmup_linear(state.adam.steps(), warmup, self.steps_in_all)
            }
        };
        state.adam.step(&mut tagger.network.params, &self.grads, scale, |group| {
            let rate = match group {
                Group::Encoder => s.rate_encoder,
                Group::Lstm => s.rate_lstm,
                Group::Linear => s.rate_linear,
                Group::Crf => s.rate_crf,
            };
            (rate > 0.0).then_some(rate * factor)
        });
    }
}
