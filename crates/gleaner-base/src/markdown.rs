//! Text in Markdown.

/// The text on one line, with the characters escaped that Markdown would not read as text.
///
/// ```
/// assert_eq!(gleaner_base::markdown::escape("a|b\n<i>"), "a\\|b \\<i\\>");
/// ```
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&' | '~' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
