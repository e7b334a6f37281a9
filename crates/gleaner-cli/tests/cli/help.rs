//! Help texts, and that they tell of every setting.

use crate::common::Sandbox;
use std::collections::BTreeSet;

#[test]
fn every_command_has_its_help() {
    for (name, args) in [
        ("gleaner", "--help"),
        ("train", "train --help"),
        ("evaluate", "evaluate --help"),
        ("predict", "predict --help"),
        ("data", "data --help"),
        ("data-audit", "data audit --help"),
        ("data-inspect", "data inspect --help"),
        ("data-sample", "data sample --help"),
        ("devices", "devices --help"),
        ("doctor", "doctor --help"),
        ("sources", "sources --help"),
        ("study", "study --help"),
        ("study-plan", "study plan --help"),
        ("study-run", "study run --help"),
        ("study-report", "study report --help"),
        ("study-clean", "study clean --help"),
    ] {
        let (help, err) = Sandbox::new().run(args);
        assert_eq!(err, "");
        insta::assert_snapshot!(format!("help-{name}"), help);
    }
}

/// The options under the heading `Settings` of a command's help.
fn settings(args: &str) -> BTreeSet<String> {
    let (help, _) = Sandbox::new().run(args);
    let (_, settings) = help.split_once("\nSettings:\n").unwrap();
    let (settings, _) = settings.split_once("\nOptions of every command:\n").unwrap();
    let options = settings.lines().filter_map(|l| l.trim_start().strip_prefix("--"));
    options.map(|l| l.split([' ', '[']).next().unwrap().to_owned()).collect()
}

#[test]
fn every_key_of_a_settings_file_is_an_option_and_the_other_way_round() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --epochs 1");
    let saved = sandbox.json("out/gleaner.json");
    let keys: BTreeSet<String> = saved["settings"].as_object().unwrap().keys().cloned().collect();
    let mut options = settings("train --help");
    for (map, instead) in [("label-map", "the option --map"), ("pool-map", "a file")] {
        assert!(options.insert(map.to_owned()), "{map} is given by {instead}");
    }
    assert_eq!(keys, options);
    assert_eq!(settings("doctor --help"), settings("train --help"));
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
