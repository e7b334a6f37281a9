//! Requests to the hub, and what its answers mean.

use crate::{
    HubConfig,
    error::{HubError, HubErrorKind},
    event::Watch,
    patience::Patience,
};
use std::time::Duration;
use ureq::{
    Agent, Body,
    http::{HeaderMap, StatusCode},
};

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

/// Why a request did not do.
pub(crate) enum Failure {
    /// Another attempt may do.
    Passing(Passing),
    Final(HubError),
}

pub(crate) struct Passing {
    pub(crate) reason: String,
    /// How long the server asked to wait.
    pub(crate) wait: Option<Duration>,
    pub(crate) kind: HubErrorKind,
}

impl Passing {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), wait: None, kind: HubErrorKind::Unreachable }
    }
}

impl From<Passing> for Failure {
    fn from(passing: Passing) -> Self {
        Self::Passing(passing)
    }
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

    /// The last failure of too many; `kept` says how much of a file there is.
    pub(crate) fn given_up(
        &self,
        purpose: &Purpose<'_>,
        last: &Passing,
        kept: Option<(u64, u64)>,
    ) -> HubError {
        let mut what = format!("{}: {}", purpose.file, last.reason);
        let mut fix = match last.kind {
            HubErrorKind::RateLimited => {
                "wait some minutes, or set HF_TOKEN for a higher limit".to_owned()
            }
            HubErrorKind::Damaged => {
                "try later, and check that HF_ENDPOINT and the proxy hand files on as they are"
                    .to_owned()
            }
            _ => format!(
                "check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT ({})",
                self.config.endpoint
            ),
        };
        if let Some((done, of)) = kept.filter(|(done, _)| *done > 0) {
            what += &format!(" ({done} of {of} bytes are here)");
            fix = format!("run it again to go on from there, or {fix}");
        }
        HubError::new(last.kind, purpose.subject, what, fix)
    }

    /// The hub said something that makes no sense.
    pub(crate) fn nonsense(&self, purpose: &Purpose<'_>, what: &str) -> HubError {
        HubError::new(
            HubErrorKind::Reply,
            purpose.subject,
            format!("{}: {what}", purpose.file),
            format!("check that HF_ENDPOINT ({}) is a Hugging Face hub", self.config.endpoint),
        )
    }

    /// No answer, or one that broke off.
    fn broken(&self, error: ureq::Error, purpose: &Purpose<'_>) -> Failure {
        use ureq::Error as E;
        match error {
            E::HostNotFound => Passing::new("the host's name is not known").into(),
            E::Timeout(_) => {
                Passing::new(format!("silent for {} s", self.config.silence.as_secs_f32())).into()
            }
            E::Io(error) => Passing::new(error.to_string()).into(),
            E::Protocol(error) => Passing::new(format!("a broken answer ({error})")).into(),
            E::ConnectionFailed => Passing::new("no connection").into(),
            other => Failure::Final(HubError::new(
                HubErrorKind::Unreachable,
                purpose.subject,
                format!("{}: {other}", purpose.file),
                format!("check HF_ENDPOINT ({}) and the proxy (HTTPS_PROXY)", self.config.endpoint),
            )),
        }
    }

