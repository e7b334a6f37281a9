//! Characters that a reader does not see, and that can change what is shown around them.

/// Whether a character controls a terminal or the direction of text, ends a line where none is seen to end, or has no
/// width and no use in the writing of any language. Text from files is shown without them.
///
/// The zero-width space, joiner and non-joiner and the marks of direction are part of the writing of many languages, so
/// they are not among them.
///
/// ```
/// use gleaner_base::hidden::is_hidden;
///
/// assert!(is_hidden('\u{1b}') && is_hidden('\u{202e}'));
/// assert!(!is_hidden('a') && !is_hidden('\u{200d}'));
/// ```
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Embeddings, overrides and isolates of direction (UAX #9), and separators of lines.
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Joiners of words, invisible operators, byte order marks, annotations and tags.
            | '\u{180e}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// A text on one line, without control characters: what a message quotes may contain them.
///
/// ```
/// assert_eq!(gleaner_base::hidden::one_line("odd\nwords\u{1b}[1m"), "odd words [1m");
/// ```
pub fn one_line(text: impl Into<String>) -> String {
    let text = text.into();
    match text.contains(char::is_control) {
        true => text.replace(char::is_control, " "),
        false => text,
    }
}
