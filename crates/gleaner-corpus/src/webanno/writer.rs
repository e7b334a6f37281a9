//! Writing WebAnno TSV 3.

use std::io::Write;

use super::MARK;
use super::values::escaped;
use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::labelled::are_labelled;

/// Writes sentences as WebAnno TSV 3.3, with entities in the layer of named entities that WebAnno and INCEpTION have by
/// default. Unlabelled sentences have no layer.
///
/// # Errors
/// The writer fails, some sentences are labelled and others are not, or a word is empty or has a tab or a line end.
pub fn write(writer: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    let labelled = are_labelled(sentences)?;
    writeln!(writer, "{MARK}.3")?;
    if labelled {
        writeln!(
            writer,
            "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value"
        )?;
    }
    writeln!(writer)?;
    // The place of the next word in the text, in units of UTF-16, and the number of the next entity of several words.
    let (mut place, mut next) = (0, 1);
    for (number, sentence) in (1..).zip(sentences) {
        if let Some(word) =
            sentence.words.iter().find(|word| word.is_empty() || word.contains(['\t', '\n', '\r']))
        {
            let what = format!("the word {word:?}");
            return Err(WriteError::Unrepresentable {
                format: "WebAnno TSV",
                what,
                line: sentence.line,
            });
        }
        writeln!(writer, "\n#Text={}", sentence.words.join(" ").replace('\\', "\\\\"))?;
        let mut cells = vec!["_\t_\t".to_owned(); sentence.words.len()];
        for entity in sentence.entities() {
            let mut mark = String::new();
            if entity.words().len() > 1 {
                mark = format!("[{next}]");
                next += 1;
            }
            let cell = format!("*{mark}\t{}{mark}\t", escaped(&entity.entity_type));
            cells[entity.words()].fill(cell);
        }
        for (at, word) in sentence.words.iter().enumerate() {
            let end = place + word.encode_utf16().count();
            let cells = if labelled { cells[at].as_str() } else { "" };
            writeln!(writer, "{number}-{}\t{place}-{end}\t{word}\t{cells}", at + 1)?;
            place = end + 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_as_inception_does() {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        let sentence = Sentence {
            words: owned(&["🦀", "New", "York"]),
            tags: owned(&["B-A_B", "B-LOC", "I-LOC"]),
            line: 1,
            ..Sentence::default()
        };
        let mut bytes = Vec::new();
        write(&mut bytes, &[sentence.clone(), sentence]).unwrap();
        insta::assert_snapshot!(String::from_utf8(bytes).unwrap().replace('\t', "→"), @r"
        #FORMAT=WebAnno TSV 3.3
        #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value


        #Text=🦀 New York
        1-1→0-2→🦀→*→A\_B→
        1-2→3-6→New→*[1]→LOC[1]→
        1-3→7-11→York→*[1]→LOC[1]→

        #Text=🦀 New York
        2-1→12-14→🦀→*→A\_B→
        2-2→15-18→New→*[2]→LOC[2]→
        2-3→19-23→York→*[2]→LOC[2]→
        ");
    }
}
