//! Study files and settings.

use super::support::file;
use gleaner::Overrides;
use gleaner_study::{QUICKSTART, Study};

pub(super) fn study_seeds() -> Vec<Vec<u8>> {
    let small = "encoder = \"sample:tiny\"\nseeds = [1]\n[languages.xx]\ndata = \"sample:af\"\nlabel-map = { PER = \"PER\", \"*\" = \"O\" }\n[settings]\nepochs = 2\n";
    [QUICKSTART, small].map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(super) fn study(input: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(input);
    Study::parse(&file("study", "study.toml"), &text).map(drop).map_err(|e| e.to_string())
}

pub(super) fn settings_seeds() -> Vec<Vec<u8>> {
    let toml = "\0encoder = \"sample:tiny\"\ndata = \"sample:af\"\nepochs = 3\nrate-encoder = 1e-4\nhead = \"crf\"\nsplit = \"80-10-10\"\nlabel-map = { A = \"B\" }\n";
    let manifest =
        "\u{1}{\"settings\": {\"epochs\": 3, \"head\": \"linear\", \"data\": \"sample:af\"}}";
    [toml, manifest].map(|text| text.as_bytes().to_vec()).to_vec()
}

/// The first byte chooses between TOML and the manifest of a model.
pub(super) fn settings(input: &[u8]) -> Result<(), String> {
    let (choice, text) = input.split_first().unwrap_or((&0, &[]));
    let path = file("settings", if choice & 1 == 1 { "gleaner.json" } else { "settings.toml" });
    std::fs::write(&path, text).expect("a file");
    let read = Overrides::read(&path).map_err(|e| e.to_string())?;
    read.build().map(drop).map_err(|e| e.to_string())
}
