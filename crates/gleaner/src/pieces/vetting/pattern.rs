//! Checks of regular expressions.
//!
//! Patterns that look ahead are matched by trying one way after the other. Where a repetition is itself repeated, as in
//! `(a+)+b`, the number of ways doubles with each letter. No published tokenizer needs such a pattern.

/// Maximum number of a counted repetition, each of which is compiled as often.
const MOST_TIMES: usize = 99;

/// Refuses a pattern that repeats a repetition, or repeats something too often.
///
/// # Errors
/// What is wrong.
pub(super) fn check(pattern: &str) -> Result<(), String> {
    let shown = || pattern.chars().take(40).collect::<String>();
    let mut rest = pattern.chars().peekable();
    // For each open group, whether it has a repetition without a limit.
    let mut groups = vec![false];
    let mut after_group = None;
    while let Some(c) = rest.next() {
        let mut repeats = false;
        match c {
            '\\' => {
                if matches!(rest.next(), Some('p' | 'P' | 'x' | 'u')) && rest.peek() == Some(&'{') {
                    rest.find(|c| *c == '}');
                }
            }
            '[' => skip_class(&mut rest),
            '(' => {
                groups.push(false);
                // `?` of `(?:`, `(?=` and the like is no repetition.
                rest.next_if_eq(&'?');
                after_group = None;
                continue;
            }
            ')' => {
                let repeats = groups.pop().unwrap_or(false);
                if groups.is_empty() {
                    groups.push(false);
                }
                if repeats && let Some(outer) = groups.last_mut() {
                    *outer = true;
                }
                after_group = Some(repeats);
                continue;
            }
            '*' | '+' => repeats = true,
            '{' => {
                let times: String = rest.clone().take_while(|c| *c != '}').collect();
                let limits: Vec<&str> = times.split(',').collect();
                let most = limits.iter().filter_map(|limit| limit.parse::<usize>().ok()).max();
                let is_counted = limits.iter().all(|limit| limit.bytes().all(|b| b.is_ascii_digit()));
                if let (true, Some(most)) = (is_counted, most) {
                    if most > MOST_TIMES {
                        let shown = shown();
                        return Err(format!(
                            "the pattern `{shown}` repeats something more than {MOST_TIMES} times"
                        ));
                    }
                    rest.nth(times.len());
                    // A group with a repetition must not be repeated some times either.
                    repeats = times.ends_with(',') || after_group == Some(true);
                }
            }
            _ => {}
        }
        if repeats {
            if after_group == Some(true) {
                return Err(format!(
                    "the pattern `{}` repeats a repetition, so that some words would take years",
                    shown()
                ));
            }
            if let Some(group) = groups.last_mut() {
                *group = true;
            }
        }
        after_group = None;
    }
    Ok(())
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
            r"",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn repetitions_of_repetitions_are_refused() {
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
        ] {
            let error = check(pattern).expect_err(pattern);
            assert!(error.ends_with("` repeats a repetition, so that some words would take years"), "{error}");
        }
        let error = check("a{1000000000}").unwrap_err();
        assert_eq!(error, "the pattern `a{1000000000}` repeats something more than 99 times");
        assert!(check("(a{50,100})").is_err());
    }

    #[test]
    fn odd_patterns_are_left_to_the_compiler() {
        for pattern in [")", "(", "[", "[]", "\\", "{", "a{x}", "((", "[a[b]", "))+", "*"] {
            let _ = check(pattern);
        }
    }
}
