//! Studies: many trainings described by one file, then planned, run, resumed and reported.
//!
//! A [`Study`] is read from a file and checked as a whole. A [`Plan`] lists its runs. A run's id is a
//! hash of everything that changes its trained model or its predictions, so a finished run is never
//! repeated and a changed run is never mistaken for it. [`run`] does the missing runs, alone or
//! beside other processes, and can be killed at any moment. [`gather()`] computes the statistics from
//! the stored predictions of finished runs.
//!
//! ```text
//! study file ─▶ plan ─▶ runs ─▶ records and predictions ─▶ statistics ─▶ tables
//! ```

mod disk;
mod error;
mod file;
mod fingerprints;
mod gather;
mod others;
mod plan;
mod results;
mod source;
mod status;
mod study;
mod tables;
mod task;
mod work;

pub use error::StudyError;
pub use file::QUICKSTART;
pub use gather::gather;
pub use others::{OtherRuns, other_runs};
pub use plan::{Estimate, LanguageText, Plan, Run};
pub use results::{Failure, PointScores, PredictedSpan, Prediction, Results, RunFolder, RunRecord};
pub use source::{Hub, NoHub};
pub use status::{Status, clean, status};
pub use study::{Reference, Study};
pub use tables::{drop_words, write_tables};
pub use task::Task;
pub use work::{Options, Outcome, Progress, find_devices, run};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
