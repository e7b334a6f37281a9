//! Options of reading that belong to a corpus: after a comma, in a table, and those of the main corpus.

use crate::common::{Sandbox, objects, tagger, training};
use insta::assert_snapshot;
use serde_json::{Value, json};

/// The columns of `MAIN` are 2 and 3, those of `PARTNER` 1 and 4.
const MAIN: &str =
    "1\tAnna\tB-PER\t-\t-\n2\tsings\tO\t-\t-\n\n1\tOslo\tB-LOC\t-\t-\n2\tsings\tO\t-\t-\n";
const PARTNER: &str = "Bo NNP B-NP B-PER\nhums VBZ B-VP O\n\nEva NNP B-NP B-PER\n";

/// The object of an event.
fn event(lines: &str, name: &str) -> Value {
    let found = objects(lines).into_iter().find(|o| o["event"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {lines}"))
}

/// The first words with tags of the files of a training, by role.
fn firsts(start: &Value) -> Vec<(String, String)> {
    let file = |f: &Value| {
        let pair = |p: &Value| format!("{}/{}", p[0].as_str().unwrap(), p[1].as_str().unwrap());
        let first = f["first"].as_array().unwrap().iter().map(pair).collect::<Vec<_>>();
        (f["role"].as_str().unwrap().to_owned(), first.join(" "))
    };
    start["files"].as_array().unwrap().iter().map(file).collect()
}

fn of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

/// With the corpora `main`, whose columns must be named, and `partner`.
fn corpora() -> Sandbox {
    let sandbox = Sandbox::new();
    // A second column of tags, so that the first must be named.
    let main = MAIN.replace("\t-\t-\n", "\tO\tB-X\n");
    sandbox.write("main/train.tsv", &main);
    sandbox.write("main/dev.tsv", main.replace("Anna", "Ida").replace("Oslo", "Voss"));
    sandbox.write("partner/train.conll", PARTNER);
    sandbox
}

#[test]
fn a_joined_corpus_has_columns_of_its_own() {
    let sandbox = corpora();
    let start = |join: &str| {
        let args = format!(
            "--data main --word-column 2 --tag-column 3 --join {join} --epochs 1 --output json"
        );
        let (out, _) = sandbox.train(&format!("out-{}", join.len()), &args);
        event(&out, "start")
    };
    let read = start("partner,word-column=1,tag-column=4");
    let main = "Anna/B-PER sings/O";
    let dev = "Ida/B-PER sings/O";
    let expected = of(&[("train", main), ("dev", dev), ("join", "Bo/B-PER hums/O")]);
    assert_eq!(firsts(&read), expected);
    // Any of its own columns is enough: the others are detected, not those of the main corpus.
    assert_eq!(firsts(&start("partner,word-column=1")), expected);
    assert_eq!(firsts(&start("partner,alone=true")), expected);
    let limited = start("partner=1,format=conll");
    assert_eq!(firsts(&limited), expected);
    assert_eq!(
        limited["settings"]["join"],
        json!([{"path": "partner", "limit": 1, "label-map": null, "whole": false, "format": "conll"}])
    );
    // Without options, the columns of the main corpus hold.
    assert_eq!(firsts(&start("partner"))[2].1, "NNP/B-NP VBZ/B-VP");
}

#[test]
fn tables_of_a_settings_file_have_the_same_options() {
    let sandbox = corpora();
    sandbox.write("pool.tsv", "1\tIda\tB-PERSON\n2\thums\tO\n\n1\tUna\tB-PERSON\n");
    let file = "data = \"main\"\nword-column = 2\ntag-column = 3\nepochs = 1\n\
        join = [{ path = \"partner\", word-column = 1, limit = 1 }]\n\
        exclude = [\"pool.tsv,word-column=2\"]\n\
        [[pool]]\npath = \"pool.tsv\"\nword-column = 2\nlabel-map = { PERSON = \"PER\" }\n";
    sandbox.write("run.toml", file);
    let (out, _) = sandbox.train("out", "--config run.toml --drop-leaks false --output json");
    let start = event(&out, "start");
    let main = "Anna/B-PER sings/O";
    assert_eq!(
        firsts(&start),
        of(&[
            ("train", main),
            ("dev", "Ida/B-PER sings/O"),
            ("exclude", "Ida/B-PERSON hums/O"),
            ("join", "Bo/B-PER hums/O"),
            ("pool", "Ida/B-PER hums/O")
        ])
    );
    // The saved settings repeat the training.
    let (again, _) = sandbox.train("again", "--config out/gleaner.json --output json");
    assert_eq!(event(&again, "start")["settings"], start["settings"]);
    sandbox.write("bad.toml", "data = \"main\"\n\npool = [{ path = \"pool.tsv\", column = 2 }]\n");
    assert_snapshot!(sandbox.fails(&training("bad", "--config bad.toml"), 2), @"bad.toml:3: unknown key `column`; the keys are path, format, word-column, tag-column, labels, label-map, nested, offsets, text-field, alone; `gleaner train --help` lists the keys");
}

#[test]
fn names_with_commas_are_paths_unless_a_key_follows() {
    let sandbox = Sandbox::new();
    sandbox.write("a, b=2.tsv", "Anna\tB-PER\n");
    sandbox.write("c,d/train.conll", "Bo\tB-PER\n\nsings\tO\n");
    let mut command = sandbox.command("data inspect");
    let output = command.arg("a, b=2.tsv").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    sandbox.run("data inspect c,d");
    let mapped = objects(&sandbox.run("data inspect c,d,map=PER:X --output json").0);
    assert_eq!(mapped[0]["entities"], json!({"X": 1}));
    let refused = |args: &str| {
        let output = sandbox.command(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args}");
        String::from_utf8(output.stderr).unwrap()
    };
    let keys = "the keys are format, word-column, tag-column, labels, map, nested, offsets, text-field, alone";
    for (args, says) in [
        ("data inspect c,d,columns=2", format!("unknown key `columns`; {keys}")),
        ("data inspect c,d,tag-column=2,columns=2", format!("unknown key `columns`; {keys}")),
        (
            "train --out x --data c,d --join e=3,wordcolumn=2",
            format!("unknown key `wordcolumn`; {keys}"),
        ),
        ("data audit c,d,tag-column=x", "`x` is not a column; columns count from 1".into()),
        ("data inspect c,d,format=docx", "unknown format `docx`; the formats are conll".into()),
        ("sources sample:af --no-training --candidate c,d,nested=both", "`outermost`".into()),
    ] {
        assert!(refused(args).contains(&says), "{args}: {}", refused(args));
    }
}

#[test]
fn audits_and_candidates_read_each_text_by_its_own_options() {
    let sandbox = corpora();
    let (out, _) = sandbox.run(
        "data audit main,word-column=2,tag-column=3 partner --map PER=PER --map LOC=LOC --deny none --output json",
    );
    let sets: Vec<Value> = objects(&out).into_iter().filter(|o| o["event"] == "data-set").collect();
    let types = |set: &Value| set["files"][0]["entities"].clone();
    assert_eq!(types(&sets[0]), json!({"LOC": 1, "PER": 1}));
    assert_eq!(types(&sets[1]), json!({"PER": 2}));
    sandbox.write("partner/dev.conll", "Una NNP B-NP B-PER\n");
    let (out, _) = sandbox.run(
        "sources main,word-column=2,tag-column=3 --candidate partner --no-training --output json",
    );
    assert_eq!(event(&out, "source")["entities"], 2);
}

#[test]
fn numbers_get_their_names_from_an_option() {
    let sandbox = Sandbox::new();
    let rows = "{\"tokens\": [\"Anna\", \"sings\"], \"ner_tags\": [1, 0]}\n{\"tokens\": [\"Oslo\"], \"ner_tags\": [3]}\n";
    sandbox.write("data/train.jsonl", rows.repeat(3));
    sandbox.write("data/dev.jsonl", rows);
    assert!(sandbox.refuses("--data data", 3).contains("numbers without names"));
    let args =
        "--data data --labels O B-PER I-PER B-LOC --drop-leaks false --epochs 1 --output json";
    let start = event(&sandbox.train("out", args).0, "start");
    assert_eq!(start["files"][0]["entities"], json!({"LOC": 3, "PER": 3}));
    assert_eq!(start["settings"]["labels"], json!(["O", "B-PER", "I-PER", "B-LOC"]));
    let mut quoted = sandbox.command("data inspect data/train.jsonl --output json --labels");
    let output = quoted.arg("O B-PER I-PER B-LOC").output().unwrap();
    let read = objects(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(read[0]["entities"], json!({"LOC": 3, "PER": 3}));
}

#[test]
fn nested_columns_and_spans_are_asked_about_or_chosen() {
    let sandbox = Sandbox::new();
    let nested = "1\tDie\tO\tO\n2\tUniversität\tB-ORG\tO\n3\tTrier\tI-ORG\tB-LOC\n4\tund\tO\tO\n5\tAnna\tB-PER\tO\n";
    sandbox.write("germeval.tsv", nested);
    assert_snapshot!(sandbox.fails("data inspect germeval.tsv", 3), @"germeval.tsv:1: several columns have tags: 3 (ORG, PER), 4 (LOC); choose one of them (--tag-column 3, PATH,tag-column=3, or tag-column = 3 in a settings file)");
    let types = |args: &str| objects(&sandbox.run(args).0)[0]["entities"].clone();
    let inspect = "data inspect germeval.tsv --word-column 2 --output json";
    assert_eq!(types(&format!("{inspect} --tag-column 3")), json!({"ORG": 1, "PER": 1}));
    assert_eq!(types(&format!("{inspect} --tag-column 4")), json!({"LOC": 1}));
    let spans = "{\"text\": \"Universität Trier\", \"spans\": [{\"start\": 0, \"end\": 17, \"label\": \"ORG\"}, {\"start\": 12, \"end\": 17, \"label\": \"LOC\"}]}\n";
    sandbox.write("spans.jsonl", spans);
    assert!(sandbox.fails("data inspect spans.jsonl", 3).contains("--nested"));
    let inspect = "data inspect spans.jsonl --output json --nested";
    assert_eq!(types(&format!("{inspect} outermost")), json!({"ORG": 1}));
    assert_eq!(types(&format!("{inspect} innermost")), json!({"LOC": 1}));
}

#[test]
fn offsets_in_utf16_are_recognised_and_read() {
    let sandbox = Sandbox::new();
    let text =
        "{\"text\":\"😀 Anna sings\",\"spans\":[{\"start\":3,\"end\":7,\"label\":\"PER\"}]}\n";
    sandbox.write("utf16.jsonl", text);
    assert!(sandbox.fails("data inspect utf16.jsonl", 3).contains("--offsets utf16"));
    let read = objects(&sandbox.run("data inspect utf16.jsonl,offsets=utf16 --output json").0);
    let first = json!([["😀", "O"], ["Anna", "B-PER"], ["sings", "O"]]);
    assert_eq!(read[0]["first"], first);
    let text = text.replace("\"text\"", "\"body\"");
    sandbox.write("body.jsonl", text);
    let options = "--offsets utf16 --text-field body --output json";
    let read = objects(&sandbox.run(&format!("data inspect body.jsonl {options}")).0);
    assert_eq!(read[0]["first"], first);
}

#[test]
fn types_of_an_export_are_mapped_and_counted() {
    let sandbox = Sandbox::new();
    let export = r#"[{"id":3,"data":{"text":"Anna sings in Oslo."},"annotations":[{"id":9,"was_cancelled":false,"result":[{"from_name":"label","to_name":"text","type":"labels","value":{"start":0,"end":4,"text":"Anna","labels":["PER"]}},{"from_name":"label","to_name":"text","type":"labels","value":{"start":14,"end":18,"text":"Oslo","labels":["Place name"]}}]}]}]"#;
    sandbox.write("export.json", export);
    let mut command = sandbox.command("data inspect export.json --output json --map PER=PER --map");
    let output = command.arg("Place name=LOC").output().unwrap();
    let read = objects(std::str::from_utf8(&output.stdout).unwrap());
    assert_eq!(read[0]["entities"], json!({"LOC": 1, "PER": 1}));
    assert_eq!(read[0]["format"], "label-studio");
}

#[test]
fn a_scored_text_has_the_options_too() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "test.jsonl",
        "{\"body\":\"😀 Jan woon hier\",\"spans\":[{\"start\":3,\"end\":6,\"label\":\"PER\"}]}\n",
    );
    let options = "--offsets utf16 --text-field body --resamples 0 --output json";
    let (out, _) = sandbox.run(&format!("evaluate {} test.jsonl {options}", tagger().display()));
    assert_eq!(objects(&out)[0]["sentences"], 1);
}
