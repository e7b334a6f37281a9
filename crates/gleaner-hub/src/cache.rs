//! The cache of a repository, in the layout of Hugging Face's tools.
//!
//! ```text
//! models--OWNER--NAME/refs/REVISION             the commit that a branch or tag pointed to
//! models--OWNER--NAME/snapshots/COMMIT/FILE     a link to a blob
//! models--OWNER--NAME/blobs/ETAG                the contents of a file, complete and checked
//! models--OWNER--NAME/blobs/ETAG.incomplete     a partial download
//! models--OWNER--NAME/gleaner/COMMIT.json       Gleaner's own: the files of a commit, for offline use
//! .locks/models--OWNER--NAME/ETAG.lock          locked by the process that writes the blob
//! ```
//!
//! The folder of a data set starts with `datasets--`.

use crate::{commit::Commit, error::HubError, id::RepoKind, listing::Listing};
use gleaner_base::files;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

pub(crate) struct RepoCache {
    cache: PathBuf,
    /// Name of the repository's folder.
    name: String,
    /// The id that errors start with.
    id: String,
}

impl RepoCache {
    /// The part of `cache` for a repository `OWNER/NAME`.
    pub(crate) fn new(cache: &Path, kind: RepoKind, repository: &str, id: String) -> Self {
        let name = format!("{}--{}", kind.plural(), repository.replace('/', "--"));
        Self { cache: cache.to_owned(), name, id }
    }

    /// The repository's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.cache.join(&self.name)
    }

    /// The folder with the files of a commit.
    pub(crate) fn snapshot(&self, commit: &Commit) -> PathBuf {
        self.folder().join("snapshots").join(commit.as_str())
    }

    /// The commit of a revision: the revision itself, or what a branch or tag pointed to last.
    pub(crate) fn commit(&self, revision: &str) -> Option<Commit> {
        Commit::parse(revision).or_else(|| {
            let text = fs::read_to_string(self.folder().join("refs").join(revision)).ok()?;
            Commit::parse(text.trim())
        })
    }

    /// Stores the commit of a branch or tag.
    pub(crate) fn remember(&self, revision: &str, commit: &Commit) -> Result<(), HubError> {
        if self.commit(revision).as_ref() == Some(commit) {
            return Ok(());
        }
        self.write(&self.folder().join("refs").join(revision), commit.as_str().as_bytes())
    }

    /// The files of a commit: the stored list of the hub, or the files in the cache.
    pub(crate) fn listing(&self, commit: &Commit) -> Listing {
        let stored = fs::read(self.listing_path(commit)).ok();
        stored
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_else(|| Listing::partial(files_below(&self.snapshot(commit))))
    }

    /// Stores the list of a commit's files.
    pub(crate) fn store_listing(&self, commit: &Commit, listing: &Listing) -> Result<(), HubError> {
        let path = self.listing_path(commit);
        let bytes = serde_json::to_vec(listing).expect("strings and numbers");
        if fs::read(&path).is_ok_and(|stored| stored == bytes) {
            return Ok(());
        }
        self.write(&path, &bytes)
    }

    fn listing_path(&self, commit: &Commit) -> PathBuf {
        self.folder().join("gleaner").join(format!("{commit}.json"))
    }

    /// Whether a file is complete: `size` is its number of bytes, if known.
    pub(crate) fn has(&self, commit: &Commit, file: &str, size: Option<u64>) -> bool {
        is_complete(&self.snapshot(commit).join(file), size)
    }

    /// The path of the contents with this etag.
    pub(crate) fn blob(&self, etag: &str) -> PathBuf {
        self.folder().join("blobs").join(etag)
    }

    /// The path of a partial download of the contents with this etag.
    pub(crate) fn incomplete(&self, etag: &str) -> PathBuf {
        self.folder().join("blobs").join(format!("{etag}.incomplete"))
    }

    /// Locks a blob until the returned file is dropped. Calls `busy` before waiting for another process.
    pub(crate) fn lock(&self, etag: &str, busy: impl FnOnce()) -> Result<File, HubError> {
        let path = self.cache.join(".locks").join(&self.name).join(format!("{etag}.lock"));
        self.make_parent(&path)?;
        self.make_parent(&self.blob(etag))?;
        let open = || -> io::Result<File> {
            let file = files::open_lock(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => {
                    busy();
                    file.lock()?;
                }
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
            Ok(file)
        };
        open().map_err(|e| self.io(&path, &e))
    }

    /// Links a file of a commit to a blob, whose lock the caller holds.
    pub(crate) fn link(&self, commit: &Commit, file: &str, etag: &str) -> Result<(), HubError> {
        let link = self.snapshot(commit).join(file);
        self.make_parent(&link)?;
        // Up from the folders of the file, the commit and `snapshots` to the repository's folder.
        let up = "../".repeat(2 + file.matches('/').count());
        let target = Path::new(&up).join("blobs").join(etag);
        files::link(&target, &self.blob(etag), &link).map_err(|e| self.io(&link, &e))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HubError> {
        self.make_parent(path)?;
        files::write(path, bytes).map_err(|e| self.io(path, &e))
    }

    fn make_parent(&self, path: &Path) -> Result<(), HubError> {
        let parent = path.parent().expect("below the cache");
        files::create_folder(parent).map_err(|e| self.io(parent, &e))
    }

    pub(crate) fn io(&self, path: &Path, error: &io::Error) -> HubError {
        HubError::io(&self.id, path, error)
    }
}

/// Whether a file exists and has `size` bytes, if the size is known.
pub(crate) fn is_complete(path: &Path, size: Option<u64>) -> bool {
    fs::metadata(path)
        .is_ok_and(|file| file.is_file() && size.is_none_or(|size| file.len() == size))
}

/// The files below a folder, sorted, with `/` between folders.
pub(crate) fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let (path, name) = (entry.path(), format!("{prefix}{name}"));
            match path.is_dir() {
                true => folders.push((path, format!("{name}/"))),
                false => files.push(name),
            }
        }
    }
    files.sort_unstable();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_have_the_folders_of_other_tools() {
        let cache = Path::new("hub");
        let commit = Commit::parse(&"0a".repeat(20)).unwrap();
        let model = RepoCache::new(cache, RepoKind::Model, "google-bert/bert_x.y", String::new());
        assert_eq!(model.folder(), Path::new("hub/models--google-bert--bert_x.y"));
        let data = RepoCache::new(cache, RepoKind::Dataset, "a/b", String::new());
        let snapshot = Path::new("hub/datasets--a--b/snapshots").join(commit.as_str());
        assert_eq!(data.snapshot(&commit), snapshot);
        assert_eq!(data.blob("e"), Path::new("hub/datasets--a--b/blobs/e"));
    }
}
