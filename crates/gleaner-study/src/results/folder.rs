//! A run's folder and its lock.

use super::record::{Failure, RunRecord, Time};
use crate::{disk, error::StudyError};
use gleaner::is_ensemble;
use gleaner_base::{
    files::{self, is_partial},
    model_files::MANIFEST,
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// The folder of a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// Keeps two processes from doing the same run. The system releases it when the process ends, however
/// it ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// The version of a record's format.
#[derive(Deserialize)]
struct Version {
    format: Option<u32>,
}

impl RunFolder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of its model.
    pub fn model(&self) -> PathBuf {
        self.path.join("model")
    }

    /// The file with the run's predictions on the test text.
    pub(crate) fn predicted(&self) -> PathBuf {
        self.path.join("test.jsonl")
    }

    /// Whether the run is finished.
    pub fn is_done(&self) -> bool {
        self.manifest().is_file()
    }

    /// Whether the run has a complete model or ensemble.
    pub(crate) fn has_model(&self) -> bool {
        let model = self.model();
        model.join(MANIFEST).is_file() || is_ensemble(&model)
    }

    fn manifest(&self) -> PathBuf {
        self.path.join("run.json")
    }

    pub(crate) fn create(&self) -> Result<(), StudyError> {
        disk::create_folder(&self.path)
    }

    /// Takes the lock; `None` if another process holds it.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, StudyError> {
        self.create()?;
        let path = self.path.join("lock");
        let file = files::open_lock(&path).map_err(|e| StudyError::io(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(StudyError::io(&path, e)),
        }
    }

    /// Whether some process, perhaps this one, is doing the run.
    pub(crate) fn is_locked(&self) -> Result<bool, StudyError> {
        Ok(self.path.join("lock").is_file() && self.lock()?.is_none())
    }

    /// The record of the finished run.
    ///
    /// # Errors
    /// The run is not finished, or its record is malformed, of a newer version, or belongs to another run.
    pub fn record(&self) -> Result<RunRecord, StudyError> {
        let path = self.manifest();
        let version: Option<Version> = disk::read_json(&path)?;
        if let Some(found) = version.and_then(|v| v.format).filter(|f| *f > RunRecord::FORMAT) {
            let what =
                format!("format {found}, but this program reads format {}", RunRecord::FORMAT);
            let fix = "a newer version of Gleaner wrote it: update Gleaner";
            return Err(StudyError::results(&path, what, fix));
        }
        let record = self
            .any_record()?
            .ok_or_else(|| StudyError::results(&path, "no such file", "finish the run first"))?;
        let bad = |what| StudyError::results(&path, what, "delete it to repeat the run");
        if record.format != RunRecord::FORMAT {
            let (found, known) = (record.format, RunRecord::FORMAT);
            return Err(bad(format!("format {found}, but this program reads format {known}")));
        }
        match self.path.file_name() == Some(record.id.as_ref()) {
            true => Ok(record),
            false => Err(bad(format!("it belongs to another run, {}", record.name))),
        }
    }

    /// The record in the folder, of whatever run and format; `None` if there is none.
    pub(super) fn any_record(&self) -> Result<Option<RunRecord>, StudyError> {
        disk::read_json(&self.manifest())
    }

    /// The version of the identity that the run's id is a hash of; `None` if it cannot be read.
    pub(crate) fn identity_format(&self) -> Option<u64> {
        let record: Value = disk::read_json(&self.manifest()).ok()??;
        record["identity"]["format"].as_u64()
    }

    /// Finishes the run.
    pub(crate) fn finish(
        &self,
        record: &RunRecord,
        seconds: Option<f64>,
    ) -> Result<(), StudyError> {
        if let Some(seconds) = seconds {
            disk::write_json(&self.path.join("time.json"), &Time { seconds })?;
        }
        self.write_record(record)
    }

    pub(crate) fn write_record(&self, record: &RunRecord) -> Result<(), StudyError> {
        disk::write_json(&self.manifest(), record)
    }

    /// Removes partial files of a process that was killed while writing them. The caller must hold the
    /// run's lock.
    pub(crate) fn clear_partial(&self) -> Result<(), StudyError> {
        let entries = fs::read_dir(&self.path).map_err(|e| StudyError::io(&self.path, e))?;
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter(|path| is_partial(path)).try_for_each(|path| disk::remove(&path))
    }

    /// How long the finished run took, in seconds.
    pub(crate) fn seconds(&self) -> Option<f64> {
        let time: Option<Time> = disk::read_json(&self.path.join("time.json")).ok()?;
        time.map(|t| t.seconds).filter(|s| *s > 0.0)
    }

    /// Why the run failed, if it did.
    pub fn failure(&self) -> Option<Failure> {
        disk::read_json(&self.path.join("failed.json")).ok()?
    }

    /// Records why the run failed. A run that has its record is finished: what failed came after it, such as the sync
    /// of its folder, and is not tried again.
    pub(crate) fn write_failure(&self, failure: &Failure) -> Result<(), StudyError> {
        if self.manifest().is_file() {
            return Ok(());
        }
        disk::write_json(&self.path.join("failed.json"), failure)
    }

    pub(crate) fn clear_failure(&self) -> Result<(), StudyError> {
        disk::remove(&self.path.join("failed.json"))
    }
}

#[cfg(test)]
mod tests {
    use crate::results::Results;
    use std::fs;

    /// A finished run of version 0.1.0.
    const EARLIER: &str = include_str!("../../tests/fixtures/run-0.1.0.json");

    #[test]
    fn records_of_earlier_versions_are_read_and_newer_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let run = Results::new(folder.path()).run("fb34936f3e487fb3");
        run.create().unwrap();
        let record = |text: &str| {
            fs::write(run.path().join("run.json"), text).unwrap();
            run.record().map(|record| record.format)
        };
        assert_eq!(record(EARLIER).unwrap(), 2);
        // What else a newer record has does not matter.
        for newer in
            [EARLIER.replace("\"format\": 2", "\"format\": 3"), "{\"format\": 3}".to_owned()]
        {
            let error = record(&newer).unwrap_err().to_string();
            let expected = "run.json: format 3, but this program reads format 2; a newer version of Gleaner wrote \
                            it: update Gleaner";
            assert!(error.ends_with(expected), "{error}");
        }
        let older = EARLIER.replace("\"format\": 2", "\"format\": 1");
        let error = record(&older).unwrap_err().to_string();
        assert!(error.ends_with("reads format 2; delete it to repeat the run"), "{error}");
    }

    #[test]
    fn a_lock_is_held_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let run = Results::new(folder.path()).run("1");
        assert!(!run.is_locked().unwrap() && !run.path().exists());
        let lock = run.lock().unwrap();
        assert!(lock.is_some() && run.is_locked().unwrap());
        drop(lock);
        assert!(!run.is_locked().unwrap());
    }
}
