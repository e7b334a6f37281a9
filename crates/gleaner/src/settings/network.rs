//! Settings of the network: where its parameters come from and which layers it has.

#[cfg(feature = "clap")]
use super::word::word;
use super::{Freeze, bad, range::Range};
use crate::GleanerError;
use gleaner_nn::{
    Precision,
    network::{HeadConfig, HeadKind},
};
use std::path::PathBuf;

group! {
    /// The network: where its parameters come from and which layers it has.
    NetworkSettings, NetworkOverrides, network {
        /// Train from this encoder: a folder (config.json, tokenizer.json, model.safetensors), its name
        /// on the Hugging Face hub (OWNER/NAME), or `sample:tiny`.
        path encoder: PathBuf => (long, value_name = "FOLDER"),
        /// Train from this model folder instead of an encoder: take over encoder, head and CRF, and
        /// match labels by name.
        path start: PathBuf => (long, value_name = "MODEL"),
        /// Layers after the encoder: `bilstm-crf`, `crf` or `linear`.
        plain head: HeadKind => (long, value_name = "KIND", value_parser = word::<HeadKind>),
        /// Hidden units per direction of each LSTM layer.
        plain lstm_units: usize => (long, value_name = "N"),
        /// Number of LSTM layers.
        plain lstm_layers: usize => (long, value_name = "N"),
        /// Dropout between LSTM layers.
        plain lstm_dropout: f64 => (long, value_name = "P"),
        /// Forbid tag sequences that are not valid IOB2.
        plain constraints: bool => (long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"),
        /// Keep pre-trained values fixed: `none`, `embeddings`, or a number of lower layers (which
        /// includes the embeddings).
        plain freeze: Freeze => (long, value_name = "WHAT"),
        /// Train the top N layers of the encoder from random values instead of the pre-trained ones.
        plain reset_layers: usize => (long, value_name = "N"),
        /// Precision of the factors of the encoder's matrix products: `f32`, or `bf16` (about 1.5 times
        /// as fast on a device with bf16 instructions).
        plain precision: Precision => (long, value_name = "NAME", value_parser = word::<Precision>),
    }
}

impl NetworkSettings {
    /// Refuses values that are out of range.
    pub(super) fn check(&self) -> Result<(), GleanerError> {
        if self.lstm_units == 0 || self.lstm_layers == 0 {
            return bad(
                "lstm-units, lstm-layers",
                "an LSTM needs 1 or more; for none set head = \"crf\"",
            );
        }
        let (units, layers) = (HeadConfig::MOST_UNITS, HeadConfig::MOST_LAYERS);
        if self.lstm_units > units || self.lstm_layers > layers {
            let most = format!("use at most {units} units and {layers} layers");
            return bad("lstm-units, lstm-layers", &most);
        }
        Range::ShareBelowOne.check(&[("lstm-dropout", self.lstm_dropout)])?;
        if self.start.is_some() && self.encoder.is_some() {
            return bad("start, encoder", "a model brings its own encoder; give one of the two");
        }
        if self.start.is_some() && self.reset_layers > 0 {
            return bad(
                "reset-layers",
                "would forget what the model to start from has learnt; reset layers where it is trained",
            );
        }
        Ok(())
    }
}
