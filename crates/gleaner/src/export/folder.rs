//! The folder that a tagger is exported to, or a trimmed encoder.

use crate::{
    GleanerError,
    model::{json_bytes, write_file},
};
use gleaner_base::files;
use serde::Serialize;
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// A new folder, and the files written to it.
pub(crate) struct Folder {
    path: PathBuf,
    files: Vec<String>,
}

impl Folder {
    /// Claims a folder, which must be new or empty.
    ///
    /// # Errors
    /// [`GleanerError::FolderOccupied`], or the folder cannot be read.
    pub(crate) fn claim(path: &Path) -> Result<Self, GleanerError> {
        match fs::read_dir(path).map(|mut entries| entries.next().is_none()) {
            Ok(false) => {
                let fix = "choose another folder, or empty this one";
                return Err(GleanerError::occupied(path, "the folder is not empty", fix));
            }
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(GleanerError::io(path, e)),
            _ => {}
        }
        Ok(Self { path: path.to_owned(), files: Vec::new() })
    }

    /// Creates the folder, if it is new.
    pub(crate) fn create(&self) -> Result<(), GleanerError> {
        files::create_folder(&self.path).map_err(|e| GleanerError::io(&self.path, e))
    }

    /// Adds a file that is written by other means to the list. Returns its path.
    pub(crate) fn register(&mut self, name: &str) -> PathBuf {
        self.files.push(name.to_owned());
        self.path.join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), GleanerError> {
        let path = self.register(name);
        write_file(&path, bytes)
    }

    /// Writes a JSON file.
    pub(crate) fn json(&mut self, name: &str, value: &impl Serialize) -> Result<(), GleanerError> {
        self.write(name, &json_bytes(value))
    }

    /// The names of all files, in the order in which they were written.
    pub(crate) fn into_files(self) -> Vec<String> {
        self.files
    }
}
