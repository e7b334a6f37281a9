//! The results folder: a folder a run, whose closing manifest is the truth.

mod prediction;

pub use prediction::{PredictedSpan, Prediction};

use crate::{StudyError, Task, disk};
use gleaner::{GleanerError, Scores, train::EpochRecord};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// The folder of the runs.
const RUNS: &str = "runs";
/// The file that keeps facts about files and texts. It may be deleted at any time.
pub(crate) const FACTS: &str = "facts.json";

/// The version of the format of `run.json`.
const FORMAT: u32 = 2;

/// The folder that a study's results go to.
#[derive(Clone, Debug)]
pub struct Results {
    path: PathBuf,
}

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// What a finished run leaves: `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunRecord {
    /// Version of this file's format.
    pub format: u32,
    /// The run's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it did.
    pub task: Task,
    /// The seed of the experiment.
    pub seed: u64,
    /// The fold that was tested on, from 1, in a cross-validation.
    pub fold: Option<usize>,
    /// Name and version of the program.
    pub program: String,
    /// Threads that computed.
    pub threads: usize,
    /// Everything that decided its results, of which the id is a hash.
    pub identity: serde_json::Value,
    /// What was done to the texts.
    pub notes: Vec<String>,
    /// Training sentences; of a scoring, those of the model's training.
    pub train_sentences: usize,
    /// Test sentences.
    pub test_sentences: usize,
    /// The epoch of the state that was kept, from 1; of a scoring, that of the model's training.
    pub best_epoch: u32,
    /// The published score in training mode in that epoch.
    pub train_published: f64,
    /// Scores on dev.
    pub dev: Scores,
    /// Scores on test.
    pub test: Scores,
    /// Every epoch; none of a scoring.
    pub history: Vec<EpochRecord>,
}

/// Why a run failed: `failed.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The run's name.
    pub name: String,
    /// How often it has failed.
    pub attempts: u32,
    /// What the last attempt said.
    pub error: String,
}

/// How long a run took: `time.json`, which no table is made from.
#[derive(Serialize, Deserialize)]
struct Time {
    seconds: f64,
}

/// Keeps a run from being done by two at a time. The system releases it when the process ends,
/// however it ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Results {
    /// The results folder at `path`, whatever it holds; it need not exist.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The results folder at `path`, which is new, empty, or holds results: tables are written over
    /// nobody else's files.
    ///
    /// # Errors
    /// It holds other files, or cannot be read.
    pub fn claim(path: &Path) -> Result<Self, StudyError> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::new(path)),
            Err(e) => return Err(StudyError::io(path, e)),
        };
        let ours = [RUNS, FACTS].iter().any(|name| path.join(name).exists());
        // What another process is just writing, or was killed at, is nobody else's.
        let is_other = |entry: std::io::Result<fs::DirEntry>| {
            !entry.is_ok_and(|e| disk::is_partial(&e.path()))
        };
        match ours || !entries.into_iter().any(is_other) {
            true => Ok(Self::new(path)),
            false => Err(StudyError::Gleaner(GleanerError::Settings(format!(
                "{}: the folder holds no runs, but other files; name the results of a study, or a new folder, with --out",
                path.display()
            )))),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folders of all runs that lie here, whether of this study or not, in the order of their ids.
    pub(crate) fn all_runs(&self) -> Result<Vec<RunFolder>, StudyError> {
        let path = self.path.join(RUNS);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries.collect::<Result<Vec<_>, _>>(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        };
        let entries = entries.map_err(|e| StudyError::io(&path, e))?;
        let folders = entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir());
        let mut all: Vec<RunFolder> = folders.map(|path| RunFolder { path }).collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }

    /// The folder of a run.
    pub fn run(&self, id: &str) -> RunFolder {
        RunFolder { path: self.path.join(RUNS).join(id) }
    }
}

impl RunFolder {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of its model.
    pub fn model(&self) -> PathBuf {
        self.path.join("model")
    }

    /// Where the test text as the run tags it lies.
    pub(crate) fn predicted(&self) -> PathBuf {
        self.path.join("test.jsonl")
    }

    /// Whether the run is finished.
    pub fn is_done(&self) -> bool {
        self.path.join("run.json").is_file()
    }

    /// Whether its model can be started from.
    pub(crate) fn has_model(&self) -> bool {
        self.model().join("gleaner.json").is_file()
    }

