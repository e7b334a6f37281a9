//! Converting tags of any scheme to IOB2.

use gleaner_base::tags::{Prefix, Tag};

use crate::finding::FindingKind;
use crate::scheme::Scheme;

/// A tag that its scheme does not allow.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Position of the word, from 0.
    pub word: usize,
    pub kind: FindingKind,
    /// The tag and its context.
    pub what: String,
    /// How it is read: `read as B-X`.
    pub reading: String,
}

/// Converts the tags of a sentence, all of which parse, to IOB2.
///
/// A tag that continues an entity of type X starts a new entity if no entity of type X is open.
pub(crate) fn to_iob2(tags: &[String], scheme: Scheme) -> (Vec<String>, Vec<Flaw>) {
    let closing = matches!(scheme, Scheme::Ioe2 | Scheme::Bioes | Scheme::Bilou);
    let mut flaws = Vec::new();
    // The type of the entity that the next tag can continue.
    let mut open: Option<&str> = None;
    let mut iob2 = Vec::with_capacity(tags.len());
    for (word, tag) in tags.iter().enumerate() {
        let Some(Tag::Entity(prefix, entity_type)) = Tag::parse(tag) else {
            flaws.extend(unclosed(open, closing, word));
            open = None;
            iob2.push("O".to_owned());
            continue;
        };
        let continues =
            open == Some(entity_type) && matches!(prefix, Prefix::Inside | Prefix::Last);
        if !continues {
            flaws.extend(unclosed(open, closing, word));
            flaws.extend(misplaced(tag, prefix, entity_type, open, scheme, word));
        }
        iob2.push(format!("{}-{entity_type}", if continues { "I" } else { "B" }));
        open = match prefix {
            Prefix::Begin | Prefix::Inside => Some(entity_type),
            Prefix::Last | Prefix::Single => None,
        };
    }
    flaws.extend(unclosed(open, closing, tags.len()));
    (iob2, flaws)
}

/// The flaw of an entity that is open although the word `next` does not continue it.
fn unclosed(open: Option<&str>, closing: bool, next: usize) -> Option<Flaw> {
    let entity_type = open.filter(|_| closing)?;
    Some(Flaw {
        word: next - 1,
        kind: FindingKind::UnclosedEntity,
        what: format!("entity of type {entity_type} without its last tag"),
        reading: "read as ending here".to_owned(),
    })
}

/// The flaw of a tag that its scheme does not use to start an entity.
fn misplaced(
    tag: &str,
    prefix: Prefix,
    entity_type: &str,
    open: Option<&str>,
    scheme: Scheme,
    word: usize,
) -> Option<Flaw> {
    let kind = match prefix {
        Prefix::Inside | Prefix::Last
            if matches!(scheme, Scheme::Iob2 | Scheme::Bioes | Scheme::Bilou) =>
        {
            FindingKind::StrayInside
        }
        Prefix::Begin if scheme == Scheme::Iob1 && open != Some(entity_type) => {
            FindingKind::NeedlessBegin
        }
        _ => return None,
    };
    let open = if matches!(scheme, Scheme::Bioes | Scheme::Bilou) { "open " } else { "" };
    Some(Flaw {
        word,
        kind,
        what: format!("{tag} with no {open}{entity_type} before it"),
        reading: format!("read as B-{entity_type}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    /// The IOB2 tags, and the positions and kinds of the flaws.
    fn converted(line: &str, scheme: Scheme) -> (String, Vec<(usize, FindingKind)>) {
        let (iob2, flaws) = to_iob2(&tags(line), scheme);
        (iob2.join(" "), flaws.iter().map(|flaw| (flaw.word, flaw.kind)).collect())
    }

    #[test]
    fn valid_tags_have_no_flaws() {
        let iob2 = tags("B-A B-A I-A B-B O B-A I-A I-A B-A");
        for scheme in
            [Scheme::Iob1, Scheme::Iob2, Scheme::Ioe1, Scheme::Ioe2, Scheme::Bioes, Scheme::Bilou]
        {
            assert_eq!(to_iob2(&scheme.encode(&iob2), scheme), (iob2.clone(), vec![]), "{scheme}");
        }
    }

    #[test]
    fn stray_inside_tags_start_an_entity() {
        use FindingKind::StrayInside;
        assert_eq!(
            converted("I-A I-A O I-B B-A I-B", Scheme::Iob2),
            (
                "B-A I-A O B-B B-A B-B".into(),
                vec![(0, StrayInside), (3, StrayInside), (5, StrayInside)]
            )
        );
        let (_, flaws) = to_iob2(&tags("O I-A"), Scheme::Iob2);
        assert_eq!(
            (flaws[0].what.as_str(), flaws[0].reading.as_str()),
            ("I-A with no A before it", "read as B-A")
        );
    }

    #[test]
    fn a_closed_entity_cannot_be_continued() {
        let (iob2, flaws) = to_iob2(&tags("B-A E-A E-A"), Scheme::Bioes);
        assert_eq!(iob2, tags("B-A I-A B-A"));
        assert_eq!(flaws[0].what, "E-A with no open A before it");
    }

    #[test]
    fn unclosed_entities_end() {
        use FindingKind::{StrayInside, UnclosedEntity};
        assert_eq!(
            converted("B-A O B-A I-A S-B I-B E-A B-A", Scheme::Bioes),
            (
                "B-A O B-A I-A B-B B-B B-A B-A".into(),
                vec![
                    (0, UnclosedEntity),
                    (3, UnclosedEntity),
                    (5, StrayInside),
                    (5, UnclosedEntity),
                    (6, StrayInside),
                    (7, UnclosedEntity)
                ]
            )
        );
    }

    #[test]
    fn adjacent_tags_of_io_are_one_entity() {
        assert_eq!(
            converted("I-A I-A O I-B I-A", Scheme::Io),
            ("B-A I-A O B-B B-A".into(), vec![])
        );
    }

    #[test]
    fn needless_begin_tags_are_flaws_of_iob1_only() {
        use FindingKind::NeedlessBegin;
        assert_eq!(
            converted("B-A B-A O I-A", Scheme::Iob1),
            ("B-A B-A O B-A".into(), vec![(0, NeedlessBegin)])
        );
    }
}
