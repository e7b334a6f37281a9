//! Confidences, and the temperature that calibrates them.

use crate::common::{Sandbox, objects, tagger};
use insta::assert_snapshot;
use serde_json::Value;

/// A copy of the tagger in the folder `copy`, with or without a temperature in its manifest.
fn copy(sandbox: &Sandbox, temperature: Option<f64>) {
    for entry in std::fs::read_dir(tagger()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        sandbox.write(&format!("copy/{name}"), std::fs::read(&path).unwrap());
    }
    let mut manifest = sandbox.json("copy/gleaner.json");
    let keys = manifest.as_object_mut().unwrap();
    assert!(keys.remove("temperature").is_some());
    if let Some(temperature) = temperature {
        keys.insert("temperature".into(), temperature.into());
    }
    sandbox.write("copy/gleaner.json", manifest.to_string());
}

/// Tags and confidences of the sample's test sentences.
fn labelled(sandbox: &Sandbox) -> (Vec<Value>, Vec<f64>) {
    let (out, _) = sandbox.run("predict copy sample/af/test.conll --format jsonl");
    let sentences = objects(&out);
    let spans = sentences.iter().flat_map(|s| s["spans"].as_array().unwrap());
    let confidences = spans.map(|s| s["confidence"].as_f64().unwrap()).collect();
    (sentences.iter().map(|s| s["tags"].clone()).collect(), confidences)
}

fn confidence(sandbox: &Sandbox) -> Value {
    let (out, _) = sandbox.run("evaluate copy sample:af --output json");
    objects(&out)[0]["confidence"].clone()
}

#[test]
fn a_temperature_changes_confidences_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.run("data sample sample");
    copy(&sandbox, Some(4.0));
    let (tags, modest) = labelled(&sandbox);
    let of_modest = confidence(&sandbox);
    copy(&sandbox, None);
    let (same, plain) = labelled(&sandbox);
    let of_plain = confidence(&sandbox);
    assert_eq!(tags, same);
    assert_eq!(modest.len(), plain.len());
    assert!(plain.len() > 20);
    let mean = |c: &[f64]| c.iter().sum::<f64>() / c.len() as f64;
    assert!(mean(&modest) < mean(&plain) - 0.1, "{modest:?} {plain:?}");
    // The reported reliability is that of the printed confidences.
    let reported = |of: &Value, which: &str| of[which]["confidence"].as_f64().unwrap();
    assert!((reported(&of_modest, "calibrated") - mean(&modest)).abs() < 1e-3);
    assert!((reported(&of_plain, "calibrated") - mean(&plain)).abs() < 1e-3);
    // Without a temperature in the manifest it is 1.
    assert_eq!(of_plain["temperature"], 1.0);
    assert_eq!(of_plain["calibrated"], of_plain["uncalibrated"]);
    assert_eq!(of_modest["uncalibrated"], of_plain["uncalibrated"]);
    assert_ne!(of_modest["calibrated"]["ece"], of_plain["calibrated"]["ece"]);
    let bins = of_modest["calibrated"]["bins"].as_array().unwrap();
    let spans: u64 = bins.iter().map(|b| b["spans"].as_u64().unwrap()).sum();
    assert_eq!(Some(spans), of_modest["calibrated"]["spans"].as_u64());
    let interval = &of_modest["calibrated"]["interval"];
    assert!(interval["low"].as_f64() <= interval["high"].as_f64(), "{of_modest}");
}

#[test]
fn training_fits_the_temperature_on_dev() {
    let sandbox = Sandbox::new();
    sandbox.run("data sample sample");
    let saved = std::fs::read(tagger().join("gleaner.json")).unwrap();
    let saved: Value = serde_json::from_slice(&saved).unwrap();
    let fitted = saved["temperature"].as_f64().unwrap();
    assert!(fitted != 1.0 && (0.25..=16.0).contains(&fitted), "{fitted}");
    // It belongs to the kept epoch, so a training that ends there has the same temperature.
    let still = "--rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0 --epochs 1";
    sandbox.train("same", &format!("--data sample:af --start {} {still}", tagger().display()));
    assert_eq!(sandbox.json("same/gleaner.json")["temperature"], fitted);
    let (text, _) = sandbox.run(&format!("evaluate {} sample:af", tagger().display()));
    let line = text.lines().find(|l| l.starts_with("temperature ")).unwrap();
    assert!(line.starts_with(&format!("temperature {fitted:.3} ")), "{line}");
    assert!(text.contains("\nuncalibrated "), "{text}");
}

#[test]
fn an_invalid_temperature_is_refused() {
    let sandbox = Sandbox::new();
    copy(&sandbox, Some(0.0));
    let message = sandbox.fails("evaluate copy sample:af", 4);
    assert_snapshot!(message, @"copy/gleaner.json: temperature: must be a number above 0; use the gleaner.json that was saved with the model");
}

#[test]
fn calibration_reduces_overconfidence_on_new_text() {
    let sandbox = Sandbox::new();
    let parts = gleaner_sample::target();
    // The tagger memorises a few sentences; the rest of the sample is new text.
    let new = [&parts.test[..], &parts.train[60..]].concat();
    for (name, sentences) in [("train", &parts.train[..60]), ("dev", &parts.dev), ("test", &new)] {
        sandbox.write(&format!("data/{name}.conll"), gleaner_sample::to_conll(sentences));
    }
    let settings = "--epochs 60 --lstm-units 64 --rate-encoder 1e-3 --rate-lstm 0.02 --schedule constant --decay 0";
    sandbox.train("out", &format!("--data data {settings}"));
    let (out, _) = sandbox.run("evaluate out data --output json --resamples 200");
    let confidence = objects(&out)[0]["confidence"].clone();
    let ece = |which: &str| confidence[which]["ece"].as_f64().unwrap();
    assert!(confidence["temperature"].as_f64() > Some(1.3), "{confidence}");
    assert!(ece("uncalibrated") > 0.15, "{confidence}");
    assert!(ece("calibrated") < 0.7 * ece("uncalibrated"), "{confidence}");
    assert!(
        confidence["calibrated"]["brier"].as_f64() < confidence["uncalibrated"]["brier"].as_f64()
    );
}
