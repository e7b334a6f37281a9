//! Files of the results folder: written whole or not at all, read as JSON, removed, measured.

use crate::error::StudyError;
use gleaner_base::files::{self, Pending};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Replaces a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), StudyError> {
    files::write(path, bytes).map_err(|e| StudyError::io(path, e))
}

/// A complete file under a temporary name, and the path where it is to be.
pub(crate) type Prepared = (PathBuf, Pending);

/// Writes what [`commit`] makes the file at `path`.
pub(crate) fn prepare(path: &Path, bytes: &[u8]) -> Result<Prepared, StudyError> {
    let pending = Pending::new(path, |file| file.write_all(bytes));
    pending.map(|pending| (path.to_owned(), pending)).map_err(|e| StudyError::io(path, e))
}

/// Replaces a file by one that was prepared.
pub(crate) fn commit((path, pending): Prepared) -> Result<(), StudyError> {
    pending.commit().map_err(|e| StudyError::io(&path, e))
}

/// Writes a value as JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StudyError> {
    write(path, &json_bytes(value))
}

/// The bytes of a JSON file.
pub(crate) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("plain data");
    bytes.push(b'\n');
    bytes
}

/// Reads a JSON file; `None` if it does not exist.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StudyError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(StudyError::io(path, e)),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|e| StudyError::results(path, e.to_string(), "delete it to repeat the run"))
}

/// Creates a folder and those above it, as far as they are missing.
pub(crate) fn create_folder(path: &Path) -> Result<(), StudyError> {
    files::create_folder(path).map_err(|e| StudyError::io(path, e))
}

/// Removes a file, or a folder with its contents, if it exists.
pub(crate) fn remove(path: &Path) -> Result<(), StudyError> {
    let removed = match path.is_dir() {
        true => files::remove_folder(path),
        false => files::remove_file(path),
    };
    removed.map_err(|e| StudyError::io(path, e))
}

/// Total size in bytes of a file, or of the files below a folder.
pub(crate) fn size(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else {
        return fs::metadata(path).map_or(0, |m| m.len());
    };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}
