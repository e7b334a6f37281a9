//! Files that grow over several runs of the program.

use super::{
    disk::{self, File},
    folder_of, rename,
};
use std::{
    fs,
    io::{self, ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A file that grows until it is complete, over several runs of the program if need be: a partial download, or a log.
/// After a power cut its end may be missing or wrong, so its contents must be checked before [`Growing::finish`].
pub struct Growing {
    file: File,
    path: PathBuf,
}

impl Growing {
    /// Opens the file, or creates it if it is missing.
    ///
    /// # Errors
    /// The file cannot be opened or created.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: disk::append(path)?, path: path.to_owned() })
    }

    /// Creates the file, which must not exist, and syncs its name: it has its final one from the start.
    ///
    /// # Errors
    /// The file exists or cannot be created, or the folder cannot be synced.
    pub fn create_new(path: &Path) -> io::Result<Self> {
        let file = disk::create_new(path)?;
        disk::sync_folder(folder_of(path))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Number of bytes.
    ///
    /// # Errors
    /// The system does not say.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Whether the file at its path is still this one. One that was removed or replaced can be written, but nobody
    /// finds what is in it. Where the system does not number files, any file at the path counts.
    ///
    /// # Errors
    /// The system does not say.
    pub fn is_in_place(&self) -> io::Result<bool> {
        let found = match fs::metadata(&self.path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
            found => found?,
        };
        Ok(is_same(&self.file.metadata()?, &found))
    }

    /// Removes all bytes.
    ///
    /// # Errors
    /// The file cannot be changed.
    pub fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)
    }

    /// Removes the bytes from `size` on, such as a part of a line that was not written to its end.
    ///
    /// # Errors
    /// The file cannot be changed.
    pub fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    /// Syncs what was written.
    ///
    /// # Errors
    /// The file cannot be synced.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Syncs the complete file and gives it its name, in the same folder.
    ///
    /// # Errors
    /// The file cannot be synced or renamed.
    pub fn finish(self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        rename(&self.path, path)
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for Growing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, other: &fs::Metadata) -> bool {
    other.is_file()
}
