//! `gleaner annotate --audit`: a corpus with planted errors, reviewed over real sockets, up to the patch and the new
//! corpus.

use crate::{
    annotate::Served,
    common::{Sandbox, objects, tagger},
};
use serde_json::{Value, json};

/// A corpus in the folder `my`: the name Havn has a wrong type once, and a sentence has two versions.
fn corpus(sandbox: &Sandbox) {
    let places: String = (0..4).map(|n| format!("in\tO\nHavn\tB-LOC\n{n}\tO\n\n")).collect();
    let versions = "Bo\tB-PER\nhums\tO\n\nBo\tO\nhums\tO\n\n";
    // I-LOC after O breaks IOB2.
    let other = "Anna\tB-PER\nsings\tO\n\nEva\tO\nof\tO\nOslo\tI-LOC\n\n";
    sandbox.write("my/train.conll", format!("{other}{places}{versions}Havn\tB-ORG\nwon\tO\n\n"));
    sandbox.write("my/test.conll", "Nils\tB-PER\nleft\tO\n\n");
}

fn answer(served: &Served, sentence: &Value, action: &str, spans: &Value) {
    let spans: Vec<Value> = spans.as_array().unwrap().clone();
    let without = |mut span: Value| {
        span.as_object_mut().unwrap().remove("confidence");
        span
    };
    let spans: Vec<Value> = spans.into_iter().map(without).collect();
    let body = json!({"annotator": "me", "id": sentence["id"], "action": action, "spans": spans});
    let (status, reply) = served.ask("POST", "/api/answers", &body.to_string());
    assert_eq!(status, 200, "{reply}");
}

/// Reviews the audit `p` of [`corpus`]: confirms the first version of the contradictory sentence, takes what is
/// suggested for the second and for the wrong type, and leaves out the sentence whose tags break IOB2.
fn review(sandbox: &Sandbox) {
    let served = Served::start(sandbox, "p");
    assert_eq!(served.get("/api/project")["mode"], "audit");
    let mut seen = Vec::new();
    loop {
        let next = served.get("/api/next?annotator=me&take=1");
        let Some(sentence) = next["sentences"].as_array().unwrap().first().cloned() else { break };
        assert_eq!(
            (&sentence["held_out"], sentence["notes"].as_array().unwrap().len()),
            (&json!(false), 1)
        );
        let words: Vec<&str> =
            sentence["words"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
        match (words[0], sentence["spans"].as_array().unwrap().len()) {
            ("Bo", 1) => answer(&served, &sentence, "accept", &sentence["spans"]),
            ("Eva", _) => answer(&served, &sentence, "reject", &json!([])),
            _ => answer(&served, &sentence, "accept", &sentence["suggested"]),
        }
        seen.push((words.join(" "), sentence["why"].as_str().unwrap().to_owned()));
    }
    let expected = [
        ("Eva of Oslo", "tags that break their scheme"),
        ("Bo hums", "contradictory tags"),
        ("Bo hums", "contradictory tags"),
        ("Havn won", "unlike other places"),
    ];
    assert_eq!(seen, expected.map(|(words, why)| (words.to_owned(), why.to_owned())));
    let progress = served.get("/api/progress?annotator=me");
    assert_eq!((&progress["sentences"], &progress["answered"]), (&json!(4), &json!(4)));
    assert_eq!(served.stop(), Some(0));
}

#[test]
fn planted_errors_are_shown_fixed_and_written_to_a_new_corpus() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    let before = ["my/train.conll", "my/test.conll"].map(|file| sandbox.read(file));
    let (out, _) = sandbox.run("annotate p --new --audit my");
    let created = "created p: 4 of the 10 sentences of my are doubtful; types LOC, ORG, PER";
    assert!(out.contains(created), "{out}");
    let early = sandbox.fails("annotate p --export fixed", 2);
    assert!(early.starts_with("p: no sentence is confirmed, changed or rejected yet; "), "{early}");
    review(&sandbox);

    sandbox.run("annotate p --export fixed");
    assert_eq!(sandbox.files("fixed"), ["patch.jsonl", "test.conll", "train.conll"]);
    // As the corpus is written anyway, apart from the three changes.
    sandbox.run("data convert my same --to conll");
    let expected = sandbox
        .text("same/train.conll")
        .replace("Eva\tO\nof\tO\nOslo\tI-LOC\n\n", "")
        .replace("Bo\tO", "Bo\tB-PER")
        .replace("Havn\tB-ORG", "Havn\tB-LOC");
    assert_eq!(sandbox.text("fixed/train.conll"), expected);
    assert_eq!(sandbox.text("fixed/test.conll"), sandbox.text("same/test.conll"));
    let span = |name: &str| json!({"start": 0, "end": 1, "type": name});
    let change = |line: u32, sentence: u32, words: &str, old: Value, new: Value| {
        let words: Vec<&str> = words.split(' ').collect();
        json!({"part": "train", "file": "my/train.conll", "line": line, "sentence": sentence,
            "annotator": "me", "words": words, "old": old, "new": new})
    };
    let oslo = json!([{"start": 2, "end": 3, "type": "LOC"}]);
    let expected = [
        change(4, 2, "Eva of Oslo", oslo, Value::Null),
        change(27, 8, "Bo hums", json!([]), json!([span("PER")])),
        change(30, 9, "Havn won", json!([span("ORG")]), json!([span("LOC")])),
    ];
    assert_eq!(objects(&sandbox.text("fixed/patch.jsonl")), expected);
    sandbox.run("data audit fixed --deny contradictory-tags");
    assert_eq!(["my/train.conll", "my/test.conll"].map(|file| sandbox.read(file)), before);

    let again = sandbox.fails("annotate p --export fixed", 2);
    assert!(again.starts_with("fixed: the folder is not empty; "), "{again}");
    let forced = sandbox.fails("annotate p --export other --force", 2);
    assert!(forced.starts_with("--force: the corpus of an audit is written to a new"), "{forced}");
    sandbox.write("my/test.conll", "Nils\tB-PER\nleft\tO\nagain\tO\n\n");
    let changed = sandbox.fails("annotate p --export other", 2);
    assert!(
        changed.starts_with("my/test.conll: the file has changed since the audit"),
        "{changed}"
    );
    assert!(!sandbox.path("other").exists());
}

