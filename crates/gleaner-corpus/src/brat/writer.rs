//! Writing brat's annotations.

use std::io::Write;

use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::invisible::is_blank;
use crate::labelled::are_labelled;

/// Writes sentences as a text, one sentence per line with spaces between words, and the annotations of its entities.
/// brat's files have no words: they are split again when they are read.
///
/// # Errors
/// A writer fails, some sentences are labelled and others are not, or a word cannot be seen or has a line end.
pub fn write(
    text: &mut impl Write,
    annotations: &mut impl Write,
    sentences: &[Sentence],
) -> Result<(), WriteError> {
    are_labelled(sentences)?;
    // The place of the next word in the text, and the number of the next entity.
    let (mut place, mut number) = (0, 1);
    for sentence in sentences {
        // In brat's texts, what cannot be seen is not a word, and these line ends end a sentence.
        let ends_line = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let is_lost = |word: &&String| is_blank(word) || word.contains(ends_line);
        if let Some(word) = sentence.words.iter().find(is_lost) {
            let what = format!("the word {word:?}");
            return Err(WriteError::Unrepresentable { format: "brat", what, line: sentence.line });
        }
        let mut ends = Vec::with_capacity(sentence.words.len());
        let mut starts = Vec::with_capacity(sentence.words.len());
        for word in &sentence.words {
            starts.push(place);
            place += word.chars().count() + 1;
            ends.push(place - 1);
        }
        for entity in sentence.entities() {
            // brat refuses a copy that differs from the text in any character, a tab included.
            let covered = sentence.words[entity.words()].join(" ");
            let (start, end) = (starts[entity.start], ends[entity.end - 1]);
            writeln!(annotations, "T{number}\t{} {start} {end}\t{covered}", entity.entity_type)?;
            number += 1;
        }
        writeln!(text, "{}", sentence.words.join(" "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_text_and_annotations() {
        let owned = |list: [&str; 2]| list.map(str::to_owned).to_vec();
        let sentence = Sentence {
            words: owned(["Änne", "Berg"]),
            tags: owned(["B-PER", "I-PER"]),
            line: 1,
            ..Sentence::default()
        };
        let last = Sentence {
            words: owned(["in", "Oslo"]),
            tags: owned(["O", "B-LOC"]),
            line: 2,
            ..Sentence::default()
        };
        let (mut text, mut annotations) = (Vec::new(), Vec::new());
        write(&mut text, &mut annotations, &[sentence.clone(), last]).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "Änne Berg\nin Oslo\n");
        let expected = "T1\tPER 0 9\tÄnne Berg\nT2\tLOC 13 17\tOslo\n";
        assert_eq!(String::from_utf8(annotations).unwrap(), expected);
        for word in ["b\nc", "b\u{85}c", "", "\u{a0}", "\u{feff}", "\u{200f}"] {
            let broken = Sentence { words: owned(["a", word]), ..sentence.clone() };
            let refused = write(&mut Vec::new(), &mut Vec::new(), &[broken]);
            assert!(matches!(refused, Err(WriteError::Unrepresentable { .. })), "{word:?}");
        }
    }
}
