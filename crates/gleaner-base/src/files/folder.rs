//! Creating and removing.

use super::{disk, folder_of, rename, temporary};
use std::{
    io::{self, ErrorKind},
    path::Path,
};

/// Creates a folder and those above it, as far as they are missing, and syncs their names.
///
/// # Errors
/// A folder cannot be created.
pub fn create_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_folder(parent)?;
    }
    match disk::create_dir(path) {
        // Another process was faster.
        Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created.and_then(|()| disk::sync_folder(folder_of(path))),
    }
}

/// Removes a folder with its contents, if it exists. It gets a temporary name first, so that no reader finds half of
/// it, whenever the process ends.
///
/// # Errors
/// The folder or something in it cannot be removed.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    temporary::remove_abandoned(folder_of(path));
    let temporary = temporary::name(path);
    match rename(path, &temporary).and_then(|()| disk::remove_dir_all(&temporary)) {
        // It does not exist, or another process has removed it under its temporary name.
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Removes a file, if it exists. The folder is not synced: the file may be back after a power cut.
///
/// # Errors
/// The file cannot be removed.
pub fn remove_file(path: &Path) -> io::Result<()> {
    match disk::remove_file(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
