//! The extension module `gleaner._gleaner`. It takes and returns plain values; classes, defaults and documentation for
//! users are in Python (`python/gleaner`).

mod failure;
mod input;
mod study;
mod supervise;
mod tagger;
mod threads;
mod training;

use pyo3::prelude::*;
use std::ffi::OsString;

/// Runs the command line; returns its exit code. The first argument is the name of the program.
#[pyfunction]
fn command(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<u8> {
    failure::detached(py, || Ok(gleaner_cli::command(arguments)))
}

/// The extension module.
#[pymodule]
mod _gleaner {
    #[pymodule_export]
    use super::command;
    #[pymodule_export]
    use super::study::Study;
    #[pymodule_export]
    use super::tagger::Tagger;
    #[pymodule_export]
    use super::threads::set_threads;
    #[pymodule_export]
    use super::training::{adapt, train};
}
