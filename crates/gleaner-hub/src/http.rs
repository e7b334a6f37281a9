//! Requests to the hub.

use crate::{
    HubConfig,
    address::{is_this_computer, join, origin},
    backoff::Backoff,
    error::HubError,
    event::Watch,
    failure::Failure,
    refusal::{no_answer, refused},
    target::Target,
};
use ureq::{Agent, Body, http::HeaderMap};

/// Maximum size of a text answer. The list of a hundred thousand files is smaller.
const MAX_TEXT: u64 = 64 << 20;
const MAX_REDIRECTS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// The bytes from this position on.
    Get { from: u64 },
    /// The headers of the hub, not of the store that it redirects to for large files.
    Head,
}

/// A successful answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The headers of the last answer.
    headers: HeaderMap,
    /// The headers of the redirects before it. The first one has the hub's description of a file.
    earlier: Vec<HeaderMap>,
    pub(crate) body: Body,
}

impl Reply {
    /// A header of the last answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// A header of the first answer that has it.
    pub(crate) fn first_header(&self, name: &str) -> Option<&str> {
        self.earlier.iter().chain([&self.headers]).find_map(|headers| text(headers, name))
    }
}

pub(crate) struct Client {
    agent: Agent,
    pub(crate) config: HubConfig,
}

impl Client {
    pub(crate) fn new(config: HubConfig) -> Self {
        let timeout = Some(config.timeout);
        let mut builder = Agent::config_builder()
            .http_status_as_error(false)
            // `send` follows redirects: only the hub may see the token, and the headers of redirects are needed.
            .max_redirects(0)
            .timeout_connect(timeout)
            .timeout_recv_response(timeout)
            .timeout_per_read(timeout)
            .accept_encoding("identity")
            .user_agent(concat!("gleaner/", env!("CARGO_PKG_VERSION")));
        if is_this_computer(&config.endpoint) {
            builder = builder.proxy(None);
        }
        Self { agent: builder.build().into(), config }
    }

    /// Sends a request once. All answers fail except 200, 206, 416 and, for [`Method::Head`], a redirect to
    /// another host.
    pub(crate) fn send(
        &self,
        method: Method,
        url: &str,
        target: &Target<'_>,
    ) -> Result<Reply, Failure> {
        let hub = origin(&self.config.endpoint);
        let (mut url, mut earlier) = (url.to_owned(), Vec::new());
        loop {
            let is_hub = origin(&url) == hub;
            let mut request = match method {
                Method::Get { .. } => self.agent.get(&url),
                Method::Head => self.agent.head(&url),
            };
            if let (true, Some(token)) = (is_hub, &self.config.token) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            if let Method::Get { from: from @ 1.. } = method {
                request = request.header("range", format!("bytes={from}-"));
            }
            let response = request.call().map_err(|e| no_answer(e, target))?;
            let (parts, body) = response.into_parts();
            let reply =
                Reply { status: parts.status.as_u16(), headers: parts.headers, earlier, body };
            let location = reply.header("location").map(|location| join(&url, location));
            match (parts.status.is_redirection(), location) {
                (true, Some(location)) => {
                    if method == Method::Head && origin(&location) != hub {
                        return Ok(reply);
                    }
                    earlier = reply.earlier;
                    earlier.push(reply.headers);
                    url = location;
                    if earlier.len() > MAX_REDIRECTS {
                        let what = format!("more than {MAX_REDIRECTS} redirects");
                        return Err(Failure::Final(target.unexpected(&what)));
                    }
                }
                _ if matches!(reply.status, 200 | 206 | 416) => return Ok(reply),
                _ => {
                    let header = |name: &str| reply.header(name);
                    return Err(refused(parts.status, header, is_hub, target));
                }
            }
        }
    }

    /// Sends a request with retries and reads the whole answer as text.
    pub(crate) fn text(
        &self,
        url: &str,
        target: &Target<'_>,
        mut backoff: Backoff<'_>,
        watch: Watch<'_>,
    ) -> Result<String, HubError> {
        loop {
            let answer = self.send(Method::Get { from: 0 }, url, target).and_then(|reply| {
                let body = reply.body.into_with_config().limit(MAX_TEXT);
                body.read_to_string().map_err(|e| no_answer(e, target))
            });
            match answer {
                Ok(text) => return Ok(text),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Transient(last)) => {
                    if !backoff.wait(target.file, &last.reason, last.wait, watch) {
                        return Err(target.out_of_retries(&last, None));
                    }
                }
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
