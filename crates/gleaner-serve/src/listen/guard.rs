//! Who may ask: by which name, from which page, with which secret.

use super::{Listen, Token};
use crate::Refusal;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use std::net::IpAddr;

/// The checks of a request, before its body is read.
pub(super) struct Guard {
    token: Option<Token>,
    open: Vec<&'static str>,
    hosts: Vec<String>,
}

impl Guard {
    pub(super) fn new(listen: &Listen) -> Self {
        let hosts = listen.hosts.iter().map(|host| host.to_lowercase()).collect();
        Self { token: listen.token.clone(), open: listen.open.clone(), hosts }
    }

    /// Refuses a request that must not be answered.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = uri.authority().map(|authority| authority.as_str());
        let host = host.or_else(|| text(headers, header::HOST.as_str()));
        let Some(host) = host else {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "the request has no header Host"));
        };
        // A page of another name does not have the token.
        if self.token.is_none() && !self.is_own(name(host)) {
            let what = "the server is called by a name that it does not know; start it with --host NAME to allow one";
            return Err(Refusal::new(StatusCode::FORBIDDEN, what));
        }
        // Browsers ask in the name of any page, with passwords that they remember.
        let is_foreign = text(headers, "origin").is_some_and(|origin| authority(origin) != Some(host))
            || headers.contains_key("origin") && text(headers, "origin").is_none();
        if is_foreign {
            let what = "requests from pages of other sites are not answered";
            return Err(Refusal::new(StatusCode::FORBIDDEN, what));
        }
        self.check_token(uri.path(), headers)
    }

    fn check_token(&self, path: &str, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(token) = &self.token else { return Ok(()) };
        let brought = text(headers, header::AUTHORIZATION.as_str());
        if self.open.contains(&path) || brought.is_some_and(|brought| token.is_in(brought)) {
            return Ok(());
        }
        let what = "a token is needed: send it as `Authorization: Bearer TOKEN`, or as the password of basic authentication";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, what))
    }

    /// Whether a name cannot be another site's. An address in digits cannot: a page that was loaded by it came from
    /// there.
    fn is_own(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.').to_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || name.parse::<IpAddr>().is_ok()
            || self.hosts.contains(&name)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The host and port of an origin such as `http://localhost:8080`.
fn authority(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
}

/// A host without its port, and without the brackets of an address of version 6.
fn name(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(listen: &Listen, headers: &[(&'static str, &str)]) -> u16 {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>();
        let checked = Guard::new(listen).check(&"/predict".parse().unwrap(), &headers);
        checked.map_or_else(|refusal| refusal.status.as_u16(), |()| 200)
    }

    fn local() -> Listen {
        Listen::new("127.0.0.1:0".parse().unwrap())
    }

    #[test]
    fn only_own_names_are_answered() {
        for (host, status) in [
            ("localhost", 200),
            ("LOCALHOST:8080", 200),
            ("localhost.:8080", 200),
            ("me.localhost", 200),
            ("127.0.0.1:8080", 200),
            ("[::1]:8080", 200),
            ("evil.example", 403),
            ("evil.example:8080", 403),
            ("localhost.evil.example", 403),
            ("127.0.0.1.evil.example", 403),
            ("gleaner:8080", 403),
            ("", 403),
        ] {
            assert_eq!(check(&local(), &[("host", host)]), status, "{host}");
        }
        assert_eq!(check(&local(), &[]), 400);
        let named = Listen { hosts: vec!["Gleaner".into()], ..local() };
        assert_eq!(check(&named, &[("host", "gleaner:8080")]), 200);
        assert_eq!(check(&named, &[("host", "evil.example")]), 403);
    }

    #[test]
    fn pages_of_other_origins_are_not_answered() {
        let host = ("host", "localhost:8080");
        for (origin, status) in [
            ("http://localhost:8080", 200),
            ("http://localhost:9090", 403),
            ("http://evil.example", 403),
            ("null", 403),
            ("", 403),
        ] {
            assert_eq!(check(&local(), &[host, ("origin", origin)]), status, "{origin}");
        }
    }

    #[test]
    fn a_token_is_needed_where_there_is_one() {
        let token = Some(Token::new("correct-horse-battery").unwrap());
        let listen = Listen { token, ..local() };
        let host = ("host", "gleaner.example");
        let bearer = |token: &str| format!("Bearer {token}");
        assert_eq!(check(&listen, &[host]), 401);
        assert_eq!(check(&listen, &[host, ("authorization", &bearer("wrong"))]), 401);
        let right = bearer("correct-horse-battery");
        assert_eq!(check(&listen, &[host, ("authorization", &right)]), 200);
        let foreign = ("origin", "http://evil.example");
        assert_eq!(check(&listen, &[host, foreign, ("authorization", &right)]), 403);
        let open = Listen { open: vec!["/predict"], ..listen };
        assert_eq!(check(&open, &[host]), 200);
    }
}