    /// An answer that says no.
    fn refused(
        &self,
        status: StatusCode,
        reply: &Reply,
        at_home: bool,
        purpose: &Purpose<'_>,
    ) -> Failure {
        let code = status.as_u16();
        if code == 429 {
            return self.limited(reply, purpose);
        }
        // The store's addresses are signed and expire: the hub gives a new one.
        if status.is_server_error() || code == 408 || (!at_home && status.is_client_error()) {
            let wait = stated_wait(reply).map(|wait| wait.min(self.config.longest_wait));
            return Passing { wait, ..Passing::new(format!("the server answers {code}")) }.into();
        }
        let page = format!("{}/{}", self.config.endpoint, purpose.place);
        let token = match self.config.token {
            Some(_) => "set HF_TOKEN to a token that may read it (the present one may not)",
            None => "set HF_TOKEN to a token of yours",
        };
        let new = |kind, what: String, fix: String| {
            Failure::Final(HubError::new(kind, purpose.subject, what, fix))
        };
        let (hidden, spelling) = ("no such repository, or a private one", "check the spelling");
        match (code, reply.header("x-error-code").unwrap_or_default()) {
            (401 | 403, "GatedRepo") | (403, _) => new(
                HubErrorKind::Access,
                format!("the hub gives it only to those who accepted its licence ({code})"),
                format!("accept it at {page}, and {token}"),
            ),
            // The hub does not tell strangers whether a repository exists.
            (401 | 404, "RepoNotFound") => new(
                HubErrorKind::NotFound,
                format!("{hidden} ({code})"),
                format!("{spelling}, or {token}"),
            ),
            (401, _) => new(
                HubErrorKind::Access,
                "the hub wants to know who asks (401)".into(),
                token.into(),
            ),
            (404, "EntryNotFound") => new(
                HubErrorKind::NotFound,
                format!("no {} at revision {}", purpose.file, purpose.revision),
                format!("see {page} for the files there are"),
            ),
            (404, "RevisionNotFound") => new(
                HubErrorKind::NotFound,
                format!("no revision {} (404)", purpose.revision),
                format!("name a branch, tag or commit that {page} has, or none"),
            ),
            (404 | 410, _) => new(
                HubErrorKind::NotFound,
                format!("no such repository or revision ({code})"),
                format!("{spelling} of the name and of the revision `{}`", purpose.revision),
            ),
            _ => Failure::Final(self.nonsense(purpose, &format!("the server answers {code}"))),
        }
    }

    fn limited(&self, reply: &Reply, purpose: &Purpose<'_>) -> Failure {
        let wait = stated_wait(reply);
        let mut passing = Passing {
            reason: "too many requests (429)".into(),
            wait,
            kind: HubErrorKind::RateLimited,
        };
        match wait {
            Some(wait) if wait > self.config.longest_wait => {
                passing.reason += &format!(", the hub asks to wait {} s", wait.as_secs());
                Failure::Final(self.given_up(purpose, &passing, None))
            }
            _ => passing.into(),
        }
    }
}

/// `Retry-After` in seconds; else the rest of the hub's window, `t` of `RateLimit: "api";r=0;t=55`.
fn stated_wait(reply: &Reply) -> Option<Duration> {
    let window = |text: &str| {
        let rest = text.split(';').find_map(|field| field.trim().strip_prefix("t="))?;
        rest.parse().ok()
    };
    let seconds = match reply.header("retry-after") {
        Some(text) => text.trim().parse().ok(),
        None => reply.header("ratelimit").and_then(window),
    };
    seconds.map(Duration::from_secs)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// `https://host:port` of an address.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}

/// Where a redirect from `url` leads.
fn join(url: &str, target: &str) -> String {
    let scheme = url.split("://").next().unwrap_or_default();
    if target.contains("://") && !target.starts_with('/') {
        target.to_owned()
    } else if target.starts_with("//") {
        format!("{scheme}:{target}")
    } else if target.starts_with('/') {
        format!("{}{target}", origin(url))
    } else {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rfind('/').map_or(path, |at| &path[..=at]);
        format!("{folder}{target}")
    }
}

/// A proxy has no business between a program and its own computer.
fn is_this_computer(endpoint: &str) -> bool {
    let authority = origin(endpoint).rsplit("//").next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_they_say() {
        let from = "https://h:1/a/b?x=/y";
        assert_eq!(join(from, "http://i/c"), "http://i/c");
        assert_eq!(join(from, "//i/c"), "https://i/c");
        assert_eq!(join(from, "/c?u=http://z"), "https://h:1/c?u=http://z");
        assert_eq!(join(from, "c"), "https://h:1/a/c");
        assert_eq!(origin("https://h:1?x"), "https://h:1");
        assert_eq!(origin("http://h"), "http://h");
    }

    #[test]
    fn this_computer_needs_no_proxy() {
        for (endpoint, here) in [
            ("http://localhost:80", true),
            ("http://127.0.0.1:1/x", true),
            ("http://[::1]:1", true),
            ("https://localhost.example", false),
            ("https://huggingface.co", false),
        ] {
            assert_eq!(is_this_computer(endpoint), here, "{endpoint}");
        }
    }

    #[test]
    fn a_wait_is_read_from_either_header() {
        let wait = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let body = Body::builder().data("");
            stated_wait(&Reply { status: 429, headers, earlier: Vec::new(), body })
        };
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), None);
        assert_eq!(wait("ratelimit", "\"api\";r=0;t=55"), Some(Duration::from_secs(55)));
        assert_eq!(wait("ratelimit", "odd"), None);
    }
}
