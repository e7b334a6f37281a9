//! What decides how a tagger labels, beside its weights.

use crate::{
    Labels,
    framing::{Framing, PieceLabels},
};
use gleaner_nn::{
    Precision,
    crf::Rules,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind},
};
use serde::{Deserialize, Serialize};

/// The settings of a training that labelling needs too. A model folder's `gleaner.json` holds them among the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TaggerConfig {
    /// The layers on top of the encoder.
    pub head: HeadKind,
    /// Units of each direction of an LSTM layer.
    pub lstm_units: usize,
    /// Number of LSTM layers.
    pub lstm_layers: usize,
    /// Dropout between LSTM layers.
    pub lstm_dropout: f64,
    /// Whether tag sequences that break IOB2 are ruled out.
    pub constraints: bool,
    /// Which pieces of a word carry tags.
    pub piece_labels: PieceLabels,
    /// Maximum number of pieces of a sentence, special pieces not counted; the encoder's own limit also applies.
    pub max_pieces: usize,
    /// Whether text is lower-cased and stripped of accents before a WordPiece encoder.
    pub fold_case: bool,
    /// The precision of the encoder's matrix products.
    #[serde(default)]
    pub precision: Precision,
}

impl TaggerConfig {
    /// Refuses sizes that no training writes.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (key, value, largest) in [
            ("lstm-units", self.lstm_units, HeadConfig::MOST_UNITS),
            ("lstm-layers", self.lstm_layers, HeadConfig::MOST_LAYERS),
            ("max-pieces", self.max_pieces, usize::MAX),
        ] {
            if !(1..=largest).contains(&value) {
                return Err(format!("{key}: {value} is outside 1 to {largest}"));
            }
        }
        match (0.0..1.0).contains(&self.lstm_dropout) {
            true => Ok(()),
            false => Err(format!("lstm-dropout: {} is outside 0 to 1", self.lstm_dropout)),
        }
    }

    /// The head for these labels.
    pub(crate) fn head(&self, labels: &Labels) -> HeadConfig {
        HeadConfig {
            kind: self.head,
            tags: labels.len(),
            lstm_units: self.lstm_units,
            lstm_layers: self.lstm_layers,
            lstm_dropout: self.lstm_dropout as f32,
            rules: self.constraints.then(|| Rules::iob2(labels.names())),
        }
    }

    /// How sentences become sequences of an encoder's pieces.
    pub(crate) fn framing(&self, encoder: &EncoderConfig) -> Framing {
        let limit = self.max_pieces.min(encoder.max_pieces() - 2);
        Framing { labels: self.piece_labels, limit }
    }

    /// Whether long sentences are cut, as published, rather than read in windows.
    pub(crate) fn cuts(&self) -> bool {
        self.piece_labels == PieceLabels::Repeated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_no_training_writes_are_refused() {
        let config = |change: &str| -> TaggerConfig {
            let usual = r#"{"head": "bilstm-crf", "lstm-units": 8, "lstm-layers": 1, "lstm-dropout": 0.1,
                "constraints": true, "piece-labels": "first", "max-pieces": 510, "fold-case": false}"#;
            let (key, value) = change.split_once(": ").unwrap_or(("constraints", "true"));
            let mut json: serde_json::Value = serde_json::from_str(usual).unwrap();
            json[key] = serde_json::from_str(value).unwrap();
            serde_json::from_value(json).unwrap()
        };
        assert_eq!(config("").check(), Ok(()));
        for (change, says) in [
            ("lstm-units: 0", "lstm-units: 0 is outside 1 to 65536"),
            // Four times this is 0.
            ("lstm-units: 4611686018427387904", "lstm-units: 4611686018427387904 is outside"),
            ("lstm-layers: 1000000000", "lstm-layers: 1000000000 is outside 1 to 64"),
            ("max-pieces: 0", "max-pieces: 0 is outside 1 to"),
            ("lstm-dropout: 1.0", "lstm-dropout: 1 is outside 0 to 1"),
            ("lstm-dropout: -0.5", "lstm-dropout: -0.5 is outside 0 to 1"),
        ] {
            let error = config(change).check().unwrap_err();
            assert!(error.starts_with(says), "{error}");
        }
    }
}
