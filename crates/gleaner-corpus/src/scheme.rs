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
///    entity.
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
        let (last, single) = match self {
            Self::Unlabelled => return Vec::new(),
            Self::Iob2 => return iob2.to_vec(),
            Self::Io => {
                let plain = |tag: &String| tag.get(2..).unwrap_or("O").to_owned();
                return iob2.iter().map(plain).collect();
            }
            Self::Iob1 => ("I", "I"),
            Self::Bioes => ("E", "S"),
            Self::Bilou => ("L", "U"),
        };
        let mut tags = vec!["O".to_owned(); iob2.len()];
        let mut before: Option<Entity> = None;
        for entity in entities(iob2, SeqevalMode::Default) {
            let touches = before.is_some_and(|before| {
                before.end == entity.start && before.entity_type == entity.entity_type
            });
            let first = match (self, touches) {
                (Self::Iob1, false) => "I",
                _ => "B",
            };
            for word in entity.words() {
                let prefix = match (word == entity.start, word + 1 == entity.end) {
                    (true, _) if self == Self::Iob1 => first,
                    (true, true) => single,
                    (true, false) => first,
                    (false, true) => last,
                    (false, false) => "I",
                };
                tags[word] = format!("{prefix}-{}", entity.entity_type);
            }
            before = Some(entity);
        }
        tags
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
        assert_eq!(Scheme::Bioes.encode(&iob2), tags("S-A B-A E-A S-B O B-A I-A E-A S-A"));
        assert_eq!(Scheme::Bilou.encode(&iob2), tags("U-A B-A L-A U-B O B-A I-A L-A U-A"));
        assert_eq!(Scheme::Iob2.encode(&iob2), iob2);
        assert!(Scheme::Unlabelled.encode(&iob2).is_empty());
        assert_eq!(Scheme::Io.encode(&iob2), tags("A A A B O A A A A"));
    }
}
