//! One epoch over the training text and the sentences added to it.

use super::{
    EncodedTexts, Event, Observer,
    mentions::{Replaced, Replacement},
    progress::{Partway, Progress},
    pseudo::PseudoLabelled,
};
use crate::{
    Dataset, GleanerError, Schedule, Settings, Tagger, batches, framing::Sequence,
    pieces::WordPieces, tagger::Share,
};
use gleaner_nn::{
    Batch, Grads, Group,
    crf::{Crf, Expectations, Labels, Supervision},
    network::{Network, Pass},
    optim::{clip_factor, global_norm},
    rng::Stream,
    schedule::warmup_linear,
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A training sentence.
pub(super) struct Example {
    sequence: Sequence,
    /// The gold tags or the best guess, `[labelled]`.
    tags: Vec<u16>,
    labels: ExampleLabels,
    weight: f64,
    words: usize,
}

/// The results of an epoch of training.
pub(super) struct EpochResult {
    /// Mean over batches of the loss.
    pub(super) loss: f64,
    /// Mean over batches of the share of correct labelled positions, in training mode, where it is wanted.
    pub(super) score: Option<f64>,
    /// Number of pieces passed through the network.
    pub(super) pieces: u64,
}

/// What is known of an example's tags.
enum ExampleLabels {
    /// One tag for every position.
    Tags,
    /// The tags that are possible, `[positions, tags]`.
    Allowed(Vec<bool>),
    /// A distribution over tag sequences.
    Soft(Expectations),
}

impl Example {
    /// Number of words of the sentence that it covers.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Moves the target from the tags towards a teacher's distribution over the tags of the words, by `share`.
    pub(super) fn learn(&mut self, teacher: &Expectations, share: f64, tags: usize) {
        let share = share as f32;
        let mut mixed = teacher.clone();
        mixed.positions.iter_mut().chain(&mut mixed.steps).for_each(|p| *p *= share);
        for (position, &tag) in mixed.positions.chunks_mut(tags).zip(&self.tags) {
            position[usize::from(tag)] += 1.0 - share;
        }
        for pair in self.tags.windows(2) {
            mixed.steps[usize::from(pair[0]) * tags + usize::from(pair[1])] += 1.0 - share;
        }
        self.labels = ExampleLabels::Soft(mixed);
    }

    fn supervision(&self) -> Supervision<'_> {
        let labels = match &self.labels {
            ExampleLabels::Tags => Labels::Tags(&self.tags),
            ExampleLabels::Allowed(allowed) => Labels::Allowed(allowed),
            ExampleLabels::Soft(teacher) => Labels::Expected(teacher),
        };
        Supervision { labels, weight: self.weight }
    }
}

