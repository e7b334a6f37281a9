//! `gleaner data audit`.

use crate::common::{Sandbox, objects};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::path::Path;

const TRAIN: &str = "Anna\tB-PER\nsings\tO\n\nthe\tO\n''Oslo''\tB-LOC\nline\tO\n\nBo\tB-PERS\n\n\
                     the\tO\n''Oslo''\tB-ORG\nline\tO\n\nNobody\tO\nexpected\tO\nsuch\tO\nrain\tO\nin\tO\nMay\tO\n";
const TEST: &str =
    "Anna\tB-PER\nsings\tO\n\nNobody\tO\nexpected\tO\nsuch\tO\nrain\tO\nin\tO\nmay\tO\n";

/// With the folder `faulty`, which has many issues, and the folder `other`, which repeats one of its sentences.
fn faulty() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("faulty/train.conll", TRAIN);
    sandbox.write("faulty/test.conll", TEST);
    sandbox.write("other/train.conll", "Anna\tB-PER\nsings\tO\n\n漢\tO\nor\tO\nso\tO\n");
    sandbox
}

/// Runs an audit; gives standard output and the exit code.
fn audit(sandbox: &Sandbox, args: &str) -> (String, i32) {
    let output = sandbox.command(&format!("data audit {args}")).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code().unwrap())
}

#[test]
fn human_output_is_a_table_with_the_first_issues() {
    let sandbox = faulty();
    assert_snapshot!("audit", audit(&sandbox, "faulty other --encoder sample:tiny").0);
    let all = audit(&sandbox, "faulty other --encoder sample:tiny --all").0;
    assert!(!all.contains("--all lists them"), "{all}");
}

#[test]
fn json_output_has_every_issue_with_its_places() {
    let (out, code) = audit(&faulty(), "faulty other --encoder sample:tiny --output json");
    let objects = objects(&out);
    let of = |event: &str| objects.iter().filter(|o| o["event"] == event).collect::<Vec<_>>();
    assert_eq!((of("data-set").len(), code), (2, 6));
    let kinds = json!({"leak": 1, "contradictory-tags": 1, "dev-test-duplicate": 0, "cross-duplicate": 1,
        "near-leak": 1, "label-names": 1, "markup": 2, "duplicate": 1, "near-duplicate": 0,
        "cross-near-duplicate": 0, "no-context": 1, "unknown-pieces": 1});
    assert_eq!(of("audit"), [&json!({"event": "audit", "faults": kinds, "denied": 2})]);
    let faults = of("fault");
    assert_eq!(faults.len(), 10);
    let leak = json!({"event": "fault", "kind": "leak", "severity": "error",
        "file": "faulty/test.conll", "line": 1, "part": "test",
        "other": {"file": "faulty/train.conll", "line": 1, "part": "train"},
        "detail": "also in train, at faulty/train.conll:1", "text": "Anna sings"});
    assert_eq!(*faults[0], leak);
    let has_place = |fault: &&&Value| fault["file"].is_string() && fault["line"].as_u64() > Some(0);
    assert_eq!(faults.iter().filter(has_place).count(), faults.len());
}

#[test]
fn the_exit_code_depends_on_the_denied_kinds() {
    let sandbox = faulty();
    let denied = |args: &str| {
        let output = sandbox.command(&format!("data audit faulty {args} --output quiet")).output();
        let output = output.unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, says) = denied("");
    assert_eq!(code, 6);
    assert_snapshot!(says, @"error: the audit found issues of a --deny kind: leak: 1, contradictory-tags: 1; fix the text, or change --deny");
    assert_eq!(denied("--deny none"), (0, String::new()));
    assert_eq!(denied("--deny dev-test-duplicate").0, 0);
    assert_eq!(denied("--deny unknown-pieces --encoder sample:tiny").0, 0);
    for (kind, option) in
        [("unknown-pieces", "encoder FOLDER"), ("doubtful-tags", "cross-validate")]
    {
        let (code, says) = denied(&format!("--deny leak,{kind}"));
        let what = format!("--deny {kind}: this check is not enabled; add --{option}");
        assert!(code == 2 && says.contains(&what), "{says}");
    }
    assert!(denied("--deny near-leak,markup").1.contains(": near-leak: 1, markup: 2;"));
    assert_eq!(denied("--similarity 1 --deny near-leak").0, 6);
    let (code, says) = denied("--deny leaks");
    assert!(
        code == 2 && says.contains("unknown kind of issue `leaks`; the kinds are leak, "),
        "{says}"
    );
}

