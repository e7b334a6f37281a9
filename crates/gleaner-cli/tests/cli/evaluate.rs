//! `gleaner evaluate`.

use crate::common::{Sandbox, objects, tagger};
use gleaner_nn::{Compute, Precision};
use serde_json::Value;

fn manifest() -> Value {
    serde_json::from_slice(&std::fs::read(tagger().join("gleaner.json")).unwrap()).unwrap()
}

fn evaluate(sandbox: &Sandbox, rest: &str) -> String {
    sandbox.run(&format!("evaluate {} {rest}", tagger().display())).0
}

#[test]
fn the_scores_are_those_that_training_recorded() {
    let sandbox = Sandbox::new();
    let scores = objects(&evaluate(&sandbox, "sample:af --output json")).remove(0);
    let recorded = &manifest()["test"];
    assert!(recorded["entities"]["micro"]["f1"].as_f64().unwrap() > 0.3, "{recorded}");
    assert_eq!(scores["default"]["report"], recorded["entities"]);
    assert_eq!(scores["default"]["intervals"], recorded["intervals"]);
    assert_eq!(scores["token-accuracy"], recorded["token-accuracy"]);
    assert_eq!(scores["published-score"], recorded["published-score"]);
    assert_eq!(scores["sentences"], 30);
}

#[test]
fn human_output_has_the_same_scores() {
    let sandbox = Sandbox::new();
    let text = evaluate(&sandbox, "sample:af");
    let recorded = &manifest()["test"];
    let micro = recorded["entities"]["micro"]["f1"].as_f64().unwrap();
    let published = recorded["published-score"].as_f64().unwrap();
    let interval = &recorded["intervals"]["micro-f1"];
    let [low, high] = ["low", "high"].map(|end| interval[end].as_f64().unwrap());
    let first = text.lines().find(|l| l.starts_with("entity F1 (micro, seqeval default)")).unwrap();
    assert!(first.ends_with(&format!("{micro:.3} [{low:.3}, {high:.3}]")), "{first}");
    assert!(text.contains(&format!("{published:.3}")), "{text}");
    // The result is printed in quiet mode too.
    assert_eq!(evaluate(&sandbox, "sample:af --output quiet"), text);
    let bare = evaluate(&sandbox, "sample:af --resamples 0");
    let first = bare.lines().find(|l| l.starts_with("entity F1")).unwrap();
    assert!(first.trim_end().ends_with(&format!("{micro:.3}")), "{bare}");
}

#[test]
fn a_file_a_folder_and_the_sample_give_the_same_scores() {
    let sandbox = Sandbox::new();
    sandbox.run("data sample sample");
    let sample = evaluate(&sandbox, "sample:af");
    assert_eq!(evaluate(&sandbox, "sample/af"), sample);
    assert_eq!(evaluate(&sandbox, "sample/af/test.conll"), sample);
    assert_eq!(evaluate(&sandbox, "sample/af/test.conll --threads 1"), sample);
}

#[test]
fn a_folder_with_only_a_test_file_is_enough() {
    let sandbox = Sandbox::with_data();
    let whole = evaluate(&sandbox, "data");
    std::fs::remove_file(sandbox.path("data/train.conll")).unwrap();
    assert_eq!(evaluate(&sandbox, "data"), whole);
}

#[test]
fn copies_of_a_sentence_make_no_interval_narrower() {
    let sandbox = Sandbox::new();
    let parts = gleaner_sample::target();
    let text = gleaner_sample::to_conll(&parts.test[..10]);
    sandbox.write("once.conll", &text);
    sandbox.write("often.conll", text.repeat(8));
    let scores = |file: &str| -> Value {
        serde_json::from_str(&evaluate(&sandbox, &format!("{file} --output json"))).unwrap()
    };
    let (once, often) = (scores("once.conll"), scores("often.conll"));
    assert!(once["default"]["intervals"]["micro-f1"].is_object(), "{once}");
    for mode in ["default", "strict"] {
        assert_eq!(once[mode]["intervals"], often[mode]["intervals"]);
    }
    assert_eq!((&once["sentences"], &often["sentences"]), (&10.into(), &80.into()));
    let sentences = |scores: &Value| scores["confidence"]["calibrated"]["sentences"].clone();
    assert_eq!(sentences(&once), sentences(&often));
}

