//! A folder that the Python library transformers loads.
//!
//! A linear head on a family that transformers knows is one of its own models for token classification. Other heads
//! come with a Python module, `gleaner_tagger.py`.

use super::{folder::Folder, source::Source, tokenizer};
use crate::{
    GleanerError,
    model::{class, label_maps},
};
use gleaner_base::model_files::{CONFIG, PYTHON_MODULE, TOKENIZER, TOKENIZER_SETTINGS, WEIGHTS};
use gleaner_nn::{network::HeadKind, weights};
use serde_json::{Value, json};
use std::path::Path;

/// The Python module that decodes as Gleaner does.
const MODULE: &str = include_str!("transformers/gleaner_tagger.py");
/// The `README.md` of a model that transformers has the class of.
const LINEAR_README: &str = include_str!("transformers/linear.md");
/// The `README.md` of a model whose class is in the module.
const MODULE_README: &str = include_str!("transformers/module.md");

/// What the names of the encoder's tensors begin with where the module has the class.
const ENCODER: &str = "encoder.";

/// Writes the tagger `model`, a folder or a name on the hub, to the folder `out`, as transformers loads it. Returns the
/// names of the files. `config.json` is written last.
///
/// # Errors
/// `out` is not empty or cannot be written, or the model cannot be loaded.
pub fn transformers(model: &Path, out: &Path) -> Result<Vec<String>, GleanerError> {
    let folder = Folder::claim(out)?;
    write(&Source::open(model)?, folder)
}

fn write(source: &Source, mut folder: Folder) -> Result<Vec<String>, GleanerError> {
    let encoder = source.network.encoder_config();
    let own = class(&encoder.model_type).filter(|_| source.decoding.head == HeadKind::Linear);
    let (prefix, config, readme) = match own {
        Some(class) => (encoder.prefix(), linear(source, class), LINEAR_README),
        None => (ENCODER, with_module(source), MODULE_README),
    };
    folder.create()?;
    folder.write("README.md", readme.replace("{types}", &source.types()).as_bytes())?;
    folder.write(PYTHON_MODULE, MODULE.as_bytes())?;
    folder.json(TOKENIZER, &source.tokenizer)?;
    folder.json(TOKENIZER_SETTINGS, &tokenizer::settings(&source.pieces, &source.decoding))?;
    let weights = folder.register(WEIGHTS);
    weights::write(&weights, &source.network.transformers_tensors(prefix))?;
    folder.json(CONFIG, &config)?;
    Ok(folder.into_files())
}

/// The configuration of one of transformers' own classes.
fn linear(source: &Source, class: &str) -> Value {
    let mut config = encoder(source);
    config["architectures"] = json!([class]);
    with_labels(&mut config, source);
    config
}

/// The configuration of the module's class.
fn with_module(source: &Source) -> Value {
    let mut config = json!({
        "architectures": ["GleanerForTokenClassification"],
        "auto_map": {
            "AutoConfig": "gleaner_tagger.GleanerConfig",
            "AutoModelForTokenClassification": "gleaner_tagger.GleanerForTokenClassification"
        },
        "model_type": "gleaner",
        "dtype": "float32",
        "pad_token_id": source.decoding.padding,
        "encoder_config": encoder(source)
    });
    with_labels(&mut config, source);
    config
}

/// The encoder's configuration, without keys of other heads and weights.
fn encoder(source: &Source) -> Value {
    let mut config = source.config.clone();
    if let Some(keys) = config.as_object_mut() {
        let foreign =
            ["architectures", "auto_map", "gleaner", "id2label", "label2id", "torch_dtype"];
        keys.retain(|key, _| !foreign.contains(&key.as_str()));
        keys.insert("dtype".into(), json!("float32"));
    }
    config
}

fn with_labels(config: &mut Value, source: &Source) {
    for (key, map) in label_maps(&source.labels) {
        config[key] = map;
    }
    config["gleaner"] = json!(source.decoding);
}

#[cfg(test)]
mod tests;
