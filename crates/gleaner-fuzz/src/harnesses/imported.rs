//! Taggers that transformers saved.

use super::{
    model::{data, label, small},
    support::{copy_missing, file},
};
use gleaner::{
    HeadKind, TaggerConfig, export,
    train::{self, Event},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

/// The files that the first byte of an input chooses from.
const FILES: [&str; 2] = ["config.json", "tokenizer_config.json"];

/// A tagger with a linear head, exported for transformers.
fn exported() -> &'static Path {
    static EXPORTED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, place) = EXPORTED.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        let (model, place) = (folder.path().join("model"), folder.path().join("exported"));
        let settings = small().head(HeadKind::Linear).build().expect("valid settings");
        let trained = train::fit(&settings, data(&settings), None, &mut |_: &Event| {});
        trained.expect("a tagger").save(&model).expect("a model");
        export::transformers(&model, &place).expect("a new folder");
        (folder, place)
    });
    place
}

/// The contents of an exported file.
fn own(name: &str) -> Vec<u8> {
    fs::read(exported().join(name)).expect("a file")
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    // As other programs save it, with labels that have no letters.
    let mut other: Value = serde_json::from_slice(&own(FILES[0])).expect("JSON");
    other["gleaner"] = Value::Null;
    let labels = other["id2label"].as_object().expect("labels").len();
    let names = ["O", "PER", "LOC", "work of art", "misc"].into_iter().enumerate().take(labels);
    other["id2label"] = names.map(|(id, name)| (id.to_string(), json!(name))).collect();
    let short = br#"{"model_max_length": 20, "tokenizer_class": "BertTokenizer"}"#;
    let seed = |choice: u8, bytes: &[u8]| [&[choice][..], bytes].concat();
    vec![
        seed(0, &own(FILES[0])),
        seed(0, other.to_string().as_bytes()),
        seed(1, &own(FILES[1])),
        seed(1, short),
    ]
}

/// Loads a tagger of which one file has other bytes, and labels with it. Its settings can be read if it can be loaded.
pub(super) fn imported(input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let changed = usize::from(*choice) % FILES.len();
    let folder = file("imported", "tagger");
    copy_missing(exported(), &folder);
    for (at, name) in FILES.into_iter().enumerate() {
        let bytes = if at == changed { bytes.to_vec() } else { own(name) };
        fs::write(folder.join(name), bytes).expect("a file");
    }
    let config = TaggerConfig::imported(&folder).map_err(|e| e.to_string());
    let labelled = label(&folder);
    match &config {
        Ok(Some(config)) => assert!(config.max_pieces > 0),
        _ => assert!(labelled.is_err(), "a tagger without settings is loaded: {config:?}"),
    }
    labelled.and(config.map(drop))
}
