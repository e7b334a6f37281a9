//! Names of entity types that look alike.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_security::confusable_detection::skeleton;

use super::data_set::{DataSet, Entry};
use super::issue::{Issue, IssueKind, Place};
use crate::counted;

/// Minimum number of letters of a name that starts a longer name: `PER` and `PERSON`.
const SHORT: usize = 3;

/// Minimum number of letters of names that differ in one: `EVENT` and `EVNET`, but not `FAC` and `FAN`.
const LONG: usize = 4;

/// The number of entities of a type, and the first one.
struct Use<'a> {
    entities: usize,
    place: Place,
    entry: &'a Entry,
}

/// Pairs of types, across all data sets, whose names look alike. The place is the first entity of the
/// rarer type.
pub(super) fn issues(sets: &[DataSet]) -> Vec<Issue> {
    let mut uses: BTreeMap<String, Use<'_>> = BTreeMap::new();
    for entry in sets.iter().flat_map(|set| &set.entries) {
        for entity in entry.sentence.entities() {
            let first = || {
                let place = entry.place_of(entity.start);
                Use { entities: 0, place, entry }
            };
            uses.entry(entity.entity_type).or_insert_with(first).entities += 1;
        }
    }
    let uses: Vec<(String, Use<'_>)> = uses.into_iter().collect();
    let mut issues = Vec::new();
    for (number, a) in uses.iter().enumerate() {
        for b in &uses[number + 1..] {
            let Some(why) = alike(&a.0, &b.0) else { continue };
            let (rare, common) = if a.1.entities < b.1.entities { (a, b) } else { (b, a) };
            let detail = format!(
                "{} ({}) and {} ({}, first at {}): {why}",
                rare.0,
                counted::entities(rare.1.entities),
                common.0,
                counted::entities(common.1.entities),
                common.1.place
            );
            let words = &rare.1.entry.sentence.words;
            let issue = Issue::new(IssueKind::LabelNames, rare.1.place.clone(), detail, words);
            issues.push(issue.with(common.1.place.clone()));
        }
    }
    issues
}

/// The reason why two different names look alike, if they do.
fn alike(a: &str, b: &str) -> Option<&'static str> {
    let shape = |name: &str| -> String { skeleton(name).collect() };
    let plain = |name: &str| -> String {
        name.nfc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).collect()
    };
    let (plain_a, plain_b) = (plain(a), plain(b));
    let letters = |name: &str| name.chars().count();
    let (short, long) = if letters(&plain_a) <= letters(&plain_b) {
        (&plain_a, &plain_b)
    } else {
        (&plain_b, &plain_a)
    };
    if plain_a == plain_b {
        Some("they differ only in case or punctuation")
    } else if shape(a) == shape(b) || shape(&plain_a) == shape(&plain_b) {
        Some("they use different letters that look the same")
    } else if letters(short) >= SHORT && long.starts_with(short.as_str()) {
        Some("one starts with the other")
    } else if letters(short) >= LONG && strsim::osa_distance(&plain_a, &plain_b) == 1 {
        Some("they differ in one letter")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike() {
        for (a, b, says) in [
            ("PER", "per", "case"),
            ("WORK_OF_ART", "work-of-art", "case"),
            ("PER", "РЕR", "look the same"), // Cyrillic Er and Ie
            ("ORG", "0RG", "look the same"),
            ("PER", "PERS", "starts"),
            ("PERSON", "PER", "starts"),
            ("LOC", "Location", "starts"),
            ("EVENT", "EVNET", "one letter"),
            ("PRODUCT", "PRODUKT", "one letter"),
        ] {
            let why = alike(a, b);
            assert!(why.is_some_and(|why| why.contains(says)), "{a} {b} {why:?}");
            assert_eq!(why, alike(b, a));
        }
    }

    #[test]
    fn names_in_use_do_not() {
        assert_eq!(alike("FAC", "FAN"), None);
        let names = [
            "CARDINAL",
            "DATE",
            "EVENT",
            "FAC",
            "GPE",
            "LANGUAGE",
            "LAW",
            "LOC",
            "MISC",
            "MONEY",
            "NORP",
            "ORDINAL",
            "ORG",
            "PER",
            "PRODUCT",
            "QUANTITY",
            "TIME",
            "TITLE",
            "WORK_OF_ART",
        ];
        for (number, a) in names.iter().enumerate() {
            for b in &names[number + 1..] {
                assert_eq!(alike(a, b), None, "{a} {b}");
            }
        }
    }
}