    pub(crate) fn create(&self) -> Result<(), StudyError> {
        fs::create_dir_all(&self.path).map_err(|e| StudyError::io(&self.path, e))
    }

    /// The lock, or nothing where another process holds it.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, StudyError> {
        self.create()?;
        let path = self.path.join("lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|e| StudyError::io(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(StudyError::io(&path, e)),
        }
    }

    /// Whether a process, this one among them, is doing the run.
    pub(crate) fn is_locked(&self) -> Result<bool, StudyError> {
        Ok(self.path.join("lock").is_file() && self.lock()?.is_none())
    }

    /// What the finished run left.
    ///
    /// # Errors
    /// The run is not finished, or its manifest is not as it was written.
    pub fn record(&self) -> Result<RunRecord, StudyError> {
        let path = self.path.join("run.json");
        let record: RunRecord = disk::read_json(&path)?
            .ok_or_else(|| StudyError::results(&path, "no such file", "finish the run first"))?;
        let bad = |what| StudyError::results(&path, what, "delete it, and the run is done anew");
        if record.format != FORMAT {
            let what = format!("format {}, but this program reads format {FORMAT}", record.format);
            return Err(bad(what));
        }
        match self.path.ends_with(&record.id) {
            true => Ok(record),
            false => Err(bad(format!("this is of another run: {}", record.name))),
        }
    }

    /// Closes the run.
    pub(crate) fn finish(&self, record: &RunRecord, seconds: f64) -> Result<(), StudyError> {
        disk::write_json(&self.path.join("time.json"), &Time { seconds })?;
        self.write_record(record)
    }

    pub(crate) fn write_record(&self, record: &RunRecord) -> Result<(), StudyError> {
        disk::write_json(&self.path.join("run.json"), record)
    }

    /// Removes what a process that was killed at writing a file has left of it. Only who holds the
    /// run's lock may do so.
    pub(crate) fn clear_partial(&self) -> Result<(), StudyError> {
        let entries = fs::read_dir(&self.path).map_err(|e| StudyError::io(&self.path, e))?;
        let paths = entries.flatten().map(|entry| entry.path());
        paths.filter(|path| disk::is_partial(path)).try_for_each(|path| disk::remove(&path))
    }

    /// How long the finished run took.
    pub(crate) fn seconds(&self) -> Option<f64> {
        let time: Option<Time> = disk::read_json(&self.path.join("time.json")).ok()?;
        time.map(|t| t.seconds).filter(|s| *s > 0.0)
    }

    /// Why the run failed, if it did.
    pub fn failure(&self) -> Option<Failure> {
        disk::read_json(&self.path.join("failed.json")).ok()?
    }

    pub(crate) fn write_failure(&self, failure: &Failure) -> Result<(), StudyError> {
        disk::write_json(&self.path.join("failed.json"), failure)
    }

    pub(crate) fn clear_failure(&self) -> Result<(), StudyError> {
        disk::remove(&self.path.join("failed.json"))
    }
}

impl RunRecord {
    /// The version of the format that is written.
    pub(crate) const FORMAT: u32 = FORMAT;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_run_that_is_trained_again_is_running() {
        let folder = tempfile::tempdir().unwrap();
        let run = Results::new(folder.path()).run("1");
        assert!(!run.is_locked().unwrap() && !run.path().exists());
        let lock = run.lock().unwrap();
        assert!(lock.is_some() && run.is_locked().unwrap());
        drop(lock);
        assert!(!run.is_locked().unwrap());
    }

    #[test]
    fn a_folder_is_claimed_that_is_new_empty_or_of_a_study() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        assert!(Results::claim(&path).is_ok());
        fs::create_dir(&path).unwrap();
        assert!(Results::claim(&path).is_ok());
        // Another process is just writing its first file here.
        fs::write(path.join("facts.json.1f.partial"), "{").unwrap();
        assert!(Results::claim(&path).is_ok());
        fs::write(path.join("notes.txt"), "mine").unwrap();
        assert!(Results::claim(&path).is_err());
        fs::write(path.join(FACTS), "{}").unwrap();
        assert!(Results::claim(&path).is_ok());
        fs::remove_file(path.join(FACTS)).unwrap();
        fs::create_dir(path.join(RUNS)).unwrap();
        assert!(Results::claim(&path).is_ok());
    }
}
