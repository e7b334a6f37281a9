//! `gleaner study`: planning, running, killing, sharing, failing and gathering.

use crate::common::{Sandbox, kill_after, objects};
use insta::assert_snapshot;
use serde_json::Value;
use std::{collections::BTreeMap, fs};

pub const TABLES: [&str; 12] = [
    "baseline.csv",
    "transfer_learning.csv",
    "iterative_pseudo_labeling.csv",
    "calibration.csv",
    "summary.md",
    "report.html",
    "report.json",
    "recipes.csv",
    "comparisons.csv",
    "means.csv",
    "learning_curve.csv",
    "active_learning.csv",
];

pub const STUDY: &str = r#"
title = "A study of a moment"
encoder = "sample:tiny"
seeds = [1]
pairs = ["af <- nl"]
threads = 2
[settings]
epochs = 2
lstm-units = 8
lstm-layers = 1
resamples = 20
checkpoint-seconds = 0
rate-encoder = 1e-3
[languages.af]
data = "data"
unlabelled = ["sample:af"]
[languages.nl]
data = "more"
[experiments.transfer]
factors = [1, 2]
rows = 20
[experiments.zero-shot]
factors = [2]
[experiments.joint]
factors = [2]
[experiments.pseudo]
quantiles = [0.2, 0.5]
pool-limit = 60
settings = { delay = 0, entropy = 5.0, epochs = 3 }
"#;

/// A folder with the study and its texts.
pub fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_data();
    let source = gleaner_sample::source();
    for (name, range) in [("train", 0..40), ("dev", 40..50), ("test", 50..60)] {
        sandbox.write(&format!("more/{name}.conll"), gleaner_sample::to_conll(&source[range]));
    }
    sandbox.write("study.toml", STUDY);
    sandbox
}

pub fn tables(sandbox: &Sandbox, results: &str) -> Vec<Vec<u8>> {
    TABLES.iter().map(|t| sandbox.read(&format!("{results}/{t}"))).collect()
}

/// The JSON events of running the study.
pub fn run(sandbox: &Sandbox, args: &str) -> Vec<Value> {
    objects(&sandbox.run(&format!("study run study.toml --output json {args}")).0)
}

pub fn names(events: &[Value], event: &str) -> Vec<String> {
    let of = events.iter().filter(|e| e["event"] == event);
    of.map(|e| e["name"].as_str().unwrap().to_owned()).collect()
}

/// Number of pieces that a finished run was trained on.
fn trained_pieces(sandbox: &Sandbox, id: &str) -> u64 {
    let record = sandbox.json(&format!("study-results/runs/{id}/run.json"));
    let epochs = record["history"].as_array().unwrap().iter();
    epochs.map(|epoch| epoch["pieces"].as_u64().unwrap()).sum()
}

/// Run ids by name.
pub fn ids(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let (out, _) = sandbox.run("study plan study.toml --output json");
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    objects(&out)
        .iter()
        .filter(|e| e["event"] == "run")
        .map(|e| (text(&e["name"]), text(&e["id"])))
        .collect()
}

#[test]
fn a_note_reports_runs_that_lack_their_baseline() {
    let sandbox = sandbox();
    run(&sandbox, "--only transfer/*/x1/*");
    let summary = || sandbox.text("study-results/summary.md");
    let note = "Finished runs without a finished baseline: 1, the first transfer/af-nl/x1/seed1.";
    assert!(summary().contains(note), "{}", summary());
    run(&sandbox, "--only baseline");
    assert!(!summary().contains(note), "{}", summary());
}

