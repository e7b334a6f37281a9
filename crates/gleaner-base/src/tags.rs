//! Tags of words, and the entities that a sequence of tags marks.

mod notation;

pub use notation::{Notation, looks_like_tag, without_spaces};

use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};

/// The part of its entity that a word is, by the letter before the hyphen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `B-`: the first word.
    Begin,
    /// `I-`: a later word.
    Inside,
    /// `E-` (BIOES) or `L-` (BILOU): the last word.
    Last,
    /// `S-` (BIOES) or `U-` (BILOU): the only word.
    Single,
}

/// The tag of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag<'a> {
    /// `O`: not part of an entity.
    Outside,
    /// A part of an entity of this type.
    Entity(Prefix, &'a str),
}

impl<'a> Tag<'a> {
    /// Parses a tag of IOB1, IOB2, BIOES or BILOU; `None` for anything else. The entity type is what follows the
    /// first hyphen; it is not empty and has no white space.
    ///
    /// ```
    /// use gleaner_base::tags::{Prefix, Tag};
    ///
    /// assert_eq!(Tag::parse("B-PER"), Some(Tag::Entity(Prefix::Begin, "PER")));
    /// assert_eq!(Tag::parse("PER"), None);
    /// ```
    pub fn parse(tag: &'a str) -> Option<Self> {
        if tag == "O" {
            return Some(Self::Outside);
        }
        let (letter, entity_type) = tag.split_once('-')?;
        let prefix = match letter {
            "B" => Prefix::Begin,
            "I" => Prefix::Inside,
            "E" | "L" => Prefix::Last,
            "S" | "U" => Prefix::Single,
            _ => return None,
        };
        is_entity_type(entity_type).then_some(Self::Entity(prefix, entity_type))
    }

    /// Parses `O`, `B-X` or `I-X` as seqeval does; `None` for anything else. `B` and `I` alone are of the type `_`,
    /// and strict mode drops hyphens around a type.
    pub fn parse_as_seqeval(tag: &'a str, mode: SeqevalMode) -> Option<Self> {
        if tag == "O" {
            return Some(Self::Outside);
        }
        let (letter, rest) = tag.split_at_checked(1)?;
        let entity_type = if rest.is_empty() { rest } else { rest.strip_prefix('-')? };
        let entity_type = match mode {
            SeqevalMode::Default => entity_type,
            SeqevalMode::Strict => entity_type.trim_matches('-'),
        };
        let entity_type = if entity_type.is_empty() { "_" } else { entity_type };
        match letter {
            "B" => Some(Self::Entity(Prefix::Begin, entity_type)),
            "I" => Some(Self::Entity(Prefix::Inside, entity_type)),
            _ => None,
        }
    }
}

/// Whether `name` can be an entity type: not empty, and without white space.
pub fn is_entity_type(name: &str) -> bool {
    !name.is_empty() && !name.contains(char::is_whitespace)
}

/// How entities are read from IOB2 tags. The two modes differ only where a sequence breaks IOB2: where an `I-X`
/// follows neither `B-X` nor `I-X` (a stray `I-X`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeqevalMode {
    /// seqeval's default, which equals conlleval's: a stray `I-X` opens an entity, as `B-X` does.
    Default,
    /// seqeval's `mode="strict", scheme=IOB2`: only `B-X` opens an entity; a stray `I-X` belongs to none.
    Strict,
}

impl SeqevalMode {
    /// Both modes, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Default, Self::Strict];
}

/// The name to print beside every score of this mode.
impl fmt::Display for SeqevalMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "seqeval default",
            Self::Strict => "seqeval strict IOB2",
        })
    }
}

/// A span of words that names something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// What follows the hyphen of its tags, such as `PER`.
    #[serde(alias = "kind")]
    pub entity_type: String,
    /// The index of its first word in the sentence.
    pub start: usize,
    /// The index after its last word.
    pub end: usize,
}

