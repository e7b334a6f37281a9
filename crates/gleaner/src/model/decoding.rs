//! How a tagger labels, beside its weights, in the form of another program: the key `gleaner` of an exported
//! `config.json`.

use crate::{
    Labels, TaggerConfig,
    framing::{Framing, PieceLabels},
};
use gleaner_nn::network::HeadKind;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What decides which pieces the network reads, and which tags follow from its emissions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Decoding {
    /// The layers on top of the encoder.
    pub(crate) head: HeadKind,
    /// Units of each direction of an LSTM layer.
    pub(crate) lstm_units: usize,
    /// Number of LSTM layers.
    pub(crate) lstm_layers: usize,
    /// Whether tag sequences that break IOB2 are ruled out.
    pub(crate) constraints: bool,
    /// Which pieces of a word carry tags.
    pub(crate) piece_labels: PieceLabels,
    /// Maximum number of pieces of a sequence; the two special pieces are not counted.
    pub(crate) max_pieces: usize,
    /// The divisor of all scores when confidences are computed.
    pub(crate) temperature: f64,
    /// The special pieces before and after a sentence.
    pub(crate) frame: [u32; 2],
    /// The piece of a word that has no other.
    pub(crate) unknown: u32,
    /// The piece that fills short sentences of a batch.
    pub(crate) padding: u32,
}

impl Decoding {
    /// The settings of a tagger of this network, as in a model folder.
    pub(crate) fn new(
        config: &TaggerConfig,
        framing: Framing,
        temperature: f64,
        pieces: SpecialPieces,
    ) -> Self {
        let lstm = config.head == HeadKind::BilstmCrf;
        Self {
            head: config.head,
            lstm_units: if lstm { config.lstm_units } else { 0 },
            lstm_layers: if lstm { config.lstm_layers } else { 0 },
            constraints: config.constraints,
            piece_labels: framing.labels,
            max_pieces: framing.limit,
            temperature,
            frame: pieces.frame,
            unknown: pieces.unknown,
            padding: pieces.padding,
        }
    }
}

/// The ids of the pieces that do not come from a word's own text.
#[derive(Clone, Copy)]
pub(crate) struct SpecialPieces {
    pub(crate) frame: [u32; 2],
    pub(crate) unknown: u32,
    pub(crate) padding: u32,
}

/// The keys `id2label` and `label2id` of a `config.json`.
pub(crate) fn label_maps(labels: &Labels) -> [(&'static str, Value); 2] {
    let names = labels.names().iter().enumerate();
    let to_label = names.clone().map(|(i, name)| (i.to_string(), json!(name))).collect();
    let to_id = names.map(|(i, name)| (name.clone(), json!(i))).collect();
    [("id2label", to_label), ("label2id", to_id)]
}
