//! Studies with cross-validation, recipes and a learning curve.

use crate::common::{Sandbox, kill_after, objects};
use insta::assert_snapshot;
use serde_json::Value;
use std::{collections::BTreeMap, fs};

const TABLES: [&str; 9] = [
    "baseline.csv",
    "transfer_learning.csv",
    "recipes.csv",
    "comparisons.csv",
    "means.csv",
    "learning_curve.csv",
    "summary.md",
    "report.html",
    "report.json",
];

const STUDY: &str = r#"
title = "Folds of a moment"
encoder = "sample:tiny"
seeds = [1, 2]
folds = 2
pairs = ["af <- nl"]
threads = 2
[settings]
epochs = 2
lstm-units = 8
lstm-layers = 1
resamples = 40
checkpoint-seconds = 0
rate-encoder = 1e-3
[languages.af]
data = "data"
unlabelled = ["sample:af"]
[languages.nl]
data = "more"
[languages.xx]
data = "other"
[experiments.transfer]
factors = [2]
rows = 10
[experiments.zero-shot]
factors = [2]
[experiments.curve]
sizes = [8, 14, 20, 99]
[experiments.recipes.both]
sources = ["nl", "xx"]
factor = 1
start = "sources"
[experiments.recipes.then]
start = "both"
against = "both"
pool = "target"
pool-limit = 20
settings = { delay = 0, quantile = 0.3, entropy = 5.0, epochs = 3 }
"#;

/// A folder with the study and its texts. Two sentences of the target, and a full stop that is tagged
/// as a name, also occur in the source's training part.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_data();
    let source = gleaner_sample::source();
    let target = gleaner_sample::target();
    for (folder, from) in [("more", 0), ("other", 60)] {
        for (name, range) in [("train", 0..20), ("dev", 20..26), ("test", 26..32)] {
            let range = from + range.start..from + range.end;
            sandbox
                .write(&format!("{folder}/{name}.conll"), gleaner_sample::to_conll(&source[range]));
        }
    }
    let leaks = gleaner_sample::to_conll(&target.train[..2]);
    let train = sandbox.text("more/train.conll");
    sandbox.write("more/train.conll", format!("{leaks}\nNaam\tO\n.\tB-PER\n\n{train}"));
    sandbox.write("study.toml", STUDY);
    sandbox
}

fn tables(sandbox: &Sandbox, results: &str) -> Vec<Vec<u8>> {
    TABLES.iter().map(|t| sandbox.read(&format!("{results}/{t}"))).collect()
}

/// The JSON events of running the study.
fn run(sandbox: &Sandbox, args: &str) -> Vec<Value> {
    objects(&sandbox.run(&format!("study run study.toml --output json {args}")).0)
}

/// Ids of finished runs by name.
fn finished(events: &[Value]) -> BTreeMap<String, String> {
    let of = events.iter().filter(|e| e["event"] == "finished");
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    of.map(|e| (text(&e["name"]), text(&e["id"]))).collect()
}

/// The folder of a finished run.
fn folder(sandbox: &Sandbox, name: &str) -> String {
    let folders = sandbox.files("study-results/runs").into_iter();
    let mut folders = folders.map(|run| format!("study-results/runs/{run}"));
    folders.find(|folder| sandbox.json(&format!("{folder}/run.json"))["name"] == name).unwrap()
}

/// The lines of a table as cells, without its heading.
fn cells(sandbox: &Sandbox, table: &str) -> Vec<Vec<String>> {
    let text = sandbox.text(&format!("study-results/{table}"));
    // Only the names of experiments contain a comma.
    let line = |line: &str| {
        let line = line.replace("\"transfer, ", "").replace('"', "");
        line.split(',').map(str::to_owned).collect()
    };
    text.lines().skip(1).map(line).collect()
}