#[test]
fn sentences_that_were_trained_on_are_reported_and_scored_separately() {
    let sandbox = Sandbox::new();
    let parts = gleaner_sample::target();
    let [old, new] = [&parts.train[..6], &parts.test[..10]].map(gleaner_sample::to_conll);
    sandbox.write("both.conll", format!("{old}{new}"));
    sandbox.write("old.conll", old);
    sandbox.write("new.conll", new);
    let scores =
        |file: &str| objects(&evaluate(&sandbox, &format!("{file}.conll --output json"))).remove(0);
    let (old, new, both) = (scores("old"), scores("new"), scores("both"));
    let known = |scores: &Value| scores["trained-on"]["sentences"].clone();
    assert_eq!([&old, &new, &both].map(known), [6, 0, 6]);
    assert_ne!(both["default"], new["default"]);
    assert_eq!(both["trained-on"]["without"], new["default"]);
    let text = evaluate(&sandbox, "both.conll");
    let micro = new["default"]["report"]["micro"]["f1"].as_f64().unwrap();
    assert!(text.contains("The tagger was trained on 6 of them"), "{text}");
    let line = text.lines().find(|l| l.starts_with("entity F1 without")).unwrap();
    assert!(line.contains(&format!("  {micro:.3} [")), "{line}");
    // Without the record nothing is claimed.
    let model = sandbox.path("earlier");
    std::fs::create_dir(&model).unwrap();
    for file in ["config.json", "tokenizer.json", "model.safetensors", "gleaner.json"] {
        std::fs::copy(tagger().join(file), model.join(file)).unwrap();
    }
    let (_, err) = sandbox.run("evaluate earlier old.conll");
    assert!(
        err.contains("this model does not record its training text, because an earlier version"),
        "{err}"
    );
    let (out, _) = sandbox.run("evaluate earlier old.conll --output json");
    assert_eq!(objects(&out)[0]["trained-on"], Value::Null);
}

#[test]
fn bf16_changes_confidences_if_available_and_is_reported_if_not() {
    let sandbox = Sandbox::new();
    sandbox.run("data sample sample");
    let predict = |more: &str| {
        let text = "sample/af/test.conll --format jsonl";
        sandbox.run(&format!("predict {} {text} {more}", tagger().display()))
    };
    let f32 = predict("--precision f32");
    assert_eq!(predict("").0, f32.0);
    let (bf16, err) = predict("--precision bf16");
    let has = Precision::Bf16.available_on(&Compute::cpu()) == Precision::Bf16;
    assert_eq!(bf16 != f32.0, has);
    assert_eq!(err.contains("no bf16 instructions"), !has, "{err}");
    let scores = evaluate(&sandbox, "sample:af --precision bf16 --resamples 0");
    assert!(scores.contains("entity F1"), "{scores}");
}

#[test]
fn wrong_sentences_are_listed() {
    let sandbox = Sandbox::new();
    let lines = objects(&evaluate(&sandbox, "sample:af --errors --output json"));
    let (scores, wrong) = lines.split_first().unwrap();
    assert!(!wrong.is_empty() && wrong.len() < 30);
    for sentence in wrong {
        assert_ne!(sentence["gold"], sentence["predicted"]);
        let lengths =
            ["tokens", "gold", "predicted"].map(|k| sentence[k].as_array().unwrap().len());
        assert!(lengths.iter().all(|n| *n == lengths[0]), "{sentence}");
    }
    let words = scores["words"].as_u64().unwrap() as f64;
    let pairs = wrong
        .iter()
        .flat_map(|s| s["gold"].as_array().unwrap().iter().zip(s["predicted"].as_array().unwrap()));
    let misses = pairs.filter(|(gold, found)| gold != found).count() as f64;
    assert!((scores["token-accuracy"].as_f64().unwrap() - (1.0 - misses / words)).abs() < 1e-12);

    let text = evaluate(&sandbox, "sample:af --errors 2");
    assert!(
        text.contains(&format!("\n{} of 30 sentences are wrong; showing 2:\n", wrong.len())),
        "{text}"
    );
    assert_eq!(text.matches("\nsample:af/test.conll:").count(), 2);
    assert!(text.contains(&format!("\nsample:af/test.conll:{}\n", wrong[0]["line"])), "{text}");
}

