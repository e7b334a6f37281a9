//! The events of an adaptation, and who watches them.

use super::{AdaptSettings, RawText, Record};

/// Something that happened in an adaptation.
#[non_exhaustive]
pub enum Event<'a> {
    /// Texts and encoder are read; the first step follows.
    Start {
        /// The settings.
        settings: &'a AdaptSettings,
        /// The texts.
        texts: &'a [RawText],
        /// What users should know, one sentence each.
        notes: &'a [String],
        /// Number of pieces in the active vocabulary.
        active: usize,
        /// Number of steps.
        steps: u64,
        /// Number of first steps that train the head alone.
        head_steps: u64,
    },
    /// An adaptation was resumed.
    Resumed {
        /// Number of steps already done.
        steps: u64,
    },
    /// A step was done.
    Step {
        /// Number of steps done.
        done: u64,
        /// Number of all steps.
        of: u64,
        /// Mean cross-entropy of the step's hidden pieces.
        loss: f64,
        /// Number of pieces of the step, special ones included.
        pieces: usize,
    },
    /// The held-out loss was measured.
    Measured {
        /// The losses.
        record: &'a Record,
    },
}

/// Watches an adaptation, and may stop it.
pub trait Observer {
    /// Handles an event; called for every event, in order.
    fn on(&mut self, event: &Event);

    /// Whether the adaptation should stop; asked before every step. An adaptation that stops writes a checkpoint and
    /// ends with [`GleanerError::Stopped`].
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
