//! One repository's part of the cache, laid out as Hugging Face's own tools lay it out.
//!
//! ```text
//! models--OWNER--NAME/refs/REVISION             the commit that a branch or tag was seen to point at
//! models--OWNER--NAME/snapshots/COMMIT/FILE     a link to a blob
//! models--OWNER--NAME/blobs/ETAG                a file's bytes, complete and checked
//! models--OWNER--NAME/blobs/ETAG.incomplete     what has come so far
//! models--OWNER--NAME/gleaner/COMMIT.json       ours: which files the commit has, for use without a network
//! .locks/models--OWNER--NAME/ETAG.lock          held by whoever writes the blob
//! ```

use crate::{
    error::HubError,
    id::{Commit, MAIN},
    listing::Listing,
};
use hf_hub::{Cache, Repo, RepoType};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

pub(crate) struct RepoCache {
    cache: PathBuf,
    name: String,
    layout: hf_hub::CacheRepo,
    subject: String,
}

impl RepoCache {
    /// The part of `cache` for a repository; `subject` is what errors are about.
    pub(crate) fn new(cache: &Path, kind: RepoType, repository: &str, subject: String) -> Self {
        let repo = Repo::with_revision(repository.to_owned(), kind, MAIN.to_owned());
        let name = repo.folder_name();
        Self {
            cache: cache.to_owned(),
            name,
            layout: Cache::new(cache.to_owned()).repo(repo),
            subject,
        }
    }

    /// The repository's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.cache.join(&self.name)
    }

    /// The folder with a commit's files.
    pub(crate) fn snapshot(&self, commit: &Commit) -> PathBuf {
        self.layout.pointer_path(commit.as_str())
    }

    /// The commit that a revision is, or was when the hub was last asked.
    pub(crate) fn commit(&self, revision: &str) -> Option<Commit> {
        Commit::parse(revision).or_else(|| {
            let text = fs::read_to_string(self.folder().join("refs").join(revision)).ok()?;
            Commit::parse(text.trim())
        })
    }

    /// Keeps which commit a branch or tag points at.
    pub(crate) fn remember(&self, revision: &str, commit: &Commit) -> Result<(), HubError> {
        match self.commit(revision).as_ref() == Some(commit) {
            true => Ok(()),
            false => {
                self.write(&self.folder().join("refs").join(revision), commit.as_str().as_bytes())
            }
        }
    }

    /// What is known of a commit's files: the hub's own listing, or what of it lies in the cache.
    pub(crate) fn listing(&self, commit: &Commit) -> Listing {
        let kept = fs::read(self.listing_path(commit)).ok();
        kept.and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_else(|| Listing::partial(files_below(&self.snapshot(commit))))
    }

    /// Keeps a commit's listing.
    pub(crate) fn keep(&self, commit: &Commit, listing: &Listing) -> Result<(), HubError> {
        let path = self.listing_path(commit);
        let bytes = serde_json::to_vec(listing).expect("strings and numbers");
        match fs::read(&path).is_ok_and(|kept| kept == bytes) {
            true => Ok(()),
            false => self.write(&path, &bytes),
        }
    }

    fn listing_path(&self, commit: &Commit) -> PathBuf {
        self.folder().join("gleaner").join(format!("{commit}.json"))
    }

    /// Whether a file is there with so many bytes.
    pub(crate) fn holds(&self, commit: &Commit, file: &str, size: Option<u64>) -> bool {
        is_whole(&self.snapshot(commit).join(file), size)
    }

    /// Where the bytes with this etag are, once they are complete.
    pub(crate) fn blob(&self, etag: &str) -> PathBuf {
        self.folder().join("blobs").join(etag)
    }

    /// Where the bytes with this etag are gathered.
    pub(crate) fn incomplete(&self, etag: &str) -> PathBuf {
        self.folder().join("blobs").join(format!("{etag}.incomplete"))
    }

    /// Waits until no other process writes this blob, and keeps others from it until the file is dropped. `busy` is
    /// called before a wait.
    pub(crate) fn lock(&self, etag: &str, busy: impl FnOnce()) -> Result<File, HubError> {
        let path = self.cache.join(".locks").join(&self.name).join(format!("{etag}.lock"));
        self.make_parent(&path)?;
        self.make_parent(&self.blob(etag))?;
        let open = || -> io::Result<File> {
            let file = File::options().create(true).append(true).open(&path)?;
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

    /// Makes a commit's file stand for a blob.
    pub(crate) fn point(&self, commit: &Commit, file: &str, etag: &str) -> Result<(), HubError> {
        let pointer = self.snapshot(commit).join(file);
        self.make_parent(&pointer)?;
        // From the folder of the pointer up to the repository's: snapshots, the commit, the folders of the file.
        let up = "../".repeat(2 + file.matches('/').count());
        let target = Path::new(&up).join("blobs").join(etag);
        let temporary = pointer.with_added_extension(format!("{}.link", std::process::id()));
        let link = || {
            let _ = fs::remove_file(&temporary);
            link_or_copy(&target, &self.blob(etag), &temporary)?;
            fs::rename(&temporary, &pointer)
        };
        link().map_err(|e| self.io(&pointer, &e))
    }

    /// Writes a file as a whole or not at all.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), HubError> {
        self.make_parent(path)?;
        let write = || -> io::Result<()> {
            let mut file =
                tempfile::NamedTempFile::new_in(path.parent().expect("below the cache"))?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|e| self.io(path, &e))
    }

    fn make_parent(&self, path: &Path) -> Result<(), HubError> {
        let parent = path.parent().expect("below the cache");
        fs::create_dir_all(parent).map_err(|e| self.io(parent, &e))
    }

    pub(crate) fn io(&self, path: &Path, error: &io::Error) -> HubError {
        HubError::io(&self.subject, path, error)
    }
}

/// Whether a file is there with so many bytes.
pub(crate) fn is_whole(path: &Path, size: Option<u64>) -> bool {
    fs::metadata(path)
        .is_ok_and(|file| file.is_file() && size.is_none_or(|size| file.len() == size))
}

#[cfg(unix)]
fn link_or_copy(target: &Path, _blob: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Links need a privilege on some systems.
#[cfg(not(unix))]
fn link_or_copy(_target: &Path, blob: &Path, link: &Path) -> io::Result<()> {
    fs::hard_link(blob, link).or_else(|_| fs::copy(blob, link).map(drop))
}

/// The files below a folder, with `/` between folders, sorted.
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
