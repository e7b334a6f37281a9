//! What a training tells whoever watches it.

use super::Round;
use crate::{RunData, Scored, Settings};
use gleaner_corpus::Corpus;
use std::path::Path;

/// Something happened.
pub enum Event<'a> {
    /// All is read and about to start.
    Start {
        /// The effective settings.
        settings: &'a Settings,
        /// The texts.
        data: &'a RunData,
        /// Pieces of the active vocabulary.
        active: usize,
    },
    /// An earlier tagger was taken over.
    TakenOver {
        /// Its folder.
        model: &'a Path,
        /// Labels that it did not know, whose rows are drawn anew.
        new_labels: &'a [String],
    },
    /// A training goes on after so many epochs.
    Resumed {
        /// Epochs already done.
        epochs: u32,
    },
    /// Training sentences that were cut to the encoder's limit.
    Cut {
        /// How many.
        sentences: usize,
        /// Words that no tag is learnt for.
        words: usize,
    },
    /// The device has no room for a batch: from here on such batches are computed in parts, one after
    /// the other, which changes no number but by rounding. Told once.
    Divided {
        /// Of the first such batch.
        parts: usize,
    },
    /// A batch was trained.
    Batch {
        /// The epoch, from 1.
        epoch: u32,
        /// Batches done in this epoch, and of how many.
        done: usize,
        /// Batches of this epoch.
        of: usize,
        /// Mean negative log-likelihood a sentence, over the epoch so far.
        loss: f64,
        /// Words of the batch.
        words: usize,
        /// Pieces of the batch, special ones included.
        pieces: usize,
    },
    /// An epoch was trained and scored on dev.
    Epoch {
        /// What it reached.
        record: &'a EpochRecord,
        /// Whether it is the best so far.
        best: bool,
    },
    /// The pool was labelled.
    Labelled {
        /// The epoch that went before, from 1.
        epoch: u32,
        /// What was added.
        round: &'a Round,
        /// The confidence of every sentence of the pool, in its order.
        confidences: &'a [f64],
        /// The positions in the pool of the sentences that were added.
        chosen: &'a [usize],
    },
    /// The average of the last epochs' parameters was scored on dev.
    Averaged {
        /// How many epochs.
        epochs: u32,
        /// Entity-level micro F1 on dev.
        dev_f1: f64,
        /// Whether it takes the place of the best epoch.
        kept: bool,
    },
    /// A fresh student begins.
    Student {
        /// Its number, from 1.
        round: u32,
        /// Of how many at most.
        of: u32,
    },
    /// The best state was scored on test.
    Test {
        /// The text.
        corpus: &'a Corpus,
        /// The scores.
        scored: &'a Scored,
    },
}

/// What one epoch reached.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Pieces trained on, special ones included; 0 in records of earlier programs.
    #[serde(default)]
    pub pieces: u64,
    /// Mean over batches of the training loss.
    pub train_loss: f64,
    /// Mean over batches of the share of right units in training mode (the study's `train_f1`).
    pub train_score: f64,
    /// The loss on dev.
    pub dev_loss: f64,
    /// Entity-level micro F1 on dev, seqeval's default mode.
    pub dev_f1: f64,
    /// The published score on dev.
    pub dev_published: f64,
    /// What was added from the pool after it, if that was labelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
}

/// Watches a training.
pub trait Observer {
    /// Is told of every event, in order.
    fn on(&mut self, event: &Event);
}

impl<F: FnMut(&Event)> Observer for F {
    fn on(&mut self, event: &Event) {
        self(event);
    }
}
