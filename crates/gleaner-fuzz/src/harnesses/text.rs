//! Cutting text into words, and schemes of tags.

use super::support::sentences;
use crate::Choices;
use gleaner_corpus::{
    Format, Offsets, ReadOptions, Scheme, Sentence, read_bytes,
    text::{Reader, Segmenter},
    write,
};
use std::path::Path;

pub(super) fn segmentation_seeds() -> Vec<Vec<u8>> {
    [
        "Anna Berg (f. 1970) ser Oslo. Dr. Ola kom kl. 3.\nHvað segir þú?",
        "می\u{200c}خواهم 🦀🦀 l'homme, d'été!",
        "a.b.c 1,000.50 % -- \u{ad}x",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Whether a character may be left out between words: white space, or what cannot be seen.
pub(super) fn is_left_out(c: &char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Every word is the slice of its offsets, words are in order, and only what cannot be seen is left out.
pub(super) fn segmentation(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    let learnt = Segmenter::learn(&sentences()).with_text(text.lines());
    for segmenter in [Segmenter::default(), learnt] {
        for line in text.lines() {
            let characters: Vec<char> = line.chars().collect();
            for one_sentence in [false, true] {
                let sentences = segmenter.segment_line(line, 1, 7, one_sentence);
                assert!(!one_sentence || sentences.len() <= 1);
                let mut end = 7;
                for token in sentences.iter().flat_map(|sentence| &sentence.tokens) {
                    assert!(end <= token.start && token.start < token.end, "{token:?}");
                    let gap = &characters[end - 7..token.start - 7];
                    assert!(gap.iter().all(is_left_out), "{gap:?} is left out");
                    let slice: String = characters[token.start - 7..token.end - 7].iter().collect();
                    assert_eq!(slice, token.text);
                    end = token.end;
                }
                assert!(characters[end - 7..].iter().all(is_left_out));
            }
        }
    }
    Ok(())
}

pub(super) fn plain_seeds() -> Vec<Vec<u8>> {
    let texts =
        ["\u{feff}Anna ser Oslo. Dr. Ola kom.\r\n\r\nJa!", "One.\nกรุงเทพมหานคร\nTwo (東京)."];
    let seed = |choice: u8, text: &str| [&[choice][..], text.as_bytes()].concat();
    vec![seed(0, texts[0]), seed(1, texts[0]), seed(0, texts[1]), b"\0One.\n\xff\nTwo.".to_vec()]
}

/// Reads plain text as `gleaner predict` does; the first byte chooses whether a line is a sentence. Words are slices of
/// the whole text, in order, and lines that are refused do not move those after them.
pub(super) fn plain(input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let characters: Vec<char> = String::from_utf8_lossy(bytes).chars().collect();
    let slice = |start: usize, end: usize| characters[start..end].iter().collect::<String>();
    let (mut end, mut line, mut refused) = (0, 0, None);
    for sentence in Reader::new(bytes, Path::new("x"), choice & 1 == 1) {
        let sentence = match sentence {
            Ok(sentence) => sentence,
            Err(error) => {
                refused = Some(error.to_string());
                continue;
            }
        };
        assert!(line <= sentence.line && !sentence.tokens.is_empty(), "{sentence:?}");
        line = sentence.line;
        let start = sentence.tokens[0].start;
        for token in &sentence.tokens {
            assert!(end <= token.start && token.start < token.end, "{token:?}");
            assert_eq!(slice(token.start, token.end), token.text);
            end = token.end;
        }
        assert_eq!(slice(start, end), sentence.text);
    }
    refused.map_or(Ok(()), Err)
}

pub(super) fn scheme_seeds() -> Vec<Vec<u8>> {
    vec![(0..60).collect(), vec![1, 2, 3, 0, 0, 5, 2, 2, 7, 1, 1, 4]]
}

/// Any tags are read as valid IOB2 or refused; valid ones come back from every scheme.
pub(super) fn schemes(input: &[u8]) -> Result<(), String> {
    let mut choices = Choices::of(input);
    let strict = choices.flag();
    let (mut any, mut valid): (Vec<Sentence>, Vec<Sentence>) = (Vec::new(), Vec::new());
    while any.len() < 8 && !(any.len() > 1 && choices.is_empty()) {
        let (mut odd, mut iob2) = (Sentence::default(), Sentence::default());
        let mut open: Option<&str> = None;
        for _ in 0..1 + choices.below(6) {
            let entity_type = choices.one(&["A", "B-C", "a", "I", "é"]);
            let prefix = choices.one(&["B-", "I-", "O", "E-", "S-", "L-", "U-", "M-", "", "b-"]);
            odd.words.push("w".into());
            odd.tags.push(if prefix == "O" {
                "O".into()
            } else {
                format!("{prefix}{entity_type}")
            });
            let tag = match prefix {
                "I-" if open.is_some() => format!("I-{}", open.unwrap_or_default()),
                "O" => {
                    open = None;
                    "O".into()
                }
                _ => {
                    open = Some(entity_type).filter(|t| *t != "I");
                    open.map_or("O".into(), |entity_type| format!("B-{entity_type}"))
                }
            };
            iob2.words.push("w".into());
            iob2.tags.push(tag);
        }
        any.push(odd);
        valid.push(iob2);
    }
    for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
        let encode = |s: &Sentence| Sentence { tags: scheme.encode(&s.tags), ..s.clone() };
        let encoded: Vec<Sentence> = valid.iter().map(encode).collect();
        let read = read_tags(&encoded, false).unwrap_or_else(|e| panic!("{scheme}: {e}"));
        let tags = |sentences: &[Sentence]| -> Vec<Vec<String>> {
            sentences.iter().map(|sentence| sentence.tags.clone()).collect()
        };
        assert_eq!(tags(&read), tags(&valid), "{scheme}");
    }
    for sentence in read_tags(&any, strict)? {
        let mut before = "O";
        for tag in &sentence.tags {
            let continued = tag.strip_prefix("I-");
            let of = |tag: &str| tag.get(2..).map(str::to_owned);
            assert!(
                continued.is_none() || of(before).as_deref() == continued,
                "{:?}",
                sentence.tags
            );
            assert!(tag == "O" || tag.starts_with("B-") || continued.is_some());
            before = tag;
        }
    }
    Ok(())
}

/// Writes words with tags as two columns, which takes any tags, and reads them.
fn read_tags(sentences: &[Sentence], strict: bool) -> Result<Vec<Sentence>, String> {
    let mut file = String::new();
    for sentence in sentences {
        for (word, tag) in sentence.words.iter().zip(&sentence.tags) {
            file += &format!("{word}\t{tag}\n");
        }
        file.push('\n');
    }
    let options = ReadOptions { format: Some(Format::Conll), strict, ..ReadOptions::default() };
    let corpus =
        read_bytes(file.as_bytes(), Path::new("x"), &options).map_err(|e| e.to_string())?;
    let mut again = Vec::new();
    write(Format::Conll, &mut again, &corpus.sentences, Offsets::Scalar)
        .map_err(|e| e.to_string())?;
    Ok(corpus.sentences)
}
