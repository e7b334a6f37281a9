//! Reports of named-entity recognition as text: tables and sentence views for the terminal, and in [`study`] the page,
//! the tables and the plots of a whole study.
//!
//! Everything here is a pure function of plain data: the same input gives the same bytes. Outside of [`study`] each
//! function returns a `String` for the terminal or a log, no more than [`WIDTH`] columns wide where words allow, and
//! readable without colour. Characters in words and types that control a terminal or the direction of text are shown as
//! `U+FFFD`, so that no text can change what is shown around it.

mod confidence;
mod confusion;
mod evaluation;
mod number;
mod scores;
mod sentence;
pub mod study;
mod table;

pub use confidence::SpanConfidence;
pub use evaluation::{EvaluationView, ModeScores, TrainedOnView, evaluation_text};
pub use number::grouped;
pub use scores::score_table;
pub use sentence::{marked_text, sentence_diff};

use gleaner_base::hidden::is_hidden;

/// The width, in terminal columns, of tables and wrapped sentences.
pub const WIDTH: usize = 100;

/// The text with characters made visible that control a terminal or the direction of text.
fn printable(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
