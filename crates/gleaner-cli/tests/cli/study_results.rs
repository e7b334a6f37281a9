//! Results folders of studies: models, words, records of finished runs, and notes.

use crate::{
    common::{Sandbox, objects},
    study::{STUDY, TABLES, ids, names, run, sandbox, tables},
};
use insta::assert_snapshot;
use serde_json::Value;
use std::{fs, path::PathBuf};

#[test]
fn models_are_kept_while_a_process_may_start_from_them() {
    let sandbox = sandbox();
    run(&sandbox, "--only source/nl/x1");
    models_stay(&sandbox);
    // A finished run may be in training again, in another process.
    fs::remove_dir_all(sandbox.path("study-results")).unwrap();
    run(&sandbox, "--only source/nl/x1");
    run(&sandbox, "--only baseline/af");
    models_stay(&sandbox);
}

#[test]
fn a_model_that_must_be_made_again_keeps_the_models_that_it_is_made_from() {
    let sandbox = sandbox();
    // Without other experiments, which need the source's model too.
    let (texts, _) = STUDY.split_once("[experiments.transfer]").unwrap();
    let first =
        format!("{texts}[experiments.recipes.a]\nstart = \"sources\"\nfactor = 1\nrows = 20\n");
    sandbox.write("study.toml", &first);
    run(&sandbox, "--only recipe/a/");
    fs::remove_dir_all(run_folder(&sandbox, "recipe/a/af/seed1").join("model")).unwrap();
    // A new recipe starts from the model that is gone.
    sandbox.write("study.toml", format!("{first}[experiments.recipes.b]\nstart = \"a\"\n"));
    models_stay(&sandbox);
}

fn run_folder(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.path(&format!("study-results/runs/{}", ids(sandbox)[name]))
}

/// Holds the baseline's lock, as a process that trains it does, and asserts that the source's model stays until then.
fn models_stay(sandbox: &Sandbox) {
    let model = run_folder(sandbox, "source/nl/x1/seed1").join("model");
    let lock = run_folder(sandbox, "baseline/af/seed1").join("lock");
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    let lock = fs::File::options().append(true).create(true).open(lock).unwrap();
    lock.lock().unwrap();
    let (out, _) = sandbox.run("study status study.toml");
    assert!(out.contains("running: 1, ") && out.contains("running  baseline/af/seed1"), "{out}");
    sandbox.run("study clean study.toml --models");
    assert!(model.exists(), "another process does runs");
    drop(lock);
    sandbox.run("study clean study.toml --models");
    assert!(!model.exists());
}

#[test]
fn tables_do_not_overwrite_other_files() {
    let sandbox = sandbox();
    sandbox.write("mine/summary.md", "mine");
    sandbox.write("study-results/runs/elsewhere/failed.json", "{}");
    sandbox.write("study-results/summary.md", "of other runs");
    let refused =
        ["run", "report"].map(|c| sandbox.fails(&format!("study {c} study.toml --out mine"), 2));
    assert_eq!(refused[0], refused[1]);
    assert_snapshot!(refused[0], @"mine: the folder holds other files and no results of a study; give a results folder or a new folder with --out");
    assert_eq!(sandbox.files("mine"), ["summary.md"]);
    assert_snapshot!(sandbox.fails("study report study.toml", 2), @"study-results: no finished run of this study; run the study first, or give its results folder with --out");
    assert_eq!(sandbox.read("study-results/summary.md"), b"of other runs");
    assert_snapshot!(sandbox.fails("study clean study.toml --out nowhere", 2), @"nowhere: no such folder; run the study first, or give its results folder with --out");
}

