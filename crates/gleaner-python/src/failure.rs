//! Errors and panics as exceptions of Python.

use anyhow::Result;
use gleaner::GleanerError;
use pyo3::prelude::*;
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The code that stands for a fault of Gleaner itself, with which Rust programs end after a panic.
const PANIC: u8 = 101;
/// The exit code for malformed text.
const TEXT: u8 = 3;

/// Does some work while other threads of Python run. Errors become the exception of their exit code, and a panic
/// becomes `InternalError`.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(work))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(exception(py, &error)),
        Err(panic) => Err(internal(py, &*panic)),
    }
}

/// The exception of an error, with the words of the command line.
pub fn exception(py: Python<'_>, error: &anyhow::Error) -> PyErr {
    match error.downcast_ref::<PyErr>() {
        Some(raised) => raised.clone_ref(py),
        None => made(py, gleaner_cli::embed::exit_code(error), &format!("{error:#}")),
    }
}

/// The exception of a panic.
pub fn internal(py: Python<'_>, panic: &(dyn Any + Send)) -> PyErr {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = format!(
        "a fault of Gleaner: {}; please report it with the call that led to it",
        said.unwrap_or("no message")
    );
    made(py, PANIC, &message)
}

/// The exception of input that is not labelled or unlabelled text.
pub fn bad_text(py: Python<'_>, message: &str) -> PyErr {
    made(py, TEXT, message)
}

/// The exception of a setting.
pub fn bad_setting(py: Python<'_>, message: String) -> PyErr {
    exception(py, &GleanerError::Settings(message).into())
}

fn made(py: Python<'_>, code: u8, message: &str) -> PyErr {
    let errors = py.import("gleaner._errors");
    let exception = errors.and_then(|errors| errors.call_method1("of", (code, message)));
    exception.map_or_else(|error| error, PyErr::from_value)
}
