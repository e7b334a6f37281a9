//! What of a text cannot be seen.

/// Whether a character marks nothing but how a text is written or broken, such as its direction.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a text has nothing that can be seen, so that it is not a word.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Whether a character at an end of a word does not belong to it: white space or a byte order mark.
pub(crate) fn is_edge(character: char) -> bool {
    character.is_whitespace() || character == '\u{feff}'
}
