//! Scripts that put no spaces between words.

/// The script of a text whose letters are mostly of scripts without spaces between words, which UAX #29 cannot cut into
/// words.
///
/// ```
/// use gleaner_corpus::text::unspaced_script;
///
/// assert_eq!(unspaced_script("กรุงเทพมหานคร"), Some("Thai"));
/// assert_eq!(unspaced_script("Tokyo (東京) is large."), None);
/// ```
pub fn unspaced_script(text: &str) -> Option<&'static str> {
    let (mut letters, mut unspaced, mut first) = (0_usize, 0_usize, None);
    for c in text.chars() {
        let script = script(c);
        letters += usize::from(script.is_some() || c.is_alphabetic());
        unspaced += usize::from(script.is_some());
        first = first.or(script);
    }
    first.filter(|_| unspaced * 2 > letters)
}

fn script(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{e01}'..='\u{e7f}' => "Thai",
        '\u{e81}'..='\u{eff}' => "Lao",
        '\u{1000}'..='\u{109f}' | '\u{a9e0}'..='\u{a9fe}' | '\u{aa60}'..='\u{aa7f}' => "Burmese",
        '\u{1780}'..='\u{17ff}' => "Khmer",
        '\u{3041}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9d}' => "Japanese",
        '\u{3005}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}' => "Chinese or Japanese",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_script_is_named_and_a_foreign_name_is_harmless() {
        for (text, name) in [
            ("ປະເທດລາວ", "Lao"),
            ("မြန်မာနိုင်ငံ", "Burmese"),
            ("ភ្នំពេញ", "Khmer"),
            ("東京は大きい", "Chinese or Japanese"),
            ("トヨタ", "Japanese"),
        ] {
            assert_eq!(unspaced_script(text), Some(name));
        }
        for text in ["", "12 345", "Пекин (北京)", "서울은 크다", "राम घर गया।"]
        {
            assert_eq!(unspaced_script(text), None, "{text}");
        }
    }
}
