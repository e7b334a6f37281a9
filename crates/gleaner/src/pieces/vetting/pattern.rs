//! Checks of regular expressions.
//!
//! Patterns that look ahead are matched by trying one way after the other. Where a group is repeated that can match in
//! several ways, as in `(a+)+b` or `(a|aa)+b`, the number of ways doubles with each letter. No published tokenizer
//! needs such a pattern.

/// Maximum number of a counted repetition, each of which is compiled as often.
const MOST_TIMES: usize = 99;

/// Refuses a pattern that repeats what can match in several ways, or repeats something too often.
///
/// # Errors
/// What is wrong.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let shown = || pattern.chars().take(40).collect::<String>();
    let mut rest = pattern.chars().peekable();
    // For each open group, whether it can match in several ways.
    let mut groups = vec![false];
    // The same of the group that has just been closed.
    let mut closed = false;
    while let Some(c) = rest.next() {
        let (mut varies, mut repeats) = (false, false);
        let after_group = std::mem::take(&mut closed);
        match c {
            '\\' => skip_escape(&mut rest),
            '[' => skip_class(&mut rest),
            '(' => {
                groups.push(false);
                // The `?` of `(?:` or `(?=` does not repeat anything.
                rest.next_if_eq(&'?');
            }
            ')' => {
                closed = groups.pop().unwrap_or(false);
                varies = closed;
                if groups.is_empty() {
                    groups.push(false);
                }
            }
            '|' | '?' => varies = true,
            '*' | '+' => (varies, repeats) = (true, true),
            '{' => {
                let times: String = rest.clone().take_while(|c| *c != '}').collect();
                let limits: Vec<&str> = times.split(',').collect();
                let most = limits.iter().filter_map(|limit| limit.parse::<usize>().ok()).max();
                let counted = limits.iter().all(|limit| limit.bytes().all(|b| b.is_ascii_digit()));
                if let (true, Some(most)) = (counted, most) {
                    if most > MOST_TIMES {
                        let shown = shown();
                        return Err(format!(
                            "the pattern `{shown}` repeats something more than {MOST_TIMES} times"
                        ));
                    }
                    rest.nth(times.len());
                    (varies, repeats) = (true, true);
                }
            }
            _ => {}
        }
        if repeats && after_group {
            return Err(format!(
                "the pattern `{}` repeats alternatives or a repetition, so that some words would take years",
                shown()
            ));
        }
        if varies && let Some(group) = groups.last_mut() {
            *group = true;
        }
    }
    Ok(())
}

/// Skips what follows a backslash: a character, or a name in braces as in `\p{Lu}`.
fn skip_escape(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    if matches!(rest.next(), Some('p' | 'P' | 'x' | 'u')) && rest.peek() == Some(&'{') {
        rest.find(|c| *c == '}');
    }
}

/// Passes over a class of characters, in which further classes can be nested.
fn skip_class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut depth = 1;
    // A bracket that closes right after the start is a character of the class.
    rest.next_if_eq(&'^');
    rest.next_if_eq(&']');
    while depth > 0 {
        match rest.next() {
            Some('\\') => {
                rest.next();
            }
            Some('[') => depth += 1,
            Some(']') => depth -= 1,
            Some(_) => {}
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_of_published_tokenizers_are_accepted() {
        for pattern in [
            r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}",
            r" ?[^(\s|[.,!?…。，、।۔،])]+",
            r"[!#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|\s*[\r\n]+",
            r" {2,}",
            r"(?:ab){1,2}c*",
            r"(?:(?:ab)+)?c",
            r"",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn groups_that_match_in_several_ways_are_not_repeated() {
        for pattern in [
            r"(a+)+b",
            r"(a*)*(?=b)",
            r"(?:a+)*$",
            r"(?=(x+x+)+y)",
            r"((a+))+",
            r"(a|b*)+",
            r"([^)]+)*\1",
            r"(a{2,}){3}",
            r"(.*a){20}",
            r"(\p{L}+ ?)+(?!\S)",
            r"(a+){2,}",
            r"(((((a*)*)*)*)*)*",
            r"(a|aa)+(?=b)",
            r"(ab?)*c",
            r"(?:(a|b)){2,}",
        ] {
            let error = check(pattern).expect_err(pattern);
            assert!(
                error.ends_with(
                    "` repeats alternatives or a repetition, so that some words would take years"
                ),
                "{error}"
            );
        }
        let error = check("a{1000000000}").unwrap_err();
        assert_eq!(error, "the pattern `a{1000000000}` repeats something more than 99 times");
        assert!(check("(a{50,100})").is_err());
    }

    #[test]
    fn odd_patterns_are_left_to_the_compiler() {
        for pattern in [")", "(", "[", "[]", "\\", "{", "a{x}", "((", "[a[b]", "))+", "*"] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }
}
