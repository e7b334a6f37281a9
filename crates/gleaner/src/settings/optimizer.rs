//! Settings of the optimiser: batches, steps and learning rates.

#[cfg(feature = "clap")]
use super::word::word;
use super::{EncoderRate, bad, range::Range};
use crate::GleanerError;
use gleaner_nn::optim::OptimizerKind;

words! {
    /// How learning rates change over time.
    Schedule {
        /// They stay the same.
        Constant = "constant",
        /// Linear warm-up, then linear decay to zero.
        WarmupLinear = "warmup-linear",
        /// They shrink when the dev loss stops falling.
        Plateau = "plateau",
    }
}

words! {
    /// The parameters that weight decay applies to.
    DecayOn {
        /// All.
        All = "all",
        /// All except biases and normalisations (Devlin et al. 2019, in the published code).
        Weights = "weights",
    }
}

group! {
    /// The optimiser: batches, steps and learning rates.
    OptimizerSettings, OptimizerOverrides, optimizer {
        /// Maximum number of epochs.
        plain epochs: u32 => (long, value_name = "N"),
        /// Number of sentences per batch.
        plain batch: usize => (long, value_name = "N"),
        /// Number of batches per step; their gradients are summed.
        plain accumulate: usize => (long, value_name = "N"),
        /// Shuffle the sentences every epoch, in length-bucketed batches.
        plain shuffle: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
        /// Optimiser: `adam` (L2 in the gradient) or `adamw` (decoupled weight decay).
        plain optimizer: OptimizerKind => (long, value_name = "NAME", value_parser = word::<OptimizerKind>),
        /// Weight decay.
        plain decay: f64 => (long, value_name = "X"),
        /// Parameters that decay: `all`, or `weights` (biases and normalisations do not decay).
        plain decay_on: DecayOn => (long, value_name = "WHAT"),
        /// Learning rate of the encoder: a number, or `by-width` (5e-5 for a width of 768, in inverse
        /// proportion for others).
        plain rate_encoder: EncoderRate => (long, value_name = "X"),
        /// Multiply the encoder's learning rate by X per layer, from the top layer down to the embeddings;
        /// 1 trains all layers at the same rate.
        plain layer_decay: f64 => (long, value_name = "X"),
        /// Learning rate of the BiLSTM.
        plain rate_lstm: f64 => (long, value_name = "X"),
        /// Learning rate of the linear layer; 0 freezes it at its initial value.
        plain rate_linear: f64 => (long, value_name = "X"),
        /// Learning rate of the CRF.
        plain rate_crf: f64 => (long, value_name = "X"),
        /// Learning rate schedule: `constant`, `warmup-linear` or `plateau`.
        plain schedule: Schedule => (long, value_name = "NAME"),
        /// Share of the steps that warm up.
        plain warmup: f64 => (long, value_name = "SHARE"),
        /// Pass each batch through the network twice with different dropout, and add X times the disagreement
        /// of the two passes to the loss (R-Drop); 0 passes it once.
        plain r_drop: f64 => (long, value_name = "X"),
        /// Maximum norm of a step's gradient over all parameters; 0 disables clipping.
        plain clip: f64 => (long, value_name = "X"),
    }
}

impl OptimizerSettings {
    /// Number of times that a batch is passed through the network.
    pub fn passes(&self) -> usize {
        if self.r_drop > 0.0 { 2 } else { 1 }
    }

    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        if self.epochs == 0 {
            return bad("epochs", "0 trains nothing; use 1 or more");
        }
        if self.batch == 0 || self.accumulate == 0 {
            return bad("batch, accumulate", "a step needs 1 or more sentences; use 1 or more");
        }
        Range::ShareBelowOne.check(&[("warmup", self.warmup)])?;
        Range::ShareAboveZero.check(&[("layer-decay", self.layer_decay)])?;
        Range::NotNegative.check(&[
            ("rate-encoder", self.rate_encoder.at(1)), // in range for one width, in range for all
            ("rate-lstm", self.rate_lstm),
            ("rate-linear", self.rate_linear),
            ("rate-crf", self.rate_crf),
            ("decay", self.decay),
            ("clip", self.clip),
            ("r-drop", self.r_drop),
        ])
    }
}
