//! The names that transformers gives to the tensors of an encoder with a masked-language head.

use super::{Encoder, EncoderConfig, family::Family, layout::PREFIX};
use crate::{ParamId, Params, weights::NamedTensor};

/// The names of a masked-language head. Its decoder is tied to the word embeddings and has no name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadNames {
    /// The linear layer from hidden states to the embeddings' width.
    pub(crate) dense: &'static str,
    /// The normalisation after it.
    pub(crate) norm: &'static str,
    /// The bias of the scores, and the name that some files have for it.
    pub(crate) bias: [&'static str; 2],
    /// Whether the linear layer and the normalisation have biases.
    pub(crate) has_biases: bool,
    /// The class of transformers that reads the encoder with its head.
    pub(crate) class: &'static str,
}

const BERT: HeadNames = HeadNames {
    dense: "cls.predictions.transform.dense",
    norm: "cls.predictions.transform.LayerNorm",
    bias: ["cls.predictions.bias", "cls.predictions.decoder.bias"],
    has_biases: true,
    class: "BertForMaskedLM",
};
const DISTILBERT: HeadNames = HeadNames {
    dense: "vocab_transform",
    norm: "vocab_layer_norm",
    bias: ["vocab_projector.bias", "vocab_projector.bias"],
    has_biases: true,
    class: "DistilBertForMaskedLM",
};
const ELECTRA: HeadNames = HeadNames {
    dense: "generator_predictions.dense",
    norm: "generator_predictions.LayerNorm",
    bias: ["generator_lm_head.bias", "generator_lm_head.bias"],
    has_biases: true,
    class: "ElectraForMaskedLM",
};
const ROBERTA: HeadNames = HeadNames {
    dense: "lm_head.dense",
    norm: "lm_head.layer_norm",
    bias: ["lm_head.bias", "lm_head.decoder.bias"],
    has_biases: true,
    class: "RobertaForMaskedLM",
};
const MODERNBERT: HeadNames = HeadNames {
    dense: "head.dense",
    norm: "head.norm",
    bias: ["decoder.bias", "decoder.bias"],
    has_biases: false,
    class: "ModernBertForMaskedLM",
};

impl HeadNames {
    /// The names for an encoder.
    pub(crate) fn of(config: &EncoderConfig) -> Self {
        match config.family() {
            Family::Bert => BERT,
            Family::DistilBert => DISTILBERT,
            Family::Electra => ELECTRA,
            Family::Roberta => {
                let class = match config.model_type.as_str() {
                    "xlm-roberta" => "XLMRobertaForMaskedLM",
                    "camembert" => "CamembertForMaskedLM",
                    _ => ROBERTA.class,
                };
                Self { class, ..ROBERTA }
            }
            Family::ModernBert => MODERNBERT,
            Family::Deberta => Self { class: "DebertaV2ForMaskedLM", ..BERT },
        }
    }
}

impl Encoder {
    /// All tensors of the encoder with the names and layouts of files with a masked-language head. Rows of the word
    /// embeddings that are not active have the values of the encoder's file.
    pub(crate) fn published<'a>(&'a self, params: &'a Params) -> Vec<NamedTensor<'a>> {
        let (words, config) = (&self.words, &self.config);
        let is_own = |id: &ParamId| {
            Some(*id) != words.param()
                && params.name(*id).starts_with(PREFIX)
                && !params.is_absent(*id)
        };
        let tensor =
            |id| NamedTensor::new(params.name(id), params.shape(id), move || params.values(id));
        let mut tensors: Vec<NamedTensor> = params.ids().filter(is_own).map(tensor).collect();
        let shape = [words.rows(), config.embedding_width()];
        tensors.push(NamedTensor::in_chunks(words.saved_name(), &shape, move |sink| {
            words.merged(params, sink)
        }));
        config.with_own_names(tensors, config.prefix())
    }
}
