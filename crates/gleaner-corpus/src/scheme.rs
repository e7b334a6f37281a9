//! Tag schemes: which one a file uses, and how to write one.

use std::fmt;

use serde::Serialize;

use crate::corpus::{Entity, Sentence, entities};
use crate::error::Problem;
use crate::tag::{Prefix, Tag};

/// How tags mark the words of an entity. Sentences in memory are always IOB2; the scheme tells what
/// stood in the file.
///
/// The scheme is recognised over the whole file:
///
/// 1. A tag E-X or S-X makes it [`Bioes`](Scheme::Bioes), a tag L-X or U-X
///    [`Bilou`](Scheme::Bilou); both in one file are an error. This is exact: both schemes write
///    such a tag for every entity.
/// 2. Otherwise two counts decide: entities that open with B-X although no X stands directly before
///    (IOB1 would write I-X), and entities that open with I-X (IOB2 would write B-X). More of the
///    latter make it [`Iob1`](Scheme::Iob1), else it is [`Iob2`](Scheme::Iob2); so a file of O
///    alone is IOB2.
///
/// Thin evidence does no harm: IOB1 and IOB2 give the same entities, since both read an I-X that
/// continues nothing as the start of an entity, and a B-X always as one. Only what counts as a
/// [finding](crate::FindingKind) depends on the choice. Data that marks every word of every entity
/// with I-X (sometimes called IO) is read as IOB1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Scheme {
    /// No tags.
    Unlabelled,
    /// I-X in entities; B-X only where an entity directly follows one of the same type.
    Iob1,
    /// B-X on the first word of each entity, I-X on the others.
    Iob2,
    /// As IOB2, with E-X on the last word, and S-X on the only word of an entity.
    Bioes,
    /// As BIOES, with L-X and U-X for E-X and S-X.
    Bilou,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unlabelled => "unlabelled",
            Self::Iob1 => "IOB1",
            Self::Iob2 => "IOB2",
            Self::Bioes => "BIOES",
            Self::Bilou => "BILOU",
        })
    }
}

impl Scheme {
    /// Writes IOB2 tags in this scheme; [`Unlabelled`](Scheme::Unlabelled) has none.
    pub fn encode(self, iob2: &[String]) -> Vec<String> {
        let (last, single) = match self {
            Self::Unlabelled => return Vec::new(),
            Self::Iob2 => return iob2.to_vec(),
            Self::Iob1 => ("I", "I"),
            Self::Bioes => ("E", "S"),
            Self::Bilou => ("L", "U"),
        };
        let mut tags = vec!["O".to_owned(); iob2.len()];
        let mut before: Option<Entity<'_>> = None;
        for entity in entities(iob2) {
            let words = entity.words.clone();
            let touches =
                before.is_some_and(|b| b.words.end == words.start && b.label == entity.label);
            for word in words.clone() {
                let prefix = match (word == words.start, word + 1 == words.end) {
                    (true, _) if self == Self::Iob1 => {
                        if touches {
                            "B"
                        } else {
                            "I"
                        }
                    }
                    (true, true) => single,
                    (true, false) => "B",
                    (false, true) => last,
                    (false, false) => "I",
                };
                tags[word] = format!("{prefix}-{}", entity.label);
            }
            before = Some(entity);
        }
        tags
    }
}

/// What the tags of a file tell of its scheme.
#[derive(Default)]
struct Evidence<'a> {
    bioes: Option<(&'a str, usize)>,
    bilou: Option<(&'a str, usize)>,
    opened_by_begin: usize,
    opened_by_inside: usize,
}

/// The scheme of labelled sentences whose tags are known to parse, by the rule at [`Scheme`]. The
/// error is a problem with its line; `line_of` gives the line of a word.
pub(crate) fn detect(
    sentences: &[Sentence],
    line_of: impl Fn(&Sentence, usize) -> usize,
) -> Result<Scheme, (usize, Problem)> {
    let mut seen = Evidence::default();
    for sentence in sentences {
        let mut before = None;
        for (word, tag) in sentence.tags.iter().enumerate() {
            let label = match Tag::parse(tag) {
                Some(Tag::Entity(prefix, label)) => {
                    let place = || Some((tag.as_str(), line_of(sentence, word)));
                    match prefix {
                        Prefix::Begin if before != Some(label) => seen.opened_by_begin += 1,
                        Prefix::Inside if before != Some(label) => seen.opened_by_inside += 1,
                        Prefix::Begin | Prefix::Inside => {}
                        Prefix::Last | Prefix::Single if tag.starts_with(['E', 'S']) => {
                            seen.bioes = seen.bioes.or_else(place)
                        }
                        Prefix::Last | Prefix::Single => seen.bilou = seen.bilou.or_else(place),
                    }
                    Some(label)
                }
                Some(Tag::Outside) | None => None,
            };
            before = label;
        }
    }
    match (seen.bioes, seen.bilou) {
        (Some((bioes_tag, bioes_line)), Some((tag, line))) => Err((
            line,
            Problem::MixedSchemes {
                tag: tag.to_owned(),
                bioes_tag: bioes_tag.to_owned(),
                bioes_line,
            },
        )),
        (Some(_), None) => Ok(Scheme::Bioes),
        (None, Some(_)) => Ok(Scheme::Bilou),
        (None, None) if seen.opened_by_inside > seen.opened_by_begin => Ok(Scheme::Iob1),
        (None, None) => Ok(Scheme::Iob2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn detected(lines: &[&str]) -> Result<Scheme, (usize, Problem)> {
        let sentences: Vec<Sentence> = lines
            .iter()
            .enumerate()
            .map(|(line, text)| Sentence { words: tags(text), tags: tags(text), line: line + 1 })
            .collect();
        detect(&sentences, |sentence, _| sentence.line)
    }

    #[test]
    fn encodes_each_scheme() {
        let iob2 = tags("B-A B-A I-A B-B O B-A I-A I-A B-A");
        assert_eq!(Scheme::Iob1.encode(&iob2), tags("I-A B-A I-A I-B O I-A I-A I-A B-A"));
        assert_eq!(Scheme::Bioes.encode(&iob2), tags("S-A B-A E-A S-B O B-A I-A E-A S-A"));
        assert_eq!(Scheme::Bilou.encode(&iob2), tags("U-A B-A L-A U-B O B-A I-A L-A U-A"));
        assert_eq!(Scheme::Iob2.encode(&iob2), iob2);
        assert!(Scheme::Unlabelled.encode(&iob2).is_empty());
    }

    #[test]
    fn detects_by_the_whole_file() {
        assert_eq!(detected(&["O O"]).unwrap(), Scheme::Iob2);
        assert_eq!(detected(&["I-A O", "O"]).unwrap(), Scheme::Iob1);
        assert_eq!(detected(&["I-A B-A", "O I-B"]).unwrap(), Scheme::Iob1);
        assert_eq!(detected(&["I-A O", "B-A I-A", "B-B"]).unwrap(), Scheme::Iob2);
        assert_eq!(detected(&["B-A I-A", "O I-B"]).unwrap(), Scheme::Iob2);
        assert_eq!(detected(&["B-A I-A", "O S-B"]).unwrap(), Scheme::Bioes);
        assert_eq!(detected(&["B-A L-A"]).unwrap(), Scheme::Bilou);
    }

    #[test]
    fn two_schemes_in_a_file_are_an_error() {
        let (line, problem) = detected(&["S-A O", "O", "U-B"]).unwrap_err();
        assert_eq!(line, 3);
        assert_eq!(
            problem.to_string(),
            "U-B is of BILOU, but line 1 holds S-A, of BIOES; use one scheme in a file"
        );
    }
}
