//! Errors of logs.

/// Why nothing more is logged. Displays as one line: where, and what is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {what}")]
pub struct TrackError {
    place: String,
    what: String,
}

impl TrackError {
    pub(crate) fn new(place: impl ToString, what: impl ToString) -> Self {
        // Answers of servers can have line breaks.
        let one_line = |text: String| text.replace(|c: char| c.is_control(), " ");
        Self { place: one_line(place.to_string()), what: one_line(what.to_string()) }
    }
}
