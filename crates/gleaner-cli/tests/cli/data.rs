//! `gleaner data inspect` and `gleaner data sample`.

use crate::common::{Sandbox, objects};
use insta::assert_snapshot;

const ODD: &str =
    "# a comment\nAnna\tB-PER\nin\tO\nOslo\tI-LOC\n\nAnna\tB-PER\nin\tO\nOslo\tI-LOC\n\nYes\tO\n";

#[test]
fn a_corpus_is_summarised() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", ODD);
    assert_snapshot!("inspect", sandbox.run("data inspect a.conll").0);
    assert_snapshot!("inspect-all", sandbox.run("data inspect a.conll --all").0);
    assert_snapshot!(
        "inspect-encoder",
        sandbox.run("data inspect a.conll --encoder sample:tiny").0
    );
    assert_snapshot!(
        "inspect-json",
        sandbox.run("data inspect a.conll --output json --all --encoder sample:tiny").0
    );
    assert_eq!(sandbox.run("data inspect a.conll --output quiet"), (String::new(), String::new()));
}

#[test]
fn several_files_are_inspected_in_order() {
    let sandbox = Sandbox::with_data();
    let (out, _) = sandbox.run("data inspect data/train.conll data/dev.conll --output json");
    let sizes: Vec<_> = objects(&out).iter().map(|o| o["sentences"].as_u64().unwrap()).collect();
    assert_eq!(sizes, [48, 10]);
}

#[test]
fn a_folder_and_the_sample_are_inspected_part_by_part() {
    let sandbox = Sandbox::with_data();
    let inspect = |paths: &str| sandbox.run(&format!("data inspect {paths}")).0;
    let parts = inspect("data/train.conll data/dev.conll data/test.conll");
    assert_eq!(inspect("data"), parts);
    sandbox.run("data sample sample");
    let parts = ["train", "dev", "test"].map(|part| format!("sample/nl/{part}.conll")).join(" ");
    assert_eq!(inspect("sample:nl"), inspect(&parts).replace("sample/nl", "sample:nl"));
    // File by file: valid files before an invalid one, and a folder with only a test file.
    sandbox.write("more/train-00000-of-00002.conll", "Anna\tO\n\n");
    sandbox.write("more/train-00001-of-00002.conll", "\nAnna\tO\nser\tO\n\n");
    let (out, _) = sandbox.run("data inspect more --output json");
    let read = |o: &serde_json::Value| (o["path"].clone(), o["longest-line"].clone());
    let of = |name: &str, line: usize| (format!("more/{name}.conll").into(), line.into());
    let found = objects(&out);
    assert_eq!(found.last().unwrap()["event"], "warnings", "there is no dev part");
    assert_eq!(
        found[..2].iter().map(read).collect::<Vec<_>>(),
        [of("train-00000-of-00002", 1), of("train-00001-of-00002", 2)]
    );
    sandbox.write("bad.conll", "Oslo\tB_LOC\n\n");
    let output = sandbox.command("data inspect data/dev.conll bad.conll").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), inspect("data/dev.conll"));
    sandbox.write("alone/test.conll", "Anna\tO\n\n");
    assert_eq!(inspect("alone"), inspect("alone/test.conll"));
    sandbox.write("none/x.txt", "");
    assert!(sandbox.fails("data inspect none", 3).starts_with("none: no training data; "));
    let says = sandbox.fails("data inspect sample:xx", 2);
    assert!(says.contains("there is no sample `xx`"), "{says}");
}

#[test]
fn skipping_and_mapping() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB-PERSON\n\nOslo\tB_LOC\n\nOslo\tB-LOC\n");
    assert_eq!(sandbox.fails("data inspect a.conll", 3).split(':').nth(1), Some("3"));
    let args = "data inspect a.conll --skip-bad --map PERSON=PER --map *=O --output json";
    let seen = objects(&sandbox.run(args).0).remove(0);
    assert_eq!(seen["sentences"], 2);
    assert_eq!(seen["entities"], serde_json::json!({"PER": 1}));
}

#[test]
fn the_sample_is_written_and_can_be_trained_on() {
    let sandbox = Sandbox::new();
    let (out, _) = sandbox.run("data sample sample");
    assert_snapshot!(out, @r"
Wrote the sample corpus (Afrikaans af, Dutch nl; invented names, CC0) to sample. Next steps:
  gleaner data inspect sample/af/train.conll
  gleaner train --data sample/af --encoder sample:tiny --out first-model
");
    assert_eq!(sandbox.files("sample"), ["af", "nl"]);
    assert_eq!(
        sandbox.files("sample/af"),
        ["dev.conll", "test.conll", "train.conll", "unlabelled.txt"]
    );
    assert_eq!(sandbox.files("sample/nl"), ["dev.conll", "test.conll", "train.conll"]);
    let target = gleaner_sample::target();
    assert_eq!(
        sandbox.read("sample/af/train.conll"),
        gleaner_sample::to_conll(&target.train).as_bytes()
    );
    let unlabelled = sandbox.text("sample/af/unlabelled.txt");
    assert_eq!(unlabelled.lines().count(), 500);
    // Training on the written folder equals training on the built-in sample.
    sandbox.train("folder", "--data sample/af --epochs 1");
    sandbox.train("inside", "--data sample:af --epochs 1");
    let weights = |folder: &str| sandbox.read(&format!("{folder}/model.safetensors"));
    assert!(weights("folder") == weights("inside"));
}