#[test]
fn a_comparison_with_fewer_seeds_needs_only_these_seeds() {
    let sandbox = sandbox();
    let text = STUDY
        .replace("factor = 1\n", "factor = 1\nagainst = \"then\"\n")
        .replace("against = \"both\"", "seeds = [1]")
        .replace("[experiments.zero-shot]", "[experiments.zero-shot]\nseeds = [2]");
    sandbox.write("study.toml", text);
    assert_eq!(finished(&run(&sandbox, "--only recipe/*")).len(), 2 + 4 + 2);
    let rows = cells(&sandbox, "comparisons.csv");
    let seeds: Vec<&str> =
        rows.iter().filter(|r| r[2] == "recipe both against then").map(|r| r[5].as_str()).collect();
    assert_eq!(seeds, ["1"; 3]);
    let summary = sandbox.text("study-results/summary.md");
    assert!(!summary.contains("of 2 seeds are left out"), "{summary}");
    for fact in
        ["- **seeds of zero-shot runs**: 2\n", "- **recipe then**: start = both, seeds = \\[1\\], "]
    {
        assert!(summary.contains(fact), "{summary}");
    }
}

#[test]
fn every_sentence_is_tested_once_a_seed_and_gains_are_compared() {
    let sandbox = sandbox();
    let ids = finished(&run(&sandbox, ""));
    // Two seeds: source models 2; two folds: baseline, curve at 3 sizes, transfer, zero-shot, recipes.
    assert_eq!(ids.len(), 2 * (2 + 2 * (1 + 3 + 1 + 1 + 2)));
    let predictions = |name: &str| {
        let text = sandbox.read(&format!("study-results/runs/{}/test.jsonl", ids[name]));
        objects(&String::from_utf8(text).unwrap())
    };
    for kind in ["baseline/af", "transfer/af-nl/x2", "recipe/then/af", "curve/af/n14"] {
        let folds = [1, 2].map(|fold| predictions(&format!("{kind}/fold{fold}/seed2")));
        let mut places: Vec<u64> =
            folds.iter().flatten().map(|p| p["position"].as_u64().unwrap()).collect();
        places.sort_unstable();
        assert_eq!(places, (0..68).collect::<Vec<_>>(), "{kind}");
        assert!(folds.iter().flatten().all(|p| p["seen"] == false), "{kind}");
    }
    // Entities known to the source are known to runs that start from it.
    let known = |name: &str| -> usize {
        predictions(name).iter().map(|p| p["known"].as_array().unwrap().len()).sum()
    };
    assert!(known("curve/af/n8/fold1/seed1") <= known("baseline/af/fold1/seed1"));
    assert!(known("baseline/af/fold1/seed1") < known("transfer/af-nl/x2/fold1/seed1"));
    let notes = |name: &str| {
        let record = sandbox.json(&format!("study-results/runs/{}/run.json", ids[name]));
        record["notes"].to_string()
    };
    assert!(
        notes("source/nl/x2/seed1")
            .contains("2 training sentences also occur in excluded texts and were dropped")
    );

    let rows = cells(&sandbox, "comparisons.csv");
    let columns: Vec<String> = rows.iter().map(|row| row[..10].join(" ")).collect();
    let leak_free = |line: &&String| !line.contains(" unseen ");
    let columns: Vec<&String> = columns.iter().filter(leak_free).collect();
    assert_snapshot!(columns.iter().map(|c| c.as_str()).collect::<Vec<_>>().join("\n"));
    for row in &rows {
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        assert!((number(15) - 100.0 * (number(13) - number(11))).abs() < 2e-4, "{row:?}");
        assert!(number(16) <= number(17) && number(18) <= number(19), "{row:?}");
        assert!(row[20].is_empty(), "two seeds are too few for ASO: {row:?}");
        let verdicts = ["significant", "significant loss", "not significant"];
        assert!(verdicts.contains(&row[21].as_str()), "{row:?}");
    }
    let scores = |kind: &str| {
        let row = rows.iter().find(|row| row[2] == kind && row[4] == "all").expect(kind);
        [row[11].clone(), row[13].clone()]
    };
    let ([_, both], [_, then]) = (scores("recipe both"), scores("recipe then"));
    assert_eq!(scores("recipe then against both"), [both, then]);
    let curve = cells(&sandbox, "learning_curve.csv");
    let sizes: Vec<&str> = curve.iter().map(|row| row[1].as_str()).collect();
    assert_eq!(sizes[..3], ["8.000000", "14.000000", "20.000000"]);
    assert_eq!(curve.len(), 4);
    assert!(curve.iter().all(|row| row[2] == "2" && !row[9].is_empty()), "{curve:?}");
    // The gain of further sentences is estimated for the whole training part only.
    assert!(curve[..3].iter().all(|row| row[10..].iter().all(String::is_empty)), "{curve:?}");
    assert_eq!(curve[3][10], "100");
    assert_eq!(cells(&sandbox, "recipes.csv").len(), 8);
    let said = [
        "## Are the gains significant?",
        "sizes 99 of the learning curve are skipped: the training part has ",
        "- **recipe then**: start = both, pool = target, pool-limit = 20, against = both, settings: ",
        "100 more would add about ",
    ];
    sandbox.says("study-results/summary.md", &said);
}

