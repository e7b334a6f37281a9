//! Help texts: snapshots, and that they cover every setting.

use crate::common::Sandbox;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_command_has_its_help() {
    for (name, args) in [
        ("gleaner", "--help"),
        ("completions", "completions --help"),
        ("man", "man --help"),
        ("export", "export --help"),
        ("train", "train --help"),
        ("annotate", "annotate --help"),
        ("adapt", "adapt --help"),
        ("evaluate", "evaluate --help"),
        ("predict", "predict --help"),
        ("data", "data --help"),
        ("data-audit", "data audit --help"),
        ("data-convert", "data convert --help"),
        ("data-inspect", "data inspect --help"),
        ("data-mentions", "data mentions --help"),
        ("data-sample", "data sample --help"),
        ("data-split", "data split --help"),
        ("devices", "devices --help"),
        ("doctor", "doctor --help"),
        ("doctor-adapt", "doctor adapt --help"),
        ("encoder", "encoder --help"),
        ("encoder-rank", "encoder rank --help"),
        ("encoder-trim", "encoder trim --help"),
        ("ensemble", "ensemble --help"),
        ("push", "push --help"),
        ("quantize", "quantize --help"),
        ("serve", "serve --help"),
        ("sources", "sources --help"),
        ("study", "study --help"),
        ("study-plan", "study plan --help"),
        ("study-run", "study run --help"),
        ("study-report", "study report --help"),
        ("study-status", "study status --help"),
        ("study-clean", "study clean --help"),
    ] {
        let (help, err) = Sandbox::new().run(args);
        assert_eq!(err, "");
        insta::assert_snapshot!(format!("help-{name}"), help);
    }
}

/// The options under the headings of settings in a command's help, each with its text.
fn settings(args: &str) -> BTreeMap<String, String> {
    let (help, _) = Sandbox::new().run(args);
    let (help, _) = help.split_once("\nGlobal options:\n").unwrap();
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let (mut of_settings, mut name) = (false, String::new());
    for line in help.lines().filter(|line| !line.is_empty()) {
        if !line.starts_with(' ') {
            of_settings = line.ends_with(" settings:");
            continue;
        }
        if !of_settings {
            continue;
        }
        if let Some(option) = line.trim_start().strip_prefix("--") {
            name = option.split([' ', '[']).next().unwrap().to_owned();
        }
        *options.entry(name.clone()).or_default() += &format!(" {}", line.trim());
    }
    options
}

#[test]
fn every_key_of_a_settings_file_is_an_option_and_vice_versa() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --epochs 1");
    let saved = sandbox.json("out/gleaner.json");
    let keys: BTreeSet<String> = saved["settings"].as_object().unwrap().keys().cloned().collect();
    let mut options: BTreeSet<String> = settings("train --help").into_keys().collect();
    for (map, instead) in [("label-map", "the option --map"), ("pool-map", "a file")] {
        assert!(options.insert(map.to_owned()), "{map} is given by {instead}");
    }
    assert_eq!(keys, options);
    assert_eq!(settings("doctor --help"), settings("train --help"));
}

#[test]
fn every_setting_states_its_default_for_each_preset() {
    let options = settings("train --help");
    for (name, help) in &options {
        assert!(help.contains("[default: "), "{name}: {help}");
    }
    assert!(options["batch"].ends_with("[default: 16; published: 32]"), "{}", options["batch"]);
    assert!(options["seed"].ends_with("[default: 42]"), "{}", options["seed"]);
}

#[test]
fn no_command_and_wrong_options_end_with_code_2() {
    let sandbox = Sandbox::new();
    for args in
        ["", "train", "train --out", "wash", "train --out x --epochs many", "train --out x --bogus"]
    {
        let output = sandbox.command(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args}");
        assert!(!sandbox.path("x").exists());
    }
}
