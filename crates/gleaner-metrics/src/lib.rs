//! Scores of named-entity recognisers, with their intervals.
//!
//! A recogniser gives every word a tag: `O` outside of any entity, `B-PER` at the first word of a
//! person's name, `I-PER` at its further words (the scheme called IOB2). Its score is the F1 over
//! whole entities: one is correct when its type, first word and last word all are. What counts as
//! an entity in a *broken* sequence differs between tools, so every score here is asked for under a
//! named [`Mode`]; both agree with seqeval 1.2.2.
//!
//! An [`Evaluation`] takes sentences one by one and keeps counts only, so memory does not grow with
//! the text.
//!
//! ```
//! use gleaner_metrics::{Bootstrap, Evaluation, Mode};
//!
//! let mut evaluation = Evaluation::default();
//! evaluation.add(&["B-PER", "I-PER", "O", "B-LOC"], &["B-PER", "I-PER", "O", "B-ORG"])?;
//! evaluation.add(&["O", "B-LOC"], &["O", "B-LOC"])?;
//!
//! let report = evaluation.report(Mode::Default);
//! assert_eq!(report.micro.correct, 2);
//! assert!((report.micro.f1 - 2.0 / 3.0).abs() < 1e-12);
//!
//! let intervals = evaluation.intervals(Mode::Default, &Bootstrap::default()).expect("there are entities");
//! assert!(intervals.micro_f1.low <= report.micro.f1 && report.micro.f1 <= intervals.micro_f1.high);
//! # Ok::<(), gleaner_metrics::EvaluationError>(())
//! ```

mod bootstrap;
mod calibration;
mod comparison;
mod confusion;
mod counts;
mod entity;
mod evaluation;
mod holm;
mod report;
mod tokens;

pub use bootstrap::{Bootstrap, Interval, Intervals};
pub use calibration::{Bin, Calibration, CalibrationChange, Claim, Claims};
pub use comparison::{
    Comparison, ComparisonError, Growth, PowerLaw, Runs, almost_stochastic_order,
};
pub use confusion::Confusion;
pub use counts::Counts;
pub use entity::{Entity, Mode, entities};
pub use evaluation::{Evaluation, EvaluationError};
pub use holm::holm;
pub use report::{Averages, Report, Score};
