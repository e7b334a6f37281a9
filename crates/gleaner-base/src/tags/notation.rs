//! The ways in which files write tags.

use std::collections::BTreeSet;

/// Where the tags of a file have the letter that says which part of its entity a word is. All are read into `B-PER`,
/// the form that [`Tag::parse`](super::Tag::parse) takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Before the type: `B-PER`.
    Prefix,
    /// After the type: `PER-B`.
    Suffix,
    /// There is none: `PER` on every word of an entity (the scheme IO).
    Plain,
}

impl Notation {
    /// A tag in the form that [`Tag::parse`](super::Tag::parse) takes, or `None` if it is not a tag of this notation.
    /// Letters may have any case; `M` (BMES) becomes `I`, `W` (BMEWO) becomes `S`. White space in a type becomes `_`,
    /// because most formats cannot represent it.
    ///
    /// ```
    /// use gleaner_base::tags::Notation;
    ///
    /// assert_eq!(Notation::Prefix.canonical("m-PER").as_deref(), Some("I-PER"));
    /// assert_eq!(Notation::Suffix.canonical("PER-B").as_deref(), Some("B-PER"));
    /// assert_eq!(Notation::Plain.canonical("PER").as_deref(), Some("I-PER"));
    /// assert_eq!(Notation::Plain.canonical("B-PER"), None);
    /// ```
    pub fn canonical(self, tag: &str) -> Option<String> {
        if is_outside(tag) {
            return Some("O".to_owned());
        }
        let (letter, entity_type) = match self {
            Self::Prefix => {
                let (letter, entity_type) = tag.split_once('-')?;
                (canonical_letter(letter)?, entity_type)
            }
            Self::Suffix => {
                let (entity_type, letter) = tag.rsplit_once('-')?;
                (canonical_letter(letter)?, entity_type)
            }
            Self::Plain => ('I', plain_type(tag)?),
        };
        let solid = !entity_type.is_empty() && entity_type.trim() == entity_type;
        let solid = solid && !entity_type.contains(char::is_control);
        solid.then(|| format!("{letter}-{}", without_spaces(entity_type)))
    }

    /// The notation of the tags of a file: the one that most tags have; of two with as many, the first in the order of
    /// [`Notation`]. Tags of the other notations are errors of the file then.
    ///
    /// A column of parts of speech or of words looks like [`Plain`](Self::Plain) tags, and some of these columns have
    /// an `O` (a letter, an interjection). So `Plain` needs `O` on a fifth of the words. In several languages `o` is a
    /// word, so `Plain` with `o` also needs a type that occurs twice, or `o` on half of the words.
    pub fn of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut all, mut upper, mut lower) = (0_usize, 0_usize, 0_usize);
        let mut counts = [(Self::Prefix, 0_usize), (Self::Suffix, 0), (Self::Plain, 0)];
        let mut types = BTreeSet::new();
        for tag in tags {
            all += 1;
            match tag {
                "O" => upper += 1,
                "o" => lower += 1,
                _ => {
                    types.insert(tag);
                    for (notation, count) in &mut counts {
                        *count += usize::from(notation.has(tag));
                    }
                }
            }
        }
        let repeated = types.len() + upper + lower < all;
        let outside_is_frequent =
            5 * upper >= all || 2 * lower >= all || (5 * (upper + lower) >= all && repeated);
        if !outside_is_frequent {
            counts[2].1 = 0;
        }
        let [first, others @ ..] = counts;
        let larger =
            |best: (Self, usize), next: (Self, usize)| if next.1 > best.1 { next } else { best };
        others.into_iter().fold(first, larger).0
    }

    /// Whether a tag other than `O` is of this notation.
    fn has(self, tag: &str) -> bool {
        let letter = match self {
            Self::Prefix => tag.split_once('-'),
            Self::Suffix => tag.rsplit_once('-').map(|(entity_type, letter)| (letter, entity_type)),
            Self::Plain => return plain_type(tag).is_some(),
        };
        letter.is_some_and(|(letter, entity_type)| {
            canonical_letter(letter).is_some() && !entity_type.trim().is_empty()
        })
    }
}

/// Whether a cell looks like a tag of [`Notation::Prefix`] or [`Notation::Suffix`], or is `O`. Plain tags look like any
/// word.
pub fn looks_like_tag(cell: &str) -> bool {
    is_outside(cell) || Notation::Prefix.has(cell) || Notation::Suffix.has(cell)
}

/// An entity type without white space: every run of it becomes `_`.
pub fn without_spaces(entity_type: &str) -> String {
    entity_type.split_whitespace().collect::<Vec<_>>().join("_")
}

fn is_outside(tag: &str) -> bool {
    matches!(tag, "O" | "o")
}

