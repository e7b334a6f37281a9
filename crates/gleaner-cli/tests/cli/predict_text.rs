//! `gleaner predict` on plain text: words, sentences and offsets.

use crate::common::{Sandbox, objects, tagger};
use proptest::prelude::*;
use serde_json::Value;

fn predict(options: &str, input: &str) -> String {
    Sandbox::new().run_with(&format!("predict {} {options}", tagger().display()), input).0
}

/// Whether a character cannot be seen: white space, or a mark such as a soft hyphen or one of direction.
fn is_unseen(c: char) -> bool {
    let invisible = matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}');
    c.is_whitespace() || invisible
}

/// Checks that offsets give exactly the words, with nothing that can be seen between them.
fn offsets_hold(input: &str, sentences: &[Value]) -> Result<(), TestCaseError> {
    let all: Vec<char> = input.chars().collect();
    let mut behind = 0;
    let blank = |part: &[char]| part.iter().all(|c| is_unseen(*c));
    for sentence in sentences {
        let tokens = sentence["tokens"].as_array().unwrap();
        let offsets = sentence["offsets"].as_array().unwrap();
        prop_assert_eq!(tokens.len(), offsets.len());
        prop_assert_eq!(tokens.len(), sentence["tags"].as_array().unwrap().len());
        for (token, place) in tokens.iter().zip(offsets) {
            let [start, end] = [0, 1].map(|i| place[i].as_u64().unwrap() as usize);
            let slice: String = all[start..end].iter().collect();
            prop_assert_eq!(token.as_str().unwrap(), slice);
            prop_assert!(blank(&all[behind..start]), "text between words at {}", start);
            behind = end;
        }
    }
    prop_assert!(blank(&all[behind..]), "text behind the last word");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn offsets_point_at_exactly_the_words(
        pieces in prop::collection::vec(
            prop_oneof!["\\PC{0,12}", "(?s).{0,4}", "[A-Z][a-zêë]{1,8}[.!?]? ", "[ \t\u{a0}\u{202f}\u{301}\u{200d}\r\n]{1,3}", Just("Jan van Wyk ".to_owned())],
            0..40,
        ),
        one_sentence: bool,
    ) {
        // A NUL is refused: it shows text in UTF-16.
        let input = pieces.concat().replace('\0', "");
        // Lines in some scripts are refused, and random characters can be columns.
        let is_spaced = |line: &str| gleaner_corpus::text::unspaced_script(line).is_none();
        prop_assume!(input.split('\n').all(is_spaced) && input.split(['\n', '\r']).all(is_spaced));
        let options = if one_sentence { "--input text --format jsonl --one-sentence-per-line" } else { "--input text --format jsonl" };
        offsets_hold(&input, &objects(&predict(options, &input)))?;
        // CoNLL output has the same words and can be read again.
        let conll = predict("--input text", &input);
        for line in conll.lines().filter(|l| !l.is_empty()) {
            prop_assert_eq!(line.split('\t').count(), 2, "{:?}", line);
        }
    }
}

#[test]
fn a_combining_mark_after_white_space_is_a_word_without_the_space() {
    let input = "a \u{301} b\t\u{301}c";
    let sentences = objects(&predict("--format jsonl", input));
    offsets_hold(input, &sentences).unwrap();
    assert_eq!(sentences[0]["tokens"], serde_json::json!(["a", "\u{301}", "b", "\u{301}", "c"]));
}

#[test]
fn what_cannot_be_seen_is_no_word_and_the_output_can_be_read_again() {
    let input = "\u{ad} Jan woon \u{200f}דוד\u{200f} by\u{200b}Sannie\u{feff} .\n\u{200e}\n";
    let sentences = objects(&predict("--input text --format jsonl", input));
    offsets_hold(input, &sentences).unwrap();
    assert_eq!(sentences.len(), 1);
    let words = ["Jan", "woon", "דוד\u{200f}", "by", "Sannie", "."];
    assert_eq!(sentences[0]["tokens"], serde_json::json!(words));
    let sandbox = Sandbox::new();
    for (to, name) in [("conll", "out.conll"), ("csv", "out.csv"), ("conllup", "out.conllup")] {
        sandbox.write(name, predict(&format!("--input text --format {to}"), input));
        sandbox.run(&format!("data convert {name} {to}.jsonl"));
        assert_eq!(sandbox.json(&format!("{to}.jsonl"))["tokens"], sentences[0]["tokens"], "{to}");
    }
}

#[test]
fn jsonl_has_one_object_per_sentence() {
    let input = "Die skrywer Pieter Naudé woon in Brakfontein. Hy werk daar.\n\nMôre reën dit!\n";
    let sentences = objects(&predict("--format jsonl", input));
    let lines: Vec<u64> = sentences.iter().map(|s| s["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 1, 3]);
    let all: Vec<char> = input.chars().collect();
    let mut spans = 0;
    for sentence in &sentences {
        let keys: Vec<&String> = sentence.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["line", "tokens", "tags", "spans", "offsets"]);
        let tags = sentence["tags"].as_array().unwrap();
        let begins = tags.iter().filter(|t| t.as_str().unwrap().starts_with("B-")).count();
        assert_eq!(sentence["spans"].as_array().unwrap().len(), begins);
        for span in sentence["spans"].as_array().unwrap() {
            spans += 1;
            let keys: Vec<&String> = span.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["label", "first", "last", "confidence", "start", "end"]);
            let number = |key: &str| span[key].as_u64().unwrap() as usize;
            assert_eq!(tags[number("first")], format!("B-{}", span["label"].as_str().unwrap()));
            assert!(
                (number("first") + 1..=number("last"))
                    .all(|w| tags[w] == format!("I-{}", span["label"].as_str().unwrap()))
            );
            let tokens = &sentence["tokens"].as_array().unwrap()[number("first")..=number("last")];
            let words: Vec<&str> = tokens.iter().map(|t| t.as_str().unwrap()).collect();
            let text: String = all[number("start")..number("end")].iter().collect();
            assert_eq!(text, words.join(" "));
            assert!((0.0..=1.0).contains(&span["confidence"].as_f64().unwrap()));
        }
    }
    assert!(spans > 0, "the test needs a tagger that finds something");
}

#[test]
fn a_line_is_a_sentence_on_request() {
    let input = "Een. Twee! Drie?\nVier.\n";
    let of = |options: &str| -> Vec<u64> {
        let sentences = objects(&predict(&format!("--format jsonl {options}"), input));
        sentences.iter().map(|s| s["line"].as_u64().unwrap()).collect()
    };
    assert_eq!(of(""), [1, 1, 1, 2]);
    assert_eq!(of("--one-sentence-per-line"), [1, 2]);
}

#[test]
fn text_has_brackets_and_colours_around_entities() {
    let input = "Die skrywer Pieter Naudé woon in Brakfontein.";
    let plain = predict("--format text", input);
    assert_eq!(plain.lines().count(), 1);
    assert!(plain.contains('[') && !plain.contains('\u{1b}'), "{plain}");
    let coloured = predict("--format text --color always", input);
    assert!(coloured.contains('\u{1b}'), "{coloured}");
    assert_eq!(predict("--format text --color never", input), plain);
}
