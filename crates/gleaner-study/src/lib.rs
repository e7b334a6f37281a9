//! Studies: many trainings that one file describes, planned, run, resumed and gathered.
//!
//! A [`Study`] is read and checked whole. A [`Plan`] lists its runs; a run's id is a hash of all that
//! decides its results, so that a finished run is never done again and a changed one never taken
//! for it. [`run`] does what is missing, alone or beside other processes, and survives being
//! killed at any moment.
//!
//! ```text
//! study file ─▶ plan ─▶ runs ─▶ records ─▶ tables
//! ```

mod disk;
mod error;
mod execute;
mod facts;
mod file;
mod gather;
mod plan;
mod reliability;
mod results;
mod seen;
mod source;
mod status;
mod tables;
mod work;

pub use error::StudyError;
pub use file::{QUICKSTART, Reference, Study};
pub use gather::gather;
pub use plan::{Estimate, Plan, Run, Task};
pub use results::{Failure, PredictedSpan, Prediction, Results, RunFolder, RunRecord};
pub use source::{Hub, HubData, HubModel, NoHub};
pub use status::{Status, clean, status};
pub use tables::{drop_words, of_no_plan, write_tables};
pub use work::{Options, Outcome, Progress, find_devices, run};
