//! Detecting the tag scheme of a file.

use gleaner_base::tags::{Notation, Prefix, Tag};

use crate::corpus::Sentence;
use crate::error::Problem;
use crate::scheme::Scheme;

/// What the tags of a file say about its scheme.
#[derive(Default)]
struct Evidence<'a> {
    /// The first tag that only BIOES has, with its line.
    bioes: Option<(&'a str, usize)>,
    /// The first tag that only BILOU has, with its line.
    bilou: Option<(&'a str, usize)>,
    /// Entities that start with B-X where IOB1 would write I-X.
    started_by_begin: usize,
    /// Entities that start with I-X.
    started_by_inside: usize,
    /// Whether a tag is B-X, S-X or U-X: IOE1 and IOE2 have none.
    has_start: bool,
    /// Entities whose last word has I-X. IOE2 would write E-X.
    ended_by_inside: usize,
    /// Tags E-X.
    lasts: usize,
}

/// Detects the scheme of sentences whose tags all parse, by the rule at [`Scheme`]. `notation` is how
/// the file writes them. The error is a problem with its line; `line_of` returns the line of a word.
pub(crate) fn detect(
    sentences: &[Sentence],
    notation: Notation,
    line_of: impl Fn(&Sentence, usize) -> usize,
) -> Result<Scheme, (usize, Problem)> {
    if notation == Notation::Plain {
        return Ok(Scheme::Io);
    }
    let mut seen = Evidence::default();
    for sentence in sentences {
        let mut before = None;
        // The type of the word before, if its tag is I-X.
        let mut inside = None;
        for (word, tag) in sentence.tags.iter().enumerate() {
            let entity_type = match Tag::parse(tag) {
                Some(Tag::Entity(prefix, entity_type)) => {
                    seen.has_start |= matches!(prefix, Prefix::Begin | Prefix::Single);
                    seen.lasts += usize::from(prefix == Prefix::Last);
                    let continues = inside == Some(entity_type);
                    seen.ended_by_inside += usize::from(inside.is_some() && !continues);
                    inside = (prefix == Prefix::Inside).then_some(entity_type);
                    let place = || Some((tag.as_str(), line_of(sentence, word)));
                    match prefix {
                        Prefix::Begin if before != Some(entity_type) => seen.started_by_begin += 1,
                        Prefix::Inside if before != Some(entity_type) => {
                            seen.started_by_inside += 1;
                        }
                        Prefix::Begin | Prefix::Inside => {}
                        Prefix::Last | Prefix::Single if tag.starts_with(['E', 'S']) => {
                            seen.bioes = seen.bioes.or_else(place);
                        }
                        Prefix::Last | Prefix::Single => seen.bilou = seen.bilou.or_else(place),
                    }
                    Some(entity_type)
                }
                Some(Tag::Outside) | None => {
                    seen.ended_by_inside += usize::from(inside.take().is_some());
                    None
                }
            };
            before = entity_type;
        }
        seen.ended_by_inside += usize::from(inside.is_some());
    }
    match (seen.bioes, seen.bilou) {
        (Some((bioes_tag, bioes_line)), Some((tag, line))) => {
            let (tag, bioes_tag) = (tag.to_owned(), bioes_tag.to_owned());
            Err((line, Problem::MixedSchemes { tag, bioes_tag, bioes_line }))
        }
        (Some(_), None) if seen.has_start => Ok(Scheme::Bioes),
        (Some(_), None) if seen.ended_by_inside > seen.lasts => Ok(Scheme::Ioe1),
        (Some(_), None) => Ok(Scheme::Ioe2),
        (None, Some(_)) => Ok(Scheme::Bilou),
        (None, None) if seen.started_by_inside > seen.started_by_begin => Ok(Scheme::Iob1),
        (None, None) => Ok(Scheme::Iob2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detected(lines: &[&str]) -> Result<Scheme, (usize, Problem)> {
        let tags = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        let sentences: Vec<Sentence> = (lines.iter().zip(1..))
            .map(|(text, line)| Sentence {
                words: tags(text),
                tags: tags(text),
                line,
                ..Sentence::default()
            })
            .collect();
        detect(&sentences, Notation::Prefix, |sentence, _| sentence.line)
    }

    #[test]
    fn the_whole_file_decides() {
        assert_eq!(detected(&["O O"]).unwrap(), Scheme::Iob2);
        assert_eq!(detected(&["I-A O", "O"]).unwrap(), Scheme::Iob1);
        assert_eq!(detected(&["I-A B-A", "O I-B"]).unwrap(), Scheme::Iob1);
        assert_eq!(detected(&["I-A O", "B-A I-A", "B-B"]).unwrap(), Scheme::Iob2);
        assert_eq!(detected(&["B-A I-A", "O I-B"]).unwrap(), Scheme::Iob2);
        assert_eq!(detected(&["B-A I-A", "O S-B"]).unwrap(), Scheme::Bioes);
        assert_eq!(detected(&["B-A L-A"]).unwrap(), Scheme::Bilou);
        assert_eq!(detected(&["I-A E-A O E-B E-B"]).unwrap(), Scheme::Ioe2);
        assert_eq!(detected(&["I-A I-A O E-B I-B", "I-A"]).unwrap(), Scheme::Ioe1);
        assert_eq!(detected(&["I-A E-A", "S-B"]).unwrap(), Scheme::Bioes);
    }

    #[test]
    fn two_schemes_in_a_file_are_an_error() {
        let (line, problem) = detected(&["S-A O", "O", "U-B"]).unwrap_err();
        assert_eq!(line, 3);
        insta::assert_snapshot!(problem, @"U-B is a BILOU tag, but line 1 has S-A, a BIOES tag; use one scheme in a file");
    }
}