impl Entity {
    /// The indices of its words.
    pub fn words(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The entities of one sentence, in order; they never overlap. A tag that is none of `O`, `B-X` and `I-X` is outside
/// of any entity.
///
/// ```
/// use gleaner_base::tags::{SeqevalMode, entities};
///
/// let tags = ["B-PER", "I-LOC", "I-LOC"];
/// assert_eq!(entities(&tags, SeqevalMode::Default).len(), 2);
/// assert_eq!(entities(&tags, SeqevalMode::Strict).len(), 1);
/// ```
pub fn entities<S: AsRef<str>>(tags: &[S], mode: SeqevalMode) -> Vec<Entity> {
    let mut found: Vec<Entity> = Vec::new();
    let mut open = false;
    for (word, tag) in tags.iter().enumerate() {
        let tag = Tag::parse_as_seqeval(tag.as_ref(), mode).unwrap_or(Tag::Outside);
        let opened = match (tag, found.last_mut()) {
            (Tag::Outside, _) => None,
            (Tag::Entity(Prefix::Begin, entity_type), _) => Some(entity_type),
            (Tag::Entity(_, entity_type), Some(last))
                if open && last.entity_type == entity_type =>
            {
                last.end = word + 1;
                continue;
            }
            (Tag::Entity(_, entity_type), _) => {
                (mode == SeqevalMode::Default).then_some(entity_type)
            }
        };
        open = opened.is_some();
        if let Some(entity_type) = opened {
            found.push(Entity { entity_type: entity_type.to_owned(), start: word, end: word + 1 });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(tags: &str, mode: SeqevalMode) -> String {
        let tags: Vec<&str> = tags.split(' ').collect();
        let shown = entities(&tags, mode)
            .into_iter()
            .map(|e| format!("{}{}..{}", e.entity_type, e.start, e.end));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tags_of_four_schemes_are_parsed_and_nothing_else() {
        assert_eq!(Tag::parse("O"), Some(Tag::Outside));
        let work = Some(Tag::Entity(Prefix::Begin, "WORK-OF-ART"));
        assert_eq!(Tag::parse("B-WORK-OF-ART"), work);
        assert_eq!(Tag::parse("L-PER"), Tag::parse("E-PER"));
        assert_eq!(Tag::parse("U-PER"), Tag::parse("S-PER"));
        for bad in ["", "B-", "B", "X-PER", "B_PER", "b-PER", "o", "PER", "-PER", "B-A B", "BI-PER"]
        {
            assert_eq!(Tag::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn both_modes_agree_on_whole_sequences() {
        for mode in SeqevalMode::ALL {
            let read_back = read("B-A I-A O B-A B-A B-B I-B", mode);
            assert_eq!(read_back, "A0..2 A3..4 A4..5 B5..7", "{mode}");
            assert_eq!(read("O O", mode), "", "{mode}");
        }
    }

    #[test]
    fn the_modes_differ_on_stray_insides() {
        for (tags, default, strict) in [
            ("I-A I-A", "A0..2", ""),
            ("O I-A B-A", "A1..2 A2..3", "A2..3"),
            ("B-A I-B I-B", "A0..1 B1..3", "A0..1"),
            ("B-A I-B I-A", "A0..1 B1..2 A2..3", "A0..1"),
            ("B-A O I-A", "A0..1 A2..3", "A0..1"),
        ] {
            assert_eq!(read(tags, SeqevalMode::Default), default, "{tags}");
            assert_eq!(read(tags, SeqevalMode::Strict), strict, "{tags}");
        }
    }

    #[test]
    fn odd_types_are_read_as_seqeval_reads_them() {
        assert_eq!(read("B I O I", SeqevalMode::Default), "_0..2 _3..4");
        assert_eq!(read("B- I-_", SeqevalMode::Strict), "_0..2");
        assert_eq!(read("B-A-B I-A-B", SeqevalMode::Strict), "A-B0..2");
        assert_eq!(read("B--A- I-A", SeqevalMode::Default), "-A-0..1 A1..2");
        assert_eq!(read("B--A- I-A", SeqevalMode::Strict), "A0..2");
    }

    #[test]
    fn other_tags_are_outside() {
        for tag in ["", "X-A", "PER", "BA", "O-A", "b-A", "ß-A", "É"] {
            let tags = format!("B-A {tag} I-A");
            assert_eq!(read(&tags, SeqevalMode::Strict), "A0..1", "{tag}");
        }
    }

    #[test]
    fn entities_of_earlier_files_are_read() {
        let json = r#"{"kind":"PER","start":1,"end":3}"#;
        let entity: Entity = serde_json::from_str(json).unwrap();
        assert_eq!(entity, Entity { entity_type: "PER".into(), start: 1, end: 3 });
    }

    proptest! {
        #[test]
        fn entities_are_in_order_and_never_overlap(
            tags in prop::collection::vec("(O|[BI]-[AB]|[EX]-A|)", 0..12),
        ) {
            for mode in SeqevalMode::ALL {
                let found = entities(&tags, mode);
                prop_assert!(found.iter().all(|e| e.start < e.end && e.end <= tags.len()));
                prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));
            }
        }
    }
}
