//! Names of real places, which the grammars must not compose.

/// Whether the word is the name of a well-known real place.
pub(crate) fn contains(word: &str) -> bool {
    KNOWN_PLACES.split_ascii_whitespace().any(|name| name == word)
}

/// Places with 500 or more inhabitants whose names the grammars can compose, and large towns of both countries.
const KNOWN_PLACES: &str = include_str!("../grammar/known-places.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_match() {
        assert!(contains("Brakpan"));
        assert!(!contains("Brak"));
    }
}
