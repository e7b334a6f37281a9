//! Temporary names, and what killed processes left under them.

use super::disk::{self, File};
use std::{
    collections::hash_map::RandomState,
    fs::{self, TryLockError},
    hash::BuildHasher,
    io,
    path::{Path, PathBuf},
};

/// The extension of files that are being written, and of folders that are being removed.
const PARTIAL: &str = "partial";

/// Number of hexadecimal digits before the extension.
const DIGITS: usize = 16;

/// Whether `path` is the temporary name of a file that is being written, or that a killed process left behind.
pub fn is_partial(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == PARTIAL)
}

/// A name of its own for every write: processes of several machines may write the same file. The standard library
/// draws a hasher's keys at random.
pub(super) fn name(path: &Path) -> PathBuf {
    let own = RandomState::new().hash_one(std::process::id());
    path.with_added_extension(format!("{own:0DIGITS$x}.{PARTIAL}"))
}

/// The temporary name of a link. It is always the same, so the next attempt replaces a link that was left behind.
pub(super) fn name_of_link(link: &Path) -> PathBuf {
    link.with_added_extension(format!("link.{PARTIAL}"))
}

/// Whether [`name`] made this name. Partial files of other programs are left alone.
fn is_ours(path: &Path) -> bool {
    let own = path.file_stem().and_then(|stem| Path::new(stem).extension()?.to_str());
    is_partial(path)
        && own.is_some_and(|own| own.len() == DIGITS && own.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A file under a temporary name, locked while it exists: unlocked ones were left by processes that have ended. It is
/// removed when it is dropped, unless it was renamed.
pub(super) struct Temporary {
    path: PathBuf,
    file: File,
    is_renamed: bool,
}

impl Temporary {
    /// Creates a file that is to replace the one at `path`.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        loop {
            let path = name(path);
            let file = disk::create_new(&path)?;
            // Systems that cannot lock files do not clean either. On others than Unix, a lock would keep readers out.
            let is_taken = cfg!(unix) && matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            let made = Self { path, file, is_renamed: false };
            // Between its creation and its lock, another process may have taken it for a left-over file.
            if !is_taken && made.path.try_exists().unwrap_or(true) {
                return Ok(made);
            }
        }
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Gives the file its name.
    pub(super) fn rename(mut self, to: &Path) -> io::Result<()> {
        disk::rename(&self.path, to)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_renamed {
            let _ = disk::remove_file(&self.path);
        }
    }
}

/// Removes what ended processes left under temporary names in a folder. Failures are ignored: such files only take
/// space.
pub fn remove_abandoned(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| is_ours(&entry.path())) {
        let path = entry.path();
        let _ = match entry.file_type() {
            // Only folders that are being removed have such names.
            Ok(kind) if kind.is_dir() => disk::remove_dir_all(&path),
            Ok(kind) if kind.is_file() => remove_unlocked(&path),
            _ => Ok(()),
        };
    }
}

/// Removes a temporary file unless the process that writes it still runs.
fn remove_unlocked(path: &Path) -> io::Result<()> {
    // Some network file systems lock only files that are open for writing.
    let file = fs::File::options().write(true).open(path)?;
    match cfg!(unix) && file.try_lock().is_ok() {
        true => disk::remove_file(path),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_are_recognised_and_differ() {
        let [one, other] = [0, 1].map(|_| name(Path::new("runs/a.json")));
        assert!(is_partial(&one) && is_ours(&one));
        assert_ne!(one, other);
        assert_eq!(one.parent(), Some(Path::new("runs")));
        let link = name_of_link(Path::new("a.json"));
        assert!(is_partial(&link) && !is_ours(&link));
        for name in ["a.json", "film.mp4.partial", "0123456789abcdef.partial", "a.b.partial"] {
            assert!(!is_ours(Path::new(name)), "{name}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn only_what_no_process_writes_is_removed() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut written = Temporary::create(&path("a")).unwrap();
        written.file().write_all(b"half").unwrap();
        for name in ["a.0123456789abcdef.partial", "film.partial", "b"] {
            fs::write(path(name), "").unwrap();
        }
        let removed = path("model.fedcba9876543210.partial");
        fs::create_dir_all(removed.join("checkpoint")).unwrap();
        fs::write(removed.join("checkpoint/state.json"), "").unwrap();
        remove_abandoned(folder.path());
        let mut left: Vec<PathBuf> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        left.sort();
        let mut expected = [written.path.clone(), path("b"), path("film.partial")];
        expected.sort();
        assert_eq!(left, expected);
        written.rename(&path("a")).unwrap();
        assert_eq!(fs::read(path("a")).unwrap(), b"half");
    }
}
