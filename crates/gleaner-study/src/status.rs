//! How far a study is, and tidying up.

use crate::{Failure, Plan, StudyError, disk, results::Results};

/// How far a study is.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Positions of finished runs.
    pub done: Vec<usize>,
    /// Positions of runs that a process is doing now.
    pub running: Vec<usize>,
    /// Runs that failed, with what they said.
    pub failed: Vec<(usize, Failure)>,
    /// Positions of all others.
    pub open: Vec<usize>,
}

/// Looks at the results folder; no model is opened.
///
/// # Errors
/// A lock cannot be looked at.
pub fn status(plan: &Plan, results: &Results) -> Result<Status, StudyError> {
    let mut status = Status::default();
    for (at, run) in plan.runs.iter().enumerate() {
        let folder = results.run(&run.id);
        // A finished run may be trained again, for its model.
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

/// Drops checkpoints, and with `models` the models of finished runs; keeps manifests,
/// predictions and tables. Runs that a process is doing now are left alone, and as long as there is one
/// the models that unfinished runs start from. Gives the bytes freed.
///
/// # Errors
/// Something cannot be removed.
pub fn clean(plan: &Plan, results: &Results, models: bool) -> Result<u64, StudyError> {
    let now = status(plan, results)?;
    let is_done = |at: &usize| now.done.binary_search(at).is_ok();
    let mut freed = 0;
    for (at, run) in plan.runs.iter().enumerate() {
        let is_wanted = !now.running.is_empty() && !plan.needed_by[at].iter().all(is_done);
        let folder = results.run(&run.id);
        if !folder.path().is_dir() {
            continue;
        }
        let Some(_lock) = folder.lock()? else { continue };
        let model = folder.model();
        // Locks stay: one that is removed while another process opens it locks nothing.
        let mut dropped = vec![model.join("checkpoint")];
        // Without its checkpoint an unfinished training's folder holds nothing of use.
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
