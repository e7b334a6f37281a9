//! Errors of a server that does not start, and refusals of requests.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{io, net::SocketAddr, path::PathBuf};

/// Why a server does not start. Displays as one line: what is wrong, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An option is wrong.
    #[error("{0}")]
    Settings(String),
    /// The address cannot be listened on.
    #[error("{address}: {error}; choose another --port or --bind")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's message.
        error: io::Error,
    },
    /// A file could not be read.
    #[error("{}: {error}; check the path and its permissions", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's message.
        error: io::Error,
    },
}

/// A reply that says why there is no other: `{"error": "what is wrong; what to do"}`.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The status.
    pub status: StatusCode,
    what: String,
    retry_after: Option<u32>,
}

impl Refusal {
    /// A refusal. `what` is for the client: it must name no file of this machine.
    pub fn new(status: StatusCode, what: impl Into<String>) -> Self {
        // Names of fields, which are quoted, can have line breaks.
        let what = what.into().replace(|c: char| c.is_control(), " ");
        Self { status, what, retry_after: None }
    }

    /// A refusal of a request that is malformed (400).
    pub fn malformed(what: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, what)
    }

    /// The same refusal with the number of seconds after which the request may be repeated.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// What is wrong.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": self.what}).to_string();
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (self.status, json, body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // The first one for programs. Browsers know the second one only, and ask for a password.
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            let basic = HeaderValue::from_static("Basic realm=\"gleaner\", charset=\"UTF-8\"");
            headers.append(header::WWW_AUTHENTICATE, basic);
        }
        response
    }
}
