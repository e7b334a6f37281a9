//! The loop over epochs.

use super::{
    Event, Observer, WordPieces,
    checkpoint::{self, Progress},
    event::EpochRecord,
    pseudo::{self, PseudoLabelled},
};
use crate::{
    Additions, GleanerError, Provenance, RunData, Schedule, Selection, Settings, Tagger,
    batches::{self, Sequence},
    model_folder::OpenFolder,
    tagger::Share,
};
use gleaner_corpus::Sentence;
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
    let mut trainer = Trainer::new(settings, examples(tagger, data, observer), tagger);
    trainer.add(tagger, data, &state.added);
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
            round: None,
        };
        state.plateau.observe(record.dev_loss);
        let score = match settings.select {
            Selection::EntityF1 => record.dev_f1,
            Selection::Published => record.dev_published,
        };
        let best = state.observe(score, epoch, &tagger.network.params);
        observer.on(&Event::Epoch { record: &record, best });
        state.history.push(record);
        if is_labelling_due(settings, &state) {
            label_pool(settings, data, tagger, &mut trainer, &mut state, observer)?;
        }
        if saved.elapsed() >= Duration::from_secs(settings.checkpoint_seconds) {
            checkpoint::save(folder, provenance, tagger, &state)?;
            saved = Instant::now();
        }
    }
    state.restore_best(&mut tagger.network.params);
    let scored = tagger.score(&data.dev, settings.batch)?;
    provenance.dev = Some(crate::model_folder::Scores::of(&scored, settings.resamples));
    provenance.best_epoch = state.best_epoch;
    provenance.history = state.history;
    Ok(())
}

/// Whether the pool is to be labelled now: the delay has passed, and what is added will be trained
/// on.
fn is_labelling_due(settings: &Settings, state: &Progress) -> bool {
    let done = state.history.len() as u32;
    let goes_on = done < settings.epochs && !state.out_of_patience(settings.patience);
    // The epoch just done has the index `done - 1`.
    !settings.pool.is_empty() && goes_on && done > settings.delay.saturating_add(1)
}

/// Labels the pool and adds what the tagger is sure of to the training text.
fn label_pool(
    settings: &Settings,
    data: &RunData,
    tagger: &Tagger,
    trainer: &mut Trainer,
    state: &mut Progress,
    observer: &mut dyn Observer,
) -> Result<(), GleanerError> {
    let Some(pool) = &data.pool else { return Ok(()) };
    let (round, labelled) = pseudo::round(settings, tagger, pool)?;
    if settings.additions == Additions::Replace {
        state.added.clear();
        trainer.drop_added();
    }
    trainer.add(tagger, data, &labelled.added);
    state.added.extend(labelled.added);
    let epoch = state.history.len() as u32;
    let (confidences, chosen) = (&labelled.confidences, &labelled.chosen);
    observer.on(&Event::Labelled { epoch, round: &round, confidences, chosen });
    if let Some(record) = state.history.last_mut() {
        record.round = Some(round);
    }
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
    let mut trainer = Trainer::new(settings, all, tagger);
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
        let gold: Vec<u16> =
            sentence.tags.iter().map(|t| tagger.labels.id(t).unwrap_or(0)).collect();
        let example = example(tagger, sentence, &gold);
        cut += usize::from(example.words < sentence.words.len());
        lost += sentence.words.len() - example.words;
        example
    });
    let examples = sentences.collect();
    if cut > 0 {
        observer.on(&Event::Cut { sentences: cut, words: lost });
    }
    examples
}

/// A sentence as it is trained on, with these tags for its words.
fn example(tagger: &Tagger, sentence: &Sentence, tags: &[u16]) -> Example {
    let pieces: WordPieces = tagger.pieces.sentence(&sentence.words);
    let (sequence, words) = tagger.framing.cut(&tagger.pieces, &pieces);
    let tags = sequence.tags(tagger.framing, &tagger.labels, tags);
    Example { sequence, tags, words }
}

struct Trainer<'a> {
    settings: &'a Settings,
    /// The training text, then what was added to it.
    examples: Vec<Example>,
    /// Sentences of the training text.
    own: usize,
    lengths: Vec<usize>,
    /// Steps of an epoch without additions: the schedule counts in these, so that it ends with the
    /// last epoch however many sentences are added.
    steps_an_epoch: u64,
    grads: Grads,
    stream: Stream,
}

impl<'a> Trainer<'a> {
    fn new(settings: &'a Settings, examples: Vec<Example>, tagger: &Tagger) -> Self {
        let batches = examples.len().div_ceil(settings.batch);
        let mut trainer = Self {
            settings,
            own: examples.len(),
            examples,
            lengths: Vec::new(),
            steps_an_epoch: batches.div_ceil(settings.accumulate) as u64,
            grads: Grads::zeros(&tagger.network.params),
            stream: Stream::new(settings.seed).named("training"),
        };
        trainer.measure();
        trainer
    }

    fn measure(&mut self) {
        self.lengths = self.examples.iter().map(|e| e.sequence.ids.len()).collect();
    }

    /// Puts sentences of the pool behind what there is.
    fn add(&mut self, tagger: &Tagger, data: &RunData, added: &[PseudoLabelled]) {
        if let Some(pool) = &data.pool {
            let of = |a: &PseudoLabelled| example(tagger, &pool.sentences[a.sentence], &a.tags);
            self.examples.extend(added.iter().map(of));
        }
        self.measure();
    }

    /// Leaves the training text alone.
    fn drop_added(&mut self) {
        self.examples.truncate(self.own);
        self.measure();
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
        let groups = batches.len().div_ceil(self.settings.accumulate) as u64;
        for (index, group) in batches.chunks(self.settings.accumulate).enumerate() {
            let within = index as u64 * self.steps_an_epoch / groups;
            let position = u64::from(epoch - 1) * self.steps_an_epoch + within;
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
            self.step(position, tagger, state);
        }
        Ok((loss / done as f64, score / done as f64))
    }

    /// One step of the optimiser; `position` is the schedule's.
    fn step(&mut self, position: u64, tagger: &mut Tagger, state: &mut Progress) {
        let s = self.settings;
        let mut scale = 1.0;
        if s.clip > 0.0 {
            scale = clip_factor(global_norm(&tagger.network.params, &self.grads), s.clip);
        }
        let factor = match s.schedule {
            Schedule::Constant => 1.0,
            Schedule::Plateau => state.plateau.scale(),
            Schedule::WarmupLinear => {
                let in_all = self.steps_an_epoch * u64::from(s.epochs);
                let warmup = (s.warmup * in_all as f64).round() as u64;
                warmup_linear(position, warmup, in_all)
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
