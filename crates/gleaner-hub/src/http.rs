//! Requests to the hub, and what its answers mean.

use crate::{
    HubConfig,
    address::{is_this_computer, join, origin},
    error::HubError,
    event::Watch,
    patience::Patience,
    refusal::Failure,
};
use ureq::{Agent, Body, http::HeaderMap};

/// A listing of a repository with a hundred thousand files has less.
const LONGEST_TEXT: u64 = 64 << 20;
const MOST_REDIRECTS: usize = 8;

/// What a request is for: errors are about it.
pub(crate) struct Purpose<'a> {
    /// The id as the user wrote it.
    pub(crate) subject: &'a str,
    /// `OWNER/NAME`, behind `datasets/` where it is a data set: also its page.
    pub(crate) place: &'a str,
    pub(crate) revision: &'a str,
    /// Path in the repository, or what else is asked for.
    pub(crate) file: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Bytes from this one on.
    Get { from: u64 },
    /// The headers of the hub itself, not of the store that it sends large files to.
    Head,
}

/// An answer that is no refusal.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Of the last answer.
    headers: HeaderMap,
    /// Of the answers that led to it. What the hub says of a file stands in the first.
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
        let silence = Some(config.silence);
        let mut builder = Agent::config_builder()
            .http_status_as_error(false)
            // Followed here: the token must not go elsewhere, and headers on the way are needed.
            .max_redirects(0)
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .accept_encoding("identity")
            .user_agent(concat!("gleaner/", env!("CARGO_PKG_VERSION")));
        if is_this_computer(&config.endpoint) {
            builder = builder.proxy(None);
        }
        Self { agent: builder.build().into(), config }
    }

    /// Asks once. Anything but 200, 206, 416 and, for [`Method::Head`], a redirect to elsewhere is a failure.
    pub(crate) fn ask(
        &self,
        method: Method,
        url: &str,
        purpose: &Purpose<'_>,
    ) -> Result<Reply, Failure> {
        let home = origin(&self.config.endpoint);
        let (mut url, mut earlier) = (url.to_owned(), Vec::new());
        loop {
            let at_home = origin(&url) == home;
            let mut request = match method {
                Method::Get { .. } => self.agent.get(&url),
                Method::Head => self.agent.head(&url),
            };
            if let (true, Some(token)) = (at_home, &self.config.token) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            if let Method::Get { from: from @ 1.. } = method {
                request = request.header("range", format!("bytes={from}-"));
            }
            let response = request.call().map_err(|e| self.broken(e, purpose))?;
            let (parts, body) = response.into_parts();
            let reply =
                Reply { status: parts.status.as_u16(), headers: parts.headers, earlier, body };
            let target = reply.header("location").map(|target| join(&url, target));
            match (parts.status.is_redirection(), target) {
                (true, Some(target)) => {
                    if method == Method::Head && origin(&target) != home {
                        return Ok(reply);
                    }
                    earlier = reply.earlier;
                    earlier.push(reply.headers);
                    url = target;
                    if earlier.len() > MOST_REDIRECTS {
                        let what = format!("{} redirects and no end", earlier.len());
                        return Err(Failure::Final(self.nonsense(purpose, &what)));
                    }
                }
                _ if matches!(reply.status, 200 | 206 | 416) => return Ok(reply),
                _ => return Err(self.refused(parts.status, &reply, at_home, purpose)),
            }
        }
    }

    /// Asks, again where need be, and reads the whole answer.
    pub(crate) fn text(
        &self,
        url: &str,
        purpose: &Purpose<'_>,
        mut patience: Patience<'_>,
        watch: Watch<'_>,
    ) -> Result<String, HubError> {
        loop {
            let answer = self.ask(Method::Get { from: 0 }, url, purpose).and_then(|reply| {
                let body = reply.body.into_with_config().limit(LONGEST_TEXT);
                body.read_to_string().map_err(|e| self.broken(e, purpose))
            });
            match answer {
                Ok(text) => return Ok(text),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(passing)) => {
                    if !patience.again(purpose.file, &passing.reason, passing.wait, watch) {
                        return Err(self.given_up(purpose, &passing, None));
                    }
                }
            }
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
