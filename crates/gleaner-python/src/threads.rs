//! Threads.

use crate::failure;
use gleaner_cli::embed;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::{process, sync::OnceLock};

/// The process in which the threads run, and their number.
static STARTED: OnceLock<(u32, usize)> = OnceLock::new();

/// Starts the threads if they do not run yet. A forked process has a copy of this state but not of the threads, so
/// waiting for them would never end.
pub fn start(py: Python<'_>) -> PyResult<()> {
    let (owner, _) = *STARTED.get_or_init(|| started(embed::default_threads()));
    match owner == process::id() {
        true => Ok(()),
        false => Err(failure::bad_setting(
            py,
            "Gleaner computed something before this process was forked, and its threads do not exist here; start \
             processes with the method `spawn` or `forkserver` of multiprocessing"
                .into(),
        )),
    }
}

fn started(threads: usize) -> (u32, usize) {
    // It fails only if threads run already, which then are used.
    let _ = ThreadPoolBuilder::new().num_threads(threads).build_global();
    (process::id(), rayon::current_num_threads())
}

/// Sets the number of threads; only before the first computation.
#[pyfunction]
pub fn set_threads(py: Python<'_>, threads: usize) -> PyResult<()> {
    if threads == 0 {
        let what = "threads: 0 threads compute nothing; leave it out to use the physical cores";
        return Err(failure::bad_setting(py, what.into()));
    }
    let (_, running) = *STARTED.get_or_init(|| started(threads));
    match running == threads {
        true => Ok(()),
        false => Err(failure::bad_setting(
            py,
            format!(
                "threads: {running} threads run already; call set_threads before anything is computed"
            ),
        )),
    }
}

/// Threads of their own for a training that wants another number of them; `None` if those that run will do.
pub fn pool(threads: Option<usize>) -> anyhow::Result<Option<ThreadPool>> {
    let wanted = threads.filter(|n| *n != rayon::current_num_threads());
    Ok(wanted.map(|n| ThreadPoolBuilder::new().num_threads(n).build()).transpose()?)
}
