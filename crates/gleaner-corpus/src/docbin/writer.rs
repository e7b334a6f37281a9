//! Writing spaCy's files.

use std::collections::BTreeSet;
use std::io::Write;

use super::message::{add_bytes, add_list, add_map, add_number, add_text};
use super::{column, iob, sentence_start, strings};
use crate::corpus::Sentence;
use crate::error::WriteError;
use crate::flate::to_zlib;
use crate::labelled::are_labelled;

/// Writes sentences as a DocBin of spaCy 3, one document per sentence. Unlabelled sentences have no entity columns.
/// The file says that the spaces between words are not known.
///
/// # Errors
/// The writer fails; some sentences are labelled and others are not; or a word is white space alone, which spaCy does
/// not count as a word.
pub fn write(writer: &mut impl Write, sentences: &[Sentence]) -> Result<(), WriteError> {
    let labelled = are_labelled(sentences)?;
    let columns: &[u64] = match labelled {
        true => &[column::ORTH, column::ENT_IOB, column::ENT_TYPE, column::SENT_START],
        false => &[column::ORTH, column::SENT_START],
    };
    let mut texts = BTreeSet::new();
    let (mut tokens, mut lengths) = (Vec::new(), Vec::new());
    for sentence in sentences {
        if let Some(word) = sentence.words.iter().find(|word| word.trim().is_empty()) {
            let what = format!("the word {word:?}");
            return Err(WriteError::Unrepresentable { format: "spaCy", what, line: sentence.line });
        }
        let mut entities = vec![[iob::OUTSIDE, 0]; sentence.words.len()];
        for entity in sentence.entities() {
            let number = strings::number(&entity.entity_type);
            for word in entity.words() {
                entities[word] =
                    [if word == entity.start { iob::BEGIN } else { iob::INSIDE }, number];
            }
            texts.insert(entity.entity_type);
        }
        for (at, word) in sentence.words.iter().enumerate() {
            let start = if at == 0 { sentence_start::YES } else { sentence_start::NO };
            let entity = if labelled { &entities[at][..] } else { &[] };
            let row = [&[strings::number(word)][..], entity, &[start]].concat();
            tokens.extend(row.into_iter().flat_map(u64::to_le_bytes));
            if !texts.contains(word) {
                texts.insert(word.clone());
            }
        }
        lengths.extend((sentence.words.len() as i32).to_le_bytes());
    }
    let spaces = vec![1_u8; tokens.len() / 8 / columns.len()];
    let message = message(columns, &texts, &tokens, &spaces, &lengths, sentences.len());
    writer.write_all(&to_zlib(&message))?;
    Ok(())
}

