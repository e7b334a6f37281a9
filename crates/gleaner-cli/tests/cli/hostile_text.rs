//! Text that is made to harm: words and sentences without an end, JSON of any depth, and words that a spreadsheet would
//! run.

use crate::common::{Sandbox, objects, tagger};
use serde_json::{Value, json};

/// Number of bytes of a word that fills a line.
const LONG: usize = 10_000_000;
/// Number of words of a long sentence.
const WORDS: usize = 100_000;
/// Number of brackets within each other.
const DEPTH: usize = 100_000;

/// The options of a training on `train.conll`, with the two sentences of `dev.conll` as dev and test part.
const TRAIN: &str = "--train train.conll --dev dev.conll --test dev.conll --epochs 1";

/// The command that adapts an encoder to `line.txt`.
const ADAPT: &str = "adapt --encoder sample:tiny --text line.txt --length 64 --batch 8 --steps 2 --out adapted --threads 2";

/// With a small text, `dev.conll`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("dev.conll", "Oslo\tB-LOC\n\nAnna\tB-PER\nhums\tO\n");
    sandbox
}

/// A line of any length takes time in proportion to its length. With more, this test would not end.
#[test]
fn a_word_of_ten_megabytes_is_labelled_trained_on_and_adapted_to() {
    let sandbox = sandbox();
    let word = "a".repeat(LONG);
    sandbox.write("line.txt", format!("{word}\n"));
    let args = format!("predict {} line.txt --format jsonl --threads 2", tagger().display());
    let (out, _) = sandbox.run(&args);
    let sentences = objects(&out);
    assert_eq!(sentences.len(), 1);
    assert!(sentences[0]["tokens"] == json!([word]), "the word was changed");
    assert_eq!(sentences[0]["offsets"], json!([[0, LONG]]));

    sandbox.write("train.conll", format!("{word}\tO\n\nBo\tB-PER\nsings\tO\n"));
    let (_, err) = sandbox.train("out", TRAIN);
    // What was read is shown, but not all of it.
    assert!(err.contains("read train.conll (train): CoNLL (by its name)"), "{err:.5000}");
    assert!(err.contains(" bytes left out) … ") && err.len() < 20_000, "{err:.5000}");

    let (_, err) = sandbox.run(ADAPT);
    let expected = "line.txt: 1 sentences to train on (1 pieces), 0 held out, 0 excluded\n";
    assert!(err.starts_with(expected), "{err:.5000}");
}

#[test]
fn an_error_with_a_tag_of_ten_megabytes_is_a_short_line() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", format!("Anna\tB-PER\nin\t{}\n", "b".repeat(LONG)));
    let message = sandbox.refuses("--train a.conll", 3);
    assert!(message.len() < 6000, "{} bytes", message.len());
    assert!(message.starts_with("a.conll:2: unknown tag \"bbb"), "{message}");
    assert!(message.contains(" bytes left out) … bbb"), "{message}");
    let fix = "bbb\"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER";
    assert!(message.ends_with(fix), "{message}");
    assert_eq!(sandbox.fails("data inspect a.conll", 3), message);
}

