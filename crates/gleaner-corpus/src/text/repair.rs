//! Sentence breaks of UAX #29 that are none: after initials, abbreviations and ordinal numbers.

/// A word without the opening brackets and quotation marks before it.
pub(super) fn opened(word: &str) -> &str {
    word.trim_start_matches(|c: char| !c.is_alphanumeric())
}

/// The word before the dot that ends `before`, if white space, brackets or quotation marks do not follow the dot. A
/// space may separate word and dot, as in tokenised text.
pub(super) fn word_before_dot(before: &str) -> Option<&str> {
    let stem = before.trim_end().strip_suffix('.')?.trim_end();
    let start = stem
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + stem[at..].chars().next().map_or(1, char::len_utf8));
    let word = opened(&stem[start..]);
    // `etc..` and `...` do not abbreviate.
    (!word.is_empty() && !word.ends_with('.')).then_some(word)
}

/// Whether a word is an initial, or some: `J`, `J.R`, `J.-P`. Letters without case count as capitals.
pub(super) fn is_initial(word: &str) -> bool {
    word.split(['.', '-']).all(|part| {
        let part = part.trim_end_matches(is_mark);
        let mut letters = part.chars();
        part.is_empty() && word.contains(".-")
            || matches!((letters.next(), letters.next()), (Some(c), None) if c.is_alphabetic() && !c.is_lowercase())
    })
}

/// Combining marks of Latin, Greek and Cyrillic letters, in decomposed text.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether the form of a word alone shows an abbreviation: single letters with dots between them (`t.d`, `e.g`), or a
/// capital and at most three small consonants (`St`, `Dr`, `Mrs`).
pub(super) fn has_form_of_abbreviation(word: &str) -> bool {
    let letters_and_dots = word.contains('.')
        && word.split('.').all(|part| {
            let mut chars = part.chars();
            matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphabetic())
        });
    letters_and_dots || is_title(word)
}

fn is_title(word: &str) -> bool {
    let mut chars = word.chars();
    let first = chars.next().is_some_and(|c| c.is_uppercase() && is_consonant(c));
    let rest = chars.as_str();
    first
        && (1..=3).contains(&rest.chars().count())
        && rest.chars().all(|c| c.is_lowercase() && is_consonant(c))
}

/// Latin and Cyrillic consonants without diacritics. Other letters may be vowels.
fn is_consonant(c: char) -> bool {
    c.to_lowercase().all(|c| "bcdfghjklmnpqrstvwxzбвгджзйклмнпрстфхцчшщ".contains(c))
}

/// Whether a word is a number that may be an ordinal: one or two digits.
pub(super) fn is_ordinal(word: &str) -> bool {
    (1..=2).contains(&word.chars().count()) && word.chars().all(char::is_numeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_word_shows_initials_and_abbreviations() {
        for word in ["J", "É", "E\u{301}", "J.R", "J.-P", "Ж"] {
            assert!(is_initial(word), "{word}");
        }
        for word in ["a", "JR", "J.r", "", "5", "Jo"] {
            assert!(!is_initial(word), "{word}");
        }
        for word in ["St", "Dr", "Mrs", "Kr", "t.d", "e.g"] {
            assert!(has_form_of_abbreviation(word), "{word}");
        }
        for word in ["BBC", "Gallen", "Do", "st", "3.5", "www.example", "Å"] {
            assert!(!has_form_of_abbreviation(word), "{word}");
        }
    }

    #[test]
    fn the_word_before_a_dot_may_be_apart_from_it() {
        assert_eq!(word_before_dot("Lisbeth L . "), Some("L"));
        assert_eq!(word_before_dot("(bl.a. "), Some("bl.a"));
        assert_eq!(word_before_dot("so... "), None);
        assert_eq!(word_before_dot("he said.” "), None);
        assert_eq!(word_before_dot("."), None);
    }
}