#[test]
fn a_clean_corpus_has_no_issues() {
    let sandbox = Sandbox::with_data();
    let (out, _) = sandbox.run("data audit data --encoder sample:tiny --similarity 0.9");
    assert_snapshot!(out, @r#"
data: 48 train, 10 dev, 10 test sentences
  data/train.conll (train): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 48 sentences, IOB2, LOC 25, ORG 19, PER 25, starting Weens/O swaar/O reën/O kon/O ...
  data/dev.conll (dev): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 10 sentences, IOB2, LOC 12, ORG 4, PER 5, starting Volgens/O die/O Italiaanse/O historikus/O ...
  data/test.conll (test): CoNLL (by its name); words in column 1 (the first column), tags in column 2 (the last column) of 2; 10 sentences, IOB2, LOC 2, ORG 4, PER 7, starting Die/O Kwartelburgse/O plantkundige/O Zacharias/B-PER ...

No issues found.
Not checked: doubtful-tags (needs --encoder with --cross-validate)
"#);
}

#[test]
fn a_split_is_audited_as_training_splits_it() {
    let sandbox = Sandbox::with_data();
    let joined = ["data/train.conll", "data/dev.conll", "data/test.conll"].map(|f| sandbox.read(f));
    sandbox.write("data/train.conll", joined.concat());
    let (out, code) = audit(&sandbox, "data --split 80-10-10 --cutoff 80 --output json");
    let objects = objects(&out);
    assert_eq!((objects[0]["train"].as_u64(), objects[0]["test"].as_u64()), (Some(64), Some(8)));
    let (files, _) =
        sandbox.train("out", "--data data --epochs 1 --split 80-10-10 --cutoff 80 --output json");
    let notes = &crate::common::objects(&files)[0]["notes"];
    // No sentence occurs more than twice, so each leak is one training sentence.
    let leaks = objects.iter().filter(|o| o["kind"] == "leak").count();
    let dropped = format!("{leaks} training sentences also occur in dev or test and were dropped");
    assert_eq!((notes, code), (&json!([dropped]), 6));
    assert!(leaks > 0);
}

#[test]
fn taggers_contradict_a_wrong_tag() {
    let names = ["Anna", "Bo", "Cato", "Dina", "Ewald", "Frits", "Gerda", "Hanna"];
    let places = ["Oslo", "Bergen", "Brakpan", "Lier", "Moss", "Skien", "Horten", "Halden"];
    let sandbox = Sandbox::new();
    let mut text = String::new();
    let mut wrong = 0;
    for verb in ["lives", "works"] {
        for name in names {
            for place in places {
                let planted = (verb, name, place) == ("works", "Dina", "Moss");
                if planted {
                    wrong = text.lines().count() + 4;
                }
                let tag = if planted { "PER" } else { "LOC" };
                text += &format!("{name}\tB-PER\n{verb}\tO\nin\tO\n{place}\tB-{tag}\n.\tO\n\n");
            }
        }
    }
    sandbox.write("train.conll", text);
    let quick = [
        "head = 'crf'",
        "batch = 4",
        "rate-encoder = 1e-3",
        "rate-linear = 0.01",
        "rate-crf = 0.01",
    ];
    sandbox.write("quick.toml", quick.join("\n"));
    let args = "train.conll --encoder sample:tiny --cross-validate 2 --config quick.toml --epochs 8 \
                --threads 2 --output json --deny doubtful-tags";
    let (out, code) = audit(&sandbox, args);
    let objects = objects(&out);
    let trained: Vec<&Value> = objects.iter().filter(|o| o["event"] == "trained").collect();
    assert_eq!(trained[1]["name"], "train.conll, fold 2 of 2");
    let doubtful: Vec<&Value> = objects.iter().filter(|o| o["kind"] == "doubtful-tags").collect();
    assert_eq!((doubtful.len(), code), (1, 6), "{doubtful:?}");
    assert_eq!(doubtful[0]["line"], wrong);
    assert!(doubtful[0]["score"].as_f64() > Some(0.9));
    let detail = doubtful[0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("“Moss” is tagged B-PER; taggers predict B-LOC ("), "{detail}");
}

#[test]
fn text_that_cannot_be_audited_is_an_error() {
    let sandbox = faulty();
    let says = sandbox.fails("data audit no-such-folder", 1);
    assert_eq!(says, "no-such-folder: no such file or folder; check the path");
    let says = sandbox.fails("data audit faulty faulty/", 2);
    assert_eq!(says, "faulty/: this data set is named twice; name each once");
    sandbox.write("glued.jsonl", "{\"tokens\": [\"a\\u001fb\"], \"tags\": [\"O\"]}\n");
    let says = sandbox.fails("data audit glued.jsonl", 3);
    assert_eq!(
        says,
        "glued.jsonl:1: word 1 contains the control character U+001F; remove the character"
    );
    sandbox.write("bare.conll", "a\tO\n\nb\tO\n\nc\tO\n");
    let args = "data audit bare.conll --encoder sample:tiny --cross-validate --output quiet";
    let says = sandbox.fails(args, 3);
    assert!(says.starts_with("bare.conll: no entity to train taggers on; check"), "{says}");
    let says = sandbox.fails("data audit faulty --cross-validate", 2);
    assert!(says.starts_with("--cross-validate trains taggers; give --encoder"), "{says}");
    for split in ["", "--split given"] {
        let says = sandbox.fails(&format!("data audit faulty --cutoff 5 {split}"), 2);
        assert!(says.ends_with("add --split 80-10-10"), "{says}");
    }
    let says = sandbox.fails("data audit faulty/test.conll --split 80-10-10", 2);
    assert_eq!(
        says,
        "faulty/test.conll: a part of this split of 2 sentences would be empty; add sentences"
    );
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn the_published_split_of_wikiann_leaks_as_is_known() {
    let wikiann = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/hub/datasets/unimelb-nlp/wikiann");
    let sandbox = Sandbox::new();
    for (language, leaks) in [("mg", 5), ("fo", 2), ("co", 5), ("hsb", 4), ("bh", 8), ("cv", 7)] {
        let folder = wikiann.join(language);
        let args = format!("{} --split 80-10-10 --output json", folder.display());
        let (out, code) = audit(&sandbox, &args);
        let objects = objects(&out);
        assert_eq!((&objects[0]["train"], &objects[0]["test"]), (&240.into(), &30.into()));
        let of_test = |o: &&Value| o["kind"] == "leak" && o["part"] == "test";
        assert_eq!((objects.iter().filter(of_test).count(), code), (leaks, 6), "{language}");
    }
}