#[test]
fn models_that_no_run_needs_can_be_deleted() {
    let sandbox = sandbox();
    run(&sandbox, "--out kept");
    let models = |results: &str| {
        let runs = sandbox.files(&format!("{results}/runs"));
        runs.iter().filter(|r| sandbox.path(&format!("{results}/runs/{r}/model")).exists()).count()
    };
    assert_eq!(models("kept"), 8);
    let expected = tables(&sandbox, "kept");
    sandbox.write("study.toml", format!("keep-models = false\n{STUDY}"));
    run(&sandbox, "--out dropped");
    assert_eq!(models("dropped"), 0);
    assert!(tables(&sandbox, "dropped") == expected);
    // A run added later needs a deleted model, which is trained again to the same bytes.
    sandbox.write("study.toml", STUDY.replace("[0.2, 0.5]", "[0.2, 0.5, 0.6]"));
    let (plan, _) = sandbox.run("study plan study.toml --out dropped");
    let line = plan.lines().find(|line| line.contains("baseline/af/seed1 ")).unwrap();
    assert!(line.contains("  again  "), "{line}");
    assert!(
        plan.contains("again: 1 finished runs") && plan.contains("runs: 10, finished: 9;"),
        "{plan}"
    );
    let events = run(&sandbox, "--out dropped");
    assert_eq!(names(&events, "finished"), ["baseline/af/seed1", "pseudo/af-nl/q0.6/r1/seed1"]);
    run(&sandbox, "--out kept");
    assert!(tables(&sandbox, "dropped") == tables(&sandbox, "kept"));

    sandbox.run("study clean study.toml --out kept");
    assert_eq!(models("kept"), 9);
    let (out, _) = sandbox.run("study clean study.toml --out kept --models");
    assert!(out.starts_with("freed ") && out.contains(" in kept"), "{out}");
    assert_eq!(models("kept"), 0);
    assert_eq!(names(&run(&sandbox, "--out kept"), "started"), [""; 0]);
    assert!(tables(&sandbox, "dropped") == tables(&sandbox, "kept"));
}

#[test]
fn a_model_that_is_trained_again_changes_nothing_that_is_finished() {
    let sandbox = sandbox();
    run(&sandbox, "--only baseline/af/seed1");
    let id = ids(&sandbox)["baseline/af/seed1"].clone();
    let path = |name: &str| format!("study-results/runs/{id}/{name}");
    fs::remove_dir_all(sandbox.path(&path("model"))).unwrap();
    // Scores that another processor might give.
    let other = |text: Vec<u8>| {
        let mut record: Value = serde_json::from_slice(&text).unwrap();
        record["test"]["entities"]["micro"]["f1"] = 0.125.into();
        record.to_string()
    };
    sandbox.write(&path("run.json"), other(sandbox.read(&path("run.json"))));
    let labels = sandbox.read(&path("test.jsonl"));
    let shifted = String::from_utf8(labels).unwrap().replace("\"seen\":false", "\"seen\":true");
    sandbox.write(&path("test.jsonl"), &shifted);
    run(&sandbox, "--only pseudo/*");
    assert!(sandbox.path(&path("model/gleaner.json")).exists());
    assert_eq!(sandbox.read(&path("test.jsonl")), shifted.as_bytes());
    let record = sandbox.json(&path("run.json"));
    assert_eq!(record["test"]["entities"]["micro"]["f1"], 0.125);
    let note = record["notes"].to_string();
    assert!(note.contains("its model was trained again and now has an entity F1 of "), "{note}");
    assert!(note.contains(" on test, not 0.1250"), "{note}");
    let summary = sandbox.text("study-results/summary.md");
    assert!(summary.contains("baseline/af: its model was trained again"), "{summary}");
    // Missing files are written.
    fs::remove_dir_all(sandbox.path(&path("model"))).unwrap();
    fs::remove_file(sandbox.path(&path("test.jsonl"))).unwrap();
    sandbox.write("study.toml", STUDY.replace("[0.2, 0.5]", "[0.2, 0.5, 0.6]"));
    run(&sandbox, "--only pseudo/*/q0.6/*");
    assert_eq!(sandbox.text(&path("test.jsonl")).lines().count(), 10);
}