#[test]
fn a_study_is_planned_run_once_and_gathered() {
    let sandbox = sandbox();
    let (out, _) = sandbox.run("study plan study.toml");
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"[0-9a-f]{16}", "[id]");
    settings.add_filter(r"about [^;(]+(left|on)", "about [so much] $1");
    settings.bind(|| assert_snapshot!("study-plan", out));
    assert!(!sandbox.path("study-results").exists(), "planning writes nothing");

    let events = run(&sandbox, "");
    assert_eq!(names(&events, "finished").len(), 9);
    let done = events.last().unwrap();
    assert_eq!(
        (&done["event"], &done["done"], &done["failed"]),
        (&"done".into(), &9.into(), &0.into())
    );
    // One sentence for each experiment: fine-tuned, zero-shot, joint, pseudo-labelling. 1 / 21 is below 0.05, that of
    // two settings, 2 / 21, is not.
    let answers = done["answers"].as_array().unwrap().iter();
    let findings: Vec<&str> = answers.map(|a| a["finding"].as_str().unwrap()).collect();
    let (seeds, resamples) = ("too-few-seeds", "too-few-resamples");
    assert_eq!(findings, [resamples, seeds, seeds, resamples]);
    let (end, _) = sandbox.run("study run study.toml");
    assert!(end.starts_with("Answers\n  nl → af, transfer, fine-tuned ×"), "{end}");
    let text = |name: &str| sandbox.text(&format!("study-results/{name}"));
    let heads: Vec<String> =
        TABLES[..3].iter().map(|t| text(t).lines().next().unwrap().to_owned()).collect();
    assert_snapshot!(heads.join("\n"));
    let rows: Vec<usize> = TABLES[..3].iter().map(|t| text(t).lines().count() - 1).collect();
    assert_eq!(rows, [1, 4, 2]);
    // Every predicted entity has confidences.
    for (name, id) in ids(&sandbox) {
        for line in objects(&text(&format!("runs/{id}/test.jsonl"))) {
            let begins = line["tags"].as_array().unwrap().iter();
            let begins = begins.filter(|t| t.as_str().unwrap().starts_with("B-")).count();
            let spans = line["spans"].as_array().unwrap();
            assert_eq!(spans.len(), begins, "{name}");
            assert!(spans.iter().all(|s| s["uncalibrated"].is_f64() && s["confidence"].is_f64()));
        }
    }
    // Number columns contain only numbers.
    for line in text("transfer_learning.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells[0], cells[1], cells.len()), ("nl", "af", 15), "{line}");
        // `sound` does not score the training batches.
        assert_eq!(cells[3], "", "{line}");
        let numbers = cells[2..7].iter().filter(|cell| !cell.is_empty());
        assert_eq!(numbers.filter(|cell| cell.parse::<f64>().is_ok()).count(), 4, "{line}");
    }
    // Self-training on the target has no source language.
    let pseudo = |line: &&str| line.contains(",pseudo-labelling,");
    let comparisons = text("comparisons.csv");
    let taught: Vec<&str> = comparisons.lines().filter(pseudo).collect();
    assert!(taught.len() == 6 && taught.iter().all(|l| l.starts_with("af,,")), "{taught:?}");
    let report = sandbox.json("study-results/report.json");
    assert_eq!(report["title"], "A study of a moment");
    assert!(report["pseudo"].as_array().unwrap().iter().all(|row| row["source"] == "af"));
    let said = text("summary.md");
    assert!(!said.contains("af → af") && said.contains("nl → af"), "{said}");
    assert!(
        said.contains("- **settings of pseudo-labelling**: epochs = 3, entropy = 5.0, delay = 0"),
        "{said}"
    );
    let effort = said.lines().find_map(|l| l.strip_prefix("- **pieces trained on**: ")).unwrap();
    let parts = ["source models ", "fine-tuning ", "joint ", "pseudo-labelling ", "baseline "];
    assert!(parts.iter().all(|part| effort.contains(part)), "{effort}");
    let trained: u64 = ids(&sandbox).values().map(|id| trained_pieces(&sandbox, id)).sum();
    let effort = effort.replace(": ", " ").replace(',', "");
    let numbers: Vec<u64> = effort.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers[0], trained, "{effort}");
    assert_eq!(numbers[1..].iter().sum::<u64>(), trained, "{effort}");
    assert!(report["curves"].as_array().unwrap().len() >= 4);
    let table = &report["confusions"][0];
    let types = table["types"].as_array().unwrap().len();
    assert!(
        table["counts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r.as_array().unwrap().len() == types + 1)
    );

    assert!(text("fingerprints.json").contains("train.conll"), "files are hashed once");
    // No run is repeated, and tables can be rewritten.
    let before = tables(&sandbox, "study-results");
    let again = run(&sandbox, "");
    assert_eq!(names(&again, "started"), [""; 0]);
    sandbox.write("study-results/plots/curve-99-of-an-earlier-state.svg", "<svg/>");
    fs::remove_file(sandbox.path("study-results/baseline.csv")).unwrap();
    sandbox.run("study report study.toml");
    assert!(tables(&sandbox, "study-results") == before);
    let drawings = sandbox.files("study-results/plots");
    assert!(
        drawings.len() > 3 && drawings.iter().all(|name| !name.contains("-99-")),
        "{drawings:?}"
    );
    let (out, _) = sandbox.run("study status study.toml");
    assert_eq!(out, "A study of a moment: 9 of 9 runs finished; running: 0, failed: 0, open: 0\n");
}

