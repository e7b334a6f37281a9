//! The secret that requests bring.

use crate::ServeError;
use base64::{Engine, engine::general_purpose::STANDARD};
use gleaner_base::{
    bounded,
    hash::{Digest, Sha256},
};
use std::{fmt, path::Path};

/// Fewest characters of a token. 16 random letters and digits cannot be guessed over a network.
const SHORTEST: usize = 16;
/// Most bytes of a file with a token.
const MAX_LENGTH: u64 = 4096;

/// The secret that every request must bring, kept as its SHA-256.
#[derive(Clone)]
pub struct Token {
    digest: [u8; 32],
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A token of visible ASCII characters, without white space around it.
    ///
    /// # Errors
    /// It is too short, or has other characters.
    pub fn new(token: &str) -> Result<Self, ServeError> {
        let token = token.trim();
        if token.len() < SHORTEST || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ServeError::Settings(format!(
                "the token must have {SHORTEST} or more letters, digits and signs of ASCII, without spaces; make one with `openssl rand -hex 32`"
            )));
        }
        Ok(Self { digest: Sha256::digest(token).into() })
    }

    /// The token in a file.
    ///
    /// # Errors
    /// The file cannot be read, or its content is not a token.
    pub fn read(path: &Path) -> Result<Self, ServeError> {
        let bytes = bounded::read(path, MAX_LENGTH)
            .map_err(|error| ServeError::Io { path: path.to_owned(), error })?;
        let malformed =
            |what: &dyn fmt::Display| ServeError::Settings(format!("{}: {what}", path.display()));
        let text = String::from_utf8(bytes)
            .map_err(|_| malformed(&"not UTF-8; write the token as text"))?;
        Self::new(&text).map_err(|error| malformed(&error))
    }

    /// Whether the header `Authorization` brings the token: as `Bearer TOKEN`, or as the password of `Basic`, which is
    /// all that some clients and every browser can send.
    pub(super) fn is_in(&self, authorization: &str) -> bool {
        let Some((scheme, credentials)) = authorization.split_once(' ') else { return false };
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return self.is(credentials.as_bytes());
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return false;
        }
        let Ok(pair) = STANDARD.decode(credentials) else { return false };
        let password = pair.iter().position(|byte| *byte == b':').map(|colon| &pair[colon + 1..]);
        password.is_some_and(|password| self.is(password))
    }

    /// Digests are compared, so that the time that it takes says nothing about the token.
    fn is(&self, token: &[u8]) -> bool {
        <[u8; 32]>::from(Sha256::digest(token)) == self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_a_bearer_or_as_a_password() {
        let token = Token::new(" correct-horse-battery\n").unwrap();
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for (header, passes) in [
            ("Bearer correct-horse-battery".to_owned(), true),
            ("bearer  correct-horse-battery".to_owned(), true),
            ("Bearer correct-horse".to_owned(), false),
            ("Bearer ".to_owned(), false),
            ("correct-horse-battery".to_owned(), false),
            (basic("anyone:correct-horse-battery"), true),
            (basic(":correct-horse-battery"), true),
            (basic("correct-horse-battery:"), false),
            (basic("correct-horse-battery"), false),
            ("Basic ????".to_owned(), false),
            ("Digest correct-horse-battery".to_owned(), false),
        ] {
            assert_eq!(token.is_in(&header), passes, "{header}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn short_and_odd_tokens_are_refused() {
        for token in ["", "short", "two words of a token", "naïve-but-long-enough"] {
            assert!(Token::new(token).is_err(), "{token}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "short\n").unwrap();
        let said = Token::read(&path).unwrap_err().to_string();
        assert!(said.starts_with(&path.display().to_string()), "{said}");
    }
}
