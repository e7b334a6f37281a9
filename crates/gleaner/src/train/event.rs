//! The events of a training.

use super::Round;
use crate::{Dataset, Scored, Settings};
use gleaner_corpus::Corpus;
use std::path::Path;

/// Something that happened in a training.
#[non_exhaustive]
pub enum Event<'a> {
    /// Texts and encoder are read; the first step follows.
    Start {
        /// The effective settings.
        settings: &'a Settings,
        /// The texts.
        data: &'a Dataset,
        /// Number of pieces in the active vocabulary.
        active: usize,
    },
    /// The training starts from an earlier tagger.
    TakenOver {
        /// Its folder.
        model: &'a Path,
        /// Labels that it did not have, whose rows are drawn at random.
        new_labels: &'a [String],
    },
    /// A training was resumed.
    Resumed {
        /// Number of epochs already done.
        epochs: u32,
        /// Number of steps already done of the epoch after them.
        steps: usize,
    },
    /// The tokenizer needs a space before words, which was added.
    Tokenizer {
        /// What was found and done.
        warning: &'static str,
    },
    /// Training sentences were cut to the encoder's limit.
    Cut {
        /// Number of sentences.
        sentences: usize,
        /// Number of words that are not trained on.
        words: usize,
    },
    /// A batch does not fit into the device's memory. From here on such batches are computed in parts, one after the
    /// other, which changes results by rounding only. Reported once.
    Divided {
        /// Number of parts of the first such batch.
        parts: usize,
    },
    /// A batch was trained.
    Batch {
        /// The epoch, from 1.
        epoch: u32,
        /// Number of batches done in this epoch.
        done: usize,
        /// Number of batches in this epoch.
        of: usize,
        /// Mean loss a sentence, over the epoch so far: the negative log-likelihood and, with `r-drop`, the
        /// disagreement.
        loss: f64,
        /// Number of words in the batch.
        words: usize,
        /// Number of pieces in the batch, special ones included.
        pieces: usize,
    },
    /// An epoch was trained and scored on dev.
    Epoch {
        /// Its scores.
        record: &'a EpochRecord,
        /// Whether it is the best so far.
        best: bool,
    },
    /// The pool was labelled.
    Labelled {
        /// The epoch before, from 1.
        epoch: u32,
        /// The record of the round.
        round: &'a Round,
        /// The confidence of every sentence of the pool, in its order.
        confidences: &'a [f64],
        /// The positions in the pool of the added sentences.
        chosen: &'a [usize],
    },
    /// The average of the last epochs' parameters was scored on dev.
    Averaged {
        /// Number of epochs.
        epochs: u32,
        /// Entity-level micro F1 on dev.
        dev_f1: f64,
        /// Whether it replaces the best epoch.
        kept: bool,
    },
    /// A fresh student starts.
    Student {
        /// Its number, from 1.
        round: u32,
        /// Maximum number of students.
        of: u32,
    },
    /// The kept parameters were scored on test.
    Test {
        /// The text.
        corpus: &'a Corpus,
        /// The scores.
        scored: &'a Scored,
    },
}

/// The scores of one epoch.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Number of pieces trained on, special ones included, and counted in each pass; 0 in records of earlier versions.
    #[serde(default)]
    pub pieces: u64,
    /// Mean over batches of the training loss.
    pub train_loss: f64,
    /// Mean over batches of the share of correct labelled positions in training mode (the study's `train_f1`), where
    /// the setting `train-score` asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_score: Option<f64>,
    /// The loss on dev.
    pub dev_loss: f64,
    /// Entity-level micro F1 on dev, seqeval's default mode.
    pub dev_f1: f64,
    /// The published score on dev.
    pub dev_published: f64,
    /// The labelling of the pool after it, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Round>,
}

/// Watches a training, and may stop it.
pub trait Observer {
    /// Handles an event; called for every event, in order.
    fn on(&mut self, event: &Event);

    /// Whether the training should stop; asked before the first step and after every step of the optimiser. A training
    /// that stops writes a checkpoint, if it has a place for one, and ends with [`GleanerError::Stopped`]. It never
    /// stops after its last epoch is scored.
    ///
    /// [`GleanerError::Stopped`]: crate::GleanerError::Stopped
    fn should_stop(&self) -> bool {
        false
    }
}

impl<F: FnMut(&Event)> Observer for F {
    fn on(&mut self, event: &Event) {
        self(event);
    }
}
