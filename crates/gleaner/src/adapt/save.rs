//! Writing an adapted encoder: an encoder folder that Gleaner and transformers read.

use super::{Adapted, LAST, card};
use crate::{
    EncoderFiles, GleanerError,
    model::{json_bytes, write_file},
};
use gleaner_base::model_files::{ADAPTED, SPECIAL_PIECES, TOKENIZER, TOKENIZER_SETTINGS, WEIGHTS};
use gleaner_nn::masked::MaskedLm;
use serde_json::{Value, json};
use std::{fs, io::ErrorKind, path::Path};

/// Files beside the tokenizer that transformers reads.
const OF_TOKENIZER: [&str; 2] = [TOKENIZER_SETTINGS, SPECIAL_PIECES];

/// Writes all files of the folder; [`LAST`] comes last.
pub(super) fn save(
    folder: &Path,
    encoder: &EncoderFiles,
    model: &MaskedLm,
    adapted: &Adapted,
) -> Result<(), GleanerError> {
    write_file(&folder.join(TOKENIZER), &encoder.tokenizer_json)?;
    for name in OF_TOKENIZER {
        let path = adapted.settings.encoder.join(name);
        match fs::read(&path) {
            Ok(bytes) => write_file(&folder.join(name), &bytes)?,
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(GleanerError::io(&path, e)),
        }
    }
    model.save(&folder.join(WEIGHTS))?;
    write_file(&folder.join("README.md"), card::text(adapted).as_bytes())?;
    write_file(&folder.join(ADAPTED), &json_bytes(adapted))?;
    let config = config(&encoder.config_json, model.transformers_class());
    write_file(&folder.join(LAST), &json_bytes(&config))
}

/// The configuration of an encoder with a masked-language head, whose weights are f32.
fn config(of_encoder: &Value, class: &str) -> Value {
    let mut config = of_encoder.clone();
    config["architectures"] = json!([class]);
    config["tie_word_embeddings"] = json!(true);
    config["dtype"] = json!("float32");
    // Versions of transformers before 4.56 call it so.
    if let Some(dtype) = config.get_mut("torch_dtype") {
        *dtype = json!("float32");
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_names_the_head_and_the_type_of_the_weights() {
        let of_encoder =
            json!({"architectures": ["BertModel"], "torch_dtype": "float16", "hidden_size": 4});
        let found = config(&of_encoder, "BertForMaskedLM");
        let expected = json!({"architectures": ["BertForMaskedLM"], "torch_dtype": "float32", "hidden_size": 4,
            "tie_word_embeddings": true, "dtype": "float32"});
        assert_eq!(found, expected);
    }
}
