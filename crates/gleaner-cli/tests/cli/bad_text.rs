//! Malformed labelled text: a one-line error with place, problem and fix; exit code 3 (1 if a
//! file cannot be read); nothing written.

use crate::common::{Sandbox, tagger};
use insta::assert_snapshot;

/// The error of a training file with this name and content.
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
    assert_snapshot!(of("a.conll", "Anna\tB-PER\n\nin\tO\textra\nOslo\tB-LOC\n"), @"a.conll:3: expected 2 columns as in line 1, found 3; separate all columns with tabs");
    assert_snapshot!(of("a.conll", "Anna\tB-PER\nsings\tB_PER\n"), @r#"a.conll:2: unknown tag "B_PER"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"#);
    assert_snapshot!(of("a.conll", "Anna\nsings\n"), @"a.conll:1: only one column, so no tags; give each line a word and a tag, separated by a tab or spaces");
    assert_snapshot!(of("a.conll", ""), @"a.conll: no sentences found; check that it is the right file");
    assert_snapshot!(of("a.conll", "\n\n \n"), @"a.conll: no sentences found; check that it is the right file");
    assert_snapshot!(of("a.conll", b"Anna\tB-PER\nsi\xc3\x28ngs\tO\n"), @"a.conll:2: byte 3 of the line is not UTF-8; save the file as UTF-8");
    assert_snapshot!(of("a.conll", "Anna\tB-PER\n\tO\n"), @"a.conll:2: word 2 is empty; write the word, or remove it with its tag");
    assert_snapshot!(of("a.conll", "Anna\rOslo\tB-PER\n"), @r#"a.conll:1: carriage return inside the line; convert line ends to \n or \r\n"#);
    assert_snapshot!(of("a.docx", "Anna sings\n"), @"a.docx: unknown format; name the file .conll, .tsv, .txt, .iob, .bio, .jsonl, .json or .parquet, or give its format (--format)");
}

#[test]
fn jsonl() {
    assert_snapshot!(of("a.jsonl", "{\"tokens\": [\"Anna\", \"sings\"], \"tags\": [\"B-PER\"]}\n"), @"a.jsonl:1: 2 words but 1 tags; give each word one tag");
    assert_snapshot!(of("a.jsonl", "{\"tokens\": [\"Anna\"], \"ner_tags\": [7]}\n"), @r#"a.jsonl:1: tags are numbers without names; give the names in the order of the numbers (--labels O B-PER I-PER), in JSONL also as a line {"label_names": [...]}"#);
    assert_snapshot!(of("a.jsonl", "{\"tokens\": [\"Anna\"]\n"), @"a.jsonl:1: EOF while parsing an object (column 19); expected a JSON object with `tokens` and `tags`, or with `text` and `spans`");
    assert_snapshot!(of("a.jsonl", "[{\"tokens\": [\"Anna\"], \"tags\": [\"O\"]}"), @"a.jsonl:1: damaged JSON array (EOF while parsing a list, column 36); export it again, or write one object per line");
    assert_snapshot!(of("a.jsonl", "{\"text\": \"Anna sings\", \"spans\": [{\"start\": 4, \"end\": 5, \"label\": \"PER\"}]}\n"), @"a.jsonl:1: span 4..5: contains no word; check the offsets, which count characters from 0");
    assert_snapshot!(of("a.jsonl", "{\"text\": \"Anna sings\", \"spans\": [{\"start\": 0, \"end\": 40, \"label\": \"PER\"}]}\n"), @"a.jsonl:1: span 0..40: ends after the text, which has 10 characters; check the offsets");
}

#[test]
fn tag_numbers_beyond_their_names() {
    let of = |id: i64| {
        let rows = format!("{{\"tokens\": [\"Anna\"], \"ner_tags\": [{id}]}}\n");
        of("a.jsonl", format!("{{\"label_names\": [\"O\", \"B-PER\"]}}\n{rows}"))
    };
    assert_snapshot!(of(2), @"a.jsonl:2: tag number 2 is out of range: there are 2 label names; check the label names");
    assert_snapshot!(of(-1), @"a.jsonl:2: tag number -1 is out of range: there are 2 label names; check the label names");
}

#[test]
fn parquet() {
    assert_snapshot!(of("a.parquet", "words and words"), @"a.parquet: damaged or unsupported parquet file (it does not end with the mark PAR1, so it is cut short or of another format); download it again, or convert it to JSONL");
    assert_snapshot!(of("a.parquet", b"PAR1\x00\x01\x02\x03\xff\xff\xff\x7fPAR1"), @"a.parquet: damaged or unsupported parquet file (its metadata is longer than the file); download it again, or convert it to JSONL");
    assert_snapshot!(of("a.parquet", ""), @"a.parquet: damaged or unsupported parquet file (it has only 0 bytes); download it again, or convert it to JSONL");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn a_truncated_parquet_file() {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let file = "data/hub/datasets/unimelb-nlp/wikiann/fo/train-00000-of-00001.parquet";
    let whole = std::fs::read(shared.join(file)).unwrap();
    for part in [4, 100, whole.len() / 2, whole.len() - 1] {
        let message = of("a.parquet", &whole[..part]);
        assert!(
            message.starts_with("a.parquet: damaged or unsupported parquet file ("),
            "{message}"
        );
        assert!(message.ends_with("; download it again, or convert it to JSONL"), "{message}");
    }
}

#[test]
fn absent_files() {
    let sandbox = Sandbox::with_data();
    let tagger = tagger().display();
    assert_snapshot!(sandbox.refuses("--train absent.conll", 1), @"absent.conll: no such file or folder; check the path");
    assert_snapshot!(sandbox.refuses("--data absent", 1), @"absent: no such file or folder; check the path");
    assert_snapshot!(sandbox.refuses("--train data/train.conll --dev absent.conll", 1), @"absent.conll: no such file or folder; check the path");
    assert_snapshot!(sandbox.fails("data inspect absent.conll", 1), @"absent.conll: no such file or folder; check the path");
    assert_snapshot!(sandbox.fails(&format!("evaluate {tagger} absent.conll"), 1), @"absent.conll: no such file or folder; check the path");
    assert_snapshot!(sandbox.fails(&format!("predict {tagger} absent.txt"), 1), @"absent.txt: no such file or folder; check the path");
    sandbox.write("empty/README.md", "nothing here");
    assert_snapshot!(sandbox.refuses("--data empty", 3), @"empty: no training data; expected train.conll, train.jsonl, train.parquet, train-00000-of-00001.parquet or similar, found README.md; rename them, or give them as files (--train FILE)");
    assert_snapshot!(sandbox.fails(&format!("evaluate {tagger} empty"), 3), @"empty: no test file; expected test.conll, test.jsonl or similar, or name a file");
    std::fs::remove_file(sandbox.path("data/test.conll")).unwrap();
    assert_snapshot!(sandbox.fails(&format!("evaluate {tagger} data"), 3), @"data: no test file; expected test.conll, test.jsonl or similar, or name a file");
}

#[test]
fn files_instead_of_folders_and_folders_instead_of_files() {
    let sandbox = Sandbox::with_data();
    let tagger = tagger().display();
    assert_snapshot!(sandbox.refuses("--data data/train.conll", 1), @"data/train.conll: is a file, not a folder; name its folder, or give it as a file (--train FILE)");
    assert_snapshot!(sandbox.refuses("--train data", 1), @"data: is a folder; name the files in it");
    assert_snapshot!(sandbox.fails(&format!("predict {tagger} data"), 1), @"data: is a folder; name the files in it");
    assert_snapshot!(sandbox.refuses("--data data --pool data data", 1), @"data: is a folder; name the files in it");
    std::fs::rename(sandbox.path("data/train.conll"), sandbox.path("data/training.conll")).unwrap();
    assert_snapshot!(sandbox.refuses("--data data", 3), @"data: no training data; expected train.conll, train.jsonl, train.parquet, train-00000-of-00001.parquet or similar, found dev.conll, test.conll, training.conll; rename them, or give them as files (--train FILE)");
}

#[test]
fn words_in_another_column() {
    let sandbox = Sandbox::new();
    let counted = "# text = Anna ser Oslo\n1\tAnna\tB-PER\n2\tser\tO\n3\tOslo\tB-LOC\n\n1\tJa\tO\n";
    sandbox.write("a.conllu", counted);
    let tagger = tagger().display();
    for options in ["", "--word-column 2"] {
        let (out, _) = sandbox.run(&format!("data inspect a.conllu {options}"));
        assert!(out.contains("entities              2 (LOC 1, PER 1)"), "{out}");
        let (out, _) = sandbox.run(&format!("predict {tagger} a.conllu {options} --format jsonl"));
        let words = |o: &serde_json::Value| o["tokens"].clone();
        let words: Vec<_> = crate::common::objects(&out).iter().map(words).collect();
        assert_eq!(words, [serde_json::json!(["Anna", "ser", "Oslo"]), serde_json::json!(["Ja"])]);
    }
}

#[test]
fn when_every_sentence_is_malformed_the_first_is_reported() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB_PER\n\nOslo\tB_LOC\n");
    assert_snapshot!(sandbox.fails("data inspect a.conll --skip-bad", 3), @r#"a.conll: all sentences (2) are malformed; the first, at line 1: unknown tag "B_PER"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"#);
    sandbox.write("a.conll", "Anna\tB-PER\nja\t\n");
    assert_snapshot!(sandbox.fails("data inspect a.conll", 3), @"a.conll:2: empty tag; write O or a tag, and remove tabs at the ends of lines");
}

#[test]
fn types_that_the_label_map_does_not_name_are_all_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("train.conll", "Anna\tB-PERSON\nin\tO\nOslo\tB-LOC\n");
    sandbox.write("dev.conll", "1905\tB-DATE\nin\tO\nOslo\tB-GPE\nBo\tB-PERSON\n\nAsker\tB-GPE\n");
    let map = "--map PERSON=PER --map LOC=LOC";
    assert_snapshot!(sandbox.refuses(&format!("--train train.conll --dev dev.conll {map}"), 3), @"dev.conll:1: the label map does not name DATE (1 entity, first at line 1), GPE (2 entities, first at line 3); map each type to itself to keep it or to O to drop it (LOC=LOC, MISC=O), or drop all others with *=O");
}

#[test]
fn types_that_the_model_does_not_know_are_all_listed() {
    let sandbox = Sandbox::new();
    sandbox.write("test.conll", "1905\tB-DATE\nin\tO\nOslo\tB-GPE\nBo\tB-PER\n");
    assert_snapshot!(sandbox.fails(&format!("evaluate {} test.conll", tagger().display()), 3), @"test.conll: the model has no type DATE, GPE, only LOC, ORG, PER; map names with --map OLD=NEW or a [label-map]");
}

#[test]
fn text_without_entities_and_too_little_text() {
    let sandbox = Sandbox::new();
    sandbox.write("none.conll", "a\tO\nb\tO\n\nc\tO\n\nd\tO\n");
    assert_snapshot!(sandbox.refuses("--train none.conll", 3), @"none.conll: no entity in any text; check the tag column and the label map");
    sandbox.write("one.conll", "Oslo\tB-LOC\n");
    assert_snapshot!(sandbox.refuses("--train one.conll", 2), @"one.conll: a part of this split of 1 sentences would be empty; add sentences");
    assert_snapshot!(sandbox.refuses("--train one.conll --split 80-10-10", 2), @"one.conll: a part of this split of 1 sentences would be empty; add sentences");
    assert_snapshot!(sandbox.refuses("--train one.conll --dev one.conll", 2), @"one.conll: no training sentence is left; add data, or use --drop-leaks false");
    assert_snapshot!(sandbox.refuses("--data sample:af --split 80-10-10 --cutoff 0", 2), @"cutoff: 0 leaves no sentence; leave it out to use all");
}

#[test]
fn strict_and_lenient_reading() {
    let sandbox = Sandbox::new();
    sandbox.write("a.conll", "Anna\tB-PER\nin\tI-LOC\n\nOslo\tB-LOC\n\nOslo\tB LOC\n");
    assert_snapshot!(sandbox.refuses("--train a.conll", 3), @r#"a.conll:6: unknown tag "B LOC"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"#);
    sandbox.write("a.conll", "Anna\tB-PER\nin\tI-LOC\n\nOslo\tB-LOC\n");
    assert_snapshot!(sandbox.refuses("--train a.conll --strict", 3), @"a.conll:2: I-LOC with no LOC before it, which IOB2 does not allow; fix the tag, or turn `strict` off");
    assert_snapshot!(sandbox.fails("data inspect a.conll --tag-column 0", 2), @"tag-column: there is no column 0; columns count from 1");
    assert_snapshot!(sandbox.fails("data inspect a.conll --tag-column 5", 3), @"a.conll:1: no column 5: the line has 2; columns count from 1");
    assert_snapshot!(sandbox.fails("data inspect a.conll --tag-column 1", 3), @r#"a.conll:1: unknown tag "Anna"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"#);
}
