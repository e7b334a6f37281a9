use crate::PieceTokenizer;
use serde_json::{Value, json};
use std::path::Path;

/// The message about the sample tokenizer after a change, or nothing if it is accepted.
fn said(change: impl Fn(&mut Value)) -> String {
    let mut description: Value = serde_json::from_str(gleaner_sample::encoder().tokenizer).unwrap();
    change(&mut description);
    refused(&description)
}

fn refused(description: &Value) -> String {
    let read =
        PieceTokenizer::new(Path::new("tokenizer.json"), description.to_string().as_bytes(), false);
    let Err(error) = read else { return String::new() };
    let message = error.to_string();
    let end = "; use the tokenizer.json of a BERT-family encoder";
    let what = message.strip_prefix("tokenizer.json: ").and_then(|what| what.strip_suffix(end));
    what.unwrap_or_else(|| panic!("{message}")).to_owned()
}

#[test]
fn catastrophic_patterns() {
    let split = |pattern: &str| json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": false});
    let replace =
        |pattern: &str| json!({"type": "Replace", "pattern": {"Regex": pattern}, "content": " "});
    let says = "the pattern `(a+)+(?=b)` repeats alternatives or a repetition, so that some words would take years";
    assert_eq!(said(|d| d["pre_tokenizer"] = split("(a+)+(?=b)")), says);
    assert_eq!(said(|d| d["normalizer"] = replace("(a+)+(?=b)")), says);
    let nested = |step: Value| json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, step]});
    assert_eq!(said(|d| d["pre_tokenizer"] = nested(nested(split("(a+)+(?=b)")))), says);
    let says = "the pattern `x{1000000}` repeats something more than 99 times";
    assert_eq!(said(|d| d["pre_tokenizer"] = split("x{1000000}")), says);
    let long = "x|".repeat(600);
    assert_eq!(
        said(|d| d["pre_tokenizer"] = split(&long)),
        "its patterns have more than 1024 bytes"
    );
    // Many short ones count together.
    let many = json!({"type": "Sequence", "pretokenizers": vec![split(&"x|".repeat(300)); 2]});
    assert_eq!(
        said(|d| d["pre_tokenizer"] = many.clone()),
        "its patterns have more than 1024 bytes"
    );
    assert_eq!(said(|d| d["pre_tokenizer"] = split("a+(?=b)")), "");
}

#[test]
fn steps_that_end_the_program() {
    let rules = json!({"type": "Precompiled", "precompiled_charsmap": "BAAAAAD8//8="});
    let broken = "its rules for the replacement of characters are broken";
    assert_eq!(said(|d| d["normalizer"] = rules.clone()), broken);
    // Without its type the crate reads the step too.
    let untyped =
        json!({"type": "Sequence", "normalizers": [{"precompiled_charsmap": "AAAAAA=="}]});
    assert_eq!(said(|d| d["normalizer"] = untyped.clone()), broken);
    // A size that would reserve gigabytes.
    let huge = json!({"type": "Precompiled", "precompiled_charsmap": "/////w=="});
    assert_eq!(said(|d| d["normalizer"] = huge.clone()), broken);
    let parts = json!({"type": "FixedLength", "length": 0});
    assert_eq!(
        said(|d| d["pre_tokenizer"] = parts.clone()),
        "it cuts words into parts of length 0"
    );
    let long = "x".repeat(1_000_000);
    let says = "it adds a text of 1000000 bytes to words (at most 64)";
    let replace = json!({"type": "Replace", "pattern": {"String": "a"}, "content": long});
    assert_eq!(said(|d| d["normalizer"] = replace.clone()), says);
    assert_eq!(said(|d| d["normalizer"] = json!({"type": "Prepend", "prepend": long})), says);
}

