//! `gleaner data convert`.

use crate::common::{FORMATS, Sandbox, objects};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// A stray inside tag, a type in several words and a word that is a number.
const TEXT: &str =
    "Anna\tB-PER\nBerg\tI-PER\nsings\tO\n\n7\tI-LOC\n.\tO\n\nNew\tB-LOC\nYork\tI-LOC\n";

/// The sentences of a file as the program reads them.
fn sentences(sandbox: &Sandbox, file: &str) -> Vec<Value> {
    sandbox.run(&format!("data convert {file} as-read.jsonl --force"));
    sandbox.text("as-read.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_format_is_written_and_read_back() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", TEXT);
    let read = sentences(&sandbox, "a.conll");
    assert_eq!(read[1], json!({"tokens": ["7", "."], "tags": ["I-LOC", "O"]}), "as in the file");
    // Formats with spans have no stray tags.
    let repaired: Vec<Value> = read
        .iter()
        .cloned()
        .map(|mut sentence| {
            if sentence["tags"][0] == "I-LOC" {
                sentence["tags"][0] = "B-LOC".into();
            }
            sentence
        })
        .collect();
    for (to, extension) in FORMATS {
        let out = format!("{to}.{extension}");
        sandbox.run(&format!("data convert a.conll {out} --to {to}"));
        let again = sentences(&sandbox, &out);
        assert!(again == read || again == repaired, "{to}: {again:?}");
    }
}

#[test]
fn the_extension_gives_the_format_and_what_was_read_is_shown() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", TEXT);
    let (out, err) = sandbox.run("data convert a.conll new/b.parquet");
    assert_snapshot!(out, @"wrote new/b.parquet: Parquet, 3 sentences");
    assert_snapshot!(err, @r#"
read a.conll: CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 3 sentences, IOB2, LOC 2, PER 1, starting Anna/B-PER Berg/I-PER sings/O
note: findings in the text: 1, the first: a.conll:5: I-LOC with no LOC before it, read as B-LOC (`gleaner data inspect --all` lists all)
"#);
    assert_eq!(&sandbox.read("new/b.parquet")[..4], b"PAR1");
    assert_snapshot!(sandbox.fails("data convert a.conll b.docx", 2), @"b.docx: the name does not give a format; add --to FORMAT, one of conll, conll2003, conllup, jsonl, json, doccano, label-studio, label-studio-min, prodigy, parquet, csv, spacy, webanno, brat");
    let (out, _) = sandbox.run("data convert a.conll c.csv --output json");
    let events: Vec<Value> = objects(&out);
    assert_eq!((&events[0]["event"], &events[1]["event"]), (&json!("read"), &json!("written")));
    assert_eq!(events[1]["sentences"], 3);
}

#[test]
fn a_folder_becomes_a_folder_with_the_names_of_the_parts() {
    let sandbox = Sandbox::with_data();
    sandbox.write("val/train.tsv", TEXT);
    sandbox.write("val/val.tsv", TEXT);
    sandbox.run("data convert val b --to doccano");
    assert_eq!(sandbox.files("b"), ["dev.jsonl", "train.jsonl"]);
    sandbox.run("data convert data c");
    assert_eq!(sandbox.read("c/test.conll"), sandbox.read("data/test.conll"));
    sandbox.run("data convert sample:nl d --to spacy");
    assert_eq!(sandbox.files("d"), ["dev.spacy", "test.spacy", "train.spacy"]);
    assert_snapshot!(sandbox.fails("data convert data all.jsonl", 2), @"all.jsonl: data is a folder, so every part gets a file; name a folder to write to");
    assert!(!sandbox.path("all.jsonl").exists());
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let sandbox = Sandbox::with_data();
    sandbox.write("out.jsonl", "mine");
    let args = "data convert data/dev.conll out.jsonl";
    assert_snapshot!(sandbox.fails(args, 2), @"out.jsonl: the file exists; choose another name, or overwrite it with --force");
    assert_eq!(sandbox.text("out.jsonl"), "mine");
    sandbox.run(&format!("{args} --force"));
    assert_ne!(sandbox.text("out.jsonl"), "mine");
    // A part in another format would make the folder ambiguous.
    sandbox.write("b/train.jsonl", "mine");
    assert_snapshot!(sandbox.fails("data convert data b --to conll --force", 2), @"b/train.jsonl: the folder has another part already; choose another folder");
    assert_eq!(sandbox.files("b"), ["train.jsonl"]);
    // The text of brat's annotations is a file too.
    sandbox.write("x.txt", "mine");
    assert!(
        sandbox.fails("data convert data/dev.conll x.ann", 2).starts_with("x.txt: the file exists")
    );
    assert_eq!(sandbox.text("x.txt"), "mine");
    assert!(!sandbox.path("x.ann").exists());
}

