//! Hashes of commits.

use std::fmt;

/// The hash of a commit: 40 hexadecimal digits. Unlike a branch or tag, it always names the same files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commit(String);

impl Commit {
    /// Parses a hash; `None` for other text.
    ///
    /// ```
    /// use gleaner_hub::Commit;
    ///
    /// assert!(Commit::parse("de5fa2b9e9fd38a3d4d9ae0a3a9fc41f1d7a0ed3").is_some());
    /// assert!(Commit::parse("main").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 40 && text.bytes().all(digits)).then(|| Self(text.to_owned()))
    }

    /// The 40 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_40_lower_case_digits() {
        let commit = "0a".repeat(20);
        assert_eq!(Commit::parse(&commit).unwrap().to_string(), commit);
        for odd in [
            "",
            "main",
            &"0A".repeat(20),
            &"0a".repeat(21),
            "../../../../../../../../../../../../../etc",
        ] {
            assert_eq!(Commit::parse(odd), None, "{odd}");
        }
    }
}