#[test]
fn a_sentence_of_a_hundred_thousand_words_is_labelled_and_cut_where_it_is_trained_on() {
    let sandbox = sandbox();
    sandbox.write("train.conll", format!("{}\nBo\tB-PER\nsings\tO\n", "woord\tO\n".repeat(WORDS)));
    let args = format!("predict {} train.conll --threads 2", tagger().display());
    let (out, err) = sandbox.run(&args);
    assert!(err.contains("100,002 words in "), "{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), WORDS + 4, "two sentences, each with a line end");
    let is_labelled = |line: &&str| {
        let tag = line.strip_prefix("woord\tO\t").unwrap_or_default();
        tag == "O" || tag.starts_with("B-") || tag.starts_with("I-")
    };
    assert!(lines[..WORDS].iter().all(is_labelled));
    assert_eq!(lines[WORDS], "");

    let (_, err) = sandbox.train("out", TRAIN);
    // 63 words of two pieces fit.
    let note = "note: 1 training sentences exceed the maximum length and were cut; 99937 words are not trained on\n";
    assert!(err.contains(note), "{err}");

    sandbox.write("line.txt", "woord ".repeat(WORDS) + "\n");
    let (_, err) = sandbox.run(ADAPT);
    let expected = "line.txt: 1 sentences to train on (200,000 pieces), 0 held out, 0 excluded\n";
    assert!(err.starts_with(expected), "{err}");
}

#[test]
fn json_of_any_depth_is_an_error_in_every_format() {
    let sandbox = Sandbox::new();
    let tagger = tagger().display();
    let deep = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    for (format, name, start, end) in [
        ("jsonl", "a.jsonl", "{\"tokens\": ", "}"),
        ("json", "a.json", "[{\"tokens\": [\"a\"], \"tags\": ", "}]"),
        ("doccano", "b.jsonl", "{\"text\": \"Anna sings\", \"label\": ", "}"),
        ("prodigy", "c.jsonl", "{\"text\": \"Anna sings\", \"spans\": ", "}"),
        (
            "label-studio",
            "b.json",
            "[{\"data\": {\"text\": \"Anna sings\"}, \"annotations\": ",
            "}]",
        ),
        ("label-studio-min", "c.json", "[{\"text\": \"Anna sings\", \"label\": ", "}]"),
    ] {
        sandbox.write(name, format!("{start}{deep}{end}\n"));
        // Columns count from the start of the object, which is one of 128 levels.
        let column = start.trim_start_matches('[').len() + 127;
        let expected = format!(
            "{name}:1: recursion limit exceeded (column {column}); expected a JSON object with `tokens` and `tags`, \
             or with `text` and `spans`"
        );
        let inspected = sandbox.fails(&format!("data inspect {name} --format {format}"), 3);
        assert_eq!(inspected, expected, "{format}");
        let args = format!("predict {tagger} {name} --input {format} --output quiet");
        assert_eq!(sandbox.fails(&args, 3), expected, "{format}");
        assert_eq!(sandbox.refuses(&format!("--train {name}"), 3), expected, "{format}");
    }
    sandbox.write("open.json", "[".repeat(DEPTH));
    assert_eq!(
        sandbox.refuses("--train open.json", 3),
        "open.json:1: damaged JSON array (EOF while parsing a list, column 100000); export it again, or write one \
         object per line"
    );
    let good = "{\"tokens\": [\"Anna\"], \"tags\": [\"B-PER\"]}\n";
    sandbox.write("one.jsonl", format!("{good}{{\"tokens\": {deep}}}\n"));
    let (out, _) = sandbox.run("data inspect one.jsonl --skip-bad");
    let skipped = "one.jsonl:2: sentence skipped: recursion limit exceeded (column 138); expected a JSON object";
    assert!(out.contains(skipped), "{out}");
}

/// A spreadsheet takes such words for formulas. A corpus is read back as it was written all the same.
#[test]
fn words_that_are_formulas_are_the_same_after_csv() {
    let sandbox = Sandbox::new();
    let words =
        ["=1+1", "+1", "-1+2", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")", "=1;2", "'=1", "="];
    let tags = ["B-PER", "I-PER", "I-PER", "O", "B-LOC", "O", "O", "O"];
    let sentence = json!({"tokens": words, "tags": tags});
    sandbox.write("a.jsonl", format!("{sentence}\n"));
    sandbox.run("data convert a.jsonl a.csv");
    let csv = sandbox.text("a.csv");
    assert_eq!(csv.lines().nth(1), Some("Sentence: 1,=1+1,_,B-PER"), "{csv}");
    sandbox.run("data convert a.csv b.jsonl");
    let back: Value = serde_json::from_str(&sandbox.text("b.jsonl")).unwrap();
    assert_eq!(back, sentence);
}
