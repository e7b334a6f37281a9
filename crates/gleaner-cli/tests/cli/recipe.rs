//! `gleaner train --recipe best`.

use crate::common::{Sandbox, kill_after, objects, tagger, training};
use serde_json::Value;
use std::fs;

const TEXTS: &str = "--data data --sources sample:nl=30 --pool sample:af --pool-limit 40 --quantile 0.1 --entropy 9 \
                     --checkpoint-seconds 0";

/// The command that trains with the recipe.
pub fn best(out: &str, more: &str) -> String {
    let best = training(out, &format!("{TEXTS} {more}"));
    // The encoder is needed although --start is not given.
    best.replacen("train ", "train --recipe best --members 2 ", 1)
}

fn stages(out: &str) -> Vec<(String, bool)> {
    let events = objects(out);
    let stages = events.iter().filter(|e| e["event"] == "stage");
    stages
        .map(|e| (e["name"].as_str().unwrap().to_owned(), e["finished"].as_bool().unwrap()))
        .collect()
}

#[test]
fn one_flag_trains_on_sources_makes_an_ensemble_and_distils_it() {
    let sandbox = Sandbox::with_data();
    let (out, _) = sandbox.run(&best("out", "--keep-stages --output json"));
    let names: Vec<String> = stages(&out).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "training on the sources",
            "training member 1 of 2",
            "training member 2 of 2",
            "making the ensemble",
            "training the model that learns from the ensemble",
        ]
    );
    assert_eq!(sandbox.files("out.stages"), ["ensemble", "member-1", "member-2", "sources"]);
    let settings =
        |folder: &str| sandbox.json(&format!("{folder}/gleaner.json"))["settings"].clone();
    let start = |folder: &str| settings(folder)["start"].clone();
    assert_eq!(start("out.stages/sources"), Value::Null);
    for folder in ["out.stages/member-1", "out.stages/member-2", "out"] {
        assert_eq!(start(folder), "out.stages/sources", "{folder}");
    }
    let seed = |folder: &str| settings(folder)["seed"].as_u64().unwrap();
    assert_eq!(seed("out.stages/member-2"), seed("out.stages/member-1") + 1000);
    assert_eq!(settings("out")["teacher"][0], "out.stages/ensemble");
    assert_eq!(
        (&settings("out")["targets"], settings("out")["pool"].is_array()),
        (&"soft".into(), true)
    );
    assert_eq!(settings("out.stages/member-1")["pool"], Value::Array(Vec::new()));
    // The members are those of the ensemble, and the card says how the model was made.
    assert_eq!(
        sandbox.read("out.stages/ensemble/2/model.safetensors"),
        sandbox.read("out.stages/member-2/model.safetensors")
    );
    sandbox.says(
        "out/README.md",
        &[
            "recipe best: learnt from an ensemble of 2 models with the seeds 42, 1042",
            "which start from one model trained on sample:nl",
            "on dev, the entity F1 of the ensemble is ",
            "Models that it needs: `sources` to start from, `ensemble` to learn from.",
        ],
    );
    sandbox.run("predict out data/test.conll");
}

#[test]
fn a_killed_recipe_resumes_at_any_stage_and_ends_with_the_same_bytes() {
    let sandbox = Sandbox::with_data();
    let (out, _) = sandbox.run(&best("whole", "--output json"));
    assert!(!sandbox.path("whole.stages").exists());
    let events = objects(&out);
    let begins: Vec<usize> =
        (0..events.len()).filter(|at| events[*at]["event"] == "stage").collect();
    // In the training on the sources, in that of the second member, before the ensemble, and in the last training.
    for lines in [begins[0] + 3, begins[2] + 3, begins[3] + 1, begins[4] + 3] {
        let args = best("out", "");
        kill_after(&sandbox, &args, lines);
        assert!(!sandbox.path("out/gleaner.json").exists(), "over before the kill at {lines}");
        let message = sandbox.fails(&format!("{args} --output quiet"), 2);
        assert!(message.contains("add --resume"), "{message}");
        let (out, _) = sandbox.run(&format!("{args} --resume --output json"));
        let before = stages(&out).iter().filter(|(_, finished)| *finished).count();
        let begun = begins.iter().filter(|at| **at < lines).count();
        assert!([begun - 1, begun].contains(&before), "{before} {begun}");
        let same = |file: &str| {
            sandbox.read(&format!("out/{file}")) == sandbox.read(&format!("whole/{file}"))
        };
        assert!(same("model.safetensors"), "killed after {lines} lines");
        assert!(!sandbox.path("out.stages").exists());
        fs::remove_dir_all(sandbox.path("out")).unwrap();
    }
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::with_data();
    let refused = |more: &str| {
        let message = sandbox.fails(&format!("{} --output quiet", best("out", more)), 2);
        assert!(!sandbox.path("out").exists() && !sandbox.path("out.stages").exists());
        message
    };
    assert_eq!(
        refused("--teacher x"),
        "recipe best: its ensemble is the teacher; leave out --teacher"
    );
    assert_eq!(
        refused(&format!("--start {}", tagger().display())),
        "recipe best: either a model to start from or sources; leave out --start or --sources"
    );
    let beside = sandbox.fails(&format!("{} --output quiet", best(".", "")), 2);
    assert_eq!(beside, ".: the stages have a folder beside the model's; name one");
    let alone = sandbox.command(&training("out", "--data data --members 3")).output().unwrap();
    assert_eq!(alone.status.code(), Some(2));
    // Stages with other settings are not continued.
    sandbox.run(&best("out", "--keep-stages"));
    fs::remove_dir_all(sandbox.path("out")).unwrap();
    let other = format!("{} --resume --output quiet", best("out", "--epochs 3"));
    assert_eq!(
        sandbox.fails(&other, 2),
        "out.stages/sources: it was trained with other settings; remove the folder of the stages to begin again, or \
         choose another --out"
    );
    let (out, _) = sandbox.run(&format!("{} --resume --output json", best("out", "--keep-stages")));
    assert_eq!(stages(&out).iter().filter(|(_, finished)| *finished).count(), 4);
    // No error removes finished stages, whether the model is finished or the settings are wrong.
    let before = sandbox.read("out.stages/member-2/model.safetensors");
    for (more, says) in [
        (
            "",
            "out: the training in it is finished; use the model as it is, or choose another folder",
        ),
        ("--teacher x", "recipe best: its ensemble is the teacher; leave out --teacher"),
    ] {
        let args = format!("{} --resume --output quiet", best("out", more));
        assert_eq!(sandbox.fails(&args, 2), says);
        assert_eq!(sandbox.read("out.stages/member-2/model.safetensors"), before, "{more}");
        assert_eq!(sandbox.files("out.stages"), ["ensemble", "member-1", "member-2", "sources"]);
    }
}
