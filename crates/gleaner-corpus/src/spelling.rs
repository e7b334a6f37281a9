//! Tags that have no letter and type by themselves: other words for `O`, tags without a type, brackets and numbers.

use std::collections::{BTreeMap, BTreeSet};

use gleaner_base::tags::{Notation, looks_like_tag};

use crate::brackets;
use crate::error::Problem;

/// How a file or a column writes its tags, if not all are tags by themselves. All tags decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// This word instead of `O`.
    Outside(String),
    /// `B` and `I` without a type, for corpora with a single type.
    Untyped,
    /// Brackets: see [`brackets`].
    Brackets,
    /// Numbers, which need names.
    Numbers,
}

/// What corpora write for words outside of entities instead of `O`.
const OUTSIDE: [&str; 23] = [
    "_", "-", "--", "0", "*", "None", "NONE", "none", "NIL", "nil", "null", "NULL", "NA", "N/A",
    "OTHER", "Other", "other", "OUT", "Out", "out", "OUTSIDE", "Outside", "outside",
];

/// The type that [`Spelling::Untyped`] gets, as in seqeval.
pub(crate) const NO_TYPE: &str = "_";

/// Types that many corpora have, separated by spaces.
const COMMON: &str = "\
    PER PERS PERSON PEOPLE LOC LOCATION PLACE ORG ORGANIZATION ORGANISATION MISC GPE FAC NORP DATE TIME MONEY EVENT \
    PRODUCT DISEASE CHEMICAL DRUG GENE PROTEIN";

/// More spellings than this are not those of tags.
const MOST: usize = 500;

/// Whether a cell is a type that many corpora have, in any case.
pub(crate) fn is_common_type(cell: &str) -> bool {
    let upper = cell.to_uppercase();
    COMMON.split(' ').any(|common| common == upper)
}

impl Spelling {
    /// The spelling of these tags; `None` if they are tags by themselves, or of no known spelling.
    pub(crate) fn of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in tags {
            *counts.entry(tag.trim_matches(' ')).or_insert(0) += 1;
            if counts.len() > MOST {
                return None;
            }
        }
        let all = |is: fn(&str) -> bool| !counts.is_empty() && counts.keys().all(|tag| is(tag));
        if all(|tag| tag.parse::<i64>().is_ok()) {
            return Some(Self::Numbers);
        }
        if all(brackets::is_bracket) && counts.keys().any(|tag| brackets::opened(tag).is_some()) {
            return Some(Self::Brackets);
        }
        if counts.contains_key("B")
            && counts.contains_key("O")
            && all(|tag| tag == "O" || is_letter(tag))
        {
            return Some(Self::Untyped);
        }
        outside(&counts).map(|mark| Self::Outside(mark.to_owned()))
    }

    /// What it means, for users.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Outside(mark) => format!("the tag {mark} is read as O"),
            Self::Untyped => format!(
                "tags without a type get the type {NO_TYPE} (--map {NO_TYPE}=NAME renames it)"
            ),
            Self::Brackets => "tags are brackets, such as (PERSON*".to_owned(),
            Self::Numbers => "tags are numbers".to_owned(),
        }
    }
}

/// Whether a tag is one of [`Spelling::Untyped`].
pub(crate) fn is_letter(tag: &str) -> bool {
    matches!(tag, "B" | "I" | "E" | "S" | "L" | "U" | "M" | "W")
}

/// The word in place of `O`: the only one of the list, beside tags. Types without letters look like any word, so one of
/// them must be common, and a fifth of the words must have the word in place of `O`.
fn outside<'a>(counts: &BTreeMap<&'a str, usize>) -> Option<&'a str> {
    if counts.contains_key("O") || counts.contains_key("o") {
        return None;
    }
    let mut marks = OUTSIDE.iter().filter_map(|mark| counts.get_key_value(mark));
    let (&mark, &times) = marks.next()?;
    if marks.next().is_some() || counts.len() < 2 {
        return None;
    }
    let others = || counts.keys().filter(|tag| **tag != mark);
    let frequent = 5 * times >= counts.values().sum();
    let plain = || {
        frequent
            && others().all(|tag| Notation::Plain.canonical(tag).is_some())
            && others().any(|tag| is_common_type(tag))
    };
    (others().all(|tag| looks_like_tag(tag)) || plain()).then_some(mark)
}

