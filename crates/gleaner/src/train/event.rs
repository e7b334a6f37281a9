//! What a training tells whoever watches it.

use crate::{RunData, Scored, Settings};

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
    /// The best state was scored on test.
    Test {
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
