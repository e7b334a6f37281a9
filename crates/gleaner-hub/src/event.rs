//! What a fetch tells whoever watches it.

use std::time::Duration;

/// Something happened.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Bytes came. The first of a file tells where an earlier download was taken up.
    Progress {
        /// Path in the repository.
        file: &'a str,
        /// Bytes on disk.
        done: u64,
        /// Bytes in all.
        of: u64,
    },
    /// A file is complete, checked and in the cache.
    Complete {
        /// Path in the repository.
        file: &'a str,
        /// Bytes that came through the network this time; 0 where the cache had all.
        fetched: u64,
        /// Bytes in all.
        of: u64,
    },
    /// Another attempt follows after a wait.
    Waiting {
        /// Path in the repository, or what else was asked for.
        file: &'a str,
        /// How long.
        wait: Duration,
        /// Why.
        reason: &'a str,
    },
    /// Another process fetches this file; its result will be used.
    Locked {
        /// Path in the repository.
        file: &'a str,
    },
    /// The hub could not be asked for news, so the files in the cache are used as they stand.
    Stale {
        /// Why.
        reason: &'a str,
    },
}

/// Whoever watches.
pub type Watch<'w> = &'w mut dyn FnMut(Event<'_>);
