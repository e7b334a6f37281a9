//! Tables and text views of scores, and in [`study`] the report of a whole study.
//!
//! Everything outside of [`study`] returns a `String` for the terminal or a log: at most [`WIDTH`] columns wide
//! where words allow, legible without colour, and the same for the same input. Control characters
//! in words and types are shown as `U+FFFD`, so that no text can steer the terminal.

mod confidence;
mod confusion;
mod evaluation;
mod number;
mod scores;
mod sentence;
pub mod study;
mod table;

pub use confidence::SpanConfidence;
pub use confusion::confusion_table;
pub use evaluation::{EvaluationView, ModeScores, TrainedOnView, evaluation_json, evaluation_text};
pub use number::grouped;
pub use scores::score_table;
pub use sentence::{marked_text, sentence_diff};

/// The width, in terminal columns, that tables and wrapped sentences keep to.
pub const WIDTH: usize = 100;

/// The text with control characters made visible.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
