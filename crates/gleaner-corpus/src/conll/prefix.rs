//! Language codes before words, as in Pan et al. (2017), "Cross-lingual name tagging and linking for
//! 282 languages": `fo:Jógvan`.

use std::collections::BTreeSet;

/// The code before a word, with its colon.
fn code(word: &str) -> Option<&str> {
    let (code, _) = word.split_once(':')?;
    let letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    // The names of Wikipedias: `fo`, `be-x-old`, `simple`. `http` is not one.
    let length = code.split('-').next().map_or(0, str::len);
    let named = (2..=3).contains(&length) || code == "simple";
    let is_code = code.split('-').all(letters) && code.len() <= 12 && named;
    is_code.then(|| &word[..=code.len()])
}

/// The language codes that all words have, except empty words and, in longer texts, one word in
/// twenty. A single word can have a colon by chance.
pub(super) fn find<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found = BTreeSet::new();
    let (mut coded, mut others) = (0, 0);
    for word in words.filter(|word| !word.is_empty()) {
        match code(word) {
            Some(code) => {
                coded += 1;
                found.insert(code);
            }
            None => others += 1,
        }
    }
    // More codes than languages in a file are something else, such as `key:value`.
    match coded > 1 && others * 19 <= coded && found.len() * 2 <= coded {
        true => found.into_iter().map(str::to_owned).collect(),
        false => Vec::new(),
    }
}

/// The word without its code.
pub(super) fn strip<'a>(word: &'a str, codes: &[String]) -> &'a str {
    codes.iter().find_map(|code| word.strip_prefix(code.as_str())).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_if_all_words_have_one() {
        let find = |text: &str| find(text.split(' ')).join(" ");
        assert_eq!(find("fo:Jógvan fo:: fo:býr"), "fo:");
        assert_eq!(find("be-x-old:a be-x-old:b"), "be-x-old:");
        assert_eq!(find("da:a da:b fo:c fo:d"), "da: fo:");
        for other in
            ["fo:a", "fo:a b", "Re:a Re:b", "aa:1 bb:2", "http:a http:b", ":a :b", "1:a 1:b"]
        {
            assert_eq!(find(other), "", "{other}");
        }
        assert_eq!(find(&("a".to_owned() + &" fo:b".repeat(19))), "fo:");
        assert_eq!(strip("fo::", &["fo:".into()]), ":");
        assert_eq!(strip("a", &["fo:".into()]), "a");
    }
}
