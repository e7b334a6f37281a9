//! The head, which computes emissions from hidden states.

use crate::{
    Group, NnError, ParamId, Params,
    crf::Rules,
    init::{self, CRF_BOUND},
    lstm::{BiLstm, Start},
};
use serde::{Deserialize, Serialize};

/// Prefixes of the names of a head's tensors.
pub(super) const PREFIXES: [&str; 3] = ["lstm.", "fc.", "crf."];

/// The layers on top of the encoder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadKind {
    /// BiLSTM, linear layer and CRF, as in the study.
    #[default]
    BilstmCrf,
    /// Linear layer and CRF.
    Crf,
    /// Linear layer only; the tag of every position is chosen independently.
    Linear,
}

/// Configuration of a head.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadConfig {
    /// The layers of the head.
    pub kind: HeadKind,
    /// Number of tags.
    pub tags: usize,
    /// Units per direction of each LSTM layer.
    pub lstm_units: usize,
    /// Number of LSTM layers.
    pub lstm_layers: usize,
    /// Dropout probability between LSTM layers.
    pub lstm_dropout: f32,
    /// Hard constraints on tag sequences.
    pub rules: Option<Rules>,
}

impl HeadConfig {
    /// The largest number of units, which bounds the memory that a model can ask for.
    pub const MOST_UNITS: usize = 1 << 16;
    /// The largest number of LSTM layers.
    pub const MOST_LAYERS: usize = 64;
}

/// The values of a linear layer on top of an encoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    /// `[tags, hidden]`, row by row.
    pub weight: Vec<f32>,
    /// `[tags]`.
    pub bias: Vec<f32>,
}

pub(super) struct Head {
    pub(super) tags: usize,
    pub(super) lstm: Option<BiLstm>,
    pub(super) weight: ParamId,
    pub(super) bias: ParamId,
    /// Start, end and transition scores.
    pub(super) crf: Option<[ParamId; 3]>,
}

impl Head {
    pub(super) fn new(
        config: &HeadConfig,
        hidden: usize,
        start: &Start,
        params: &mut Params,
    ) -> Result<Self, NnError> {
        let k = config.tags;
        let (lstm, width) = match config.kind {
            HeadKind::BilstmCrf => {
                let lstm = BiLstm::new(
                    hidden,
                    config.lstm_units,
                    config.lstm_layers,
                    config.lstm_dropout,
                    start,
                    params,
                )?;
                (Some(lstm), 2 * config.lstm_units)
            }
            HeadKind::Crf | HeadKind::Linear => (None, hidden),
        };
        let mut add =
            |name: &str, shape: &[usize], group: Group, bound: f32| -> Result<ParamId, NnError> {
                let values = start.values(name, shape, bound)?;
                Ok(params.add(name.to_owned(), shape, group, values))
            };
        let weight = add("fc.weight", &[k, width], Group::Linear, init::fan_bound(width))?;
        let bias = add("fc.bias", &[k], Group::Linear, init::fan_bound(width))?;
        let crf = match config.kind {
            HeadKind::Linear => None,
            HeadKind::BilstmCrf | HeadKind::Crf => Some([
                add("crf.start_transitions", &[k], Group::Crf, CRF_BOUND)?,
                add("crf.end_transitions", &[k], Group::Crf, CRF_BOUND)?,
                add("crf.transitions", &[k, k], Group::Crf, CRF_BOUND)?,
            ]),
        };
        Ok(Self { tags: k, lstm, weight, bias, crf })
    }
}