#[test]
fn a_file_alone_and_a_part_can_be_reviewed() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    let moved = sandbox.text("my/train.conll");
    sandbox.write("names.conll", &moved);
    sandbox.run("annotate p --new --audit names.conll");
    review(&sandbox);
    sandbox.run("annotate p --export fixed --to jsonl");
    assert_eq!(sandbox.files("fixed"), ["corpus.jsonl", "patch.jsonl"]);
    assert_eq!(objects(&sandbox.text("fixed/corpus.jsonl")).len(), 8);
    assert_eq!(objects(&sandbox.text("fixed/patch.jsonl"))[0]["part"], "whole");
    let (none, _) = sandbox.run("annotate q --new --audit my --part test");
    assert!(
        none.contains("my: no doubtful sentences in test, so no project was created"),
        "{none}"
    );
    assert!(!sandbox.path("q").exists());
}

#[test]
fn a_finished_evaluation_can_be_reviewed() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    // As `gleaner predict` writes it: words, gold, prediction.
    sandbox.write("test.out", "Nils B-PER B-LOC\nleft O O\n\n");
    let args = "annotate p --new --audit my --part test --predicted";
    let (out, _) = sandbox.run(&format!("{args} test.out,tag-column=3"));
    assert!(out.contains("created p: 1 of the 10 sentences of my are doubtful in test"), "{out}");
    let doubt = &sandbox.json("p/audit.json")["doubts"][0];
    assert_eq!(doubt["notes"], json!(["the model says LOC for “Nils”; the corpus says PER"]));
    sandbox.write("other.out", "Nils B-PER B-LOC\nslept O O\n\n");
    let again = format!("{args} other.out,tag-column=3").replace("annotate p", "annotate q");
    let output = sandbox.command(&again).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("other.out: no sentence of my is in it; label that corpus"), "{err}");
    assert_eq!(output.status.code(), Some(2));
    assert!(!sandbox.path("q").exists());
}

