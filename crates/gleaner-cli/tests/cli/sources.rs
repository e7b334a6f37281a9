//! `gleaner sources`.

use crate::common::{Sandbox, objects};
use serde_json::Value;

const QUICK: &str = "--encoder sample:tiny --epochs 8 --threads 2 --config quick.toml";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let quick =
        "rate-encoder = 1e-3\nrate-lstm = 0.02\nlstm-units = 16\nlstm-layers = 1\nresamples = 20";
    sandbox.write("quick.toml", quick);
    sandbox
}

fn of<'a>(objects: &'a [Value], event: &str) -> Vec<&'a Value> {
    objects.iter().filter(|o| o["event"] == event).collect()
}

#[test]
fn candidates_are_ranked_by_the_score_of_a_short_training() {
    let sandbox = sandbox();
    sandbox.write("gains.csv", "source,gain\nsample:nl,0.02\nsample:af,0.3\n");
    let args = format!(
        "sources sample:af --candidate sample:nl sample:af {QUICK} --train 230 --gains gains.csv"
    );
    let objects = objects(&sandbox.run(&format!("{args} --output json")).0);
    assert_eq!(of(&objects, "trained").len(), 2);
    let ranked = of(&objects, "source");
    assert_eq!((&ranked[0]["source"], &ranked[0]["rank"]), (&"sample:af".into(), &1.into()));
    assert_eq!(ranked[1]["source"], "sample:nl");
    let score = |r: &Value| r["zero-shot"]["f1"].as_f64().unwrap();
    assert!(score(ranked[0]) > score(ranked[1]), "{ranked:?}");
    for r in &ranked {
        assert_eq!(r["zero-shot"]["sentences"], 230);
        let interval = &r["zero-shot"]["interval"];
        assert!(interval["low"].as_f64().unwrap() <= score(r), "{interval}");
    }
    assert_eq!(ranked[0]["tag-distance"], 0.0);
    let predictions = of(&objects, "prediction");
    let zero_shot = predictions.iter().find(|p| p["measure"] == "zero-shot").unwrap();
    assert_eq!((&zero_shot["n"], &zero_shot["rho"]), (&2.into(), &1.0.into()));

    // The pieces of the target are nearest to those of its own language.
    let share = |r: &Value| r["neighbours"].as_f64().unwrap();
    assert!(share(ranked[0]) > share(ranked[1]), "{ranked:?}");
    assert!(predictions.iter().any(|p| p["measure"] == "neighbours" && p["rho"] == 1.0));

    let (out, err) = sandbox.run(&args);
    assert!(out.starts_with("Target sample:af: 240 training and 30 dev sentences.\n"), "{out}");
    assert!(out.contains("\n  1  sample:af  0."), "{out}");
    assert!(out.contains("\nzero-shot              1.00           1.00\n"), "{out}");
    assert!(err.contains("sample:nl: entity F1 0."), "{err}");
    assert!(!err.contains("fewer than"), "{err}");

    sandbox.write("few/train.conll", gleaner_sample::to_conll(&gleaner_sample::source()[..20]));
    let (_, err) =
        sandbox.run(&format!("sources sample:af --candidate few {QUICK} --train 21 --seed 3"));
    assert!(err.contains("note: few has 18 training sentences, fewer than --train 21; "), "{err}");
}

