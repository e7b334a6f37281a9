//! Malformed labelled text: one line that says where, what and what to do; exit code 3 (1 where a
//! file cannot be read); nothing written.

use crate::common::{Sandbox, tagger};
use insta::assert_snapshot;

/// What is said of a training file of that name and content.
fn of(name: &str, content: impl AsRef<[u8]>) -> String {
    let sandbox = Sandbox::new();
    sandbox.write(name, content);
    let train = sandbox.refuses(&format!("--train {name}"), 3);
    assert_eq!(sandbox.fails(&format!("data inspect {name}"), 3), train);
    assert_eq!(sandbox.fails(&format!("evaluate {} {name}", tagger().display()), 3), train);
    train
}

#[test]
fn conll() {
    assert_snapshot!(of("a.conll", "Anna\tB-PER\n\nin\tO\textra\nOslo\tB-LOC\n"), @"");
    assert_snapshot!(of("a.conll", "Anna\tB-PER\nsings\tB_PER\n"), @"");
    assert_snapshot!(of("a.conll", "Anna\nsings\n"), @"");
    assert_snapshot!(of("a.conll", ""), @"");
    assert_snapshot!(of("a.conll", "\n\n \n"), @"");
    assert_snapshot!(of("a.conll", b"Anna\tB-PER\nsi\xc3\x28ngs\tO\n"), @"");
    assert_snapshot!(of("a.conll", "Anna\tB-PER\n\tO\n"), @"");
    assert_snapshot!(of("a.conll", "Anna\rOslo\tB-PER\n"), @"");
    assert_snapshot!(of("a.csv", "Anna\tB-PER\n"), @"");
}

#[test]
fn jsonl() {
    assert_snapshot!(of("a.jsonl", "{\"tokens\": [\"Anna\", \"sings\"], \"tags\": [\"B-PER\"]}\n"), @"");
    assert_snapshot!(of("a.jsonl", "{\"tokens\": [\"Anna\"], \"ner_tags\": [7]}\n"), @"");
    assert_snapshot!(of("a.jsonl", "{\"tokens\": [\"Anna\"]\n"), @"");
    assert_snapshot!(of("a.jsonl", "[{\"tokens\": [\"Anna\"], \"tags\": [\"O\"]}]\n"), @"");
    assert_snapshot!(of("a.jsonl", "{\"text\": \"Anna sings\", \"spans\": [{\"start\": 1, \"end\": 4, \"label\": \"PER\"}]}\n"), @"");
    assert_snapshot!(of("a.jsonl", "{\"text\": \"Anna sings\", \"spans\": [{\"start\": 0, \"end\": 40, \"label\": \"PER\"}]}\n"), @"");
}

#[test]
fn tag_numbers_beyond_their_names() {
    let of = |id: i64| {
        let rows = format!("{{\"tokens\": [\"Anna\"], \"ner_tags\": [{id}]}}\n");
        of("a.jsonl", format!("{{\"label_names\": [\"O\", \"B-PER\"]}}\n{rows}"))
    };
    assert_snapshot!(of(2), @"");
    assert_snapshot!(of(-1), @"");
}

#[test]
fn parquet() {
    assert_snapshot!(of("a.parquet", "words and words"), @"");
    assert_snapshot!(of("a.parquet", b"PAR1\x00\x01\x02\x03\xff\xff\xff\x7fPAR1"), @"");
    assert_snapshot!(of("a.parquet", ""), @"");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn a_parquet_file_that_was_cut() {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = "data/hub/datasets/unimelb-nlp/wikiann/fo/train-00000-of-00001.parquet";
    let whole = std::fs::read(shared.join(file)).unwrap();
    for part in [4, 100, whole.len() / 2, whole.len() - 1] {
        let message = of("a.parquet", &whole[..part]);
        assert!(message.starts_with("a.parquet: not a sound parquet file ("), "{message}");
        assert!(message.ends_with("); fetch it again"), "{message}");
    }
}

#[test]
fn absent_files() {
    let sandbox = Sandbox::with_data();
    let tagger = tagger().display();
    assert_snapshot!(sandbox.refuses("--train absent.conll", 1), @"");
    assert_snapshot!(sandbox.refuses("--data absent", 1), @"");
    assert_snapshot!(sandbox.refuses("--train data/train.conll --dev absent.conll", 1), @"");
    assert_snapshot!(sandbox.fails("data inspect absent.conll", 1), @"");
    assert_snapshot!(sandbox.fails(&format!("evaluate {tagger} absent.conll"), 1), @"");
    assert_snapshot!(sandbox.fails(&format!("predict {tagger} absent.txt"), 1), @"");
    sandbox.write("empty/README.md", "nothing here");
    assert_snapshot!(sandbox.refuses("--data empty", 3), @"");
    assert_snapshot!(sandbox.fails(&format!("evaluate {tagger} empty"), 3), @"");
    std::fs::remove_file(sandbox.path("data/test.conll")).unwrap();
    assert_snapshot!(sandbox.fails(&format!("evaluate {tagger} data"), 2), @"");
}

#[test]
fn types_that_the_label_map_does_not_name_are_all_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("train.conll", "Anna\tB-PERSON\nin\tO\nOslo\tB-LOC\n");
    sandbox.write("dev.conll", "1905\tB-DATE\nin\tO\nOslo\tB-GPE\nBo\tB-PERSON\n\nAsker\tB-GPE\n");
    let map = "--map PERSON=PER --map LOC=LOC";
    assert_snapshot!(sandbox.refuses(&format!("--train train.conll --dev dev.conll {map}"), 3), @"");
}

#[test]
fn types_that_the_model_does_not_know_are_all_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("test.conll", "1905\tB-DATE\nin\tO\nOslo\tB-GPE\nBo\tB-PER\n");
    assert_snapshot!(sandbox.fails(&format!("evaluate {} test.conll", tagger().display()), 3), @"");
}

#[test]
fn text_without_entities_and_too_little_text() {
    let sandbox = Sandbox::new();
    sandbox.write("none.conll", "a\tO\nb\tO\n\nc\tO\n\nd\tO\n");
    assert_snapshot!(sandbox.refuses("--train none.conll", 3), @"");
    sandbox.write("one.conll", "Oslo\tB-LOC\n");
    assert_snapshot!(sandbox.refuses("--train one.conll", 2), @"");
    assert_snapshot!(sandbox.refuses("--train one.conll --split 80-10-10", 2), @"");
    assert_snapshot!(sandbox.refuses("--train one.conll --dev one.conll", 2), @"");
    assert_snapshot!(sandbox.refuses("--data sample:af --split 80-10-10 --cutoff 0", 2), @"");
}

#[test]
fn strictness_and_leniency() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB-PER\nin\tI-LOC\n\nOslo\tB-LOC\n\nOslo\tB LOC\n");
    assert_snapshot!(sandbox.refuses("--train a.conll", 3), @"");
    sandbox.write("a.conll", "Anna\tB-PER\nin\tI-LOC\n\nOslo\tB-LOC\n");
    assert_snapshot!(sandbox.refuses("--train a.conll --strict", 3), @"");
    assert_snapshot!(sandbox.fails("data inspect a.conll --tag-column 0", 3), @"");
    assert_snapshot!(sandbox.fails("data inspect a.conll --tag-column 5", 3), @"");
    assert_snapshot!(sandbox.fails("data inspect a.conll --tag-column 1", 3), @"");
}
