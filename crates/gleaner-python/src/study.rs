//! Studies.

use crate::{failure, supervise::supervised, threads};
use gleaner_cli::embed;
use pyo3::prelude::*;
use std::{num::NonZeroUsize, path::PathBuf};

/// A study with its results folder.
#[pyclass(frozen, module = "gleaner._gleaner")]
pub struct Study {
    study: embed::Study,
}

#[pymethods]
impl Study {
    /// Opens a study file.
    #[staticmethod]
    fn open(py: Python<'_>, file: PathBuf, out: Option<PathBuf>) -> PyResult<Self> {
        failure::detached(py, || Ok(Self { study: embed::Study::open(&file, out.as_deref())? }))
    }

    /// Its results folder.
    #[getter]
    fn folder(&self) -> PathBuf {
        self.study.folder().to_owned()
    }

    /// Its runs, a list as JSON.
    fn runs(&self, py: Python<'_>) -> PyResult<String> {
        failure::detached(py, || Ok(serde_json::to_string(&self.study.runs())?))
    }

    /// Does the runs that are missing. Returns the data of the report as JSON.
    fn run(
        &self,
        py: Python<'_>,
        only: Option<&str>,
        jobs: Option<NonZeroUsize>,
        listener: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        supervised(py, None, listener.as_ref(), |line| {
            let data =
                self.study.run(only, jobs, line.stop(), &|event| line.say(|| Some(event)))?;
            Ok(serde_json::to_string(&data)?)
        })
    }

    /// Writes the tables of the finished runs. Returns the data of the report as JSON.
    fn report(&self, py: Python<'_>) -> PyResult<String> {
        threads::start(py)?;
        failure::detached(py, || Ok(serde_json::to_string(&self.study.report()?)?))
    }
}
