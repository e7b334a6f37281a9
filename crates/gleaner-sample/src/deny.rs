//! Real names that the morphemes of the grammars could compose, or that a reader might expect among them.

/// Whether the word is the name of a real place that readers may know; no inventory holds such a word.
pub(crate) fn is_well_known(word: &str) -> bool {
    WELL_KNOWN.split_ascii_whitespace().any(|name| name == word)
}

/// Places of 500 inhabitants and more whose names the grammars compose, and the large towns of both countries.
const WELL_KNOWN: &str = include_str!("../grammar/well-known.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_whole_names_only() {
        assert!(is_well_known("Brakpan"));
        assert!(!is_well_known("Brak"));
    }
}