#[test]
fn what_a_format_cannot_hold_is_an_error_with_its_line() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"tokens\": [\"a\"], \"tags\": [\"O\"]}\n{\"tokens\": [\"New York\", \"b\\tc\"], \"tags\": [\"B-LOC\", \"O\"]}\n");
    assert_snapshot!(sandbox.fails("data convert a.jsonl a.conll", 3), @r#"a.jsonl: CoNLL cannot represent the word "b\tc" of the sentence at line 2; write JSONL"#);
    assert!(!sandbox.path("a.conll").exists());
    assert_snapshot!(sandbox.fails("data convert a.jsonl b.conll --to conll2003", 3), @r#"a.jsonl: CoNLL cannot represent the word "New York" of the sentence at line 2; write JSONL"#);
}

#[test]
fn malformed_sentences_are_errors_or_skipped_and_reported() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB-PER\n\nOslo\tB_LOC\n\n\tO\nBo\tB-PER\n");
    assert!(sandbox.fails("data convert a.conll a.jsonl", 3).starts_with("a.conll:3: unknown tag"));
    assert!(!sandbox.path("a.jsonl").exists());
    let (_, err) = sandbox.run("data convert a.conll a.jsonl --skip-bad");
    assert!(err.contains("findings in the text: 2 (skipped sentences: 1)"), "{err}");
    assert_eq!(sandbox.text("a.jsonl").lines().count(), 2);
}

#[test]
fn offsets_are_written_in_the_unit_that_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "😀\tO\nAnna\tB-PER\n");
    let label = |options: &str| {
        sandbox.run(&format!("data convert a.conll a.jsonl --to doccano --force {options}"));
        let row: Value =
            serde_json::from_str(sandbox.text("a.jsonl").lines().next().unwrap()).unwrap();
        row["label"][0][0].clone()
    };
    assert_eq!(label(""), 2);
    assert_eq!(label("--to-offsets utf16"), 3);
    // Read in UTF-16, written in UTF-16.
    sandbox.write("u.jsonl", "{\"text\":\"😀 Anna\",\"label\":[[3,7,\"PER\"]]}\n");
    sandbox.run("data convert u.jsonl v.jsonl --to doccano --offsets utf16");
    assert!(sandbox.text("v.jsonl").contains("[3,7,\"PER\"]"), "{}", sandbox.text("v.jsonl"));
    // brat counts characters, whatever is asked for.
    let error = sandbox.fails("data convert a.conll a.ann --to-offsets utf16", 2);
    assert!(error.starts_with("--to-offsets: no effect on brat"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_pipe_is_not_replaced_by_a_file() {
    use std::{fs, os::unix::fs::FileTypeExt, process::Command};
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB-PER\n");
    let pipe = sandbox.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = sandbox.fails("data convert a.conll pipe --to jsonl --force", 2);
    assert!(error.contains("pipe: is not a regular file"), "{error}");
    assert!(fs::metadata(pipe).unwrap().file_type().is_fifo());
}

#[test]
fn spans_of_broken_tags_are_those_of_the_default_mode_and_counted() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", TEXT);
    let note = "entities whose tags break the scheme: 1; ";
    for (to, extension) in FORMATS {
        let out = format!("{to}.{extension}");
        let (_, err) = sandbox.run(&format!("data convert a.conll {out} --to {to}"));
        let has_spans =
            ["doccano", "label-studio", "label-studio-min", "prodigy", "spacy", "webanno", "brat"]
                .contains(&to);
        assert_eq!(err.contains(note), has_spans, "{to}: {err}");
        let (out, _) =
            sandbox.run(&format!("data convert a.conll {out} --to {to} --force --output json"));
        assert_eq!(objects(&out)[1].get("repaired").cloned(), has_spans.then(|| json!(1)), "{to}");
    }
    let (_, err) = sandbox.run("data convert a.conll b.jsonl --to doccano");
    assert_snapshot!(err.lines().last().unwrap(), @"note: b.jsonl: entities whose tags break the scheme: 1; doccano has spans instead of tags, so they are written as seqeval's default mode reads them");
    // The stray tag is an entity.
    assert!(sandbox.text("b.jsonl").contains("{\"text\":\"7 .\",\"label\":[[0,1,\"LOC\"]]"));
    // Tags of several entities, and none where the tags are valid.
    sandbox.write("c.conll", "a\tI-X\nb\tI-X\nc\tI-Y\n\nd\tB-X\ne\tI-Y\nf\tB-X\ng\tB-X\nh\tB-Y\n");
    assert!(sandbox.run("data convert c.conll c.spacy").1.contains("break the scheme: 3; "));
    sandbox.write("d.conll", "a\tB-X\nb\tI-X\n");
    assert!(!sandbox.run("data convert d.conll d.spacy").1.contains("break the scheme"));
}

#[test]
fn a_folder_without_a_training_part_keeps_the_others() {
    let sandbox = Sandbox::new();
    sandbox.write("held/dev.conll", TEXT);
    sandbox.write("held/test.conll", "Bo\tB-PER\n");
    sandbox.run("data convert held out --to jsonl");
    assert_eq!(sandbox.files("out"), ["dev.jsonl", "test.jsonl"]);
    let read = objects(&sandbox.run("data inspect held --output json").0);
    let paths: Vec<&Value> = read.iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["held/dev.conll", "held/test.conll"]);
}

#[test]
fn files_of_brat_have_the_whole_name() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", TEXT);
    for out in ["corpus-1.2", "b.ann", "c"] {
        sandbox.run(&format!("data convert a.conll new/{out} --to brat"));
    }
    let files = ["b.ann", "b.txt", "c.ann", "c.txt", "corpus-1.2.ann", "corpus-1.2.txt"];
    assert_eq!(sandbox.files("new"), files);
}
