//! Entities as seqeval reads them from tags that need not follow their scheme.
//!
//! The strict mode of seqeval 1.2.2 decides by pairs of neighbouring tags whether the second one starts or continues an
//! entity, and whether the entity before it has ended. Its patterns are repeated here, with their gaps:
//! in IOB1, a B-X without an entity before it belongs to none.

use gleaner_base::tags::{Entity, Notation, Prefix, SeqevalMode, Tag, entities};

use crate::convert::to_iob2;
use crate::scheme::Scheme;

impl Scheme {
    /// The entities that seqeval reads from tags of this scheme, whether the scheme allows them or
    /// not. The strict mode is `mode="strict"` with this scheme. The default mode reads E-X and S-X as
    /// seqeval does, and L-X and U-X in the same way (seqeval's does not know these letters).
    ///
    /// seqeval has no [`Io`](Scheme::Io): both modes give the same entities. A tag that is none of any
    /// scheme is outside of any entity.
    ///
    /// ```
    /// use gleaner_corpus::Scheme;
    /// use gleaner_base::tags::SeqevalMode;
    ///
    /// let unclosed = ["B-PER", "I-PER", "O", "S-LOC"].map(String::from);
    /// assert_eq!(Scheme::Bioes.entities(&unclosed, SeqevalMode::Default).len(), 2);
    /// assert_eq!(Scheme::Bioes.entities(&unclosed, SeqevalMode::Strict).len(), 1);
    /// ```
    pub fn entities(self, tags: &[String], mode: SeqevalMode) -> Vec<Entity> {
        match (self, mode) {
            (Self::Unlabelled, _) => Vec::new(),
            (Self::Io, _) => {
                let canonical = |tag: &String| Notation::Plain.canonical(tag);
                let tags: Vec<String> =
                    tags.iter().map(|tag| canonical(tag).unwrap_or_else(|| tag.clone())).collect();
                entities(&tags, SeqevalMode::Default)
            }
            (_, SeqevalMode::Default) => entities(&to_iob2(tags, self).0, mode),
            (Self::Iob2, SeqevalMode::Strict) => entities(tags, mode),
            (_, SeqevalMode::Strict) => strict(tags, self),
        }
    }
}

/// A tag with the type as seqeval's strict mode reads it; O has none.
#[derive(Clone, Copy)]
struct Word<'a> {
    prefix: Option<Prefix>,
    entity_type: &'a str,
}

const OUTSIDE: Word<'static> = Word { prefix: None, entity_type: "_" };

impl<'a> Word<'a> {
    fn of(tag: &'a str) -> Self {
        match Tag::parse(tag) {
            Some(Tag::Entity(prefix, entity_type)) => {
                let entity_type = entity_type.trim_matches('-');
                let entity_type = if entity_type.is_empty() { "_" } else { entity_type };
                Self { prefix: Some(prefix), entity_type }
            }
            Some(Tag::Outside) | None => OUTSIDE,
        }
    }
}

/// The entities of tags of any scheme but IO and IOB2, in order.
fn strict(tags: &[String], scheme: Scheme) -> Vec<Entity> {
    let words: Vec<Word<'_>> = tags.iter().map(|tag| Word::of(tag)).chain([OUTSIDE]).collect();
    let mut found = Vec::new();
    let mut before = OUTSIDE;
    let mut at = 0;
    while at < words.len() {
        let start = at;
        at += 1;
        if starts(before, words[start], scheme) {
            while at < words.len() && continues(words[at - 1], words[at]) {
                at += 1;
            }
            // The appended O continues nothing, so `at` is a word.
            if has_ended(words[at - 1], words[at], scheme) {
                let entity_type = words[start].entity_type.to_owned();
                found.push(Entity { entity_type, start, end: at });
            }
        }
        before = words[at - 1];
    }
    found
}

fn starts(before: Word<'_>, word: Word<'_>, scheme: Scheme) -> bool {
    use Prefix::{Begin, Inside, Last, Single};
    let same = before.entity_type == word.entity_type;
    match (scheme, before.prefix, word.prefix) {
        (Scheme::Iob1, None | Some(Begin), Some(Inside)) => true,
        (Scheme::Iob1, Some(Inside), Some(Inside)) => !same,
        (Scheme::Iob1, Some(Inside | Begin), Some(Begin)) => same,
        (Scheme::Ioe1 | Scheme::Ioe2, None | Some(Last), Some(Inside)) => true,
        (Scheme::Ioe1 | Scheme::Ioe2, Some(Inside), Some(Inside)) => !same,
        (Scheme::Ioe1, Some(Last), Some(Last)) => same,
        (Scheme::Ioe2, None | Some(Last), Some(Last)) => true,
        (Scheme::Ioe2, Some(Inside), Some(Last)) => !same,
        (Scheme::Iob1 | Scheme::Ioe1 | Scheme::Ioe2, _, _) => false,
        (_, _, prefix) => matches!(prefix, Some(Begin | Single)),
    }
}