/// The MessagePack map of a file.
fn message(
    columns: &[u64],
    texts: &BTreeSet<String>,
    tokens: &[u8],
    spaces: &[u8],
    lengths: &[u8],
    documents: usize,
) -> Vec<u8> {
    let mut message = Vec::new();
    add_map(&mut message, 9);
    add_text(&mut message, "version");
    add_text(&mut message, "0.1");
    add_text(&mut message, "attrs");
    add_list(&mut message, columns.len());
    for &column in columns {
        add_number(&mut message, column);
    }
    for (key, bytes) in [("tokens", tokens), ("spaces", spaces), ("lengths", lengths)] {
        add_text(&mut message, key);
        add_bytes(&mut message, bytes);
    }
    add_text(&mut message, "strings");
    add_list(&mut message, texts.len());
    for text in texts {
        add_text(&mut message, text);
    }
    add_text(&mut message, "cats");
    add_list(&mut message, documents);
    for _ in 0..documents {
        add_map(&mut message, 0);
    }
    add_text(&mut message, "flags");
    add_list(&mut message, documents);
    for _ in 0..documents {
        add_map(&mut message, 1);
        add_text(&mut message, "has_unknown_spaces");
        message.push(0xc3); // true
    }
    add_text(&mut message, "span_groups");
    add_list(&mut message, documents);
    for _ in 0..documents {
        add_bytes(&mut message, &[]);
    }
    message
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::{Document, Span};
    use crate::error::CorpusError;
    use crate::options::ReadOptions;

    fn sentence(words: &str, tags: &str) -> Sentence {
        let owned = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        Sentence { words: owned(words), tags: owned(tags), line: 1, ..Sentence::default() }
    }

    fn documents(bytes: &[u8], unlabelled: bool) -> Result<Vec<Document>, CorpusError> {
        let options = ReadOptions { unlabelled, ..ReadOptions::default() };
        super::super::read(bytes, Path::new("x.spacy"), &options)?.into_iter().collect()
    }

    #[test]
    fn documents_are_read_back() {
        let sentences =
            [sentence("Ånna Berg det LOC", "B-PER I-PER O B-LOC"), sentence("🦀 x", "O B-X")];
        let mut bytes = Vec::new();
        write(&mut bytes, &sentences).unwrap();
        assert!(super::super::looks_like(&bytes));
        let read = documents(&bytes, false).unwrap();
        assert_eq!(read[0].text, "Ånna Berg det LOC ");
        assert_eq!(read[0].words.as_deref(), Some(&[0..4, 5..9, 10..13, 14..17][..]));
        let span = |start, end, name: &str| Span { start, end, entity_type: name.to_owned() };
        assert_eq!(read[0].spans, [span(0, 9, "PER"), span(14, 17, "LOC")]);
        assert_eq!((read[0].sentences.as_deref(), read[1].line), (Some(&[0][..]), 2));
        assert_eq!(read[1].spans, [span(2, 3, "X")]);
        assert!(documents(&bytes, true).unwrap()[0].spans.is_empty());
        for length in 0..bytes.len() {
            assert!(documents(&bytes[..length], false).is_err(), "{length}");
        }
    }

    #[test]
    fn unlabelled_documents_have_no_entities() {
        let sentences = [sentence("a b", "")];
        let mut bytes = Vec::new();
        write(&mut bytes, &sentences).unwrap();
        assert_eq!(documents(&bytes, true).unwrap().len(), 1);
        let error = documents(&bytes, false).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"x.spacy: not readable as a spaCy DocBin: it has no entities; store the attributes ENT_IOB and ENT_TYPE");
        let mixed = write(&mut Vec::new(), &[sentence("a", "O"), sentence("a", "")]);
        assert!(matches!(mixed, Err(WriteError::TagCount { .. })));
        let mut blank = sentence("a", "O");
        blank.words[0] = "\u{a0}".to_owned();
        assert!(matches!(
            write(&mut Vec::new(), &[blank]),
            Err(WriteError::Unrepresentable { .. })
        ));
    }
    /// A document of these words, with their columns ENT_IOB, ENT_TYPE and SENT_START, as a message.
    fn of_rows(rows: &[(&str, u64, &str, u64)]) -> Vec<u8> {
        let columns = [column::ORTH, column::ENT_IOB, column::ENT_TYPE, column::SENT_START];
        let number = |text: &str| if text.is_empty() { 0 } else { strings::number(text) };
        let row = |&(word, tag, entity_type, start): &(&str, u64, &str, u64)| {
            [number(word), tag, number(entity_type), start]
        };
        let tokens: Vec<u8> = rows.iter().flat_map(row).flat_map(u64::to_le_bytes).collect();
        let texts = rows.iter().flat_map(|row| [row.0, row.2]).filter(|text| !text.is_empty());
        let texts = texts.map(str::to_owned).collect();
        let lengths = (rows.len() as i32).to_le_bytes();
        message(&columns, &texts, &tokens, &vec![1; rows.len()], &lengths, 1)
    }

    #[test]
    fn spacy_marks_the_first_token_even_where_sentences_are_unknown() {
        let rows = |start| {
            [("Bo", 3, "PER", 1), (".", 2, "", 0), ("He", 2, "", start), ("hums", 2, "", 0)]
        };
        let read = |start| documents(&to_zlib(&of_rows(&rows(start))), false).unwrap().remove(0);
        assert_eq!(read(0).sentences, None);
        assert_eq!(read(1).sentences, Some(vec![0, 2]));
        assert_eq!(read(u64::MAX).sentences, Some(vec![0]));
    }

    #[test]
    fn blocked_tokens_are_outside_of_entities() {
        let rows = [("Bo", 3, "PER", 0), ("Ek", 3, "", 0), ("Oslo", 3, "LOC", 0)];
        let spans = documents(&to_zlib(&of_rows(&rows)), false).unwrap().remove(0).spans;
        let spans: Vec<(usize, usize)> = spans.iter().map(|span| (span.start, span.end)).collect();
        assert_eq!(spans, [(0, 2), (6, 10)]);
    }

    #[test]
    fn groups_of_spans_are_not_taken_for_nothing() {
        let read = |tag: u64, groups: &[u8], unlabelled| {
            let mut message = of_rows(&[("Bo", tag, if tag == 3 { "PER" } else { "" }, 0)]);
            // The last value is the empty groups of the document: a mark and a length of four bytes.
            message.truncate(message.len() - 5);
            add_bytes(&mut message, groups);
            documents(&to_zlib(&message), unlabelled).map_err(|error| error.to_string())
        };
        let some = [0x91, 0xc4, 0x00];
        insta::assert_snapshot!(read(2, &some, false).unwrap_err(), @"x.spacy: not readable as a spaCy DocBin: no document has entities, but some have groups of spans; store these as `doc.ents`");
        for (tag, groups, unlabelled) in
            [(3, &some[..], false), (2, &some, true), (2, &[0x90], false), (2, &[], false)]
        {
            assert_eq!(read(tag, groups, unlabelled).unwrap().len(), 1, "{tag} {groups:?}");
        }
    }
}