#[test]
fn neighbours_are_found_without_training_and_scores_are_predicted() {
    let sandbox = sandbox();
    sandbox.write("other/train.conll", gleaner_sample::to_conll(&gleaner_sample::source()[..60]));
    let texts = "sources sample:af --candidate sample:nl sample:af other --encoder sample:tiny";
    let of_source = |args: &str| {
        let objects = objects(&sandbox.run(&format!("{texts} {args} --output json")).0);
        let ranked = of(&objects, "source");
        let shares: Vec<Value> = ranked.iter().map(|r| r["neighbours"].clone()).collect();
        (shares, of(&objects, "zero-shot-prediction").len())
    };
    let (shares, predictions) = of_source("--no-training --threads 2");
    assert!((shares.iter().filter_map(Value::as_f64).sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(predictions, 0);
    assert_eq!(of_source("--no-training --threads 1").0, shares);
    assert_ne!(of_source("--no-training --neighbours 3").0, shares);
    assert_eq!(of_source("--no-training --neighbours 0").0, vec![Value::Null; 3]);
    let quick = "--config quick.toml --epochs 2 --train 60 --threads 2";
    assert!(of_source(quick).1 > 5);
    let (out, _) = sandbox.run(&format!("{texts} {quick}"));
    assert!(out.contains("\nRank correlation with 3 zero-shot scores (3 candidates):\n"), "{out}");
    assert!(!out.contains("\nzero-shot  "), "{out}");
}

#[test]
fn texts_named_by_a_settings_file_are_ignored() {
    let sandbox = sandbox();
    let quick = sandbox.text("quick.toml");
    let of = |more: &str| {
        sandbox.write("quick.toml", format!("{more}\n{quick}"));
        let args = "sources sample:af --candidate sample:nl --encoder sample:tiny --epochs 1 --threads 2 --config quick.toml --output json";
        sandbox.run(args).0
    };
    assert_eq!(of("exclude = [\"sample:nl\"]\ntrain-limit = 3\ncutoff = 5"), of(""));
}

#[test]
fn texts_alone_are_measured_without_training() {
    let sandbox = sandbox();
    sandbox.write("other/train.conll", "Анна\tB-PERSON\nпоёт\tO\n\nв\tO\nОсло\tB-GPE\n");
    let (out, err) = sandbox.run("sources sample:af --candidate sample:nl other --no-training");
    insta::assert_snapshot!(out);
    let note = "note: other: none of the target's entity types (LOC, ORG, PER) occur, only ";
    assert!(err.contains(note), "{err}");
    let measure = |more: &str| {
        let texts = "sources sample:af --candidate sample:nl other --no-training";
        sandbox.run(&format!("{texts} {more}"))
    };
    let (mapped, err) = measure("--map PERSON=PER --map *=O");
    let odd = "note: findings in the text: 1, the first: other/train.conll:5: 1 entity of type GPE dropped";
    assert!(err.contains(odd), "{err}");
    sandbox.write("map.toml", "[label-map]\nPERSON = \"PER\"\n\"*\" = \"O\"\n");
    let (out, err) = measure("--config map.toml");
    assert_eq!(out, mapped);
    assert!(
        err.contains("note: the [label-map] of the settings file applies to the candidates"),
        "{err}"
    );
    let (out, _) = measure("--config map.toml --output json");
    let objects = objects(&out);
    let ranked = of(&objects, "source");
    assert!(ranked.iter().all(|r| r["zero-shot"].is_null() && r["piece-tokens"].is_null()));
    assert_eq!((&ranked[1]["source"], &ranked[1]["script"]), (&"other".into(), &0.0.into()));
}

#[test]
fn errors_are_reported_before_any_training() {
    let sandbox = sandbox();
    let args = "sources sample:af --candidate sample:nl";
    let says = sandbox.fails(args, 2);
    assert!(says.starts_with("no encoder; give --encoder"), "{says}");
    let says = sandbox.fails(&format!("{args} sample:nl --no-training"), 2);
    assert_eq!(says, "sample:nl: this candidate is named twice; name each once");
    sandbox.write("gains.csv", "source,gain\nda,1\n");
    let says = sandbox.fails(&format!("{args} {QUICK} --gains gains.csv"), 2);
    assert_eq!(
        says,
        "gains.csv:2: `da` is not a candidate; name one of sample:nl, or delete the line"
    );
    let says = sandbox.fails(&format!("{args} --no-training --target-map O=PER"), 2);
    assert!(says.starts_with("--target-map: invalid label map: "), "{says}");
    let says = sandbox.fails("sources sample:af --candidate no-such --no-training", 1);
    assert_eq!(says, "no-such: no such file or folder; check the path");
}
