//! What a failed request means for the user, and whether a retry may succeed.

use crate::{
    answer::Answer,
    error::{HubError, HubErrorKind},
    failure::{Failure, Transient},
    target::Target,
};
use std::time::Duration;
use ureq::http::StatusCode;

/// A request without a complete answer.
pub(crate) fn no_answer(error: ureq::Error, target: &Target<'_>) -> Failure {
    use ureq::Error as E;
    let config = target.config;
    match error {
        E::HostNotFound => Transient::new("unknown host").into(),
        E::Timeout(_) => {
            Transient::new(format!("no data for {} s", config.timeout.as_secs_f32())).into()
        }
        E::Io(error) => Transient::new(error.to_string()).into(),
        E::Protocol(error) => Transient::new(format!("invalid answer ({error})")).into(),
        E::ConnectionFailed => Transient::new("no connection").into(),
        other => Failure::Final(HubError::new(
            HubErrorKind::Unreachable,
            target.id,
            format!("{}: {other}", target.file),
            format!("check HF_ENDPOINT ({}) and the proxy (HTTPS_PROXY)", config.endpoint),
        )),
    }
}

/// An answer with an error status. `is_hub` is false for a store that the hub redirects to.
pub(crate) fn refused<'r>(
    status: StatusCode,
    header: impl Fn(&str) -> Option<&'r str>,
    is_hub: bool,
    target: &Target<'_>,
) -> Failure {
    if let Some(failure) = temporary(status, &header, is_hub, target) {
        return failure;
    }
    let (code, config) = (status.as_u16(), target.config);
    let page = format!("{}/{}", config.endpoint, target.page);
    let token = match config.token {
        Some(_) => "set HF_TOKEN to a token with access (the current one has none)",
        None => "set HF_TOKEN to your token",
    };
    let new =
        |kind, what: String, fix: String| Failure::Final(HubError::new(kind, target.id, what, fix));
    let (private, spelling) = ("no such repository, or it is private", "check the spelling");
    match (code, header("x-error-code").unwrap_or_default()) {
        (401 | 403, "GatedRepo") | (403, _) => new(
            HubErrorKind::Access,
            format!("access requires accepting the licence ({code})"),
            format!("accept it at {page}, and {token}"),
        ),
        // The hub does not tell strangers whether a repository exists.
        (401 | 404, "RepoNotFound") => new(
            HubErrorKind::NotFound,
            format!("{private} ({code})"),
            format!("{spelling}, or {token}"),
        ),
        (401, _) => {
            new(HubErrorKind::Access, "the hub requires a token (401)".into(), token.into())
        }
        (404, "EntryNotFound") => new(
            HubErrorKind::NotFound,
            format!("no {} at revision {}", target.file, target.revision),
            format!("see {page} for its files"),
        ),
        (404, "RevisionNotFound") => new(
            HubErrorKind::NotFound,
            format!("no revision {} (404)", target.revision),
            format!("name a branch, tag or commit from {page}, or none"),
        ),
        (404 | 410, _) => new(
            HubErrorKind::NotFound,
            format!("no such repository or revision ({code})"),
            format!("{spelling} of the name and of the revision `{}`", target.revision),
        ),
        _ => Failure::Final(target.unexpected(&format!("the server answers {code}"))),
    }
}

/// The failure of an answer whose status may not occur again.
pub(crate) fn temporary<'r>(
    status: StatusCode,
    header: impl Fn(&str) -> Option<&'r str>,
    is_hub: bool,
    target: &Target<'_>,
) -> Option<Failure> {
    let (code, wait) = (status.as_u16(), stated_wait(header));
    if code == 429 {
        return Some(rate_limited(wait, target));
    }
    // Links to the store expire; the hub then returns a new one.
    if status.is_server_error() || code == 408 || (!is_hub && status.is_client_error()) {
        let wait = wait.map(|wait| wait.min(target.config.max_wait));
        return Some(
            Transient { wait, ..Transient::new(format!("the server answers {code}")) }.into(),
        );
    }
    None
}

/// The error of an answer to a request that changes the repository.
pub(crate) fn not_taken(answer: &Answer, target: &Target<'_>) -> HubError {
    let (code, reason, endpoint) = (answer.status, answer.said(), &target.config.endpoint);
    let new = |kind, what: &str, fix: String| {
        HubError::new(kind, target.id, format!("{what} ({reason})"), fix)
    };
    let token = format!("set HF_TOKEN to a token with write access ({endpoint}/settings/tokens)");
    match (code, answer.code.as_str()) {
        (401 | 404, "RepoNotFound") => new(
            HubErrorKind::NotFound,
            "no such repository, or the token has no access",
            format!("check the spelling, or {token}"),
        ),
        (401, _) => new(HubErrorKind::Access, "the hub does not accept the token", token),
        (403, _) => new(HubErrorKind::Access, "the token may not change this repository", token),
        (404 | 410, _) => new(
            HubErrorKind::NotFound,
            "no such repository or revision",
            format!("check the spelling of the name and of the revision `{}`", target.revision),
        ),
        _ => new(
            HubErrorKind::Refused,
            &format!("{}: the hub refuses it", target.file),
            format!("change what it names, or see {endpoint}/{}", target.page),
        ),
    }
}

fn rate_limited(wait: Option<Duration>, target: &Target<'_>) -> Failure {
    let reason = "too many requests (429)".to_owned();
    let mut transient = Transient { reason, wait, kind: HubErrorKind::RateLimited };
    match wait {
        Some(wait) if wait > target.config.max_wait => {
            transient.reason +=
                &format!(", and the requested wait of {} s exceeds the limit", wait.as_secs());
            Failure::Final(target.out_of_retries(&transient, None))
        }
        _ => transient.into(),
    }
}

/// The wait in `Retry-After` (seconds), or the rest of the hub's window: `t` in
/// `RateLimit: "api";r=0;t=55`.
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
    fn a_wait_is_read_from_both_headers() {
        let wait = |header: &str, value| stated_wait(|name| (name == header).then_some(value));
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), None);
        assert_eq!(wait("ratelimit", "\"api\";r=0;t=55"), Some(Duration::from_secs(55)));
        assert_eq!(wait("ratelimit", "odd"), None);
    }
}
