//! Writing CSV.

use std::io::Write;

use gleaner_base::csv::cell;

use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::labelled::are_labelled;

/// Writes sentences as CSV with the columns `Sentence #`, `Word`, `POS` (always `_`, because Gleaner has no parts of
/// speech) and `Tag`, which unlabelled sentences lack. The sentence is on its first word only.
///
/// # Errors
/// The writer fails, some sentences are labelled and others are not, or a word is empty or has a line end.
pub fn write(writer: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    let labelled = are_labelled(sentences)?;
    writeln!(writer, "Sentence #,Word,POS{}", if labelled { ",Tag" } else { "" })?;
    for (number, sentence) in (1..).zip(sentences) {
        for (at, word) in sentence.words.iter().enumerate() {
            if word.is_empty() || word.contains(['\n', '\r']) {
                let what = format!("the word {word:?}");
                return Err(WriteError::Unrepresentable {
                    format: "CSV",
                    what,
                    line: sentence.line,
                });
            }
            if at == 0 {
                write!(writer, "Sentence: {number}")?;
            }
            write!(writer, ",{},_", cell(word))?;
            if labelled {
                write!(writer, ",{}", cell(&sentence.tags[at]))?;
            }
            writeln!(writer)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_kaggles_columns() {
        let owned = |list: [&str; 2]| list.map(str::to_owned).to_vec();
        let sentence = Sentence {
            words: owned(["Anna", "\""]),
            tags: owned(["B-PER", "O"]),
            line: 1,
            ..Sentence::default()
        };
        let written = |sentence: &Sentence| {
            let mut bytes = Vec::new();
            write(&mut bytes, std::slice::from_ref(sentence))
                .map(|()| String::from_utf8(bytes).unwrap())
        };
        let expected = "Sentence #,Word,POS,Tag\nSentence: 1,Anna,_,B-PER\n,\"\"\"\",_,O\n";
        assert_eq!(written(&sentence).unwrap(), expected);
        let unlabelled = Sentence { tags: vec![], ..sentence.clone() };
        assert_eq!(
            written(&unlabelled).unwrap(),
            "Sentence #,Word,POS\nSentence: 1,Anna,_\n,\"\"\"\",_\n"
        );
        let broken = Sentence { words: owned(["a\nb", "c"]), ..sentence };
        assert!(matches!(written(&broken), Err(WriteError::Unrepresentable { .. })));
    }
}