#[test]
fn a_study_killed_at_any_moment_ends_with_the_same_tables() {
    let sandbox = sandbox();
    let whole = run(&sandbox, "--out whole");
    let expected = tables(&sandbox, "whole");
    let position = |event: &str, name: &str| {
        whole.iter().position(|e| e["event"] == event && e["name"] == name).unwrap() + 1
    };
    // Kill points: in the first training, just after a run, and in the last training after additions.
    for lines in [
        position("epoch", "baseline/af/seed1"),
        position("finished", "transfer/af-nl/x1/seed1"),
        position("epoch", "pseudo/af-nl/q0.5/r1/seed1") + 1,
    ] {
        kill_after(&sandbox, "study run study.toml --out killed", lines);
        assert!(!sandbox.path("killed/summary.md").exists(), "over before the kill at {lines}");
        let (out, _) = sandbox.run("study status study.toml --out killed --output json");
        let done = objects(&out)[0]["done"].as_u64().unwrap() as usize;
        assert_eq!(done, names(&whole[..lines], "finished").len());
        let rest = run(&sandbox, "--out killed");
        assert_eq!(names(&rest, "finished").len(), 9 - done);
        for (table, (a, b)) in TABLES.iter().zip(tables(&sandbox, "killed").iter().zip(&expected)) {
            assert!(a == b, "{table}, killed after {lines} lines");
        }
        fs::remove_dir_all(sandbox.path("killed")).unwrap();
    }
}

#[test]
fn processes_and_threads_share_the_work() {
    let sandbox = sandbox();
    run(&sandbox, "--out alone");
    let start = |jobs: u32| {
        let args = format!("study run study.toml --out shared --output json --jobs {jobs}");
        std::process::Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .current_dir(sandbox.path(""))
            .args(args.split(' '))
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    };
    let processes = [start(1), start(2)];
    let mut finished = Vec::new();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let events = objects(&String::from_utf8(output.stdout).unwrap());
        assert_eq!(events.last().unwrap()["done"], 9);
        finished.extend(names(&events, "finished"));
    }
    finished.sort();
    let mut all: Vec<String> = ids(&sandbox).into_keys().collect();
    all.sort();
    assert_eq!(finished, all);
    assert!(tables(&sandbox, "shared") == tables(&sandbox, "alone"));
}

