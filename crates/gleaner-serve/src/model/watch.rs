//! Folders whose models are loaded again when they are replaced.

use super::version::{FOREIGN, MANIFESTS};
use std::{
    fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, SystemTime},
};

/// Time between two looks at the folders.
const INTERVAL: Duration = Duration::from_millis(500);

/// What changes when a folder or a file in it is replaced: which folder it is, and the files of its model. The files of
/// a folder that is copied change one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    folder: u64,
    files: Vec<(PathBuf, u64, u64, SystemTime)>,
}

impl Signature {
    /// The signature of a model folder; `None` if there is no finished model in it.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let read = || -> io::Result<Option<Self>> {
            // What is inside a folder changes its times, so only its number counts.
            let mut signature = Self { folder: number(&fs::metadata(folder)?), files: Vec::new() };
            signature.add(folder)?;
            if signature.files.is_empty() {
                return Ok(None);
            }
            // The members of an ensemble have folders of their own.
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    // Others may have folders here.
                    let _ = signature.add(&path);
                }
            }
            signature.files.sort();
            Ok(Some(signature))
        };
        read().ok().flatten()
    }

    /// Adds the files of a model in a folder.
    fn add(&mut self, folder: &Path) -> io::Result<()> {
        for path in MANIFESTS.iter().chain(&FOREIGN).map(|name| folder.join(name)) {
            match fs::metadata(&path) {
                Ok(data) if data.is_file() => {
                    self.files.push((path, number(&data), data.len(), data.modified()?));
                }
                Ok(_) => {}
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

/// The number of a file in its file system, which another file at the same path does not have.
#[cfg(unix)]
fn number(data: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(data)
}

#[cfg(not(unix))]
fn number(_data: &fs::Metadata) -> u64 {
    0
}

/// A thread that looks at folders until this is dropped.
pub(crate) struct Watch {
    /// The thread ends once this is dropped.
    _stop: Sender<()>,
}

impl Watch {
    /// Watches folders, which had these signatures when their models were loaded. Calls `changed` with the position of
    /// one that is another now, once it has been the same twice. It is called once for each change, even if that
    /// failed.
    pub(crate) fn start(
        folders: Vec<(PathBuf, Option<Signature>)>,
        changed: impl Fn(usize) + Send + 'static,
    ) -> Self {
        let (_stop, stopped) = channel();
        thread::spawn(move || {
            let mut known: Vec<Known> = folders.into_iter().map(Known::new).collect();
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                for (at, folder) in known.iter_mut().enumerate() {
                    if folder.has_changed() {
                        changed(at);
                    }
                }
            }
        });
        Self { _stop }
    }
}

/// A folder, and what is known of it.
struct Known {
    folder: PathBuf,
    loaded: Option<Signature>,
    /// At the last look.
    seen: Option<Signature>,
}

impl Known {
    fn new((folder, loaded): (PathBuf, Option<Signature>)) -> Self {
        Self { folder, seen: loaded.clone(), loaded }
    }

    fn has_changed(&mut self) -> bool {
        let now = Signature::of(&self.folder);
        let is_settled = now == self.seen;
        self.seen = now;
        // A folder that is away for a moment is about to be replaced.
        let has_changed = is_settled && self.seen.is_some() && self.seen != self.loaded;
        if has_changed {
            self.loaded = self.seen.clone();
        }
        has_changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_replaced_is_noticed_once_it_is_complete() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        let make = |name: &str| {
            fs::create_dir(path(name)).unwrap();
            fs::write(path(name).join("gleaner.json"), "{}").unwrap();
        };
        make("model");
        let mut known = Known::new((path("model"), Signature::of(&path("model"))));
        assert!(!known.has_changed());
        // What is added beside the model is of no interest.
        fs::write(path("model").join("int8.json"), "{}").unwrap();
        assert!(!known.has_changed() && !known.has_changed());
        // A file that arrives after the manifest is.
        fs::write(path("model").join("model.safetensors"), "weights").unwrap();
        assert!(!known.has_changed() && known.has_changed() && !known.has_changed());
        fs::create_dir(path("model").join("member")).unwrap();
        fs::write(path("model").join("member/model.safetensors"), "weights").unwrap();
        assert!(!known.has_changed() && known.has_changed() && !known.has_changed());
        fs::rename(path("model"), path("old")).unwrap();
        assert!(!known.has_changed() && !known.has_changed(), "away");
        fs::create_dir(path("model")).unwrap();
        assert!(!known.has_changed() && !known.has_changed(), "unfinished");
        fs::write(path("model").join("gleaner.json"), "{}").unwrap();
        assert!(!known.has_changed(), "just written");
        assert!(known.has_changed());
        assert!(!known.has_changed() && !known.has_changed(), "once");
        make("new");
        fs::rename(path("model"), path("older")).unwrap();
        fs::rename(path("new"), path("model")).unwrap();
        assert!(!known.has_changed());
        assert!(known.has_changed(), "the same content in another folder");
    }
}
