//! The results folder: one folder for each run. A run is finished if its folder has `run.json`.

mod annotated;
mod folder;
mod prediction;
mod record;

pub(crate) use annotated::{ANNOTATION_NOTE, Annotated};
pub(crate) use folder::Lock;
pub use folder::RunFolder;
pub use prediction::{PredictedSpan, Prediction};
pub use record::{Failure, PointScores, RunRecord};

use crate::{error::StudyError, fingerprints::CACHE_FILE};
use gleaner_base::files::is_partial;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the runs.
const RUNS: &str = "runs";

/// The folder of a study's results.
#[derive(Clone, Debug)]
pub struct Results {
    path: PathBuf,
}

impl Results {
    /// The results folder at `path`, whatever it contains. It need not exist.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The results folder at `path`, if it is new, is empty, or already has results. So tables never
    /// overwrite other files.
    ///
    /// # Errors
    /// It has other files, or cannot be read.
    pub fn claim(path: &Path) -> Result<Self, StudyError> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::new(path)),
            Err(e) => return Err(StudyError::io(path, e)),
        };
        let ours = [RUNS, CACHE_FILE].iter().any(|name| path.join(name).exists());
        // Another process may be writing its first file, or was killed while writing it.
        let is_other =
            |entry: std::io::Result<fs::DirEntry>| !entry.is_ok_and(|e| is_partial(&e.path()));
        match ours || !entries.into_iter().any(is_other) {
            true => Ok(Self::new(path)),
            false => Err(StudyError::FolderOccupied { path: path.to_owned() }),
        }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folders of all runs, of this study and of others, in the order of their ids.
    pub(crate) fn all_runs(&self) -> Result<Vec<RunFolder>, StudyError> {
        let path = self.path.join(RUNS);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries.collect::<Result<Vec<_>, _>>(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        };
        let entries = entries.map_err(|e| StudyError::io(&path, e))?;
        let folders = entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_dir());
        let mut all: Vec<RunFolder> = folders.map(RunFolder::new).collect();
        all.sort_by(|a, b| a.path().cmp(b.path()));
        Ok(all)
    }

    /// The folder of a run.
    pub fn run(&self, id: &str) -> RunFolder {
        RunFolder::new(self.path.join(RUNS).join(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_can_be_claimed_if_it_is_new_empty_or_of_a_study() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        assert!(Results::claim(&path).is_ok());
        fs::create_dir(&path).unwrap();
        assert!(Results::claim(&path).is_ok());
        // Another process is writing its first file here.
        fs::write(path.join("fingerprints.json.1f.partial"), "{").unwrap();
        assert!(Results::claim(&path).is_ok());
        fs::write(path.join("notes.txt"), "mine").unwrap();
        assert!(matches!(Results::claim(&path), Err(StudyError::FolderOccupied { .. })));
        fs::write(path.join(CACHE_FILE), "{}").unwrap();
        assert!(Results::claim(&path).is_ok());
        fs::remove_file(path.join(CACHE_FILE)).unwrap();
        fs::create_dir(path.join(RUNS)).unwrap();
        assert!(Results::claim(&path).is_ok());
    }
}
