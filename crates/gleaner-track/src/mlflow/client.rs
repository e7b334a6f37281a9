//! Requests to a tracking server.

use crate::TrackError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::time::Duration;
use ureq::{Agent, Body, RequestBuilder, http::Response};

/// Maximum time of a request. The training waits for the answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Maximum size of an answer in bytes.
const MAX_ANSWER: u64 = 1 << 20;

/// Maximum number of characters of a server's message in an error.
const MAX_MESSAGE: usize = 300;

/// Characters that need no escape in an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) struct Client {
    agent: Agent,
    address: String,
    authorization: Option<String>,
}

impl Client {
    pub(super) fn new(address: &str, authorization: Option<String>) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirected POST becomes a GET.
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("gleaner/", env!("CARGO_PKG_VERSION")));
        if gleaner_base::address::is_this_computer(address) {
            config = config.proxy(None);
        }
        Self { agent: config.build().into(), address: address.to_owned(), authorization }
    }

    /// An error of this server.
    pub(super) fn error(&self, what: impl ToString) -> TrackError {
        TrackError::new(format!("mlflow:{}", self.address), what)
    }

    /// Calls a method of the interface.
    pub(super) fn post(&self, method: &str, body: &Value) -> Result<Value, TrackError> {
        let request = self.authorized(self.agent.post(self.method(method)));
        let sent = request.content_type("application/json").send(&body.to_string());
        let (status, answer) = self.answer(sent)?;
        self.successful(method, status, answer)
    }

    /// The experiment with this name, if there is one.
    pub(super) fn experiment(&self, name: &str) -> Result<Option<Value>, TrackError> {
        let method = "experiments/get-by-name";
        let name = utf8_percent_encode(name, PLAIN);
        let address = format!("{}?experiment_name={name}", self.method(method));
        match self.answer(self.authorized(self.agent.get(address)).call())? {
            (404, _) => Ok(None),
            (status, answer) => self.successful(method, status, answer).map(Some),
        }
    }

    /// Stores a file on the server.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) -> Result<(), TrackError> {
        let steps = path.split('/').map(|step| utf8_percent_encode(step, PLAIN).to_string());
        let path = steps.collect::<Vec<String>>().join("/");
        let address = format!("{}/api/2.0/mlflow-artifacts/artifacts/{path}", self.address);
        let request = self.authorized(self.agent.put(address));
        let (status, answer) =
            self.answer(request.content_type("application/octet-stream").send(bytes))?;
        match status {
            // Some versions answer with an object, others with nothing.
            200 => Ok(()),
            _ => self.successful("mlflow-artifacts", status, answer).map(drop),
        }
    }

    fn method(&self, name: &str) -> String {
        format!("{}/api/2.0/mlflow/{name}", self.address)
    }

    fn authorized<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match &self.authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    }

    /// The status and the text of an answer.
    fn answer(
        &self,
        response: Result<Response<Body>, ureq::Error>,
    ) -> Result<(u16, String), TrackError> {
        let response = response.map_err(|error| self.error(format!("no answer ({error})")))?;
        let status = response.status().as_u16();
        let body = response.into_body().into_with_config().limit(MAX_ANSWER).lossy_utf8(true);
        let text = body.read_to_string();
        Ok((status, text.map_err(|error| self.error(format!("no answer ({error})")))?))
    }

    /// The answer, if the status says that the request succeeded.
    fn successful(&self, method: &str, status: u16, answer: String) -> Result<Value, TrackError> {
        let json: Option<Value> = serde_json::from_str(&answer).ok();
        match (status, json) {
            (200, Some(json)) => Ok(json),
            (200, None) => Err(self.error(format!("{method}: the answer is not JSON"))),
            (_, json) => {
                let message = json.as_ref().and_then(|json| json["message"].as_str());
                let message: String =
                    message.unwrap_or_default().chars().take(MAX_MESSAGE).collect();
                let colon = if message.is_empty() { "" } else { ": " };
                Err(self.error(format!("{method}: the server answers {status}{colon}{message}")))
            }
        }
    }
}
