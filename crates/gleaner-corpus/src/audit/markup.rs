//! Leftover wiki markup in words.

use super::data_set::Entry;
use super::issue::{Issue, IssueKind, excerpt};

/// Marks of bold and italics, links, templates, tables, headings and tags.
const MARKS: [&str; 17] = [
    "''",
    "[[",
    "]]",
    "{{",
    "}}",
    "{|",
    "|}",
    "==",
    "</",
    "/>",
    "<ref",
    "<br",
    "<small",
    "<nowiki",
    "<!--",
    "&nbsp;",
    "#REDIRECT",
];

/// Brackets that form a mark together with an equal next word, after a tokenizer split it.
const HALVES: [&str; 4] = ["[", "]", "{", "}"];

/// The issue of a sentence with markup, at the first word with a mark.
pub(super) fn issue(entry: &Entry) -> Option<Issue> {
    let words = &entry.sentence.words;
    // Texts in Penn Treebank style write “ and ” as `` and ''.
    let quoted = words.iter().any(|word| word == "``");
    let marked = |position: &usize| {
        let word = &words[*position];
        let half = HALVES.contains(&word.as_str()) && words.get(position + 1) == Some(word);
        half || (holds_mark(word) && !(quoted && word == "''"))
    };
    let mut found = (0..words.len()).filter(marked);
    let first = found.next()?;
    let more = match found.count() {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    let detail = format!("markup in \u{201c}{}\u{201d}{more}", excerpt(&words[first..=first]));
    Some(Issue::new(IssueKind::Markup, entry.place_of(first), detail, words))
}

fn holds_mark(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    MARKS.iter().any(|mark| upper.contains(&mark.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::set;
    use super::*;

    /// The line and the detail of the issue of a sentence.
    fn found(words: &str) -> Option<(usize, String)> {
        let text: String = words.split(' ').map(|word| format!("{word}\tO\n")).collect();
        let set = set("x", &[("a.conll", &text)]);
        issue(&set.entries[0]).map(|issue| (issue.place.line, issue.detail))
    }

    #[test]
    fn every_mark_is_found_at_its_word() {
        for mark in MARKS {
            let (line, detail) = found(&format!("He {mark}x sang")).unwrap();
            assert_eq!((line, detail), (2, format!("markup in “{mark}x”")));
        }
        assert_eq!(
            found("'''Oslo''' is '' a ]] city").unwrap().1,
            "markup in “'''Oslo'''”, and 2 more"
        );
        assert_eq!(found("see [ [ Oslo ] ]").unwrap(), (2, "markup in “[”, and 1 more".to_owned()));
        assert_eq!(found("#redirect Oslo").unwrap().0, 1);
    }

    #[test]
    fn punctuation_is_not_markup() {
        for words in ["She said `` no ''", "It ' s [ sic ] a { b } c", "a = b < c & d # 1 | e"] {
            assert_eq!(found(words), None, "{words}");
        }
        assert!(found("`` no '' '''").is_some());
    }
}
