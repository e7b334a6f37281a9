//! Where a training keeps its state until it is finished.

use crate::{
    GleanerError, Settings,
    model::{
        json_bytes,
        versioned::{Version, newer_format},
        write_file,
    },
};
use gleaner_base::{
    files::{self, is_partial},
    hash::Fingerprint,
    model_files::{CHECKPOINT, MANIFEST},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

const STATE: &str = "state.json";
/// Locked by the process that trains into the folder.
const LOCK: &str = "lock";

/// What the state says of the checkpoint's own file; states of earlier versions say nothing.
#[derive(Serialize, Deserialize)]
struct Printed {
    #[serde(default)]
    fingerprint: Option<Fingerprint>,
}

/// The checkpoints of a training, in the folder that its model is written to.
pub struct Checkpoints {
    model: PathBuf,
    /// The file that marks the folder as finished.
    last: &'static str,
    /// Held from [`Checkpoints::create`] to [`Checkpoints::remove`].
    lock: Mutex<Option<File>>,
}

impl Checkpoints {
    /// The version of the format that is written. It and earlier ones are read.
    pub(crate) const FORMAT: u32 = 1;

    /// The checkpoints of a training whose model is written to `folder`, which must be new or empty. With `resume`
    /// the folder may hold an unfinished training. Nothing is created yet.
    ///
    /// # Errors
    /// [`GleanerError::FolderOccupied`]: the folder is not empty, unless it holds an unfinished training and `resume`
    /// is set.
    pub fn claim(folder: &Path, resume: bool) -> Result<Self, GleanerError> {
        Self::claim_for(folder, resume, MANIFEST)
    }

    /// As [`Checkpoints::claim`], for a folder that the file `last` marks as finished.
    pub(crate) fn claim_for(
        folder: &Path,
        resume: bool,
        last: &'static str,
    ) -> Result<Self, GleanerError> {
        let claimed = Self { model: folder.to_owned(), last, lock: Mutex::default() };
        let mut entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(claimed),
            Err(e) => return Err(GleanerError::io(folder, e)),
        };
        if claimed.folder().is_symlink() {
            // Whoever made it could have files of another folder removed as those of earlier checkpoints.
            let fix = "remove the link, or choose another folder";
            return Err(GleanerError::occupied(&claimed.folder(), "is a link to elsewhere", fix));
        }
        let finished = folder.join(claimed.last).exists();
        let unfinished = claimed.folder().is_dir() && !finished;
        if entries.next().is_none() || (unfinished && resume) {
            return Ok(claimed);
        }
        if finished && resume {
            // The process ended between writing the last file and removing the checkpoint.
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
    pub(crate) fn model(&self) -> &Path {
        &self.model
    }

    /// The folder of the checkpoints.
    pub(crate) fn folder(&self) -> PathBuf {
        checkpoint_folder(&self.model)
    }

    /// Creates the folder, keeps other processes from it, and removes the partial files of a process that was killed
    /// while it saved the model.
    ///
    /// # Errors
    /// Another process trains into the folder, or has finished there since it was claimed.
    pub(crate) fn create(&self) -> Result<(), GleanerError> {
        let folder = self.folder();
        files::create_folder(&folder).map_err(|e| GleanerError::io(&folder, e))?;
        self.lock()?;
        if self.model.join(self.last).exists() {
            self.remove()?;
            let fix = "use the model as it is, or choose another folder";
            return Err(GleanerError::occupied(&self.model, "the training in it is finished", fix));
        }
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

    fn lock(&self) -> Result<(), GleanerError> {
        let mut held = self.held();
        if held.is_some() {
            return Ok(());
        }
        let path = self.folder().join(LOCK);
        let file = files::open_lock(&path).map_err(|e| GleanerError::io(&path, e))?;
        // Some file systems have no locks.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let fix = "wait until it ends, or choose another folder";
            return Err(GleanerError::occupied(&self.model, "another process trains into it", fix));
        }
        *held = Some(file);
        Ok(())
    }

    fn held(&self) -> MutexGuard<'_, Option<File>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the files that were written for a checkpoint the ones to resume from, and removes those of earlier
    /// checkpoints. `tensors` is the name of the checkpoint's own file.
    pub(crate) fn commit(&self, state: &impl Serialize, tensors: &str) -> Result<(), GleanerError> {
        #[derive(Serialize)]
        struct Whole<'a, T> {
            #[serde(flatten)]
            state: &'a T,
            #[serde(flatten)]
            printed: Printed,
        }
        let folder = self.folder();
        let path = folder.join(tensors);
        let print = Fingerprint::of_file(&path).map_err(|e| GleanerError::io(&path, e))?;
        let printed = Printed { fingerprint: Some(print) };
        write_file(&folder.join(STATE), &json_bytes(&Whole { state, printed }))?;
        let entries = fs::read_dir(&folder).map_err(|e| GleanerError::io(&folder, e))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name != tensors && name != STATE && name != LOCK {
                files::remove_file(&entry.path())
                    .map_err(|e| GleanerError::io(&entry.path(), e))?;
            }
        }
        Ok(())
    }

    /// The state to resume from, if there is one.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, GleanerError> {
        let path = self.folder().join(STATE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(GleanerError::io(&path, e)),
        };
        let malformed = |e: serde_json::Error| self.damaged(&e.to_string());
        let version: Version = serde_json::from_slice(&bytes).map_err(malformed)?;
        match version.format {
            Some(format) if format > u64::from(Self::FORMAT) => {
                Err(newer_format(&path, format, Self::FORMAT))
            }
            // Those of version 0.1.0 have no format.
            _ => serde_json::from_slice(&bytes).map(Some).map_err(malformed),
        }
    }

    /// The path of the checkpoint's own file, whose name its state has.
    ///
    /// # Errors
    /// It is not the name of a file in the folder, or the file is not the one that was written with the state.
    pub(crate) fn tensors(&self, name: &str) -> Result<PathBuf, GleanerError> {
        let is_name = Path::new(name).file_name() == Some(name.as_ref())
            && !name.contains(['/', '\\', ':', '\0']);
        if !is_name {
            return Err(self.damaged(&format!("{name:?} is not the name of a file")));
        }
        let path = self.folder().join(name);
        if let Some(Printed { fingerprint: Some(expected) }) = self.read()? {
            let found = Fingerprint::of_file(&path).map_err(|e| GleanerError::io(&path, e))?;
            if found != expected {
                return Err(
                    self.damaged(&format!("{name} is not the file that was written with it"))
                );
            }
        }
        Ok(path)
    }

    /// The error of a state that cannot be resumed from.
    pub(crate) fn damaged(&self, what: &str) -> GleanerError {
        let fix = "choose another folder and start the training again";
        GleanerError::model(&self.folder().join(STATE), what, fix)
    }

    /// Removes the checkpoints of a finished training.
    pub(crate) fn remove(&self) -> Result<(), GleanerError> {
        let folder = self.folder();
        // Some file systems keep a folder with an open file.
        drop(self.held().take());
        files::remove_folder(&folder).map_err(|e| GleanerError::io(&folder, e))
    }
}

