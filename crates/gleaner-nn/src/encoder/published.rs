//! The names that transformers gives to the tensors of an encoder with a masked-language head.

use super::{
    Encoder, EncoderConfig,
    family::Family,
    layout::{PREFIX, WORDS},
};
use crate::{ParamId, Params, weights::NamedTensor};
use std::collections::BTreeMap;

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

/// The prefix of the encoder's tensors in files with a masked-language head, and the names of the head.
fn names_of(config: &EncoderConfig) -> (&'static str, HeadNames) {
    match config.family() {
        Family::Bert => ("bert.", BERT),
        Family::DistilBert => ("distilbert.", DISTILBERT),
        Family::Electra => ("electra.", ELECTRA),
        Family::Roberta => {
            let class = match config.model_type.as_str() {
                "xlm-roberta" => "XLMRobertaForMaskedLM",
                "camembert" => "CamembertForMaskedLM",
                _ => ROBERTA.class,
            };
            ("roberta.", HeadNames { class, ..ROBERTA })
        }
        Family::ModernBert => ("model.", MODERNBERT),
    }
}

impl HeadNames {
    /// The names for an encoder.
    pub(crate) fn of(config: &EncoderConfig) -> Self {
        names_of(config).1
    }
}

impl Encoder {
    /// All tensors of the encoder with the names and layouts of files with a masked-language head. Rows of the word
    /// embeddings that are not active have the values of the encoder's file.
    pub(crate) fn published<'a>(&'a self, params: &'a Params) -> Vec<NamedTensor<'a>> {
        let (prefix, _) = names_of(&self.config);
        let family = self.config.family();
        let own = |name: &str| {
            let own = family.own_name(name).map_or_else(|| name.to_owned(), |own| own.name);
            format!("{prefix}{own}")
        };
        // Queries, keys and values can be parts of one tensor.
        let mut parts: BTreeMap<String, Vec<ParamId>> = BTreeMap::new();
        for id in params.ids() {
            let Some(name) = params.name(id).strip_prefix(PREFIX) else { continue };
            if Some(id) != self.words.param() && !params.is_absent(id) {
                parts.entry(own(name)).or_default().push(id);
            }
        }
        let mut tensors: Vec<NamedTensor> = parts
            .into_iter()
            .map(|(name, ids)| {
                let mut shape = params.shape(ids[0]).to_vec();
                shape[0] *= ids.len();
                NamedTensor::in_chunks(name, &shape, move |sink| {
                    ids.iter().try_for_each(|&id| sink(&params.values(id)))
                })
            })
            .collect();
        let shape = [self.words.rows(), self.config.embedding_width()];
        tensors.push(NamedTensor::in_chunks(own(WORDS), &shape, move |sink| {
            self.words.merged(params, sink)
        }));
        tensors
    }
}
