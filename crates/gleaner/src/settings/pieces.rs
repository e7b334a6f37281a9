//! Settings of the sub-word pieces.

pub use crate::framing::PieceLabels;

use super::bad;
use crate::GleanerError;

group! {
    /// The sub-word pieces: which of them carry tags, and how many a sentence has.
    PieceSettings, PieceOverrides, pieces {
        /// Pieces that carry a word's tag: `first`, `all` or `repeated` (all, with the tag unchanged).
        plain piece_labels: PieceLabels => (long, value_name = "WHICH"),
        /// Maximum number of pieces per sentence, special pieces not counted. The encoder's own limit
        /// also applies.
        plain max_pieces: usize => (long, value_name = "N"),
        /// Lower-case words and strip their accents before a WordPiece tokenizer.
        plain fold_case: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
    }
}

impl PieceSettings {
    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        match self.max_pieces {
            0 => bad("max-pieces", "0 leaves no sentence; use 1 or more"),
            _ => Ok(()),
        }
    }
}