fn continues(before: Word<'_>, word: Word<'_>) -> bool {
    use Prefix::{Begin, Inside, Last};
    matches!(before.prefix, Some(Begin | Inside))
        && matches!(word.prefix, Some(Inside | Last))
        && before.entity_type == word.entity_type
}

/// Whether the entity that ends with `last` may end there, before `next`.
fn has_ended(last: Word<'_>, next: Word<'_>, scheme: Scheme) -> bool {
    use Prefix::{Begin, Inside, Last, Single};
    let same = last.entity_type == next.entity_type;
    match (scheme, last.prefix, next.prefix) {
        (Scheme::Iob1, Some(Begin | Inside), None) => true,
        (Scheme::Iob1, Some(Begin | Inside), Some(Inside)) => !same,
        (Scheme::Iob1, Some(Inside), Some(Begin)) => true,
        (Scheme::Iob1, Some(Begin), Some(Begin)) => same,
        (Scheme::Ioe1, Some(Inside), None) => true,
        (Scheme::Ioe1, Some(Inside), Some(Inside | Last)) => !same,
        (Scheme::Ioe1, Some(Last), Some(Inside | Last)) => same,
        (Scheme::Ioe2, last, _) => last == Some(Last),
        (Scheme::Iob1 | Scheme::Ioe1, _, _) => false,
        (_, last, _) => matches!(last, Some(Last | Single)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(line: &str, scheme: Scheme) -> String {
        let tags: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = strict(&tags, scheme).into_iter();
        let found = found.map(|e| format!("{}{}..{}", e.entity_type, e.start, e.end));
        found.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn broken_sequences_have_fewer_entities() {
        for (line, expected) in [
            ("B-A I-A E-A O S-B", "A0..3 B4..5"),
            ("B-A I-A O S-B", "B3..4"),
            ("B-A E-A I-A E-A", "A0..2"),
            ("S-A I-A", "A0..1"),
            ("I-A E-A B-A", ""),
        ] {
            assert_eq!(shown(line, Scheme::Bioes), expected, "{line}");
            let bilou = line.replace("E-", "L-").replace("S-", "U-");
            assert_eq!(shown(&bilou, Scheme::Bilou), expected, "{bilou}");
        }
        for (line, expected) in
            [("I-A I-A B-A I-A I-B", "A0..2 A2..4 B4..5"), ("B-A O", ""), ("B-A I-A", "A1..2")]
        {
            assert_eq!(shown(line, Scheme::Iob1), expected, "{line}");
        }
        // As seqeval 1.2.2 gives them.
        for (line, ioe1, ioe2) in [
            ("I-A E-A O", "", "A0..2"),
            ("I-A I-A O", "A0..2", ""),
            ("E-A E-A I-A", "A1..2 A2..3", "A0..1 A1..2"),
            ("E-A", "", "A0..1"),
            ("I-A E-A I-A E-A", "A0..2", "A0..2 A2..4"),
            ("I-A E-B", "A0..1", "B1..2"),
            ("I-A I-B E-B", "A0..1", "B1..3"),
            ("E-A I-B O", "B1..2", "A0..1"),
            ("I-A E-A E-B I-B", "B3..4", "A0..2 B2..3"),
            ("E-A O I-A", "A2..3", "A0..1"),
        ] {
            assert_eq!(shown(line, Scheme::Ioe1), ioe1, "{line}");
            assert_eq!(shown(line, Scheme::Ioe2), ioe2, "{line}");
        }
    }

    proptest! {
        #[test]
        fn both_modes_agree_on_tags_without_flaws(
            tags in prop::collection::vec("O|[BIES]-[AB]", 0..12),
        ) {
            for scheme in [
                Scheme::Iob1,
                Scheme::Iob2,
                Scheme::Ioe2,
                Scheme::Bioes,
                Scheme::Bilou,
            ] {
                let closing = match scheme {
                    Scheme::Bioes => ["E-", "S-"],
                    Scheme::Ioe2 => ["E-", "I-"],
                    Scheme::Bilou => ["L-", "U-"],
                    _ => ["I-", "B-"],
                };
                let tags: Vec<String> = tags
                    .iter()
                    .map(|tag| tag.replace("E-", closing[0]).replace("S-", closing[1]))
                    .map(|tag| if scheme == Scheme::Ioe2 { tag.replace("B-", "I-") } else { tag })
                    .collect();
                let (iob2, flaws) = to_iob2(&tags, scheme);
                if flaws.is_empty() {
                    let strict = scheme.entities(&tags, SeqevalMode::Strict);
                    prop_assert_eq!(strict, entities(&iob2, SeqevalMode::Strict));
                }
            }
        }
    }
}
