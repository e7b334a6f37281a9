//! Doing the runs of a plan: several at a time, here and in other processes.

mod annotation;
mod execute;
mod predictions;
mod progress;
mod scheduler;
mod seen;

pub use progress::{Options, Outcome, Progress};

use crate::{
    disk,
    error::StudyError,
    plan::{Plan, Run},
    results::Results,
};
use gleaner::train::compute;
use scheduler::{Scheduler, State};
use std::{collections::BTreeMap, sync::PoisonError, thread};

/// Checks that the devices of all unfinished runs are available.
///
/// # Errors
/// A device is unavailable on this machine or in this build.
pub fn find_devices(plan: &Plan, results: &Results, options: &Options) -> Result<(), StudyError> {
    let open = options.wanted.iter().filter(|at| !plan.is_settled(**at, &options.wanted, results));
    let by_device: BTreeMap<&str, &Run> =
        open.map(|&at| &plan.runs[at]).map(|run| (&*run.settings.run.device, run)).collect();
    by_device.values().try_for_each(|run| compute(&run.settings).map(|_| ()))?;
    Ok(())
}

/// Does the wanted runs of a plan. Call [`find_devices`] before.
///
/// # Errors
/// The results folder cannot be written. Runs that fail are recorded and do not end the study.
pub fn run(
    plan: &Plan,
    results: &Results,
    options: &Options,
    observer: &(dyn Fn(&Progress) + Sync),
) -> Result<Outcome, StudyError> {
    disk::create_folder(results.path())?;
    plan.save_fingerprints(results)?;
    let scheduler = Scheduler::new(plan, results, options, observer);
    let ended: Vec<Result<(), StudyError>> = thread::scope(|scope| {
        let scheduler = &scheduler;
        let handles: Vec<_> = (0..options.jobs.max(1))
            .map(|worker| scope.spawn(move || scheduler.work(worker)))
            .collect();
        handles.into_iter().map(|h| h.join().expect("panics of runs are caught")).collect()
    });
    ended.into_iter().collect::<Result<Vec<()>, StudyError>>()?;
    let stopped = scheduler.is_stopped();
    if !stopped {
        clear_partial(plan, results, &options.wanted)?;
    }
    let states = scheduler.states.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut errors = scheduler.errors.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut outcome = Outcome { stopped, ..Outcome::default() };
    for at in &options.wanted {
        match states[at] {
            State::Done => outcome.done += 1,
            State::Failed => {
                outcome.failed.insert(*at, errors.remove(at).unwrap_or_default());
            }
            State::LeftOut | State::Open | State::Running => outcome.left_out.push(*at),
        }
    }
    Ok(outcome)
}

/// Removes what killed processes left in the folders of finished runs, unless another process has one of them.
fn clear_partial(plan: &Plan, results: &Results, wanted: &[usize]) -> Result<(), StudyError> {
    for folder in wanted.iter().map(|at| results.run(&plan.runs[*at].id)) {
        if folder.is_done()
            && let Some(_lock) = folder.lock()?
        {
            folder.clear_partial()?;
        }
    }
    Ok(())
}