/// The letter of [`Tag::parse`](super::Tag::parse) for the letter of a file.
fn canonical_letter(letter: &str) -> Option<char> {
    Some(match letter {
        "B" | "b" => 'B',
        "I" | "i" | "M" | "m" => 'I',
        "E" | "e" => 'E',
        "L" | "l" => 'L',
        "S" | "s" | "W" | "w" => 'S',
        "U" | "u" => 'U',
        _ => return None,
    })
}

/// A tag that can only be a type. One letter before or after a separator is more probably a tag with a typing error
/// (`B_PER`, `X-PER`), and one letter alone is a tag without a type (`B`), in any alphabet. One character of a script
/// without upper and lower case can be a word, and so a type.
fn plain_type(tag: &str) -> Option<&str> {
    const SEPARATORS: [char; 6] = ['-', '_', '.', ':', '/', '|'];
    let is_long = |part: Option<&str>| {
        let mut letters = part.unwrap_or_default().chars();
        letters.next().is_some_and(|first| {
            letters.next().is_some()
                || !(first.is_ascii() || first.is_lowercase() || first.is_uppercase())
        })
    };
    let is_letter = |c: char| c.is_alphanumeric() || SEPARATORS.contains(&c) || " &+".contains(c);
    let named = tag.starts_with(char::is_alphabetic) && tag.chars().all(is_letter);
    let whole = is_long(tag.split(SEPARATORS).next()) && is_long(tag.rsplit(SEPARATORS).next());
    (named && whole).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::Tag;

    fn of(tags: &str) -> Notation {
        Notation::of(tags.split(' '))
    }

    #[test]
    fn letters_have_any_case_and_two_places() {
        let read = |notation: Notation, tag: &str| notation.canonical(tag).unwrap_or_default();
        for (tag, canonical) in [
            ("O", "O"),
            ("o", "O"),
            ("B-PER", "B-PER"),
            ("b-per", "B-per"),
            ("m-A", "I-A"),
            ("W-A", "S-A"),
            ("e-A-B", "E-A-B"),
            ("l-A", "L-A"),
            ("u-A", "U-A"),
            ("B-work of  art", "B-work_of_art"),
            ("PER", ""),
            ("X-A", ""),
            ("B-", ""),
            ("BI-A", ""),
            ("B_A", ""),
            ("B- A", ""),
            ("", ""),
        ] {
            assert_eq!(read(Notation::Prefix, tag), canonical, "{tag}");
        }
        for (tag, canonical) in [
            ("O", "O"),
            ("PER-B", "B-PER"),
            ("a-b-i", "I-a-b"),
            ("-B", ""),
            ("B-PER", ""),
            ("PER", ""),
        ] {
            assert_eq!(read(Notation::Suffix, tag), canonical, "{tag}");
        }
        for (tag, canonical) in [
            ("O", "O"),
            ("PER", "I-PER"),
            ("person-actor", "I-person-actor"),
            ("WORK OF ART", "I-WORK_OF_ART"),
            ("B-PER", ""),
            ("B_PER", ""),
            ("X-PER", ""),
            ("PER-B", ""),
            ("B", ""),
            ("人", "I-人"),
            ("О", ""),
            ("В-PER", ""),
            ("", ""),
            (",", ""),
            ("-", ""),
        ] {
            assert_eq!(read(Notation::Plain, tag), canonical, "{tag}");
        }
    }

    #[test]
    fn most_tags_decide() {
        assert_eq!(of("B-A I-A O"), Notation::Prefix);
        assert_eq!(of("A-B A-I O"), Notation::Suffix);
        assert_eq!(of("S-B A-B A-I O"), Notation::Suffix);
        assert_eq!(of("I-B O"), Notation::Prefix);
        assert_eq!(of("PER PER O LOC"), Notation::Plain);
        assert_eq!(of("PER LOC"), Notation::Prefix);
        assert_eq!(of("NOUN VERB DET O NOUN PUNCT"), Notation::Prefix);
        assert_eq!(of("casa o gato bonito"), Notation::Prefix);
        assert_eq!(of("per per o loc"), Notation::Plain);
        assert_eq!(of("o o per"), Notation::Plain);
        assert_eq!(of("O O B_PER"), Notation::Prefix);
        assert_eq!(of("O O X-PER"), Notation::Prefix);
        assert_eq!(of(""), Notation::Prefix);
    }

    #[test]
    fn canonical_tags_parse_and_stay() {
        for notation in [Notation::Prefix, Notation::Suffix, Notation::Plain] {
            for tag in ["O", "B-PER", "PER-B", "PER", "b-a b", "a b-s", "a b", "W-x", "é-i"] {
                if let Some(canonical) = notation.canonical(tag) {
                    assert!(Tag::parse(&canonical).is_some(), "{canonical}");
                    assert_eq!(Notation::Prefix.canonical(&canonical), Some(canonical));
                }
            }
        }
    }
}