/// Whether types without letters have letters in another spelling, such as `BPER` or `begin-PER`.
pub(crate) fn have_hidden_letters(types: &BTreeSet<&str>) -> bool {
    const FIRST: [&str; 4] = ["begin", "beg", "start", "first"];
    const OTHER: [&str; 7] = ["inside", "in", "mid", "middle", "last", "end", "intermediate"];
    let glued = |tag: &str| {
        let rest = tag.strip_prefix('B').filter(|rest| rest.len() > 1);
        rest.is_some_and(|rest| {
            types.contains(format!("I{rest}").as_str())
                || (is_common_type(rest) && !rest.contains(char::is_lowercase))
        })
    };
    let word = |tag: &str, words: &[&str]| {
        let separated = tag.split_once(['-', '_', ':']);
        separated.is_some_and(|(first, _)| words.contains(&first.to_lowercase().as_str()))
    };
    let any = |words: &[&str]| types.iter().any(|tag| word(tag, words));
    types.iter().any(|tag| glued(tag)) || (any(&FIRST) && any(&OTHER))
}

/// What makes a cell a tag that must not be read as another: several tags in one cell, and letters of other alphabets
/// that look like those of tags.
pub(crate) fn trap(tag: &str) -> Option<Problem> {
    const LOOK_ALIKE: &str = "ОоΟοＯｏВΒＢЕΕＥЅＳІΙＩМΜＭＬＵ";
    let mut parts = tag.split(['|', '+', ';', ',', '/', '&']).map(str::trim);
    if parts.clone().count() > 1 && parts.all(looks_like_tag) {
        return Some(Problem::SeveralTags { tag: tag.to_owned() });
    }
    if looks_like_tag(tag) {
        return None;
    }
    let ends = [
        tag.split_once('-').map(|(first, _)| first),
        tag.rsplit_once('-').map(|(_, last)| last),
        Some(tag),
    ];
    let single = ends.into_iter().flatten().find_map(|part| {
        let mut letters = part.chars();
        letters.next().filter(|letter| letters.next().is_none() && LOOK_ALIKE.contains(*letter))
    });
    single.map(|letter| Problem::LookAlike { tag: tag.to_owned(), letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tags: &str) -> Option<String> {
        Spelling::of(tags.split(' ')).map(|spelling| spelling.shown())
    }

    #[test]
    fn words_for_outside_are_recognised() {
        for mark in ["_", "-", "0", "*", "None", "OTHER", "OUT"] {
            let shown = Some(format!("the tag {mark} is read as O"));
            assert_eq!(of(&format!("B-PER I-PER {mark} {mark}")), shown);
            assert_eq!(of(&format!("PER-B {mark}")), shown);
            assert_eq!(of(&format!("PER {mark} LOC")), shown);
        }
        for other in [
            "B-PER O _",
            "o _",
            "_",
            "_ _",
            "B-PER _ -",
            "PER LOC ORG GPE DATE _",
            "NOUN VERB _",
            "B_PER _",
            "B-PER X",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn tags_without_types_brackets_and_numbers_are_recognised() {
        assert_eq!(Spelling::of(["B", "I", "O"]), Some(Spelling::Untyped));
        assert_eq!(Spelling::of(["S", "B", "E", "O"]), Some(Spelling::Untyped));
        assert_eq!(Spelling::of(["(A*", "*)", "*"]), Some(Spelling::Brackets));
        assert_eq!(Spelling::of(["0", "3"]), Some(Spelling::Numbers));
        for other in ["B I", "I O", "b o", "* *", "O 3", "N V O", "O"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn letters_in_other_places_are_found() {
        let hidden = |tags: &str| have_hidden_letters(&tags.split(' ').collect());
        for tags in ["BPER IPER", "BLOC", "begin-PER inside-PER", "Start_A end_A"] {
            assert!(hidden(tags), "{tags}");
        }
        for tags in ["PER LOC", "BUILDING", "begin-PER", "BAND INK", "last-name"] {
            assert!(!hidden(tags), "{tags}");
        }
    }

    #[test]
    fn traps_are_named() {
        let shown = |tag: &str| trap(tag).map(|problem| problem.to_string()).unwrap_or_default();
        insta::assert_snapshot!(shown("B-ORG|I-LOC"), @r#"several tags in "B-ORG|I-LOC", which is one word; keep one of them, or write them in columns of their own and choose one (--tag-column N)"#);
        insta::assert_snapshot!(shown("О"), @r#"the letter U+041E of the tag "О" only looks like the one of a tag; write it in ASCII"#);
        assert!(shown("В-PER").contains("U+0412") && shown("PER-В").contains("U+0412"));
        for tag in ["O", "B-PER", "B-R&D", "B-A/S", "B-В", "Ö", "B-Об", "人", "PER"] {
            assert_eq!(shown(tag), "", "{tag}");
        }
    }
}
