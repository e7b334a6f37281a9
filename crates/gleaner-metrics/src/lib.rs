//! Scores of named-entity taggers, their intervals, and comparisons of taggers.
//!
//! A tagger gives every word a tag: `O` outside of any entity, `B-PER` for the first word of a person's name,
//! `I-PER` for its later words (the IOB2 scheme). The score is the F1 of whole entities: a predicted entity is correct
//! if its type, its first word and its last word equal those of a gold entity. Tools differ in what they read as an
//! entity where a sequence breaks IOB2, so every score here takes a [`SeqevalMode`]; both modes agree with
//! seqeval 1.2.2.
//!
//! | question | type |
//! |---|---|
//! | How good is one prediction? | [`Evaluation`], which gives [`Report`], [`Intervals`] and [`Confusion`] |
//! | Is one tagger better than another? | [`Comparison`] of [`Runs`]; [`holm()`] corrects several p-values |
//! | Do confidences equal the rate of correct predictions? | [`Calibration`], [`CalibrationChange`] |
//! | What would more training sentences add? | [`LearningCurve`] |
//! | What does another choice of training sentences save? | [`Reach`] |
//! | Do two annotators agree? | [`Agreement`] |
//!
//! An [`Evaluation`] takes sentences one by one and keeps counts only, so its memory does not grow with the words.
//!
//! ```
//! use gleaner_metrics::{Bootstrap, Evaluation, SeqevalMode};
//!
//! let mut evaluation = Evaluation::default();
//! evaluation.add(&["B-PER", "I-PER", "O", "B-LOC"], &["B-PER", "I-PER", "O", "B-ORG"])?;
//! evaluation.add(&["O", "B-LOC"], &["O", "B-LOC"])?;
//!
//! let report = evaluation.report(SeqevalMode::Default);
//! assert_eq!(report.micro.correct, 2);
//! assert!((report.micro.f1 - 2.0 / 3.0).abs() < 1e-12);
//!
//! let intervals = evaluation.intervals(SeqevalMode::Default, &Bootstrap::default()).expect("entities");
//! assert!(intervals.micro_f1.low <= report.micro.f1 && report.micro.f1 <= intervals.micro_f1.high);
//! # Ok::<(), gleaner_metrics::EvaluationError>(())
//! ```

mod agreement;
mod bootstrap;
mod calibration;
mod comparison;
mod confusion;
mod counts;
mod evaluation;
mod holm;
mod intervals;
mod learning_curve;
mod normal;
mod report;
mod tokens;

pub use agreement::Agreement;
pub use bootstrap::{Bootstrap, Interval};
pub use calibration::{Bin, Calibration, CalibrationChange, ScoredSpan, ScoredSpans};
pub use comparison::{ASO_SEEDS, Comparison, ComparisonError, Runs, almost_stochastic_order};
pub use confusion::Confusion;
pub use counts::Counts;
pub use evaluation::{Evaluation, EvaluationError, Side};
pub use gleaner_base::tags::{Entity, SeqevalMode, entities};
pub use holm::holm;
pub use intervals::Intervals;
pub use learning_curve::{LearningCurve, PowerLaw, Reach, mean_intervals};
pub use report::{Averages, Report, Score};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
