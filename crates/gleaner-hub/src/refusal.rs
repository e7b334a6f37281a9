//! Answers that say no, and no answers: what to say, and whether to ask again.

use crate::{
    error::{HubError, HubErrorKind},
    http::{Client, Purpose, Reply},
};
use std::time::Duration;
use ureq::http::StatusCode;

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

impl Client {
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
    pub(crate) fn broken(&self, error: ureq::Error, purpose: &Purpose<'_>) -> Failure {
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
    pub(crate) fn refused(
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
            let wait = stated_wait(|name| reply.header(name))
                .map(|wait| wait.min(self.config.longest_wait));
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
        let wait = stated_wait(|name| reply.header(name));
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
fn stated_wait<'r>(header: impl Fn(&str) -> Option<&'r str>) -> Option<Duration> {
    let window = |text: &str| {
        let rest = text.split(';').find_map(|field| field.trim().strip_prefix("t="))?;
        rest.parse().ok()
    };
    let seconds = match header("retry-after") {
        Some(text) => text.trim().parse().ok(),
        None => header("ratelimit").and_then(window),
    };
    seconds.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_from_either_header() {
        let wait = |header: &str, value| stated_wait(|name| (name == header).then_some(value));
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), None);
        assert_eq!(wait("ratelimit", "\"api\";r=0;t=55"), Some(Duration::from_secs(55)));
        assert_eq!(wait("ratelimit", "odd"), None);
    }
}