/// The folder of an unfinished training's state, within the folder of its model.
pub fn checkpoint_folder(model: &Path) -> PathBuf {
    model.join(CHECKPOINT)
}

/// Whether a model's folder has an unfinished training with exactly these settings, those included that do not change
/// the model, such as the number of threads.
pub fn may_resume(model: &Path, settings: &Settings) -> bool {
    let state = fs::read(checkpoint_folder(model).join(STATE));
    let state: Option<Value> = state.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let ours = serde_json::to_value(settings).expect("settings are plain data");
    !model.join(MANIFEST).exists() && state.is_some_and(|state| state["settings"] == ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_training_resumes_if_it_is_unfinished_and_has_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let with = |threads: usize| {
            let mut settings = Settings::resolve(&[]).unwrap();
            settings.run.threads = Some(threads);
            settings
        };
        let resumes = |threads: usize| may_resume(folder.path(), &with(threads));
        assert!(!resumes(2), "there is no checkpoint");
        let checkpoints = Checkpoints::claim(folder.path(), true).unwrap();
        checkpoints.create().unwrap();
        fs::write(checkpoints.folder().join("a"), "tensors").unwrap();
        checkpoints.commit(&serde_json::json!({"settings": with(2)}), "a").unwrap();
        assert!(resumes(2) && !resumes(1));
        fs::write(folder.path().join(MANIFEST), "{}").unwrap();
        assert!(!resumes(2), "the training is finished");
    }

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
    fn one_process_trains_into_a_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("model");
        let claim = || Checkpoints::claim(&folder, false).unwrap();
        let (first, second, third) = (claim(), claim(), claim());
        first.create().unwrap();
        let error = |claimed: &Checkpoints| claimed.create().unwrap_err().to_string();
        assert!(error(&second).contains("another process trains into it"), "{}", error(&second));
        fs::write(first.folder().join("a"), "tensors").unwrap();
        first.commit(&serde_json::json!({}), "a").unwrap();
        assert!(error(&second).contains("another process trains into it"), "{}", error(&second));
        first.remove().unwrap();
        second.create().unwrap();
        second.remove().unwrap();
        fs::write(folder.join(MANIFEST), "{}").unwrap();
        assert!(error(&third).contains("the training in it is finished"), "{}", error(&third));
        assert!(!third.folder().exists());
    }

    #[test]
    fn tensors_are_those_that_were_written_with_the_state() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints = Checkpoints::claim(folder.path(), true).unwrap();
        checkpoints.create().unwrap();
        let path = checkpoints.folder().join("a");
        fs::write(&path, "tensors").unwrap();
        checkpoints.commit(&serde_json::json!({"steps": 3}), "a").unwrap();
        assert_eq!(checkpoints.tensors("a").unwrap(), path);
        fs::write(&path, "tensorz").unwrap();
        let error = |name| checkpoints.tensors(name).unwrap_err().to_string();
        let fix = "choose another folder and start the training again";
        let expected = format!("state.json: a is not the file that was written with it; {fix}");
        assert!(error("a").ends_with(&expected), "{}", error("a"));
        for name in ["../a", "", "/a", "a/b", "c:a"] {
            let expected = format!("state.json: {name:?} is not the name of a file; {fix}");
            assert!(error(name).ends_with(&expected), "{}", error(name));
        }
        // A state of an earlier version says nothing about the file.
        fs::write(checkpoints.folder().join(STATE), r#"{"steps": 3}"#).unwrap();
        assert_eq!(checkpoints.tensors("a").unwrap(), path);
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
