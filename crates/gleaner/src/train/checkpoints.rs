//! Where a training keeps its state until it is finished.

use crate::{
    GleanerError,
    model::{MANIFEST, json_bytes, newer_format, write_file},
};
use gleaner_base::files::{self, is_partial};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// The folder of an unfinished training's state, within the model folder.
const FOLDER: &str = "checkpoint";
const STATE: &str = "state.json";

/// The checkpoints of a training, in the folder that its model is written to.
pub struct Checkpoints {
    model: PathBuf,
}

/// The version of a state's format, which those of version 0.1.0 do not have.
#[derive(Deserialize)]
struct Version {
    format: Option<u32>,
}

impl Checkpoints {
    /// The version of the format that is written. It and earlier ones are read.
    pub(super) const FORMAT: u32 = 1;

    /// The checkpoints of a training whose model is written to `folder`, which must be new or empty. With `resume`
    /// the folder may hold an unfinished training. Nothing is created yet.
    ///
    /// # Errors
    /// [`GleanerError::FolderOccupied`]: the folder is not empty, unless it holds an unfinished training and `resume`
    /// is set.
    pub fn claim(folder: &Path, resume: bool) -> Result<Self, GleanerError> {
        let claimed = Self { model: folder.to_owned() };
        let mut entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(claimed),
            Err(e) => return Err(GleanerError::io(folder, e)),
        };
        let finished = folder.join(MANIFEST).exists();
        let unfinished = claimed.folder().is_dir() && !finished;
        if entries.next().is_none() || (unfinished && resume) {
            return Ok(claimed);
        }
        if finished && resume {
            // The process ended between writing the manifest and removing the checkpoint.
            claimed.remove()?;
            files::remove_abandoned(folder);
            let fix = "use the model as it is, or choose another folder";
            return Err(GleanerError::occupied(folder, "the training in it is finished", fix));
        }
        let fix = match unfinished {
            true => "it holds an unfinished training: add --resume, or choose another folder",
            false => "choose another folder, or empty this one",
        };
        Err(GleanerError::occupied(folder, "the folder is not empty", fix))
    }

    /// The folder that the model is written to.
    pub(super) fn model(&self) -> &Path {
        &self.model
    }

    /// The folder of the checkpoints.
    pub(super) fn folder(&self) -> PathBuf {
        self.model.join(FOLDER)
    }

    /// Creates the folder, and removes the partial files of a process that was killed while it saved the model.
    pub(super) fn create(&self) -> Result<(), GleanerError> {
        let folder = self.folder();
        files::create_folder(&folder).map_err(|e| GleanerError::io(&folder, e))?;
        let entries = fs::read_dir(&self.model).map_err(|e| GleanerError::io(&self.model, e))?;
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| is_partial(path)) {
            let removed = match path.is_dir() {
                true => files::remove_folder(&path),
                false => files::remove_file(&path),
            };
            removed.map_err(|e| GleanerError::io(&path, e))?;
        }
        Ok(())
    }

    /// Makes the files that were written for a checkpoint the ones to resume from, and removes those of earlier
    /// checkpoints. `tensors` is the name of the checkpoint's own file.
    pub(super) fn commit(&self, state: &impl Serialize, tensors: &str) -> Result<(), GleanerError> {
        let folder = self.folder();
        write_file(&folder.join(STATE), &json_bytes(state))?;
        let entries = fs::read_dir(&folder).map_err(|e| GleanerError::io(&folder, e))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name != tensors && name != STATE {
                files::remove_file(&entry.path())
                    .map_err(|e| GleanerError::io(&entry.path(), e))?;
            }
        }
        Ok(())
    }

    /// The state to resume from, if there is one.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, GleanerError> {
        let path = self.folder().join(STATE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(GleanerError::io(&path, e)),
        };
        let malformed = |e: serde_json::Error| {
            let fix = "choose another folder and start the training again";
            GleanerError::model(&path, e.to_string(), fix)
        };
        let version: Version = serde_json::from_slice(&bytes).map_err(malformed)?;
        match version.format {
            Some(format) if format > Self::FORMAT => {
                Err(newer_format(&path, format.into(), Self::FORMAT))
            }
            _ => serde_json::from_slice(&bytes).map(Some).map_err(malformed),
        }
    }

    /// Removes the checkpoints of a finished training.
    pub(super) fn remove(&self) -> Result<(), GleanerError> {
        let folder = self.folder();
        files::remove_folder(&folder).map_err(|e| GleanerError::io(&folder, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_files_of_a_killed_process_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::claim(folder.path(), true).unwrap();
        checkpoints.create().unwrap();
        let partial = "config.json.00112233aabbccdd.partial";
        for name in [partial, "config.json"] {
            fs::write(folder.path().join(name), "{").unwrap();
        }
        checkpoints.create().unwrap();
        assert!(!folder.path().join(partial).exists());
        assert!(folder.path().join("config.json").exists());
    }

    #[test]
    fn states_of_this_version_and_earlier_ones_are_read_and_newer_ones_are_refused() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct State {
            steps: u64,
        }
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::claim(folder.path(), true).unwrap();
        checkpoints.create().unwrap();
        let path = checkpoints.folder().join(STATE);
        let read = |state: &str| {
            fs::write(&path, state).unwrap();
            checkpoints.read::<State>()
        };
        for state in [r#"{"steps": 3}"#, r#"{"format": 1, "steps": 3}"#] {
            assert_eq!(read(state).unwrap(), Some(State { steps: 3 }), "{state}");
        }
        let error = read(r#"{"format": 2, "pace": 3}"#).unwrap_err().to_string();
        let expected = "state.json: format 2, but this program reads format 1; a newer version of Gleaner wrote it: \
                        update Gleaner";
        assert!(error.ends_with(expected), "{error}");
    }
}
