//! Properties that hold for any input.

use std::path::Path;

use gleaner_corpus::splits::train_test_split;
use gleaner_corpus::{
    Corpus, CorpusError, Format, Nested, Offsets, ReadOptions, Scheme, Sentence, conll, jsonl,
    overlap, read_bytes, text, write,
};
use proptest::prelude::*;
use support::content;

#[path = "support/sentences.rs"]
mod support;

fn read(bytes: &[u8], format: Format, unlabelled: bool) -> Result<Corpus, CorpusError> {
    let options = ReadOptions { format: Some(format), unlabelled, ..ReadOptions::default() };
    read_bytes(bytes, Path::new("x"), &options)
}

/// A word that CoNLL can represent: no tab, line end or byte order mark, and no white space around it.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[#a-zé]{1,3}",
        any_word("[^\\t\\n\\r\0\u{1f}\u{feff}]{1,4}"),
        Just("#".to_owned()),
        Just("# text = O".to_owned()),
    ]
}

/// Whether a character can be seen: it is neither white space nor invisible.
fn is_seen(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}');
    !c.is_whitespace() && !invisible
}

/// Words of a pattern that can be seen and have no white space around them.
fn any_word(pattern: &'static str) -> impl Strategy<Value = String> {
    let is_plain = |word: &String| word.trim() == word && word.contains(is_seen);
    pattern.prop_filter("a word that can be seen", is_plain)
}

fn sentences() -> impl Strategy<Value = Vec<Sentence>> {
    let sentences = support::sentences(word(), ["A", "B-C"]);
    // A column of numbers may only number the words: it is refused unless it is chosen.
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    sentences.prop_filter("not only words with spaces, and numbers", move |sentences| {
        let mut words = sentences.iter().flat_map(|sentence| &sentence.words);
        words.any(|word| !word.contains(' ') && !is_number(word))
    })
}

fn as_conll(sentences: &[Sentence]) -> Vec<u8> {
    let mut writer = conll::Writer::new(Vec::new());
    for sentence in sentences {
        writer.write(sentence).unwrap();
    }
    writer.finish().unwrap()
}