#[test]
fn malformed_sentences_are_skipped_on_request_and_reported() {
    let sandbox = Sandbox::with_data();
    let good = sandbox.text("data/test.conll");
    sandbox.write("bad.conll", format!("{good}Oslo\tB_LOC\n\n"));
    let args = format!("evaluate {} bad.conll", tagger().display());
    assert!(sandbox.fails(&args, 3).starts_with("bad.conll:"));
    let (out, err) = sandbox.run(&format!("{args} --skip-bad"));
    let left_out = "Left out 1 sentence that could not be read.\n\n";
    assert!(out.contains(left_out), "{out}");
    assert_eq!(out.replace(left_out, ""), evaluate(&sandbox, "data/test.conll"));
    let (json, _) = sandbox.run(&format!("{args} --skip-bad --output json"));
    assert_eq!(objects(&json)[0]["left-out"], 1);
    assert!(
        err.contains("note: findings in the text: 1 (skipped sentences: 1), the first: bad.conll:"),
        "{err}"
    );
}

#[test]
fn a_label_map_makes_another_corpus_fit() {
    let sandbox = Sandbox::new();
    let parts = gleaner_sample::target();
    let test = gleaner_sample::to_conll(&parts.test);
    let renamed = test.replace("-PER", "-PERSON").replace("-ORG", "-COMPANY");
    sandbox.write("test.conll", format!("{renamed}1905\tB-DATE\n\n"));
    let maps = "--map PERSON=PER --map COMPANY=ORG --map LOC=LOC";
    let mapped = evaluate(&sandbox, &format!("test.conll {maps} --map DATE=O --output json"));
    let star = evaluate(&sandbox, &format!("test.conll {maps} --map *=O --output json"));
    assert_eq!(mapped, star);
    sandbox.write("plain.conll", format!("{test}1905\tO\n\n"));
    assert_eq!(mapped, evaluate(&sandbox, "plain.conll --output json"));
}

#[test]
fn a_label_map_applies_to_the_sample_too() {
    let sandbox = Sandbox::new();
    let maps = "--map PER=PER --map *=O";
    let scores = objects(&evaluate(&sandbox, &format!("sample:af {maps} --output json"))).remove(0);
    let gold =
        |kind: &str| scores["default"]["report"]["types"][kind]["gold"].as_u64().unwrap_or(0);
    let all = manifest()["test"]["entities"]["types"]["PER"]["gold"].as_u64().unwrap();
    assert!(all > 0);
    assert_eq!((gold("PER"), gold("LOC"), gold("ORG")), (all, 0, 0));
}

#[test]
fn errors_name_the_file_of_a_part() {
    let sandbox = Sandbox::new();
    let wrong = "Anna\tB-LOC\nwoon\tB-PER\nhier\tB-LOC\n";
    for part in [0, 1] {
        sandbox.write(&format!("data/test-0000{part}-of-00002.conll"), wrong);
    }
    let shown = evaluate(&sandbox, "data --errors");
    for part in [0, 1] {
        assert!(shown.contains(&format!("test-0000{part}-of-00002.conll:1")), "{shown}");
    }
    let found = objects(&evaluate(&sandbox, "data --errors --output json"));
    assert!(found[2]["path"].as_str().unwrap().ends_with("test-00001-of-00002.conll"), "{found:?}");
}

#[test]
fn a_folder_of_brats_documents_is_scored_as_a_whole() {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "blood_test"] {
        sandbox.write(&format!("brat/{name}.txt"), "Anna woon in Brakfontein.\n");
        sandbox.write(&format!("brat/{name}.ann"), "T1\tPER 0 4\tAnna\n");
    }
    let scores = objects(&evaluate(&sandbox, "brat --output json")).remove(0);
    assert_eq!(scores["sentences"], 3);
}
