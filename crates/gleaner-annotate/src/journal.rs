//! `journal.jsonl`: every answer, one per line, in the order in which they were given.
//!
//! A line is synced before its answer is confirmed. A process that is killed, or a disk that fails, leaves at most the
//! beginning of one more line, whose answer was not confirmed. It is dropped when the project is opened.

use crate::{
    answer::{Action, Span},
    error::AnnotateError,
};
use gleaner_base::files::{self, Growing};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 1.
    pub n: u64,
    /// The sentence.
    pub id: usize,
    /// Who answered.
    pub annotator: String,
    /// What to do with the sentence.
    pub action: Action,
    /// The entities, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
    /// What was proposed, if something was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Vec<Span>>,
    /// The model that proposed it; none if imported labels were shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What a journal holds.
pub(crate) struct Contents {
    pub(crate) entries: Vec<Entry>,
    /// Number of bytes of the complete lines.
    size: u64,
    /// Number of bytes after them.
    pub(crate) torn: usize,
}

/// Reads a journal; nothing is in it if the file does not exist.
///
/// # Errors
/// The file cannot be read, or a complete line is not an entry.
pub(crate) fn read(path: &Path) -> Result<Contents, AnnotateError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(AnnotateError::io(path, e)),
    };
    let size = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (complete, torn) = bytes.split_at(size);
    let entry = |(at, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|e| damaged(path, at + 1, e.to_string()))
    };
    // The last piece is what follows the last line end: nothing.
    let mut lines: Vec<&[u8]> = complete.split(|byte| *byte == b'\n').collect();
    lines.pop();
    let entries = lines.into_iter().enumerate().map(entry).collect::<Result<_, _>>()?;
    Ok(Contents { entries, size: size as u64, torn: torn.len() })
}

/// The error of a line.
pub(crate) fn damaged(path: &Path, line: usize, what: impl Into<String>) -> AnnotateError {
    let fix = "restore the file from a backup, or correct the line";
    AnnotateError::damaged(path, line, what, fix)
}

/// A journal that can be appended to.
pub(crate) struct Journal {
    file: Growing,
    path: PathBuf,
    /// Number of bytes of the complete lines.
    size: u64,
    /// Whether the file ends after them.
    is_whole: bool,
}

impl Journal {
    /// Opens a journal, and creates it if it is missing. The caller holds the project's lock.
    ///
    /// # Errors
    /// The file cannot be read, created or changed, or a complete line is not an entry.
    pub(crate) fn open(path: &Path) -> Result<(Self, Contents), AnnotateError> {
        let io = |e| AnnotateError::io(path, e);
        if !path.try_exists().map_err(io)? {
            // Its name must be on the disk before the first answer is confirmed.
            files::write(path, b"").map_err(io)?;
        }
        let contents = read(path)?;
        let file = Growing::open(path).map_err(io)?;
        let is_whole = contents.torn == 0;
        let mut journal = Self { file, path: path.to_owned(), size: contents.size, is_whole };
        journal.truncate_torn()?;
        Ok((journal, contents))
    }

    /// Appends an entry and syncs it.
    ///
    /// # Errors
    /// The entry cannot be written or synced, or the file is no longer at its path. The entry is removed before the
    /// next one is appended; if the process ends before that, it may be found in the journal.
    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), AnnotateError> {
        self.truncate_torn()?;
        let mut line = serde_json::to_vec(entry).map_err(|e| self.io(e.into()))?;
        line.push(b'\n');
        self.is_whole = false;
        // In one call: a line that is written in parts could be torn without a fault of the disk.
        let written = self.file.write_all(&line).and_then(|()| self.file.sync());
        written.map_err(|e| self.io(e))?;
        if !self.file.is_in_place().map_err(|e| self.io(e))? {
            let what = "the file was removed or replaced while the project was open";
            let fix = "restore it, and open the project again";
            return Err(AnnotateError::folder(&self.path, what, fix));
        }
        self.size += line.len() as u64;
        self.is_whole = true;
        Ok(())
    }

    /// Removes what follows the complete lines.
    fn truncate_torn(&mut self) -> Result<(), AnnotateError> {
        if !self.is_whole {
            self.file.truncate(self.size).map_err(|e| self.io(e))?;
            self.is_whole = true;
        }
        Ok(())
    }

    fn io(&self, error: std::io::Error) -> AnnotateError {
        AnnotateError::io(&self.path, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: u64) -> Entry {
        let annotator = "a".to_owned();
        let (spans, proposed, model) = (Vec::new(), None, None);
        Entry { n, id: 7, annotator, action: Action::Accept, spans, proposed, model }
    }

    #[test]
    fn a_torn_last_line_is_dropped_and_the_journal_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&entry(1)).unwrap();
        drop(journal);
        let whole = fs::read(&path).unwrap();
        for torn in ["{", "{\"n\":2,\"id\":7}", "\0\0\0"] {
            fs::write(&path, [&whole[..], torn.as_bytes()].concat()).unwrap();
            assert_eq!(read(&path).unwrap().torn, torn.len());
            let (mut journal, contents) = Journal::open(&path).unwrap();
            assert_eq!((contents.entries, contents.torn), (vec![entry(1)], torn.len()));
            assert_eq!(fs::read(&path).unwrap(), whole);
            journal.append(&entry(2)).unwrap();
            assert_eq!(read(&path).unwrap().entries, [entry(1), entry(2)]);
        }
    }

    #[test]
    #[cfg(unix)]
    fn an_entry_counts_only_in_the_file_at_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.append(&entry(1)).unwrap();
        let kept = folder.path().join("kept");
        fs::rename(&path, &kept).unwrap();
        let expected = "journal.jsonl: the file was removed or replaced while the project was open; restore it, and \
                        open the project again";
        let error = journal.append(&entry(2)).unwrap_err().to_string();
        assert!(error.ends_with(expected), "{error}");
        fs::write(&path, "").unwrap();
        assert!(journal.append(&entry(2)).unwrap_err().to_string().ends_with(expected));
        assert_eq!(fs::read(&path).unwrap(), b"");
        // Back in its place.
        fs::rename(&kept, &path).unwrap();
        journal.append(&entry(2)).unwrap();
        assert_eq!(read(&path).unwrap().entries, [entry(1), entry(2)]);
    }

    #[test]
    fn a_damaged_line_is_an_error_with_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let line = serde_json::to_string(&entry(1)).unwrap();
        fs::write(&path, format!("{line}\n{{\"n\":2\n{line}\n")).unwrap();
        let error = Journal::open(&path).err().unwrap().to_string();
        assert!(error.contains("journal.jsonl:2: EOF while parsing"), "{error}");
    }
}
