//! Progress of a study on disk, and removal of files that are no longer needed.

use crate::{
    disk,
    error::StudyError,
    plan::Plan,
    results::{Failure, Results},
};
use gleaner::train::checkpoint_folder;

/// The progress of a study.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Positions of finished runs.
    pub done: Vec<usize>,
    /// Positions of runs that some process is doing now.
    pub running: Vec<usize>,
    /// Positions of failed runs, with their failures.
    pub failed: Vec<(usize, Failure)>,
    /// Positions of all other runs.
    pub open: Vec<usize>,
}

/// Reads the progress from the results folder. No model is opened.
///
/// # Errors
/// A lock cannot be checked.
pub fn status(plan: &Plan, results: &Results) -> Result<Status, StudyError> {
    let mut status = Status::default();
    for (at, run) in plan.runs.iter().enumerate() {
        let folder = results.run(&run.id);
        // A finished run may be in progress again, for its model.
        if folder.is_locked()? {
            status.running.push(at);
        } else if folder.is_done() {
            status.done.push(at);
        } else if let Some(failure) = folder.failure() {
            status.failed.push((at, failure));
        } else {
            status.open.push(at);
        }
    }
    Ok(status)
}

/// Removes checkpoints and, with `models`, the models of finished runs. Keeps records, predictions and
/// tables. While some process does runs, keeps those runs' files and the models that unfinished runs start
/// from. Returns the number of bytes freed.
///
/// # Errors
/// A file cannot be removed.
pub fn clean(plan: &Plan, results: &Results, models: bool) -> Result<u64, StudyError> {
    let now = status(plan, results)?;
    let all: Vec<usize> = (0..plan.runs.len()).collect();
    // A finished run whose model must be made again needs the models that it is made from.
    let is_done =
        |at: &usize| now.done.binary_search(at).is_ok() && plan.is_settled(*at, &all, results);
    let mut freed = 0;
    for (at, run) in plan.runs.iter().enumerate() {
        let is_wanted = !now.running.is_empty() && !plan.needed_by[at].iter().all(is_done);
        let folder = results.run(&run.id);
        if !folder.path().is_dir() {
            continue;
        }
        let Some(_lock) = folder.lock()? else { continue };
        let model = folder.model();
        // Lock files stay: removing one while another process opens it would break the lock.
        let mut dropped = vec![checkpoint_folder(&model)];
        // Without its checkpoint, the model folder of an unfinished training is useless.
        if (models && folder.is_done() && !is_wanted) || !folder.has_model() {
            dropped.push(model);
        }
        for path in dropped {
            freed += disk::size(&path);
            disk::remove(&path)?;
        }
    }
    Ok(freed)
}
