//! What the program shows of how files were read, and its warnings about the parts of a data set.

use crate::common::{Sandbox, objects};
use insta::assert_snapshot;
use serde_json::{Value, json};

const TRAIN: &str = "TOKEN\tNE\nfo:Jógvan\tB-PER\nfo:býr\tO\n\nfo:Tórshavn\tB-LOC\n";

fn messages(value: &Value) -> Vec<&str> {
    let all = value["warnings"].as_array().unwrap();
    all.iter().map(|warning| warning["message"].as_str().unwrap()).collect()
}

#[test]
fn inspect_shows_format_columns_and_first_sentence() {
    let sandbox = Sandbox::new();
    sandbox.write("train.tsv", TRAIN);
    assert_snapshot!(sandbox.run("data inspect train.tsv").0, @r#"
train.tsv
  format                CoNLL (by its name)
                        line 1 is a header (TOKEN, NE)
                        words in column 1 (named by the header), tags in column 2 (the last column) of 2
                        fo: before every word is a language code
  first sentence        Jógvan/B-PER býr/O
  tag scheme            IOB2
  sentences             2
  words                 3 (1.5 per sentence, 2 in the longest, line 2)
  entities              2 (LOC 1, PER 1)
  without entities      0 sentences
  repeated sentences    0
  problems              none
"#);
    let read = objects(&sandbox.run("data inspect train.tsv --output json").0).remove(0);
    assert_eq!(read["format"], "conll");
    assert_eq!(read["first"], json!([["Jógvan", "B-PER"], ["býr", "O"]]));
    assert_eq!(read["choices"][0], "line 1 is a header (TOKEN, NE)");
}

#[test]
fn columns_in_a_text_file_are_recognised() {
    let sandbox = Sandbox::new();
    sandbox.write("tagged.txt", "Anna O\nwoon O\nin O\nBos B-LOC\n");
    let read = objects(&sandbox.run("data inspect tagged.txt --output json").0).remove(0);
    assert_eq!((&read["format-reason"], &read["sentences"]), (&json!("by its name"), &json!(1)));
}

#[test]
fn plain_text_is_shown_as_such() {
    let sandbox = Sandbox::new();
    sandbox.write("letter.txt", "J. R. R. Tolkien lived in St. Gallen. Anna did not.\nBo sings.\n");
    let (out, _) = sandbox.run("data inspect letter.txt");
    assert_snapshot!(out, @r"
letter.txt
  format                plain text (no columns or labels found)
  first sentence        J . R . R . Tolkien lived in St . Gallen ...
  tag scheme            unlabelled
  sentences             3
  words                 20 (6.7 per sentence, 13 in the longest, line 1)
  repeated sentences    0
  problems              none
");
    let read = objects(&sandbox.run("data inspect letter.txt --output json").0).remove(0);
    assert_eq!((&read["format"], &read["sentences"]), (&json!("text"), &json!(3)));
    // Columns that are asked for are looked for.
    assert!(sandbox.fails("data inspect letter.txt --tag-column 2", 3).starts_with("letter.txt:"));
    // A text beside brat's annotations is not plain.
    sandbox.write("letter.ann", "T1\tPER 0 16\tJ. R. R. Tolkien\n");
    let read = objects(&sandbox.run("data inspect letter.txt --output json").0).remove(0);
    assert_eq!((&read["format"], &read["entities"]["PER"]), (&json!("brat"), &json!(1)));
}

#[test]
fn suspicious_parts_are_warnings() {
    let sandbox = Sandbox::new();
    sandbox.write("a/train.tsv", "Anna\tO\nwoon\tO\n");
    sandbox.write("a/dev.tsv", "Anna\tB-PER\n");
    let (out, _) = sandbox.run("data inspect a");
    let warnings: Vec<&str> = out.lines().filter(|line| line.starts_with("warning:")).collect();
    assert_snapshot!(warnings.join("\n"), @r#"
warning: a/train.tsv: the training text has no entity; check its tags and the column of the tags
warning: type PER occurs in dev (1 entity) but not in train, so it cannot be learnt; map it, or check the files
warning: no test part; expected a file named test or testb
"#);
    let objects_of = |args: &str| objects(&sandbox.run(args).0);
    let found = objects_of("data inspect a --output json").pop().unwrap();
    assert_eq!(found["event"], "warnings");
    assert_eq!(messages(&found).len(), 3);
    assert_eq!(found["warnings"][1]["entity-type"], "PER");
    // Files named as parts are compared too, but no part is missing.
    let found = objects_of("data inspect a/train.tsv a/dev.tsv --output json").pop().unwrap();
    assert_eq!(messages(&found).len(), 2);
    let found = objects_of("data audit a --deny none --output json");
    assert_eq!(messages(&found[0]).len(), 3);
    assert_eq!(found[0]["files"][1]["first"], json!([["Anna", "B-PER"]]));
    sandbox.write("a/test.tsv", "Anna\tB-PER\n");
    let found = objects_of("data inspect a --output json").pop().unwrap();
    assert!(messages(&found)[3].contains("a/test.tsv has the same content as a/dev.tsv"));
}

#[test]
fn a_training_shows_each_file_in_a_line() {
    let sandbox = Sandbox::new();
    sandbox.write("a/train.txt", "Anna B-PER\nsings O\n\nBo B-PER\nhums O\n\nEva B-PER\n");
    sandbox.write("a/val.txt", "Ida B-PER\nsings O\n\nOslo B-LOC\n");
    sandbox.write("a/test.txt", "Una B-PER\nsings O\n");
    sandbox.write("pool.txt", "Ina O\nwoon O\nin O\nBos B-LOC\n");
    sandbox.write("archive.txt", "Jan woon in Bos. Sy ook.\n");
    let (_, err) = sandbox.train("out", "--data a --pool pool.txt archive.txt --epochs 1");
    let shown: Vec<&str> = err
        .lines()
        .filter(|line| line.starts_with("read ") || line.starts_with("warning:"))
        .collect();
    assert_snapshot!(shown.join("\n"), @r#"
read a/train.txt (train): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 3 sentences, IOB2, PER 3, starting Anna/B-PER sings/O
read a/val.txt (dev): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 2 sentences, IOB2, LOC 1, PER 1, starting Ida/B-PER sings/O
read a/test.txt (test): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 1 sentence, IOB2, PER 1, starting Una/B-PER sings/O
read pool.txt (pool): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 1 sentence, IOB2, LOC 1, starting Ina/O woon/O in/O Bos/B-LOC
read archive.txt (pool): plain text (no columns or labels found); 2 sentences, starting Jan woon in Bos ...
warning: type LOC occurs in dev (1 entity) but not in train, so it cannot be learnt; map it, or check the files
"#);
    let (out, _) = sandbox.train("json", "--data a --epochs 1 --output json");
    let start = &objects(&out)[0];
    assert_eq!(start["files"][1]["path"], "a/val.txt");
    assert_eq!(start["files"][1]["role"], "dev");
    assert_eq!(messages(start).len(), 1);
}

#[test]
fn a_joined_corpus_has_types_that_the_main_one_lacks() {
    let sandbox = Sandbox::new();
    sandbox.write("a/train.conll", "Anna B-PER\nsings O\n\nBo B-PER\n");
    sandbox.write("a/dev.conll", "Oslo B-LOC\nsings O\n");
    sandbox.write("b/train.conll", "Bergen B-LOC\n");
    let warnings = |args: &str| {
        let out = sandbox.train(
            &format!("out{}", args.len()),
            &format!("--data a {args} --epochs 1 --output json"),
        );
        messages(&objects(&out.0)[0]).len()
    };
    assert_eq!(warnings(""), 2, "LOC, and no test part");
    assert_eq!(warnings("--join b"), 1);
    // Parts that are joined and split again are not compared.
    assert_eq!(warnings("--split folds --folds 3"), 0);
}

#[test]
fn a_plan_shows_how_texts_are_read_also_when_they_are_known() {
    let sandbox = Sandbox::with_data();
    sandbox.write("study.toml", "encoder = \"sample:tiny\"\nseeds = [1]\n[languages.xx]\ndata = \"data\"\nlabel-map = { PER = \"PER\", LOC = \"LOC\", \"*\" = \"O\" }\n");
    let plan = || objects(&sandbox.run("study plan study.toml --output json").0);
    let text = plan().remove(0);
    assert_eq!((&text["event"], &text["language"]), (&json!("text"), &json!("xx")));
    assert_eq!(text["files"].as_array().unwrap().len(), 3);
    assert_eq!(text["files"][0]["path"], "data/train.conll");
    std::fs::create_dir(sandbox.path("study-results")).unwrap();
    assert_eq!(plan().remove(0), text);
    assert_eq!(plan().remove(0), text, "from the cache");
    let (out, _) = sandbox.run("study plan study.toml");
    assert!(
        out.starts_with(
            "xx: read data/train.conll (train): CoNLL (by its name); words in column 1"
        ),
        "{out}"
    );
}

#[test]
fn characters_that_control_a_terminal_are_escaped() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "An\u{1b}[31mna\tB-PER\nis\u{202e}\tO\n");
    let (out, _) = sandbox.run("data inspect a.conll");
    assert!(out.contains(r"An\u{1b}[31mna/B-PER is\u{202e}/O"), "{out}");
    assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    let read = objects(&sandbox.run("data inspect a.conll --output json").0).remove(0);
    assert_eq!(read["first"][0][0], "An\u{1b}[31mna");
    sandbox.write("b\u{1b}[31m.conll", "Anna\n");
    let mut command = sandbox.command("data inspect");
    let output = command.arg("b\u{1b}[31m.conll").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().starts_with(r"error: b\u{1b}[31m.conll:1: "));
}
