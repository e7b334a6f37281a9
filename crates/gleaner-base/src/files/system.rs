//! The operations that change the disk. In tests with the feature `faults`, those of `faults.rs` take their place.

pub(super) use std::fs::{File, create_dir, remove_dir_all, remove_file, rename};

use std::{
    fs,
    io::{self, ErrorKind},
    path::Path,
};

/// Creates a file, which must not exist.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

/// Opens a file to read it and to append to it, and creates it if it is missing.
pub(super) fn append(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).read(true).open(path)
}

pub(super) fn open_lock(path: &Path) -> io::Result<fs::File> {
    fs::File::options().create(true).append(true).open(path)
}

/// Syncs the names in a folder, where the system can do so.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match fs::File::open(folder)?.sync_all() {
        // Some network file systems cannot.
        Err(e) if matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

#[cfg(unix)]
pub(super) fn link(target: &Path, _source: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Symbolic links need a privilege on some systems.
#[cfg(not(unix))]
pub(super) fn link(_target: &Path, source: &Path, link: &Path) -> io::Result<()> {
    fs::hard_link(source, link).or_else(|_| fs::copy(source, link).map(drop))
}