fn as_jsonl(sentences: &[Sentence]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for sentence in sentences {
        jsonl::write(&mut bytes, sentence).unwrap();
    }
    bytes
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(sentences in sentences()) {
        for (bytes, format) in [(as_conll(&sentences), Format::Conll), (as_jsonl(&sentences), Format::Jsonl)] {
            let corpus = read(&bytes, format, false).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&sentences));
            prop_assert_eq!((corpus.scheme, corpus.findings), (Scheme::Iob2, vec![]));
        }
    }

    #[test]
    fn every_tool_reads_back_what_is_written(sentences in sentences(), unit in 0..3_usize) {
        let offsets = [Offsets::Scalar, Offsets::Utf16, Offsets::Graphemes][unit];
        let has = |test: fn(&str) -> bool| sentences.iter().flat_map(|s| &s.words).any(|word| test(word));
        // brat has no words and a second file.
        for &format in Format::ALL.iter().filter(|&&format| format != Format::Brat) {
            let refused = match format {
                Format::Conll2003 => has(|word| word.contains(' ')),
                Format::Prodigy | Format::Spacy => has(|word| word.trim().is_empty()),
                _ => false,
            };
            let mut bytes = Vec::new();
            let written = write(format, &mut bytes, &sentences, offsets);
            if let (Offsets::Graphemes, Err(error)) = (offsets, &written)
                && error.to_string().starts_with("offsets in graphemes cannot represent the word")
            {
                continue;
            }
            prop_assert_eq!(written.is_err(), refused, "{}", format);
            if refused {
                continue;
            }
            let options = ReadOptions { format: Some(format), offsets, ..ReadOptions::default() };
            let corpus = read_bytes(&bytes, Path::new("x"), &options).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&sentences), "{}", format);
            prop_assert_eq!(corpus.findings, vec![]);
            if !format.has_columns() {
                prop_assert_eq!(Format::detect(Path::new("x"), &bytes), Some(format));
            }
        }
    }

    #[test]
    fn spans_keep_their_text(
        text in "[ab '.\\n🦀é]{1,20}",
        ends in prop::collection::vec((0..20_usize, 1..6_usize), 0..4),
        innermost: bool,
        utf16: bool,
    ) {
        let scalars: Vec<char> = text.chars().collect();
        let unit = |at: usize| {
            let before: String = scalars[..at].iter().collect();
            if utf16 { before.encode_utf16().count() } else { at }
        };
        let spans: Vec<(usize, usize)> = ends
            .into_iter()
            .map(|(start, length)| (start, start + length))
            .filter(|&(_, end)| end <= scalars.len())
            .collect();
        let listed: Vec<_> = spans.iter().map(|&(start, end)| (unit(start), unit(end), "X")).collect();
        let row = serde_json::json!({ "text": text, "label": listed });
        let options = ReadOptions {
            format: Some(Format::Doccano),
            nested: if innermost { Nested::Innermost } else { Nested::Outermost },
            offsets: if utf16 { Offsets::Utf16 } else { Offsets::Scalar },
            ..ReadOptions::default()
        };
        let Ok(corpus) = read_bytes(row.to_string().as_bytes(), Path::new("x"), &options) else {
            return Ok(());
        };
        // All characters are kept, and every entity is one of the spans but for white space.
        let solid = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let all: String = corpus.sentences.iter().flat_map(|s| s.words.concat().chars().collect::<Vec<_>>()).collect();
        prop_assert_eq!(solid(&all), solid(&text));
        let covered: Vec<String> =
            spans.iter().map(|&(start, end)| solid(&scalars[start..end].iter().collect::<String>())).collect();
        for sentence in &corpus.sentences {
            for entity in sentence.entities() {
                prop_assert!(covered.contains(&solid(&sentence.words[entity.words()].concat())));
            }
        }
    }

    #[test]
    fn every_scheme_is_recognised_and_gives_the_same_entities(sentences in sentences()) {
        let entities = sentences.iter().any(|sentence| !sentence.entities().is_empty());
        for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
            let encode = |s: &Sentence| Sentence { tags: scheme.encode(&s.tags), ..s.clone() };
            let encoded: Vec<Sentence> = sentences.iter().map(encode).collect();
            let corpus = read(&as_conll(&encoded), Format::Conll, false).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(&sentences));
            prop_assert_eq!(corpus.scheme, if entities { scheme } else { Scheme::Iob2 });
            prop_assert_eq!(corpus.findings, vec![]);
        }
    }

    #[test]
    fn unlabelled_words_are_read_back(words in prop::collection::vec(any_word("[^\\t\\n\\r \0\u{1f}\u{feff}]{1,4}"), 1..9)) {
        let sentence = Sentence { words, ..Sentence::default() };
        for (bytes, format) in [
            (as_conll(std::slice::from_ref(&sentence)), Format::Conll),
            (as_jsonl(std::slice::from_ref(&sentence)), Format::Jsonl),
        ] {
            let corpus = read(&bytes, format, true).unwrap();
            prop_assert_eq!(content(&corpus.sentences), content(std::slice::from_ref(&sentence)));
        }
    }

    #[test]
    fn every_notation_gives_the_same_entities(sentences in sentences(), lower: bool, suffix: bool) {
        for scheme in [Scheme::Iob1, Scheme::Iob2, Scheme::Bioes, Scheme::Bilou] {
            let written = |tag: &String| match tag.split_once('-') {
                None => if lower { "o".to_owned() } else { tag.clone() },
                Some((letter, entity_type)) => {
                    let letter = if lower { letter.to_lowercase() } else { letter.to_owned() };
                    // A type that ends like a tag of the suffix notation cannot tell the two apart.
                    let entity_type = entity_type.replace("B-C", "Be-Ce");
                    if suffix { format!("{entity_type}-{letter}") } else { format!("{letter}-{entity_type}") }
                }
            };
            let encode = |s: &Sentence| {
                let tags = scheme.encode(&s.tags).iter().map(written).collect();
                Sentence { tags, ..s.clone() }
            };
            let encoded: Vec<Sentence> = sentences
                .iter()
                .map(|s| Sentence { tags: s.tags.iter().map(|t| t.replace("-A", "-Aa")).collect(), ..s.clone() })
                .map(|s| encode(&s))
                .collect();
            let corpus = read(&as_conll(&encoded), Format::Conll, false).unwrap();
            let entities = |sentences: &[Sentence]| -> Vec<(usize, usize)> {
                sentences.iter().flat_map(Sentence::entities).map(|e| (e.start, e.end)).collect()
            };
            prop_assert_eq!(entities(&corpus.sentences), entities(&sentences));
            prop_assert_eq!(corpus.findings, vec![]);
        }
    }

    #[test]
    fn any_tags_become_sound_ones(
        tags in prop::collection::vec("O|[BIESLUMWbieslumw]-[AB]|[AB]-[BIbi]|[AB]{2}|o", 1..12),
    ) {
        let words = tags.iter().map(|_| "w".to_owned()).collect();
        let Ok(corpus) = read(&as_conll(&[Sentence { words, tags, ..Sentence::default() }]), Format::Conll, false) else {
            return Ok(());
        };
        let again = read(&as_conll(&corpus.sentences), Format::Conll, false).unwrap();
        prop_assert_eq!(content(&again.sentences), content(&corpus.sentences));
        prop_assert_eq!((again.scheme, again.findings), (Scheme::Iob2, vec![]));
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), unlabelled: bool) {
        // brat's text is another file.
        for &format in Format::ALL.iter().filter(|&&format| format != Format::Brat) {
            one_line(read(&bytes, format, unlabelled))?;
        }
        Format::detect(Path::new("x"), &bytes);
        for sentence in text::Reader::new(&bytes[..], Path::new("x"), unlabelled) {
            one_line(sentence)?;
        }
    }

    #[test]
    fn near_misses_never_panic(
        conll in "(#|# |-DOCSTART-|[ab]|\t| |\r|\n|O|B-|I-X|é){0,60}",
        json in r#"(\{|\}|\[|\]|,|:|"tokens"|"tags"|"text"|"spans"|"start"|"end"|"label"|"data"|"annotations"|"result"|"features"|[0-9]|"a"|\n){0,40}"#,
        skip_bad: bool,
    ) {
        for (text, format) in [(conll, Format::Conll), (json, Format::Jsonl)] {
            let options = ReadOptions { format: Some(format), skip_bad, ..ReadOptions::default() };
            one_line(read_bytes(text.as_bytes(), Path::new("x"), &options))?;
        }
    }

    #[test]
    fn spans_of_whole_words_become_entities(words in prop::collection::vec("[a-zé🦀]{1,4}", 1..6), at in 0..6_usize) {
        let text = words.join(" ");
        let tokens = text::words(&text, 0);
        let token = &tokens[at % tokens.len()];
        let row = serde_json::json!({
            "text": text,
            "spans": [{"start": token.start, "end": token.end, "label": "X"}],
        });
        let corpus = read(row.to_string().as_bytes(), Format::Jsonl, false).unwrap();
        let entities = corpus.sentences[0].entities();
        prop_assert_eq!(entities.len(), 1);
        prop_assert_eq!(&corpus.sentences[0].words[entities[0].start], &token.text);
    }

    #[test]
    fn segmentation_keeps_all_that_can_be_seen(text in "(?s).{0,60}", one_sentence: bool) {
        let scalars: Vec<char> = text.chars().collect();
        let mut kept = String::new();
        let mut end = 0;
        for sentence in text::Reader::new(text.as_bytes(), Path::new("x"), one_sentence) {
            // A line in a script without spaces is refused.
            let Ok(sentence) = sentence else { return Ok(()) };
            for token in sentence.tokens {
                prop_assert!(token.start >= end);
                end = token.end;
                prop_assert_eq!(&scalars[token.start..token.end].iter().collect::<String>(), &token.text);
                kept += &token.text;
            }
        }
        let solid = |text: &str| text.chars().filter(|c| is_seen(*c)).collect::<String>();
        prop_assert_eq!(solid(&kept), solid(&text));
    }

    #[test]
    fn any_learnt_rule_keeps_all_but_white_space(
        corpus in prop::collection::vec(prop::collection::vec("[a-zA-Z0-9.'’-]{1,4}|[.,:'-]{1,3}", 1..8), 0..6),
        text in "([a-zA-Z0-9.'’-]{1,6}|[.!?] | |É|🦀){0,20}",
    ) {
        let sentences: Vec<Sentence> =
            corpus.into_iter().map(|words| Sentence { words, ..Sentence::default() }).collect();
        let segmenter = text::Segmenter::learn(&sentences).with_text(text.lines());
        let json = serde_json::to_string(&segmenter).unwrap();
        prop_assert_eq!(&serde_json::from_str::<text::Segmenter>(&json).unwrap(), &segmenter);
        let whole: String = segmenter.sentences(&text).into_iter().map(|range| &text[range]).collect();
        prop_assert_eq!(&whole, &text);
        let scalars: Vec<char> = text.chars().collect();
        let mut kept = String::new();
        for token in segmenter.segment_line(&text, 1, 0, false).into_iter().flat_map(|s| s.tokens) {
            prop_assert_eq!(&scalars[token.start..token.end].iter().collect::<String>(), &token.text);
            kept += &token.text;
        }
        prop_assert_eq!(kept, text.replace(char::is_whitespace, ""));
    }

    #[test]
    fn duplicates_also_occur_before(sentences in sentences()) {
        let expected: Vec<usize> = (0..sentences.len())
            .filter(|&at| !overlap::also_in(&sentences[at..=at], &[&sentences[..at]]).is_empty())
            .collect();
        prop_assert_eq!(overlap::duplicates(&sentences), expected);
    }

    #[test]
    fn splits_are_permutations(n in 2..300_usize, test_size in 0.01..0.99_f64, seed: u32) {
        if let Ok((train, test)) = train_test_split(n, test_size, seed) {
            prop_assert_eq!(test.len(), (test_size * n as f64).ceil() as usize);
            let mut all = [train, test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }
}

/// Checks that an error is one line with the file.
fn one_line<T>(result: Result<T, CorpusError>) -> Result<(), TestCaseError> {
    if let Err(error) = result {
        let message = error.to_string();
        prop_assert!(message.starts_with("x:") && !message.contains('\n'), "{}", message);
    }
    Ok(())
}
