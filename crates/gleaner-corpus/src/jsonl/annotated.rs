//! Objects with their sentences, for programs that keep the other fields.

use std::ops::Range;

use serde_json::{Map, Value};

use crate::corpus::Sentence;

/// A JSON object of a file, and the sentences in it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Annotated {
    /// The line of the object, from 1.
    pub line: usize,
    /// The object as the file has it.
    pub fields: Map<String, Value>,
    /// Its sentences. None if it only has names of tags, or is left out.
    pub sentences: Vec<Sentence>,
    /// For each sentence, the start and end of each word in the text, in the unit of the options. Empty for words that
    /// are not cut from a text.
    pub offsets: Vec<Vec<(usize, usize)>>,
}

/// Words of an object that has no text, divided at the positions of the words that start sentences, if these are
/// positions: another program can use the name for something else.
pub(super) fn divided(sentence: Sentence, starts: Option<&[usize]>) -> Vec<Sentence> {
    let n = sentence.words.len();
    let valid = |starts: &&[usize]| {
        starts.first() == Some(&0)
            && starts.windows(2).all(|pair| pair[0] < pair[1])
            && starts.last().is_some_and(|last| *last < n)
    };
    let Some(starts) = starts.filter(valid) else { return vec![sentence] };
    let ends = starts.iter().skip(1).copied().chain([n]);
    let part = |all: &[String], range: Range<usize>| all.get(range).unwrap_or_default().to_vec();
    let of = |(start, end): (usize, usize)| Sentence {
        words: part(&sentence.words, start..end),
        tags: part(&sentence.tags, start..end),
        line: sentence.line,
        unrepaired: None,
    };
    starts.iter().copied().zip(ends).map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::jsonl::Reader;
    use crate::{Offsets, ReadOptions};

    fn objects(text: &str, options: &ReadOptions) -> Vec<Annotated> {
        let mut reader = Reader::new(text.as_bytes(), Path::new("a.jsonl"), options);
        std::iter::from_fn(|| reader.next_object()).map(Result::unwrap).collect()
    }

    #[test]
    fn objects_keep_their_fields_and_have_offsets() {
        let text = "{\"id\": 7, \"text\": \"😀 Anna sings. Bo.\"}\n{\"tokens\": [\"a\"], \"tags\": [\"O\"]}\n";
        let unlabelled = ReadOptions { unlabelled: true, ..ReadOptions::default() };
        let found = objects(text, &unlabelled);
        assert_eq!(found[0].fields["id"], 7);
        assert_eq!(found[0].sentences.len(), 2);
        assert_eq!(found[0].offsets[0][..2], [(0, 1), (2, 6)]);
        assert_eq!(found[0].offsets[1], [(14, 16), (16, 17)]);
        assert_eq!((found[1].line, &found[1].offsets), (2, &vec![vec![]]));
        let utf16 = ReadOptions { offsets: Offsets::Utf16, ..unlabelled };
        assert_eq!(objects(text, &utf16)[0].offsets[0][..2], [(0, 2), (3, 7)]);
    }

    #[test]
    fn words_are_divided_into_sentences() {
        let words = |starts: &str| -> Vec<usize> {
            let text = format!(
                "{{\"tokens\": [\"a\", \"b\", \"c\"], \"tags\": [\"B-X\", \"I-X\", \"O\"], \"sentences\": {starts}}}"
            );
            let found = objects(&text, &ReadOptions::default());
            found[0].sentences.iter().map(|sentence| sentence.tags.len()).collect()
        };
        assert_eq!(words("[0, 2]"), [2, 1]);
        assert_eq!(words("[0]"), [3]);
        for other in ["[1, 2]", "[0, 0]", "[0, 3]", "\"no\"", "[]", "null"] {
            assert_eq!(words(other), [3], "{other}");
        }
    }
}
