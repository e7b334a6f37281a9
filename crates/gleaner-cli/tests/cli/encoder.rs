//! `gleaner encoder`.

use crate::common::{Sandbox, objects};
use serde_json::Value;

const QUICK: &str = "--data data --folds 3 --epochs 2 --threads 2";

#[test]
fn encoders_are_ranked_by_a_probe() {
    let sandbox = Sandbox::with_data().with_encoder();
    // The same encoder with a tokenizer that knows no word.
    let mut tokenizer = sandbox.json("encoder/tokenizer.json");
    let vocab = tokenizer["model"]["vocab"].as_object_mut().unwrap();
    vocab.retain(|piece, _| piece.starts_with('[') && piece.len() > 1);
    sandbox.write("encoder/tokenizer.json", tokenizer.to_string());

    let args = format!("encoder rank --encoder encoder sample:tiny {QUICK}");
    let objects = objects(&sandbox.run(&format!("{args} --output json")).0);
    let ranked: Vec<&Value> = objects.iter().filter(|o| o["event"] == "encoder").collect();
    assert_eq!(
        (&ranked[0]["name"], &ranked[1]["name"]),
        (&"sample:tiny".into(), &"encoder".into())
    );
    let measures: Vec<&Value> = ranked.iter().map(|r| &r["measures"]).collect();
    assert_eq!((&measures[0]["rank"], &measures[1]["rank"]), (&1.into(), &2.into()));
    let f1 = |at: usize| measures[at]["f1"].as_f64().unwrap();
    assert!(f1(0) > f1(1), "{measures:?}");
    assert_eq!(measures[1]["unknown"], 1.0);
    // 48 training and 10 dev sentences; the test part is not used.
    assert_eq!(measures[0]["sentences"], 58);
    assert_eq!(measures[0]["fold-f1"].as_array().unwrap().len(), 3);
    for name in ["words-a-second", "training-seconds", "training-bytes", "seconds"] {
        assert!(measures[0][name].as_f64().unwrap() > 0.0, "{name}");
    }

    let (out, err) = sandbox.run(&args);
    assert!(out.starts_with("data: 58 sentences, "), "{out}");
    let row = format!("\n  1  sample:tiny  {:.3} [", f1(0));
    assert!(out.contains(&row) && out.contains("\n  2  encoder      0."), "{out}");
    assert!(
        err.contains("encoder: probe F1 0.") && err.contains("sample:tiny: probe F1 0."),
        "{err}"
    );
    let fewer = format!("{args} --sentences 20 --output json");
    let (fewer, _) = sandbox.run(&fewer);
    assert!(fewer.contains("\"sentences\":20"), "{fewer}");
}

#[test]
fn errors_are_reported_before_any_encoder_is_measured() {
    let sandbox = Sandbox::with_data();
    let refused = |encoders: &str, more: &str, code: i32| {
        sandbox.fails(&format!("encoder rank --encoder {encoders} {QUICK} {more}"), code)
    };
    let twice = refused("sample:tiny sample:tiny", "", 2);
    assert_eq!(twice, "sample:tiny: this encoder is named twice; name each once");
    let missing = refused("sample:tiny absent", "", 4);
    assert!(missing.starts_with("absent: no such folder; "), "{missing}");
    let folds = refused("sample:tiny", "--sentences 2", 3);
    assert!(folds.contains("2 different sentences cannot be divided into 3 folds"), "{folds}");
    let none = refused("sample:tiny", "--map *=O --output quiet", 3);
    assert!(none.contains("no entity in any sentence"), "{none}");
}
