//! Files that are written whole or not at all.

use crate::StudyError;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::hash_map::RandomState,
    fs::{self, File},
    hash::BuildHasher,
    io::{ErrorKind, Write},
    path::Path,
};

/// How names of files that are being written end.
const PARTIAL: &str = "partial";

/// Whether a file is being written, or was when its writer was killed.
pub(crate) fn is_partial(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == PARTIAL)
}

/// Writes a file to a temporary name, syncs it and renames it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), StudyError> {
    // Processes of several machines may write the same file; each has a temporary name of its own. The
    // standard library draws a hasher's keys at random.
    let own = RandomState::new().hash_one(std::process::id());
    let temporary = path.with_added_extension(format!("{own:016x}.{PARTIAL}"));
    let replace = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    replace().map_err(|e| {
        let _ = fs::remove_file(&temporary);
        StudyError::io(path, e)
    })
}

/// Writes a value as JSON.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StudyError> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("plain data");
    bytes.push(b'\n');
    write(path, &bytes)
}

/// Reads a JSON file; `None` where there is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StudyError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(StudyError::io(path, e)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|e| {
        StudyError::results(path, e.to_string(), "delete it, and the run is done anew")
    })
}

/// Removes a file or a folder with all in it, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), StudyError> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    };
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(StudyError::io(path, e)),
        _ => Ok(()),
    }
}

/// Bytes of the files below a folder.
pub(crate) fn size(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else {
        return fs::metadata(path).map_or(0, |m| m.len());
    };
    entries.flatten().map(|entry| size(&entry.path())).sum()
}
