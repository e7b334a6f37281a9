//! The door to the disk: whatever Gleaner writes, creates, renames or removes goes through this module.
//!
//! - A file is written under a temporary name in its own folder, synced, and renamed into place; then the folder is
//!   synced, because a rename lives in the folder and is lost with it in a power cut. A reader therefore sees the old
//!   file or the new one, never a part.
//! - Files that belong together are all written and synced before the first gets its name ([`Pending`]).
//! - A folder gets a temporary name before its contents are removed, so no reader finds half of it.
//! - What a killed process left under temporary names is removed by the next write to the folder.
//!
//! With the feature `faults`, which only tests enable, every operation can fail: see `faults`.

#[cfg(feature = "faults")]
pub mod faults;
mod folder;
mod growing;
mod system;
mod temporary;

pub use folder::{create_folder, remove_file, remove_folder};
pub use growing::Growing;
pub use temporary::{is_partial, remove_abandoned};

#[cfg(feature = "faults")]
use faults as disk;
#[cfg(not(feature = "faults"))]
use system as disk;

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use temporary::Temporary;

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
/// `fill` fails, or the file cannot be written. What was there before is unchanged. If only the folder cannot be
/// synced, the new file is there, but may be lost in a power cut.
pub fn write_with(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    Pending::new(path, fill)?.commit()
}

/// A file that is complete and synced, but still has a temporary name. Files that belong together are all made before
/// the first is committed: then a full disk leaves all old ones. Dropping it removes it.
pub struct Pending {
    temporary: Temporary,
    path: PathBuf,
}

impl Pending {
    /// Writes what is to become the file at `path`.
    ///
    /// # Errors
    /// `fill` fails, or the file cannot be written.
    pub fn new(
        path: &Path,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<Self> {
        remove_abandoned(folder_of(path));
        let mut temporary = Temporary::create(path)?;
        let mut file = BufWriter::new(temporary.file());
        fill(&mut file)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(Self { temporary, path: path.to_owned() })
    }

    /// Replaces the file at its path.
    ///
    /// # Errors
    /// The file cannot be renamed, or the folder cannot be synced.
    pub fn commit(self) -> io::Result<()> {
        self.temporary.rename(&self.path)?;
        disk::sync_folder(folder_of(&self.path))
    }
}

/// Renames `from` to `to` in the same folder, and syncs the folder.
///
/// # Errors
/// The file cannot be renamed.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    disk::rename(from, to)?;
    disk::sync_folder(folder_of(to))
}

/// Makes `link` a symbolic link to `target`, which is relative to the link's folder. Where the system has none, it is a
/// hard link to `source`, the same file, or a copy. The caller keeps others from making the same link at the same time.
///
/// # Errors
/// The link cannot be made. What was there before is unchanged.
pub fn link(target: &Path, source: &Path, link: &Path) -> io::Result<()> {
    let temporary = temporary::name_of_link(link);
    remove_file(&temporary)?;
    disk::link(target, source, &temporary)?;
    rename(&temporary, link).inspect_err(|_| drop(disk::remove_file(&temporary)))
}

/// Opens a file to lock it, and creates it if it is missing. Its contents do not matter.
///
/// # Errors
/// The file cannot be created or opened.
pub fn open_lock(path: &Path) -> io::Result<fs::File> {
    disk::open_lock(path)
}

/// The folder of a file.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
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
    fn files_that_belong_together_are_complete_before_one_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.ann", "a.txt"] {
            write(&path(name), b"old").unwrap();
        }
        let of = |name: &str| Pending::new(&path(name), |file| file.write_all(b"new"));
        drop((of("a.ann").unwrap(), of("a.txt").unwrap()));
        assert_eq!(fs::read(path("a.ann")).unwrap(), b"old");
        let both = ["a.ann", "a.txt"].map(|name| of(name).unwrap());
        both.into_iter().try_for_each(Pending::commit).unwrap();
        let mut left = names(folder.path());
        left.sort();
        assert_eq!(left, ["a.ann", "a.txt"]);
        assert_eq!(fs::read(path("a.txt")).unwrap(), b"new");
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
}