/// The training text. The observer gets an event if sentences are cut or the tokenizer needed a change.
pub(super) fn examples(
    tagger: &Tagger,
    data: &Dataset,
    texts: &EncodedTexts,
    observer: &mut dyn Observer,
) -> Vec<Example> {
    if let Some(warning) = tagger.tokenizer.warning() {
        observer.on(&Event::Tokenizer { warning });
    }
    let (mut cut, mut lost) = (0, 0);
    let sentences = data.train.sentences.iter().zip(&texts.train).map(|(sentence, pieces)| {
        let gold: Vec<u16> =
            sentence.tags.iter().map(|t| tagger.labels.id(t).unwrap_or(0)).collect();
        let example = example(tagger, pieces, &gold);
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

/// A sentence to train on, with these tags for its words.
fn example(tagger: &Tagger, pieces: &WordPieces, tags: &[u16]) -> Example {
    let (sequence, words) = tagger.framing.cut(&tagger.tokenizer, pieces);
    let tags = sequence.tags(tagger.framing, &tagger.labels, tags);
    Example { sequence, tags, labels: ExampleLabels::Tags, weight: 1.0, words }
}

/// A sentence of the pool to train on.
fn pseudo_example(
    settings: &Settings,
    tagger: &Tagger,
    pieces: &WordPieces,
    labelled: &PseudoLabelled,
) -> Example {
    let example = example(tagger, pieces, &labelled.tags);
    let labels = match &labelled.soft {
        Some(soft) => ExampleLabels::Soft(soft.clone()),
        None if labelled.unsure.is_empty() => ExampleLabels::Tags,
        None => {
            let tags = tagger.labels.len();
            ExampleLabels::Allowed(example.sequence.allowed(tags, &example.tags, &labelled.unsure))
        }
    };
    Example { labels, weight: settings.self_training.pool_weight, ..example }
}

/// An epoch's place in the training.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The round that it belongs to.
    pub(super) round: u32,
    /// Its number in the training, from 1.
    pub(super) epoch: u32,
    /// Its number in the round, from 1.
    pub(super) within: u32,
    /// The maximum number of epochs of the round.
    pub(super) of: u32,
}

/// Trains a tagger, epoch by epoch.
pub(super) struct Trainer<'a> {
    settings: &'a Settings,
    replacement: Option<Replacement<'a>>,
    /// The training text, then the added sentences.
    examples: Vec<Example>,
    /// Number of sentences in the training text.
    own: usize,
    lengths: Vec<usize>,
    /// Number of steps of an epoch without additions. The schedule counts in these, so that it ends with the last epoch
    /// whatever is added.
    steps_an_epoch: u64,
    grads: Grads,
    stream: Stream,
    /// Whether a batch was divided for lack of memory.
    divided: bool,
}

impl<'a> Trainer<'a> {
    /// A trainer on `examples`, which are those of the training text of `data`.
    pub(super) fn new(
        settings: &'a Settings,
        data: &'a Dataset,
        examples: Vec<Example>,
        tagger: &Tagger,
    ) -> Self {
        let batches = examples.len().div_ceil(settings.optimizer.batch);
        let mut trainer = Self {
            settings,
            replacement: Replacement::of(settings, data),
            own: examples.len(),
            examples,
            lengths: Vec::new(),
            steps_an_epoch: batches.div_ceil(settings.optimizer.accumulate) as u64,
            grads: Grads::zeros(&tagger.network.params),
            stream: Stream::new(settings.run.seed).named("training"),
            divided: false,
        };
        trainer.measure();
        trainer
    }

    fn measure(&mut self) {
        self.lengths = self.examples.iter().map(|e| e.sequence.ids.len()).collect();
    }

    /// Appends sentences of the pool.
    pub(super) fn add(&mut self, tagger: &Tagger, texts: &EncodedTexts, added: &[PseudoLabelled]) {
        let settings = self.settings;
        let of = |a: &PseudoLabelled| pseudo_example(settings, tagger, &texts.pool[a.sentence], a);
        self.examples.extend(added.iter().map(of));
        self.measure();
    }

    /// Removes the added sentences.
    pub(super) fn drop_added(&mut self) {
        self.examples.truncate(self.own);
        self.measure();
    }

    /// Trains one epoch, or what `state` says is left of it. `None` if the observer stopped it: the steps that were
    /// done are in `state` then.
    pub(super) fn epoch(
        &mut self,
        place: Place,
        tagger: &mut Tagger,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<Option<EpochResult>, GleanerError> {
        let Place { round, epoch, within, of } = place;
        let stream = match round {
            0 => self.stream,
            _ => self.stream.named("round").child(u64::from(round)),
        };
        let s = self.settings;
        let order = s.optimizer.shuffle.then(|| stream.named("order").child(u64::from(epoch)));
        let replaced = self.replaced(epoch, tagger);
        let batches = self.batches(&replaced, order);
        let Partway { steps, mut loss, mut score, mut pieces } =
            state.partway.take().unwrap_or_default();
        let mut done = batches.len().min(steps * s.optimizer.accumulate);
        let groups = batches.len().div_ceil(s.optimizer.accumulate) as u64;
        for (index, group) in batches.chunks(s.optimizer.accumulate).enumerate().skip(steps) {
            let in_epoch = index as u64 * self.steps_an_epoch / groups;
            let position = u64::from(within - 1) * self.steps_an_epoch + in_epoch;
            self.grads.clear();
            let sentences: usize = group.iter().map(Vec::len).sum();
            for indices in group {
                let chosen: Vec<&Example> =
                    indices.iter().map(|i| replaced.get(i).unwrap_or(&self.examples[*i])).collect();
                let dropout = stream.named("dropout").child(state.adam.steps()).child(done as u64);
                let (network, weight) = (&tagger.network, 1.0 / sentences as f64);
                let (batch, pass) =
                    pass(network, &chosen, weight, s.optimizer.r_drop, dropout, &mut self.grads)?;
                if pass.parts > 1 && !self.divided {
                    self.divided = true;
                    observer.on(&Event::Divided { parts: pass.parts });
                }
                loss += pass.losses.iter().sum::<f64>() / indices.len() as f64;
                if s.selection.train_score {
                    score += correct_share(&tagger.network.crf(), &batch, &pass.emissions);
                }
                pieces += (batch.packed().pieces() * s.optimizer.passes()) as u64;
                done += 1;
                observer.on(&Event::Batch {
                    epoch,
                    done,
                    of: batches.len(),
                    loss: loss / done as f64,
                    words: chosen.iter().map(|e| e.words).sum(),
                    pieces: batch.packed().pieces(),
                });
            }
            self.step(position, of, tagger, state);
            // A training that diverged ends with its epoch.
            if observer.should_stop() && loss.is_finite() {
                state.partway = Some(Partway { steps: index + 1, loss, score, pieces });
                return Ok(None);
            }
        }
        let score = s.selection.train_score.then(|| score / done as f64);
        Ok(Some(EpochResult { loss: loss / done as f64, score, pieces }))
    }

    /// The indices of the examples of each batch of an epoch. Some examples are `replaced`.
    fn batches(
        &self,
        replaced: &BTreeMap<usize, Example>,
        order: Option<Stream>,
    ) -> Vec<Vec<usize>> {
        let mut lengths = self.lengths.clone();
        for (&i, example) in replaced {
            lengths[i] = example.sequence.ids.len();
        }
        let (batch, gold_share) =
            (self.settings.optimizer.batch, self.settings.self_training.gold_share);
        batches::mixed(&lengths, self.own, batch, gold_share, order)
    }

    /// The training sentences of an epoch that have other mentions, by index. Their targets are their tags.
    fn replaced(&self, epoch: u32, tagger: &Tagger) -> BTreeMap<usize, Example> {
        let Some(replacement) = &self.replacement else { return BTreeMap::new() };
        let of = |index: usize| {
            let Replaced { words, tags } = replacement.sentence(epoch, index)?;
            let gold: Vec<u16> = tags.iter().map(|t| tagger.labels.id(t).unwrap_or(0)).collect();
            Some((index, example(tagger, &tagger.tokenizer.sentence(&words), &gold)))
        };
        (0..self.own).into_par_iter().filter_map(of).collect()
    }

    /// One step of the optimiser at a `position` of the schedule, which ends after `epochs` epochs.
    fn step(&mut self, position: u64, epochs: u32, tagger: &mut Tagger, state: &mut Progress) {
        let s = self.settings;
        let mut scale = 1.0;
        if s.optimizer.clip > 0.0 {
            scale = clip_factor(global_norm(&tagger.network.params, &self.grads), s.optimizer.clip);
        }
        let factor = match s.optimizer.schedule {
            Schedule::Constant => 1.0,
            Schedule::Plateau => state.plateau.scale(),
            Schedule::WarmupLinear => {
                let in_all = self.steps_an_epoch * u64::from(epochs);
                let warmup = (s.optimizer.warmup * in_all as f64).round() as u64;
                warmup_linear(position, warmup, in_all)
            }
        };
        let rate_encoder = s.optimizer.rate_encoder.at(tagger.network.encoder_config().hidden_size);
        state.adam.step(&mut tagger.network.params, &self.grads, scale, |group| {
            let rate = match group {
                Group::Encoder => rate_encoder,
                Group::Lstm => s.optimizer.rate_lstm,
                Group::Linear => s.optimizer.rate_linear,
                Group::Crf => s.optimizer.rate_crf,
            };
            (rate > 0.0).then_some(rate * factor)
        });
    }
}

/// A batch of these examples and its training pass, or its two passes for R-Drop with a factor above zero. Adds the
/// gradients, times `weight`, to `grads`.
fn pass(
    network: &Network,
    examples: &[&Example],
    weight: f64,
    r_drop: f64,
    dropout: Stream,
    grads: &mut Grads,
) -> Result<(Batch, Pass), GleanerError> {
    let tags = examples.iter().flat_map(|e| e.tags.iter().copied()).collect();
    let batch = batches::assemble(examples.iter().map(|e| &e.sequence), tags);
    let supervision: Vec<Supervision> = examples.iter().map(|e| e.supervision()).collect();
    let pass = if r_drop > 0.0 {
        let both = [dropout, dropout.named("again")];
        network.train_twice(&batch, &supervision, weight, r_drop, both, grads)?
    } else {
        network.train_pass_on(&batch, &supervision, weight, Some(dropout), grads)?
    };
    Ok((batch, pass))
}

/// The share of labelled positions of a batch that Viterbi decoding of its emissions tags correctly.
fn correct_share(crf: &Crf, batch: &Batch, emissions: &[f32]) -> f64 {
    let mut share = Share::default();
    for w in batch.labelled_offsets().windows(2) {
        let emissions = &emissions[w[0] * crf.tags..w[1] * crf.tags];
        share.add(&crf.best(emissions), &batch.tags()[w[0]..w[1]]);
    }
    share.ratio()
}
