//! Tag schemes.

use std::fmt;

use gleaner_base::tags::{Entity, SeqevalMode, entities};
use serde::Serialize;

/// How tags mark the words of an entity. In memory all tags are IOB2; the scheme says how the file
/// writes them.
///
/// The scheme is detected from the tags of the whole file. Letters can have any case and can come
/// before or after the type ([`Notation`](gleaner_base::tags::Notation)).
///
/// 0. Types without letters mean [`Io`](Scheme::Io).
/// 1. A tag E-X or S-X means [`Bioes`](Scheme::Bioes), a tag L-X or U-X [`Bilou`](Scheme::Bilou).
///    Both in one file are an error. This rule is exact: both schemes write such a tag for every
///    entity. With E-X but neither B-X nor S-X the scheme is [`Ioe2`](Scheme::Ioe2), or
///    [`Ioe1`](Scheme::Ioe1) if more entities end with I-X than with E-X.
/// 2. Otherwise two counts decide: entities that start with B-X although the word before is not of
///    type X (IOB1 would write I-X), and entities that start with I-X (IOB2 would write B-X). If the
///    second count is larger, the scheme is [`Iob1`](Scheme::Iob1), otherwise
///    [`Iob2`](Scheme::Iob2). A file with no other tag than O is IOB2.
///
/// A wrong choice between IOB1 and IOB2 does not change the entities: in both, a B-X starts an
/// entity, and so does an I-X without an entity of type X before it. It only changes what counts as
/// a [finding](crate::FindingKind). Files that tag every word of every entity with I-X (sometimes
/// called IO too) are read as IOB1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Scheme {
    /// No tags.
    Unlabelled,
    /// X on all words of an entity. Adjacent entities of the same type are one.
    Io,
    /// I-X on the words of an entity; B-X on its first word if it directly follows an entity of the
    /// same type.
    Iob1,
    /// B-X on the first word of an entity, I-X on the others.
    Iob2,
    /// I-X on the words of an entity; E-X on its last word if an entity of the same type directly
    /// follows it.
    Ioe1,
    /// E-X on the last word of an entity, I-X on the others.
    Ioe2,
    /// As IOB2, with E-X on the last word, and S-X on the word of a one-word entity. BMES, which
    /// writes M-X for I-X, is read as BIOES.
    Bioes,
    /// As BIOES, with L-X and U-X instead of E-X and S-X.
    Bilou,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unlabelled => "unlabelled",
            Self::Io => "IO",
            Self::Iob1 => "IOB1",
            Self::Iob2 => "IOB2",
            Self::Ioe1 => "IOE1",
            Self::Ioe2 => "IOE2",
            Self::Bioes => "BIOES",
            Self::Bilou => "BILOU",
        })
    }
}

impl Scheme {
    /// Converts IOB2 tags to this scheme. [`Unlabelled`](Scheme::Unlabelled) has no tags, and
    /// [`Io`](Scheme::Io) joins adjacent entities of the same type.
    ///
    /// ```
    /// use gleaner_corpus::Scheme;
    ///
    /// let iob2 = ["B-PER", "I-PER", "O", "B-LOC"].map(String::from);
    /// assert_eq!(Scheme::Bioes.encode(&iob2), ["B-PER", "E-PER", "O", "S-LOC"]);
    /// ```
    pub fn encode(self, iob2: &[String]) -> Vec<String> {
        match self {
            Self::Unlabelled => return Vec::new(),
            Self::Iob2 => return iob2.to_vec(),
            Self::Io => {
                let plain = |tag: &String| tag.get(2..).unwrap_or("O").to_owned();
                return iob2.iter().map(plain).collect();
            }
            Self::Iob1 | Self::Ioe1 | Self::Ioe2 | Self::Bioes | Self::Bilou => {}
        }
        let mut tags = vec!["O".to_owned(); iob2.len()];
        let found = entities(iob2, SeqevalMode::Default);
        let touch = |before: Option<&Entity>, after: Option<&Entity>| {
            before.zip(after).is_some_and(|(before, after)| {
                before.end == after.start && before.entity_type == after.entity_type
            })
        };
        for (at, entity) in found.iter().enumerate() {
            let follows = touch(at.checked_sub(1).map(|before| &found[before]), Some(entity));
            let is_followed = touch(Some(entity), found.get(at + 1));
            for word in entity.words() {
                let ends = (word == entity.start, word + 1 == entity.end);
                let letter = self.letter(ends, follows, is_followed);
                tags[word] = format!("{letter}-{}", entity.entity_type);
            }
        }
        tags
    }

    /// The letter of a word that is the first, the last, both or neither of its entity. `follows` and
    /// `is_followed` say that an entity of the same type directly precedes or follows it.
    fn letter(self, ends: (bool, bool), follows: bool, is_followed: bool) -> char {
        match (self, ends) {
            (Self::Iob1, (true, _)) if follows => 'B',
            (Self::Ioe1, (_, true)) if is_followed => 'E',
            (Self::Ioe2, (_, true)) => 'E',
            (Self::Iob1 | Self::Ioe1 | Self::Ioe2, _) => 'I',
            (Self::Bioes, (true, true)) => 'S',
            (Self::Bilou, (true, true)) => 'U',
            (Self::Bioes, (false, true)) => 'E',
            (Self::Bilou, (false, true)) => 'L',
            (_, (true, _)) => 'B',
            (_, (false, _)) => 'I',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_each_scheme() {
        let tags = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        let iob2 = tags("B-A B-A I-A B-B O B-A I-A I-A B-A");
        assert_eq!(Scheme::Iob1.encode(&iob2), tags("I-A B-A I-A I-B O I-A I-A I-A B-A"));
        assert_eq!(Scheme::Ioe1.encode(&iob2), tags("E-A I-A I-A I-B O I-A I-A E-A I-A"));
        assert_eq!(Scheme::Ioe2.encode(&iob2), tags("E-A I-A E-A E-B O I-A I-A E-A E-A"));
        assert_eq!(Scheme::Bioes.encode(&iob2), tags("S-A B-A E-A S-B O B-A I-A E-A S-A"));
        assert_eq!(Scheme::Bilou.encode(&iob2), tags("U-A B-A L-A U-B O B-A I-A L-A U-A"));
        assert_eq!(Scheme::Iob2.encode(&iob2), iob2);
        assert!(Scheme::Unlabelled.encode(&iob2).is_empty());
        assert_eq!(Scheme::Io.encode(&iob2), tags("A A A B O A A A A"));
    }
}
