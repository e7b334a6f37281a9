//! Logs of runs: TensorBoard's event files, and MLflow's tracking server.
//!
//! A [`Tracker`] logs one run to one [`Target`]: its parameters at the start, scalars by step, and files at the end. It
//! knows nothing about trainings. After its first error it does nothing more and reports nothing more.

mod error;
mod mlflow;
mod run;
mod target;
mod tensorboard;
#[cfg(feature = "testing")]
pub mod testing;
mod tracker;

pub use error::TrackError;
pub use run::{Outcome, Run};
pub use target::Target;
pub use tracker::Tracker;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
