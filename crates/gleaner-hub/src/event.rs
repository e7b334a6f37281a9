//! Progress of downloads and uploads.

use std::time::Duration;

/// Progress of a download or an upload.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Bytes arrived. The first event of a file has the position at which an earlier download is resumed.
    Progress {
        /// Path in the repository.
        file: &'a str,
        /// Bytes on disk.
        done: u64,
        /// Size of the file in bytes.
        of: u64,
    },
    /// A file is complete, checked and in the cache.
    Complete {
        /// Path in the repository.
        file: &'a str,
        /// Bytes downloaded; 0 if the file was in the cache.
        fetched: u64,
        /// Size of the file in bytes.
        of: u64,
    },
    /// A retry follows after a wait.
    Waiting {
        /// Path in the repository, or a name for something else.
        file: &'a str,
        /// Length of the wait.
        wait: Duration,
        /// Why the last attempt failed.
        reason: &'a str,
    },
    /// Another process downloads this file; this one waits and uses the result.
    Locked {
        /// Path in the repository.
        file: &'a str,
    },
    /// Bytes of a file were sent. If the connection dropped, `done` can be smaller than before.
    Sending {
        /// Path in the repository.
        file: &'a str,
        /// Bytes sent.
        done: u64,
        /// Size of the file in bytes.
        of: u64,
    },
    /// The hub has the contents of a file.
    Sent {
        /// Path in the repository.
        file: &'a str,
        /// Bytes sent; 0 if the hub had them before.
        sent: u64,
        /// Size of the file in bytes.
        of: u64,
    },
    /// A commit is complete, but the hub does not list its files, so they are not checked.
    Unchecked {
        /// Why the hub does not list them.
        reason: &'a str,
    },
    /// The hub does not answer, so the files in the cache are used.
    Stale {
        /// Why the hub does not answer.
        reason: &'a str,
    },
}

/// A function that receives the progress of a download or an upload.
pub type Watch<'w> = &'w mut dyn FnMut(Event<'_>);
