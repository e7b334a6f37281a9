//! `gleaner devices`, and unavailable devices.

use crate::common::{Sandbox, objects, tagger};

/// A copy of the tagger whose manifest names another device.
fn trained_on(sandbox: &Sandbox, device: &str) {
    for file in ["config.json", "tokenizer.json", "model.safetensors", "gleaner.json"] {
        let bytes = std::fs::read(tagger().join(file)).unwrap();
        sandbox.write(&format!("model/{file}"), bytes);
    }
    let manifest = sandbox.text("model/gleaner.json");
    let moved = manifest.replace(r#""device": "cpu""#, &format!(r#""device": "{device}""#));
    assert_ne!(moved, manifest);
    sandbox.write("model/gleaner.json", moved);
}

#[test]
fn devices_are_listed_with_the_processor_first() {
    let sandbox = Sandbox::new();
    let (table, err) = sandbox.run("devices");
    assert_eq!(err, "");
    assert!(table.lines().nth(1).unwrap().starts_with("cpu  "), "{table}");
    let json = objects(&sandbox.run("devices --output json").0).remove(0);
    let first = &json["devices"][0];
    assert_eq!(first["device"], "cpu");
    assert!(first["memory"].as_u64() > Some(1 << 28), "{first}");
    for lacking in json["not-in-this-build"].as_array().unwrap() {
        assert!(table.lines().last().unwrap().contains(lacking.as_str().unwrap()), "{table}");
    }
}

#[test]
fn a_model_labels_on_the_processor_where_its_device_is_missing() {
    let sandbox = Sandbox::new();
    trained_on(&sandbox, "cuda:7");
    let text = "Die burgemeester van Brakfontein het gepraat.\n";
    let (expected, quiet) = sandbox.run_with(&format!("predict {}", tagger().display()), text);
    let (found, notes) = sandbox.run_with("predict model", text);
    assert_eq!(found, expected);
    assert!(
        notes.starts_with(
            "note: the model was trained on cuda:7, which is unavailable; using cpu\n"
        ),
        "{notes}"
    );
    assert!(!quiet.contains("trained on"), "{quiet}");
    let (asked, notes) = sandbox.run_with("predict model --device cpu", text);
    assert_eq!(asked, expected);
    assert!(!notes.contains("trained on"), "{notes}");
}

#[test]
fn an_unavailable_device_is_refused_with_a_fix() {
    let sandbox = Sandbox::new();
    let refused = sandbox.fails(&format!("predict {} --device cuda:99", tagger().display()), 2);
    let built = refused.starts_with("device `cuda:99` is unavailable: ");
    let not_built = refused
        == "device `cuda:99` is not in this build; use cpu, or build Gleaner with `--features cuda`";
    assert!(built || not_built, "{refused}");
    let unknown = sandbox.fails(&format!("predict {} --device gpu", tagger().display()), 2);
    assert!(unknown.starts_with("unknown device `gpu`; use cpu, or cuda,"), "{unknown}");
}
