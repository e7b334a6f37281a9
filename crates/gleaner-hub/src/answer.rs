//! What the hub answers to a request that changes something.

/// The answer to a `POST`, also one with an error status that a retry would not change.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The hub's code of the error, or empty.
    pub(crate) code: String,
    /// The hub's words about the error.
    pub(crate) reason: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    /// The status, and the hub's reason if it gave one.
    pub(crate) fn said(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.status),
            None => self.status.to_string(),
        }
    }
}
