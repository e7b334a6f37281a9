//! Settings that choose which epoch's parameters become the model.

use super::bad;
use crate::GleanerError;

words! {
    /// Which epoch is kept.
    Selection {
        /// The epoch with the best entity-level micro F1 on dev (seqeval's default mode).
        EntityF1 = "entity-f1",
        /// The epoch with the best published score on dev: micro F1 over pieces, averaged over
        /// batches.
        Published = "published",
        /// The last epoch. Dev chooses nothing: a small dev part would choose by chance, and the
        /// temperature is fitted on sentences that had no influence on training.
        Last = "last",
    }
}

group! {
    /// Which epoch's parameters become the model.
    SelectionSettings, SelectionOverrides, selection {
        /// Epoch to keep: the best on dev by `entity-f1` or by the `published` score, or the `last`.
        plain select: Selection => (long, value_name = "EPOCH"),
        /// Stop after N epochs without a better score on dev; 0 disables early stopping.
        plain patience: u32 => (long, value_name = "N"),
        /// Average the parameters of the last N epochs. The average is kept if its score on dev is no
        /// worse, or always with `select = "last"`; 1 disables averaging.
        plain average: u32 => (long, value_name = "N"),
        /// Score the training batches of every epoch with the Viterbi algorithm. The score is reported
        /// and does not change the model.
        plain train_score: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
    }
}

impl SelectionSettings {
    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        if self.select == Selection::Last && self.patience > 0 {
            return bad(
                "patience",
                "waits for a better epoch on dev, but the last one is kept; set select = \"entity-f1\", or patience = 0",
            );
        }
        match self.average {
            0 => bad("average", "0 epochs have no average; use 1 for none, or more"),
            _ => Ok(()),
        }
    }
}
