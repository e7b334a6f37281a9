//! Errors of downloads and uploads.

use gleaner_base::hidden::one_line;
use std::{io::ErrorKind, path::Path};

/// The kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubErrorKind {
    /// An invalid id.
    Id,
    /// An invalid environment variable or field of the configuration.
    Settings,
    /// The hub has no such repository, revision or file.
    NotFound,
    /// The hub requires a token, another token, or an accepted licence.
    Access,
    /// Too many requests, and the requested wait exceeds the limit.
    RateLimited,
    /// Not in the cache, and the configuration is offline.
    Offline,
    /// The hub does not answer, or the connection drops repeatedly.
    Unreachable,
    /// The repository lacks required files.
    Missing,
    /// The bytes of a file differ from what the hub states.
    Damaged,
    /// An answer that a hub does not give.
    Reply,
    /// The hub does not take a file or a commit.
    Refused,
    /// The cache, or a file to send, cannot be read or written.
    Io,
}

/// An error of a download or upload. Displays as one line: `id: what is wrong; what to do`.
#[derive(Debug, thiserror::Error)]
#[error("{subject}: {what}; {fix}")]
pub struct HubError {
    kind: HubErrorKind,
    subject: String,
    what: String,
    fix: String,
}

impl HubError {
    pub(crate) fn new(
        kind: HubErrorKind,
        subject: impl Into<String>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { kind, subject: one_line(subject), what: one_line(what), fix: one_line(fix) }
    }

    pub(crate) fn io(subject: &str, path: &Path, error: &std::io::Error) -> Self {
        let fix = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "free some disk space, or set HF_HOME to a folder with more space"
            }
            _ => "check the permissions of the cache, or set HF_HOME to a folder of yours",
        };
        Self::new(HubErrorKind::Io, subject, format!("{}: {error}", path.display()), fix)
    }

    /// Whether a later request may succeed.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self.kind, HubErrorKind::Unreachable | HubErrorKind::RateLimited)
    }

    /// The kind of the error.
    pub fn kind(&self) -> HubErrorKind {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_one_line() {
        let error = HubError::new(HubErrorKind::Reply, "a/b", "odd\r\nwords\u{1b}[1m", "fix");
        assert_eq!(error.to_string(), "a/b: odd  words [1m; fix");
    }
}