#[test]
fn results_of_other_runs_are_an_error() {
    let sandbox = sandbox();
    run(&sandbox, "--only curve/af/n8/*seed1");
    run(&sandbox, "--only baseline/af/*seed1");
    let [first, second] =
        [1, 2].map(|fold| folder(&sandbox, &format!("curve/af/n8/fold{fold}/seed1")));
    let mistaken = |file: &str, bytes: &[u8]| {
        let own = sandbox.read(file);
        sandbox.write(file, bytes);
        let said = sandbox.fails("study report study.toml", 1);
        sandbox.write(file, own);
        said
    };
    let predictions = format!("{first}/test.jsonl");
    let said = mistaken(&predictions, &sandbox.read(&format!("{second}/test.jsonl")));
    let both = |said: &str| [&first, &second].iter().all(|folder| said.contains(*folder));
    assert!(both(&said) && said.contains("its sentences do not fit those of"), "{said}");
    let text = sandbox.text(&predictions);
    let (head, tail) = text.split_once(',').unwrap();
    assert!(head.starts_with("{\"position\":"), "{head}");
    let said = mistaken(&predictions, format!("{{\"position\":99,{tail}").as_bytes());
    assert!(
        said.contains(&first) && said.contains("test.jsonl: its sentences do not fit"),
        "{said}"
    );
    let record = format!("{first}/run.json");
    let said = mistaken(&record, &sandbox.read(&format!("{second}/run.json")));
    assert!(
        said.contains("run.json: it belongs to another run, curve/af/n8/fold2/seed1"),
        "{said}"
    );
    sandbox.run("study report study.toml");
}

#[test]
fn a_killed_chain_of_runs_gives_the_same_tables() {
    let sandbox = sandbox();
    let text = STUDY.replace("seeds = [1, 2]", "seeds = [1]");
    sandbox.write("study.toml", format!("keep-models = false\n{text}"));
    let whole = run(&sandbox, "--out whole");
    let position = |event: &str, name: &str| {
        whole.iter().position(|e| e["event"] == event && e["name"] == name).unwrap() + 1
    };
    for lines in [
        position("finished", "curve/af/n8/fold2/seed1"),
        position("epoch", "recipe/then/af/fold2/seed1") + 1,
    ] {
        kill_after(&sandbox, "study run study.toml --out killed", lines);
        assert!(!sandbox.path("killed/summary.md").exists(), "over before the kill at {lines}");
        run(&sandbox, "--out killed");
        assert!(tables(&sandbox, "killed") == tables(&sandbox, "whole"), "killed after {lines}");
        fs::remove_dir_all(sandbox.path("killed")).unwrap();
    }
    // All models are deleted; a new recipe needs the whole chain of models again.
    let more = "[experiments.recipes.last]\nstart = \"then\"\nsettings = { epochs = 1 }\n";
    sandbox.write("study.toml", format!("keep-models = false\n{text}{more}"));
    let names = finished(&run(&sandbox, "--out whole --only recipe/last/af/fold1"));
    let names: Vec<&String> = names.keys().collect();
    assert_eq!(
        names,
        [
            "recipe/both/af/fold1/seed1",
            "recipe/last/af/fold1/seed1",
            "recipe/then/af/fold1/seed1",
            "source/nl+xx/x1/seed1"
        ]
    );
}

