//! Requests to the hub.

use crate::{
    HubConfig,
    address::{join, origin},
    answer::Answer,
    backoff::Backoff,
    error::HubError,
    event::Watch,
    failure::Failure,
    refusal::{no_answer, refused, temporary},
    target::Target,
};
use std::io::Read;
use ureq::{Agent, Body, SendBody, http::HeaderMap};

/// Maximum size of a text answer. The list of a hundred thousand files is smaller.
const MAX_TEXT: u64 = 64 << 20;
const MAX_REDIRECTS: usize = 8;
/// Maximum number of characters of a server's words in an error.
const MAX_REASON: usize = 300;

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

/// What a `POST` sends.
#[derive(Clone, Copy)]
pub(crate) struct Post<'p> {
    pub(crate) body: &'p [u8],
    pub(crate) content_type: &'static str,
    /// The type of the answer.
    pub(crate) accept: &'static str,
    /// Whether the hub sees the token. Links with a signature need none.
    pub(crate) with_token: bool,
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
            .timeout_per_write(timeout)
            .accept_encoding("identity")
            .user_agent(concat!("gleaner/", env!("CARGO_PKG_VERSION")));
        if gleaner_base::address::is_this_computer(&config.endpoint) {
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

    /// Sends a `POST` once.
    pub(crate) fn post(
        &self,
        url: &str,
        post: Post<'_>,
        target: &Target<'_>,
    ) -> Result<Answer, Failure> {
        let hub = origin(&self.config.endpoint);
        let mut url = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let is_hub = origin(&url) == hub;
            let request = self.agent.post(&url).header("content-type", post.content_type);
            let mut request = request.header("accept", post.accept);
            if let (true, true, Some(token)) = (post.with_token, is_hub, &self.config.token) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let response = request.send(post.body).map_err(|e| no_answer(e, target))?;
            let (parts, body) = response.into_parts();
            let header = |name: &str| text(&parts.headers, name);
            // Only these two keep the method and the body.
            if let (307 | 308, Some(location)) = (parts.status.as_u16(), header("location")) {
                url = join(&url, location);
                continue;
            }
            if let Some(failure) = temporary(parts.status, header, is_hub, target) {
                return Err(failure);
            }
            let body = body.into_with_config().limit(MAX_TEXT);
            let text = body.read_to_string().map_err(|e| no_answer(e, target))?;
            let said = header("x-error-message").map(str::to_owned);
            return Ok(Answer {
                status: parts.status.as_u16(),
                code: header("x-error-code").unwrap_or_default().to_owned(),
                reason: said.or_else(|| stated_error(&text)).map(shortened),
                text,
            });
        }
        Err(Failure::Final(target.unexpected(&format!("more than {MAX_REDIRECTS} redirects"))))
    }

    /// Sends `length` bytes to the store once, without the token. Returns the etag that the store gives them.
    pub(crate) fn put(
        &self,
        url: &str,
        bytes: &mut dyn Read,
        length: u64,
        target: &Target<'_>,
    ) -> Result<Option<String>, Failure> {
        let is_hub = origin(url) == origin(&self.config.endpoint);
        let request = self.agent.put(url).header("content-length", length.to_string());
        let sent = request.send(SendBody::from_reader(bytes)).map_err(|e| no_answer(e, target))?;
        let header = |name: &str| text(sent.headers(), name);
        match sent.status() {
            status if status.is_success() => Ok(header("etag").map(str::to_owned)),
            status => Err(temporary(status, header, is_hub, target).unwrap_or_else(|| {
                let what = format!("the server answers {}", status.as_u16());
                Failure::Final(target.unexpected(&what))
            })),
        }
    }

    /// Repeats an attempt until it succeeds, fails for good, or no retry is left.
    pub(crate) fn retried<T>(
        &self,
        target: &Target<'_>,
        watch: Watch<'_>,
        mut attempt: impl FnMut(Watch<'_>) -> Result<T, Failure>,
    ) -> Result<T, HubError> {
        let mut backoff = Backoff::new(&self.config);
        loop {
            match attempt(watch) {
                Ok(result) => return Ok(result),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Transient(last)) => {
                    if !backoff.wait(target.file, &last.reason, last.wait, watch) {
                        return Err(target.out_of_retries(&last, None));
                    }
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

/// The error in an answer of the hub, `{"error": "…"}`.
fn stated_error(text: &str) -> Option<String> {
    let reply: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(reply.get("error")?.as_str()?.to_owned())
}

/// The start of what a server says.
fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_REASON) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
