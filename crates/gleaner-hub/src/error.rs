//! What can go wrong on the way from a name to files.

use std::{io::ErrorKind, path::Path};

/// What sort of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HubErrorKind {
    /// A name that is not one.
    Id,
    /// An environment variable or a field of the configuration is wrong.
    Settings,
    /// The hub has no such repository, revision or file.
    NotFound,
    /// The hub wants a token, or another one, or a licence accepted.
    Access,
    /// The hub asks for a longer wait than is bearable.
    RateLimited,
    /// Not in the cache, and the network is not to be used.
    Offline,
    /// The hub does not answer, or breaks off again and again.
    Unreachable,
    /// The repository lacks files that are needed.
    Missing,
    /// What came, or what stands in the cache, is not what the hub says it is.
    Damaged,
    /// The hub said something that makes no sense.
    Reply,
    /// The cache could not be read or written.
    Io,
}

/// An error of this crate. Displays as one line: `hub id: what is wrong; what to do`.
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
        Self {
            kind,
            subject: one_line(subject.into()),
            what: one_line(what.into()),
            fix: one_line(fix.into()),
        }
    }

    pub(crate) fn io(subject: &str, path: &Path, error: &std::io::Error) -> Self {
        let fix = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "make room, or set HF_HOME to a folder with more of it"
            }
            _ => "check the cache's permissions, or set HF_HOME to a folder of your own",
        };
        Self::new(HubErrorKind::Io, subject, format!("{}: {error}", path.display()), fix)
    }

    /// Whether the hub might have answered otherwise at another time.
    pub(crate) fn is_of_the_moment(&self) -> bool {
        matches!(self.kind, HubErrorKind::Unreachable | HubErrorKind::RateLimited)
    }

    /// What sort of thing went wrong.
    pub fn kind(&self) -> HubErrorKind {
        self.kind
    }
}

/// Servers put line breaks and control characters into what they say.
fn one_line(text: String) -> String {
    match text.contains(|c: char| c.is_control()) {
        true => text.replace(|c: char| c.is_control(), " "),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_whatever_a_server_says() {
        let error = HubError::new(HubErrorKind::Reply, "a/b", "odd\r\nwords\u{1b}[1m", "fix");
        assert_eq!(error.to_string(), "a/b: odd  words [1m; fix");
    }
}
