//! Entities in a sequence of tags, under the two readings of broken IOB2 that are in use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How entities are read from tags. The two differ only where a sequence breaks IOB2: where an
/// `I-X` follows neither `B-X` nor `I-X` (a stray `I-X`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// seqeval's default, which is conlleval's: a stray `I-X` opens an entity, as `B-X` does.
    Default,
    /// seqeval's `mode="strict", scheme=IOB2`: only `B-X` opens an entity; a stray `I-X` belongs to
    /// none.
    Strict,
}

impl Mode {
    /// Both modes, in the order in which they are shown.
    pub const ALL: [Mode; 2] = [Mode::Default, Mode::Strict];
}

/// The name to print beside every score of this mode.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Mode::Default => "seqeval default",
            Mode::Strict => "seqeval strict IOB2",
        })
    }
}

/// A run of words that names something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// Its type: what follows the hyphen of its tags, such as `PER`.
    pub kind: String,
    /// The index of its first word in the sentence.
    pub start: usize,
    /// The index after that of its last word.
    pub end: usize,
}

/// A tag, taken apart.
#[derive(Clone, Copy)]
pub(crate) enum Tag<'a> {
    Outside,
    Begin(&'a str),
    Inside(&'a str),
}

impl<'a> Tag<'a> {
    /// `O`, `B-X` or `I-X`; `None` for anything else.
    ///
    /// As in seqeval, `B` and `I` alone are of the type `_`, and strict mode drops hyphens around a
    /// type.
    pub(crate) fn parse(tag: &'a str, mode: Mode) -> Option<Self> {
        if tag == "O" {
            return Some(Tag::Outside);
        }
        let (prefix, rest) = tag.split_at_checked(1)?;
        let kind = if rest.is_empty() { rest } else { rest.strip_prefix('-')? };
        let kind = match mode {
            Mode::Default => kind,
            Mode::Strict => kind.trim_matches('-'),
        };
        let kind = if kind.is_empty() { "_" } else { kind };
        match prefix {
            "B" => Some(Tag::Begin(kind)),
            "I" => Some(Tag::Inside(kind)),
            _ => None,
        }
    }
}

/// The entities of one sentence, in order; they never overlap.
///
/// A tag that is none of `O`, `B-X` and `I-X` is outside of any entity.
/// ([`Evaluation::add`](crate::Evaluation::add) refuses such tags.)
///
/// ```
/// use gleaner_metrics::{Mode, entities};
///
/// let tags = ["B-PER", "I-LOC", "I-LOC"];
/// assert_eq!(entities(&tags, Mode::Default).len(), 2);
/// assert_eq!(entities(&tags, Mode::Strict).len(), 1);
/// ```
pub fn entities<S: AsRef<str>>(tags: &[S], mode: Mode) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let mut open = false;
    for (word, tag) in tags.iter().enumerate() {
        let start = match Tag::parse(tag.as_ref(), mode).unwrap_or(Tag::Outside) {
            Tag::Outside => None,
            Tag::Begin(kind) => Some(kind),
            Tag::Inside(kind) => match found.last_mut() {
                Some(last) if open && last.kind == kind => {
                    last.end = word + 1;
                    continue;
                }
                _ if mode == Mode::Strict => None,
                _ => Some(kind),
            },
        };
        open = start.is_some();
        if let Some(kind) = start {
            found.push(Entity { kind: kind.to_owned(), start: word, end: word + 1 });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tags: &str, mode: Mode) -> String {
        let tags: Vec<&str> = tags.split(' ').collect();
        let shown =
            entities(&tags, mode).into_iter().map(|e| format!("{}{}..{}", e.kind, e.start, e.end));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn whole_sequences_read_alike() {
        for mode in Mode::ALL {
            assert_eq!(
                read("B-A I-A O B-A B-A B-B I-B", mode),
                "A0..2 A3..4 A4..5 B5..7",
                "{mode}"
            );
            assert_eq!(read("O O", mode), "", "{mode}");
        }
    }

    #[test]
    fn stray_insides_differ() {
        for (tags, default, strict) in [
            ("I-A I-A", "A0..2", ""),
            ("O I-A B-A", "A1..2 A2..3", "A2..3"),
            ("B-A I-B I-B", "A0..1 B1..3", "A0..1"),
            ("B-A I-B I-A", "A0..1 B1..2 A2..3", "A0..1"),
            ("B-A O I-A", "A0..1 A2..3", "A0..1"),
        ] {
            assert_eq!(read(tags, Mode::Default), default, "{tags}");
            assert_eq!(read(tags, Mode::Strict), strict, "{tags}");
        }
    }

    #[test]
    fn odd_types_are_read_as_seqeval_reads_them() {
        assert_eq!(read("B I O I", Mode::Default), "_0..2 _3..4");
        assert_eq!(read("B- I-_", Mode::Strict), "_0..2");
        assert_eq!(read("B-A-B I-A-B", Mode::Strict), "A-B0..2");
        assert_eq!(read("B--A- I-A", Mode::Default), "-A-0..1 A1..2");
        assert_eq!(read("B--A- I-A", Mode::Strict), "A0..2");
    }

    #[test]
    fn other_tags_are_outside() {
        for tag in ["", "X-A", "PER", "BA", "O-A", "b-A", "ß-A", "É"] {
            assert_eq!(read(&format!("B-A {tag} I-A"), Mode::Strict), "A0..1", "{tag}");
        }
    }
}