#[test]
fn what_cannot_be_reviewed_is_refused_in_one_line() {
    let sandbox = Sandbox::new();
    corpus(&sandbox);
    for (args, named) in [
        ("annotate p --audit my", "--new"),
        ("annotate p --new", "--audit"),
        ("annotate p --new --types PER --audit my", "--audit"),
        ("annotate p --new --audit my --import my/test.conll", "--import"),
        ("annotate p --new --types PER --model m", "--types"),
        ("annotate p --new --types PER --predicted f", "--types"),
        ("annotate p --new --types PER --part dev", "--types"),
        ("annotate p --import f --part dev", "--audit"),
        ("annotate p --new --audit my --part whole", "none of `train`, `dev` and `test`"),
    ] {
        let output = sandbox.command(args).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && err.contains(named), "{args}\n{err}");
    }
    sandbox.write("flat.conll", "Anna\tO\nsings\tO\n");
    sandbox.write("words.conll", "Anna\nsings\n");
    for (args, code, expected) in [
        ("my --part dev", 2, "--part dev: my has no such part; "),
        ("words.conll", 3, "words.conll:"),
        ("sample:af", 2, "sample:af: not in files; write it with `gleaner data sample FOLDER`"),
    ] {
        let output = sandbox.command(&format!("annotate p --new --audit {args}")).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let last = err.lines().last().unwrap().strip_prefix("error: ").unwrap();
        assert!(last.starts_with(expected), "{args}: {err}");
        assert_eq!(output.status.code(), Some(code), "{args}: {err}");
    }
    let output = sandbox.command("annotate p --new --audit flat.conll").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(
        err.contains("flat.conll: no entity is labelled, so there is nothing to review"),
        "{err}"
    );
    assert!(!sandbox.path("p").exists());
    sandbox.run("annotate p --new --audit my");
    let import = sandbox.fails("annotate p --import my/test.conll", 2);
    assert!(import.starts_with("p: an audit has the sentences of its corpus"), "{import}");
}

#[test]
fn types_that_no_project_can_have_are_refused_before_the_model_is_loaded() {
    let sandbox = Sandbox::new();
    sandbox.write("quoted.conll", "Anna\tB-P\"R\nsings\tO\n\n");
    let command = "annotate p --new --audit quoted.conll --model no-such-model";
    let output = sandbox.command(command).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("error: p: types: `P\\\"R` cannot be a type; use letters"), "{err}");
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(!sandbox.path("p").exists());
}

#[test]
fn a_model_finds_planted_types() {
    let sandbox = Sandbox::new();
    sandbox.run("data sample sample");
    // Every fifth sentence with a person calls it a place.
    let text = sandbox.text("sample/af/train.conll");
    let mut planted = Vec::new();
    let with_person = text.split("\n\n").enumerate().filter(|(_, s)| s.contains("\tB-PER"));
    for (id, sentence) in with_person.step_by(5) {
        planted.push((id, sentence.replace("-PER", "-LOC")));
    }
    let mut sentences: Vec<String> = text.split("\n\n").map(str::to_owned).collect();
    planted.iter().for_each(|(id, sentence)| sentences[*id].clone_from(sentence));
    sandbox.write("bad.conll", sentences.join("\n\n"));
    let model = tagger().display();
    let args = format!("annotate p --new --audit bad.conll --threads 2 --model {model}");
    let (_, err) = sandbox.run(&args);
    assert!(
        err.contains("note: the model was trained on 240 of the 240 sentences, and may"),
        "{err}"
    );
    let audit = sandbox.json("p/audit.json");
    let doubts = audit["doubts"].as_array().unwrap();
    let says = |id: usize| {
        let doubt = doubts.iter().find(|doubt| doubt["id"] == id)?;
        let notes = doubt["notes"].as_array().unwrap();
        notes.iter().find(|note| note.as_str().unwrap().starts_with("the model says PER for"))
    };
    let found = planted.iter().filter(|(id, _)| says(*id).is_some()).count();
    assert!(planted.len() > 10 && 2 * found > planted.len(), "{found} of {}", planted.len());
    // What the model changes has its confidence; what it leaves may have none.
    let suggested = doubts.iter().filter_map(|doubt| doubt["suggested"].as_array()).flatten();
    let confidences: Vec<f64> = suggested.filter_map(|span| span["confidence"].as_f64()).collect();
    assert!(confidences.len() >= found, "{confidences:?}");
    assert!(confidences.iter().all(|p| 0.0 < *p && *p <= 1.0), "{confidences:?}");
}