#[test]
fn left_out_and_repeated_sentences_are_reported() {
    let sandbox = sandbox();
    let test = sandbox.text("data/test.conll");
    let train = sandbox.text("more/train.conll");
    let (first, _) = test.split_once("\n\n").unwrap();
    sandbox.write("more/train.conll", format!("{first}\n\n{train}"));
    sandbox.write("data/test.conll", format!("{test}\nOslo\tB_LOC\n"));
    let text = STUDY
        .replace("[settings]", "[settings]\nskip-bad = true")
        .replace("factors = [1, 2]", "factors = [2, 9, 11]")
        .replace("entropy = 5.0", "entropy = 1e-9");
    sandbox.write("study.toml", &text);
    run(&sandbox, "--out easy");
    let said = [
        "baseline/af: malformed sentences left out: 1, the first at test.conll:",
        "zero-shot/af-nl/x2: 1 test sentences also occur in the training text of the model, so its scores are too high.",
        "nl: the source models ×9, ×11 are trained on the same 41 sentences.",
        "pseudo/af-nl: 2 of 2 runs added no pseudo-labelled sentence.",
    ];
    sandbox.says("easy/summary.md", &said);
    // Notes that several experiments share are printed once.
    let summary = sandbox.text("easy/summary.md");
    let notes = summary.lines().filter(|line| line.contains("malformed sentences left out"));
    let notes: Vec<&str> = notes.collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[1].ends_with(" (similar notes in 7 runs)."), "{notes:?}");
    assert!(!summary.contains("a pool of "), "{summary}");
    // Its results are not part of another study.
    sandbox.write("other.toml", text.replace("epochs = 2", "epochs = 1"));
    let (_, err) = sandbox.run("study run other.toml --out easy --only baseline/*");
    assert!(err.contains(" finished runs in easy are not part of other.toml; "), "{err}");
}

#[test]
fn results_without_words_can_be_published() {
    let sandbox = sandbox();
    run(&sandbox, "--out whole");
    sandbox.write("study.toml", format!("keep-words = false\n{STUDY}"));
    run(&sandbox, "--out wordless");
    let path = format!("whole/runs/{}/test.jsonl", ids(&sandbox)["baseline/af/seed1"]);
    let first = objects(&sandbox.text(&path)).remove(0);
    let longest = first["tokens"].as_array().unwrap().iter().filter_map(Value::as_str);
    let word = longest.max_by_key(|word| word.len()).unwrap();
    // The first sentence of each text is not cached either.
    let shown = |results: &str| {
        let cache = sandbox.json(&format!("{results}/fingerprints.json"));
        let texts = cache["texts"].as_object().unwrap().values();
        let files = texts.flat_map(|stats| stats["files"].as_array().unwrap().clone());
        files.filter(|file| file["first"].as_array().is_some_and(|first| !first.is_empty())).count()
    };
    assert_ne!(shown("whole"), 0);
    assert_eq!(shown("wordless"), 0);
    let given = sandbox.path("given/runs");
    for id in ids(&sandbox).values() {
        fs::create_dir_all(given.join(id)).unwrap();
        for name in ["run.json", "test.jsonl"] {
            let from = sandbox.path(&format!("wordless/runs/{id}/{name}"));
            let text = fs::read_to_string(&from).unwrap();
            assert!(!text.contains(word), "{word} in {name}");
            fs::copy(from, given.join(id).join(name)).unwrap();
        }
    }
    assert_eq!(names(&run(&sandbox, "--out given"), "started"), [""; 0]);
    for table in TABLES.iter().filter(|name| !name.starts_with("report.")) {
        let of = |results: &str| sandbox.read(&format!("{results}/{table}"));
        assert!(of("given") == of("whole"), "{table}");
    }
    let report = |results: &str| sandbox.json(&format!("{results}/report.json"));
    assert_eq!(report("given")["confusions"], report("whole")["confusions"]);
    assert_ne!(report("whole")["changes"].as_array().unwrap().len(), 0);
    assert_eq!(report("given")["changes"].as_array().unwrap().len(), 0);
    // Kept words are deleted by the next report once the study sets keep-words = false.
    sandbox.run("study report study.toml --out whole");
    for id in ids(&sandbox).values() {
        let path = format!("runs/{id}/test.jsonl");
        let of = |results: &str| sandbox.read(&format!("{results}/{path}"));
        assert!(of("whole") == of("wordless"), "{path}");
    }
    assert_eq!(report("whole")["changes"].as_array().unwrap().len(), 0);
    assert_eq!(shown("whole"), 0);
    // A lost line must not shift the comparison to other sentences.
    let path = format!("given/runs/{}/test.jsonl", ids(&sandbox)["baseline/af/seed1"]);
    let text = sandbox.text(&path);
    sandbox.write(&path, text.split_once('\n').unwrap().1);
    let said = sandbox.fails("study report study.toml --out given", 1);
    assert!(said.contains("test.jsonl: 9 of 10 sentences; delete the run's folder"), "{said}");
}
