//! Files that are written whole or not at all.
//!
//! A file is written under a temporary name in its own folder, synced, and renamed into place; then the folder is
//! synced, because a rename lives in the folder and is lost with it in a power cut. A reader therefore sees the old
//! file or the new one, never a part.

use std::{
    collections::hash_map::RandomState,
    fs::{self, File},
    hash::BuildHasher,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

/// The extension of files that are being written.
const PARTIAL: &str = "partial";

/// Whether `path` is the temporary name of a file that is being written, or that a killed process left behind.
pub fn is_partial(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == PARTIAL)
}

/// Replaces the file at `path` by `bytes`.
///
/// # Errors
/// The file cannot be written. What was there before is unchanged.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.json");
/// gleaner_base::files::write(&path, b"{}")?;
/// assert_eq!(std::fs::read(&path)?, b"{}");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_with(path, |file| file.write_all(bytes))
}

/// Replaces the file at `path` by what `fill` writes.
///
/// # Errors
/// `fill` fails, or the file cannot be written. What was there before is unchanged.
pub fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let temporary = temporary_name(path);
    let replaced = fill_and_sync(&temporary, fill).and_then(|()| rename(&temporary, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// Renames `from` to `to` in the same folder, and syncs the folder.
///
/// # Errors
/// The file cannot be renamed.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_folder(to)
}

fn fill_and_sync(
    temporary: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(temporary)?);
    fill(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// A name of its own for every write: processes of several machines may write the same file. The standard library
/// draws a hasher's keys at random.
fn temporary_name(path: &Path) -> PathBuf {
    let own = RandomState::new().hash_one(std::process::id());
    path.with_added_extension(format!("{own:016x}.{PARTIAL}"))
}

/// Syncs the folder of `path`, where the system lets a folder be opened.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_and_no_temporary_file_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, b"old").unwrap();
        let failed = write_with(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("no space"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no space");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["a.txt"]);
    }

    #[test]
    fn temporary_names_are_recognised_and_differ() {
        let [one, other] = [0, 1].map(|_| temporary_name(Path::new("runs/a.json")));
        assert!(is_partial(&one) && !is_partial(Path::new("runs/a.json")));
        assert_ne!(one, other);
        assert_eq!(one.parent(), Some(Path::new("runs")));
    }
}
