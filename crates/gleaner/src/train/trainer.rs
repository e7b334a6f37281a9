//! One epoch over the training text and what was added to it.

use super::{Event, Observer, WordPieces, progress::Progress, pseudo::PseudoLabelled};
use crate::{
    GleanerError, RunData, Schedule, Settings, Tagger,
    batches::{self, Sequence},
    tagger::Share,
};
use gleaner_corpus::Sentence;
use gleaner_nn::{
    Grads, Group,
    crf::{Expectations, Lesson, Target},
    optim::{clip_factor, global_norm},
    rng::Stream,
    schedule::warmup_linear,
};

/// A training sentence.
pub(super) struct Example {
    sequence: Sequence,
    /// A tag for each unit: what is learnt, or the best guess.
    tags: Vec<u16>,
    aim: Aim,
    weight: f64,
    words: usize,
}

/// What came of an epoch of training.
pub(super) struct Trained {
    /// Mean over batches of the loss.
    pub(super) loss: f64,
    /// Mean over batches of the share of right units in training mode.
    pub(super) score: f64,
    /// Pieces passed through the network.
    pub(super) pieces: u64,
}

/// What is learnt of a sentence.
enum Aim {
    /// Its tags.
    Tags,
    /// That its tags are among these, `[units, tags]`.
    Allowed(Vec<bool>),
    /// A distribution over its tags.
    Soft(Expectations),
}

impl Example {
    fn lesson(&self) -> Lesson<'_> {
        let target = match &self.aim {
            Aim::Tags => Target::Tags(&self.tags),
            Aim::Allowed(allowed) => Target::Allowed(allowed),
            Aim::Soft(teacher) => Target::Expected(teacher),
        };
        Lesson { target, weight: self.weight }
    }
}

/// The training text, with what is cut off told.
pub(super) fn examples(
    tagger: &Tagger,
    data: &RunData,
    observer: &mut dyn Observer,
) -> Vec<Example> {
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
    Example { sequence, tags, aim: Aim::Tags, weight: 1.0, words }
}

/// A sentence of the pool as it is trained on.
fn pseudo_example(
    settings: &Settings,
    tagger: &Tagger,
    sentence: &Sentence,
    labelled: &PseudoLabelled,
) -> Example {
    let example = example(tagger, sentence, &labelled.tags);
    let aim = match &labelled.soft {
        Some(soft) => Aim::Soft(soft.clone()),
        None if labelled.unsure.is_empty() => Aim::Tags,
        None => {
            let tags = tagger.labels.len();
            Aim::Allowed(example.sequence.allowed(tags, &example.tags, &labelled.unsure))
        }
    };
    Example { aim, weight: settings.self_training.pool_weight, ..example }
}

/// An epoch's place in the training.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The round that it belongs to.
    pub(super) round: u32,
    /// Its number in the training, from 1.
    pub(super) epoch: u32,
    /// Its number in the round, from 1, and of how many at most.
    pub(super) within: u32,
    pub(super) of: u32,
}

/// What trains a tagger epoch by epoch.
pub(super) struct Trainer<'a> {
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
    /// Whether batches were divided for want of memory.
    divided: bool,
}

impl<'a> Trainer<'a> {
    pub(super) fn new(settings: &'a Settings, examples: Vec<Example>, tagger: &Tagger) -> Self {
        let batches = examples.len().div_ceil(settings.optimizer.batch);
        let mut trainer = Self {
            settings,
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

    /// Puts sentences of the pool behind what there is.
    pub(super) fn add(&mut self, tagger: &Tagger, data: &RunData, added: &[PseudoLabelled]) {
        if let Some(pool) = &data.pool {
            let of = |a: &PseudoLabelled| {
                pseudo_example(self.settings, tagger, &pool.sentences[a.sentence], a)
            };
            self.examples.extend(added.iter().map(of));
        }
        self.measure();
    }

    /// Leaves the training text alone.
    pub(super) fn drop_added(&mut self) {
        self.examples.truncate(self.own);
        self.measure();
    }

    /// One epoch.
    pub(super) fn epoch(
        &mut self,
        place: Place,
        tagger: &mut Tagger,
        state: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<Trained, GleanerError> {
        let Place { round, epoch, within, of } = place;
        let stream = match round {
            0 => self.stream,
            _ => self.stream.named("round").child(u64::from(round)),
        };
        let s = self.settings;
        let order = s.optimizer.shuffle.then(|| stream.named("order").child(u64::from(epoch)));
        let batches = batches::mixed(
            &self.lengths,
            self.own,
            s.optimizer.batch,
            s.self_training.gold_share,
            order,
        );
        let (mut loss, mut score, mut pieces, mut done) = (0.0, 0.0, 0, 0);
        let groups = batches.len().div_ceil(s.optimizer.accumulate) as u64;
        for (index, group) in batches.chunks(s.optimizer.accumulate).enumerate() {
            let in_epoch = index as u64 * self.steps_an_epoch / groups;
            let position = u64::from(within - 1) * self.steps_an_epoch + in_epoch;
            self.grads.clear();
            let sentences: usize = group.iter().map(Vec::len).sum();
            for indices in group {
                let chosen = indices.iter().map(|&i| &self.examples[i]);
                let tags = chosen.clone().flat_map(|e| e.tags.iter().copied()).collect();
                let batch = batches::assemble(chosen.clone().map(|e| &e.sequence), tags);
                let lessons: Vec<Lesson> = chosen.clone().map(Example::lesson).collect();
                let dropout = stream.named("dropout").child(state.adam.steps()).child(done as u64);
                let pass = tagger.network.train_pass_on(
                    &batch,
                    &lessons,
                    1.0 / sentences as f64,
                    Some(dropout),
                    &mut self.grads,
                )?;
                if pass.parts > 1 && !self.divided {
                    self.divided = true;
                    observer.on(&Event::Divided { parts: pass.parts });
                }
                loss += pass.losses.iter().sum::<f64>() / indices.len() as f64;
                let crf = tagger.network.crf();
                let mut share = Share::default();
                for w in batch.unit_offsets.windows(2) {
                    let emissions = &pass.emissions[w[0] * crf.tags..w[1] * crf.tags];
                    share.add(&crf.best(emissions), &batch.tags[w[0]..w[1]]);
                }
                score += share.ratio();
                pieces += batch.packed.pieces() as u64;
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
            self.step(position, of, tagger, state);
        }
        Ok(Trained { loss: loss / done as f64, score: score / done as f64, pieces })
    }

    /// One step of the optimiser; `position` is the schedule's, which ends after so many `epochs`.
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
