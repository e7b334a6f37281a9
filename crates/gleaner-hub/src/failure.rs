//! Failed requests.

use crate::error::{HubError, HubErrorKind};
use std::time::Duration;

/// Why a request failed.
pub(crate) enum Failure {
    /// A retry may succeed.
    Transient(Transient),
    Final(HubError),
}

/// A failure that may not occur again.
pub(crate) struct Transient {
    pub(crate) reason: String,
    /// The wait that the server asked for.
    pub(crate) wait: Option<Duration>,
    pub(crate) kind: HubErrorKind,
}

impl Transient {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), wait: None, kind: HubErrorKind::Unreachable }
    }

    /// The bytes that arrived are not those of the file.
    pub(crate) fn damaged(reason: impl Into<String>) -> Self {
        Self { kind: HubErrorKind::Damaged, ..Self::new(reason) }
    }
}

impl From<Transient> for Failure {
    fn from(transient: Transient) -> Self {
        Self::Transient(transient)
    }
}