#[test]
fn templates_that_end_the_program() {
    let special = json!({"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}});
    let template = |single: Value| json!({"type": "TemplateProcessing", "single": single, "pair": [], "special_tokens": special});
    let sequence = |id: &str| json!({"Sequence": {"id": id, "type_id": 0}});
    let token = |id: &str| json!({"SpecialToken": {"id": id, "type_id": 0}});
    let of = |single: Value| said(|d| d["post_processor"] = template(single.clone()));
    let says = "its template has \"[SEP]\", which is not among its special tokens";
    assert_eq!(of(json!([token("[CLS]"), sequence("A"), token("[SEP]")])), says);
    assert_eq!(
        of(json!([token("[CLS]"), sequence("B"), token("[CLS]")])),
        "its template of one sentence has a second one"
    );
    assert_eq!(of(json!([token("[CLS]"), sequence("A"), token("[CLS]")])), "");
    let nested = json!({"type": "Sequence", "processors": [template(json!([token("[X]")]))]});
    let says = "its template has \"[X]\", which is not among its special tokens";
    assert_eq!(said(|d| d["post_processor"] = nested.clone()), says);
}

#[test]
fn tokens_that_take_the_same_space() {
    let strips = |sides: [(&'static str, usize); 2]| {
        said(|d| sides.iter().for_each(|(side, at)| d["added_tokens"][*at][*side] = json!(true)))
    };
    let says = "its added tokens could take the same space (`lstrip` and `rstrip`)";
    assert_eq!(strips([("lstrip", 0), ("rstrip", 1)]), says);
    assert_eq!(strips([("lstrip", 0), ("lstrip", 1)]), "");
}

#[test]
fn models_that_end_the_program_or_change_their_mind() {
    let bpe = |key: &str, value: Value| {
        let mut model = json!({
            "type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "[CLS]": 3, "[SEP]": 4}, "merges": [["a", "b"]]
        });
        model[key] = value;
        said(|d| d["model"] = model.clone())
    };
    let says = "its dropout of 0.1 could split the same word differently each time; set it to null";
    assert_eq!(bpe("dropout", json!(0.1)), says);
    assert_eq!(bpe("dropout", json!(0.0)), "");
    let says = "a merge has no `continuing_subword_prefix`";
    assert_eq!(bpe("continuing_subword_prefix", json!("##")), says);
    let long = "x".repeat(65);
    let says = "it adds a text of 65 bytes to words (at most 64)";
    for key in ["continuing_subword_prefix", "end_of_word_suffix", "unk_token"] {
        assert_eq!(bpe(key, json!(long)), says);
    }
    assert_eq!(
        said(|d| d["model"]["max_input_chars_per_word"] = json!(1u64 << 40)),
        "it cuts words of 1099511627776 characters (at most 1000)"
    );
    let unigram = |pieces: Value| {
        said(|d| {
            d["model"] =
                json!({"type": "Unigram", "unk_id": 0, "vocab": pieces, "byte_fallback": false})
        })
    };
    // A tree of a million levels, whose recursive drop would overflow the stack.
    let deep = json!([["<unk>", 0.0], ["x".repeat(1_000_000), -1.0]]);
    assert_eq!(unigram(deep), "it has a piece of 1000000 bytes (at most 1024)");
    assert!(unigram(json!([["<unk>", 0.0], ["", 1.0], ["a", -1.0], ["b", -1.0]])).is_empty());
    assert!(unigram(json!([])).starts_with("not a tokenizer ("));
}

#[test]
fn what_the_crate_reads_otherwise_is_refused() {
    // Of two values of a key one program takes the first, another one the last.
    let tokenizer = gleaner_sample::encoder().tokenizer.replacen('{', "{\"normalizer\": null,", 1);
    let error =
        PieceTokenizer::new(Path::new("t"), tokenizer.as_bytes(), false).err().unwrap().to_string();
    assert!(error.starts_with("t: not a tokenizer (duplicate field `normalizer`"), "{error}");
    let deep = gleaner_sample::encoder().tokenizer.replacen(
        '{',
        &format!("{{\"x\": {}{},", "[".repeat(200_000), "]".repeat(200_000)),
        1,
    );
    assert!(
        PieceTokenizer::new(Path::new("t"), deep.as_bytes(), false)
            .err()
            .is_some_and(|e| !e.to_string().contains('\n'))
    );
}
