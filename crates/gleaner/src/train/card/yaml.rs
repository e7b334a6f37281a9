//! Text in YAML.

use std::fmt::Write;

/// A text as a double-quoted scalar on one line (YAML 1.2, section 7.3.1). No text ends it early or is read as another
/// type. Characters that YAML does not allow in a scalar, or that break lines, are escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Separators of lines, the byte order mark, and what is not a character. Like all control characters they
            // have at most four digits.
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => escape(&mut out, c),
            c if c.is_control() => escape(&mut out, c),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn escape(out: &mut String, c: char) {
    let _ = write!(out, "\\u{:04x}", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use proptest::prelude::*;
    use yaml_rust2::{Yaml, YamlLoader};

    #[test]
    fn words_that_yaml_reads_as_other_types_remain_text() {
        for text in ["no", "null", "1.5", "~", "", " a ", "a: b", "- a", "#", "'", "%", "---"] {
            let read = YamlLoader::load_from_str(&format!("- {}", quoted(text))).unwrap();
            assert_eq!(read[0][0], Yaml::String(text.to_owned()), "{text:?}");
        }
        assert_eq!(quoted("a\"b\\c\nd\u{85}é"), r#""a\"b\\c\u000ad\u0085é""#);
    }

    proptest! {
        #[test]
        fn every_text_is_read_back(
            text in any::<String>(),
            odd in "[\"'\\\\\n\r:# \u{7f}-\u{a0}\u{2028}\u{feff}\u{ffff}]{0,8}",
        ) {
            let text = text + &odd;
            let yaml = format!("key: {}\nnext: 1\n", quoted(&text));
            let read = YamlLoader::load_from_str(&yaml).unwrap();
            prop_assert_eq!(&read[0]["key"], &Yaml::String(text));
            prop_assert_eq!(&read[0]["next"], &Yaml::Integer(1));
        }
    }
}