#[test]
fn unfinished_seeds_are_left_out_and_reported() {
    let sandbox = sandbox();
    run(&sandbox, "--only baseline/af");
    run(&sandbox, "--only recipe/both/af");
    let named = |name: &str| sandbox.path(&(folder(&sandbox, name) + "/run.json"));
    let [baseline, recipe] = ["baseline/af/fold1/seed1", "recipe/both/af/fold2/seed2"].map(named);
    let compared = |gone: &[&std::path::PathBuf]| {
        let kept: Vec<Vec<u8>> = gone.iter().map(|path| fs::read(path).unwrap()).collect();
        gone.iter().for_each(|path| fs::remove_file(path).unwrap());
        sandbox.run("study report study.toml");
        gone.iter().zip(kept).for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
        let rows = cells(&sandbox, "comparisons.csv").into_iter();
        let runs: Vec<String> = rows.filter(|row| row[4] == "all").map(|r| r[6].clone()).collect();
        (runs, sandbox.text("study-results/summary.md"))
    };
    let judged = || {
        let rows = cells(&sandbox, "calibration.csv").into_iter();
        let rows = rows.filter(|row| row[0] == "recipe both" && row[1] == "af");
        rows.map(|row| row[2].clone()).collect::<Vec<_>>()
    };
    assert_eq!(compared(&[]).0, ["2"]);
    assert_eq!(judged(), ["2"]);
    // A fold of the recipe's second seed is missing.
    let (runs, summary) = compared(&[&recipe]);
    assert_eq!((runs, judged()), (vec!["1".to_owned()], vec!["1".to_owned()]));
    assert!(summary.contains("recipe both: 1 of 2 seeds are left out"), "{summary}");
    let (runs, summary) = compared(&[&baseline]);
    assert_eq!(runs, ["1"]);
    assert!(summary.contains("recipe both: 1 of 2 seeds are left out"), "{summary}");
    let (runs, summary) = compared(&[&baseline, &recipe]);
    assert_eq!(runs, [""; 0]);
    assert!(summary.contains("no seed has finished all folds"), "{summary}");
}

#[test]
fn the_mean_over_languages_is_compared_too() {
    let sandbox = sandbox();
    let text = STUDY.replace("pairs = [\"af <- nl\"]", "pairs = [\"af <- nl\", \"xx <- nl\"]");
    let text = text.replace("sources = [\"nl\", \"xx\"]", "sources = [\"nl\"]");
    let other = "data = \"other\"\n";
    sandbox.write(
        "study.toml",
        text.replace(other, &format!("{other}unlabelled = [\"sample:af\"]\n")),
    );
    run(&sandbox, "--only baseline/");
    run(&sandbox, "--only recipe/both/");
    run(&sandbox, "--only zero-shot/af-nl/");
    let rows = cells(&sandbox, "means.csv");
    let notes: Vec<String> = rows.iter().map(|row| row[..6].join(";")).collect();
    // A comparison in one language only has no mean.
    assert_eq!(notes[0], "recipe both;;all;af; xx;2;2");
    assert_eq!(notes.len(), 3, "{notes:?}");
    let of_languages = cells(&sandbox, "comparisons.csv");
    for row in &rows {
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        let gains = of_languages.iter().filter(|one| one[2] == row[0] && one[4] == row[2]);
        let gains: Vec<f64> = gains.map(|one| one[15].parse().unwrap()).collect();
        assert_eq!(gains.len(), 2);
        assert!((number(10) - (gains[0] + gains[1]) / 2.0).abs() < 2e-4, "{row:?} {gains:?}");
        assert!(number(11) <= number(12) && number(13) <= number(14), "{row:?}");
        assert!(row[15].is_empty(), "two seeds are too few for ASO: {row:?}");
    }
    assert!(sandbox.path("study-results/plots/means.svg").exists());
}

#[test]
fn one_seed_on_given_parts_is_compared_too() {
    let sandbox = sandbox();
    let text = STUDY.replace("seeds = [1, 2]\nfolds = 2\n", "seeds = [1]\n");
    sandbox.write("study.toml", text);
    run(&sandbox, "--only /af");
    let rows = cells(&sandbox, "comparisons.csv");
    assert_eq!(rows.len(), 5 * 3);
    assert!(rows.iter().all(|row| row[5] == "1" && row[12].is_empty() && row[20].is_empty()));
    let all = rows.iter().filter(|row| row[4] == "all");
    assert!(all.clone().all(|row| row[7] == "10"), "{rows:?}");
    assert_eq!(all.count(), 5);
}