#[test]
fn a_failed_run_is_recorded_retried_and_stops_only_its_dependents() {
    let sandbox = sandbox();
    let ids = ids(&sandbox);
    let in_the_way = format!("study-results/runs/{}/test.jsonl", ids["source/nl/x1/seed1"]);
    sandbox.write(&format!("{in_the_way}/file"), "");
    let args = "study run study.toml --output json";
    let output = sandbox.command(args).output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let error = String::from_utf8(output.stderr).unwrap();
    assert_snapshot!(error, @"error: runs failed: 1, skipped: 1; fix the cause and run the study again: only these runs are repeated");
    let events = objects(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(names(&events, "failed"), ["source/nl/x1/seed1"]);
    assert_eq!(names(&events, "left-out"), ["transfer/af-nl/x1/seed1"]);
    assert_eq!(names(&events, "finished").len(), 7);
    let failure =
        sandbox.json(&format!("study-results/runs/{}/failed.json", ids["source/nl/x1/seed1"]));
    assert_eq!(failure["attempts"], 1);
    assert!(failure["error"].as_str().unwrap().contains("test.jsonl"), "{failure}");
    let (out, _) = sandbox.run("study status study.toml");
    assert!(
        out.starts_with(
            "A study of a moment: 7 of 9 runs finished; running: 0, failed: 1, open: 1\n"
        ),
        "{out}"
    );
    assert!(out.contains("failed   source/nl/x1/seed1 (1×): "), "{out}");
    // Tables contain the finished runs.
    let csv = sandbox.text("study-results/transfer_learning.csv");
    assert_eq!(csv.lines().count(), 4);

    assert_eq!(sandbox.command(args).output().unwrap().status.code(), Some(5));
    fs::remove_dir_all(sandbox.path(&in_the_way)).unwrap();
    let events = run(&sandbox, "");
    assert_eq!(names(&events, "finished"), ["source/nl/x1/seed1", "transfer/af-nl/x1/seed1"]);
    // The model existed; only its predictions were missing.
    let trained = names(&events, "epoch");
    assert!(trained.iter().all(|name| name == "transfer/af-nl/x1/seed1"), "{trained:?}");
    run(&sandbox, "--out whole");
    assert!(tables(&sandbox, "study-results") == tables(&sandbox, "whole"));
}

#[test]
fn a_study_can_stop_at_the_first_failure() {
    let sandbox = sandbox();
    let in_the_way =
        format!("study-results/runs/{}/test.jsonl", ids(&sandbox)["baseline/af/seed1"]);
    sandbox.write(&format!("{in_the_way}/file"), "");
    let output =
        sandbox.command("study run study.toml --output json --fail-fast").output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    let events = objects(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(names(&events, "started"), ["baseline/af/seed1"]);
}

#[test]
fn chosen_runs_include_their_dependencies() {
    let sandbox = sandbox();
    let events = run(&sandbox, "--only transfer/*/x1/*");
    assert_eq!(names(&events, "finished"), ["source/nl/x1/seed1", "transfer/af-nl/x1/seed1"]);
    let message = sandbox.fails("study run study.toml --only nothing", 2);
    assert_snapshot!(message, @"--only nothing: no run matches; list the runs with `gleaner study plan`");
}

#[test]
fn the_quickstart_is_built_in() {
    let (out, _) = Sandbox::new().run("study plan quickstart");
    for name in ["baseline/af", "transfer/af-nl/x4", "zero-shot", "joint", "pseudo/af-nl/q0.9"] {
        assert!(out.contains(name), "{out}");
    }
}

#[test]
fn human_output_has_one_line_per_run() {
    let sandbox = sandbox();
    let (out, err) = sandbox.run("study run study.toml --only zero-shot");
    let mut settings = insta::Settings::clone_current();
    for (from, to) in [(r"\d+\.\d+", "N"), (r"\d+( min \d+)? s\b", "N s"), (r"; about .* left", "")]
    {
        settings.add_filter(from, to);
    }
    settings.bind(|| assert_snapshot!(format!("{err}---\n{out}")));
}

#[test]
fn invalid_studies_are_errors_before_anything_is_written() {
    let sandbox = sandbox();
    let refused = |text: &str, code| {
        sandbox.write("study.toml", text);
        let message = sandbox.fails("study run study.toml", code);
        assert!(!sandbox.path("study-results").exists());
        message
    };
    assert_snapshot!(refused("encoder = 3\n", 2), @"study.toml:1: invalid type: integer `3`, expected a string; see docs/reference/study-file.md for the keys");
    assert_snapshot!(refused(&STUDY.replace("\"more\"", "\"less\""), 2), @"study.toml:18: data: less does not exist; check the path; it is relative to the folder of this file");
    assert_snapshot!(sandbox.fails("study run absent.toml", 1), @"absent.toml: No such file or directory (os error 2); check the path, its permissions and the free disk space");
    assert_snapshot!(sandbox.fails("study report quickstart --out nowhere", 2), @"nowhere: no such folder; run the study first, or give its results folder with --out");
    assert_snapshot!(refused(&STUDY.replace("threads = 2", "device = \"gpu\""), 2), @"study.toml:6: device: unknown device `gpu`; use cpu, or cuda, rocm, vulkan, metal or webgpu, and `:1` after it for the second");
    let device = refused(&STUDY.replace("threads = 2", "device = \"cuda:77\""), 2);
    assert!(device.starts_with("device `cuda:77` is not "), "{device}");
    // Settings of an experiment override those of all runs.
    let best = STUDY.replace("epochs = 2\n", "epochs = 2\nselect = \"entity-f1\"\n");
    let tired = best + "[experiments.baseline]\nsettings = { patience = 1 }\n";
    sandbox.write("study.toml", &tired);
    sandbox.run("study plan study.toml");
    assert_snapshot!(refused(&tired.replace("select = \"entity-f1\"\n", ""), 2), @r#"study.toml:31: settings: patience: waits for a better epoch on dev, but the last one is kept; set select = "entity-f1", or patience = 0"#);
    sandbox.write("more/train.conll", "Oslo\tB_LOC\n");
    assert!(refused(STUDY, 3).starts_with("more/train.conll:1: unknown tag"));
}
