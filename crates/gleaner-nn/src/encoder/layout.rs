//! The tensors of an encoder: their names and shapes in Hugging Face files.

use super::EncoderConfig;
use crate::{Group, NnError, ParamId, Params, weights::WeightFile};
use std::collections::BTreeSet;

/// The prefix of the encoder's tensors in files that Gleaner saves.
pub(crate) const PREFIX: &str = "bert.";

/// A linear layer: weight `[out, in]` and bias `[out]`.
#[derive(Clone, Copy)]
pub(crate) struct Linear {
    pub(crate) weight: ParamId,
    pub(crate) bias: ParamId,
}

/// The parameters of one transformer layer.
pub(crate) struct Layer {
    pub(crate) query: Linear,
    pub(crate) key: Linear,
    pub(crate) value: Linear,
    pub(crate) attention_output: Linear,
    pub(crate) attention_norm: Linear,
    pub(crate) up: Linear,
    pub(crate) down: Linear,
    pub(crate) norm: Linear,
}

impl Layer {
    /// All parameters of the layer.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ParamId> {
        [
            self.query,
            self.key,
            self.value,
            self.attention_output,
            self.attention_norm,
            self.up,
            self.down,
            self.norm,
        ]
        .into_iter()
        .flat_map(|l| [l.weight, l.bias])
    }
}

/// The parameters of an encoder, except the word embeddings.
pub(crate) struct Layout {
    pub(crate) positions: ParamId,
    pub(crate) token_types: ParamId,
    pub(crate) embedding_norm: Linear,
    pub(crate) layers: Vec<Layer>,
}

/// The names of the encoder tensors in a file, independent of their prefix.
pub(crate) struct Names<'a> {
    file: &'a WeightFile,
    prefix: &'static str,
    seen: BTreeSet<String>,
}

impl<'a> Names<'a> {
    /// Finds the prefix that `file` uses.
    pub(crate) fn of(file: &'a WeightFile) -> Result<Self, NnError> {
        let prefix = ["", PREFIX, "roberta.", "model."]
            .into_iter()
            .find(|p| file.shape(&format!("{p}{WORDS}")).is_some())
            .ok_or_else(|| {
                file.tensor_error(
                    WORDS,
                    "missing under any known prefix".into(),
                    "use the weights of a BERT-family encoder",
                )
            })?;
        Ok(Self { file, prefix, seen: BTreeSet::new() })
    }

    /// The full name in the file of the tensor `name`. Old files call the weight and bias of a layer normalisation
    /// `gamma` and `beta`.
    pub(crate) fn resolve(&mut self, name: &str) -> String {
        let mut full = format!("{}{name}", self.prefix);
        if self.file.shape(&full).is_none() {
            let old = full
                .replace("LayerNorm.weight", "LayerNorm.gamma")
                .replace("LayerNorm.bias", "LayerNorm.beta");
            if self.file.shape(&old).is_some() {
                full = old;
            }
        }
        self.seen.insert(full.clone());
        full
    }

    /// Returns an error if the file has tensors that were not resolved. Pre-training heads and names that `extra`
    /// accepts are allowed.
    pub(crate) fn refuse_surplus(&self, extra: impl Fn(&str) -> bool) -> Result<(), NnError> {
        let allowed = |name: &str| {
            let bare = name.strip_prefix(self.prefix).unwrap_or(name);
            ["pooler.", "cls.", "lm_head.", "classifier."]
                .iter()
                .any(|p| bare.starts_with(p) || name.starts_with(p))
                || bare == "embeddings.position_ids"
        };
        match self.file.names().find(|n| !self.seen.contains(*n) && !allowed(n) && !extra(n)) {
            None => Ok(()),
            Some(name) => Err(self.file.tensor_error(
                name,
                "is not a part of this encoder".into(),
                "use the config.json that belongs to these weights",
            )),
        }
    }
}

/// The name of the word embeddings, without a prefix.
pub(crate) const WORDS: &str = "embeddings.word_embeddings.weight";

impl Layout {
    /// Reads all parameters except the word embeddings from a file into `params`.
    pub(crate) fn load(
        config: &EncoderConfig,
        names: &mut Names,
        params: &mut Params,
    ) -> Result<Self, NnError> {
        let (h, f) = (config.hidden_size, config.intermediate_size);
        let mut add = |name: &str, shape: &[usize]| -> Result<ParamId, NnError> {
            let values = names.file.read(&names.resolve(name), shape)?;
            Ok(params.add(format!("{PREFIX}{name}"), shape, Group::Encoder, values))
        };
        let mut linear = |name: &str, shape: &[usize]| -> Result<Linear, NnError> {
            Ok(Linear {
                weight: add(&format!("{name}.weight"), shape)?,
                bias: add(&format!("{name}.bias"), &shape[..1])?,
            })
        };
        let embedding_norm = linear("embeddings.LayerNorm", &[h])?;
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for i in 0..config.num_hidden_layers {
            let mut at =
                |name: &str, shape: &[usize]| linear(&format!("encoder.layer.{i}.{name}"), shape);
            layers.push(Layer {
                query: at("attention.self.query", &[h, h])?,
                key: at("attention.self.key", &[h, h])?,
                value: at("attention.self.value", &[h, h])?,
                attention_output: at("attention.output.dense", &[h, h])?,
                attention_norm: at("attention.output.LayerNorm", &[h])?,
                up: at("intermediate.dense", &[f, h])?,
                down: at("output.dense", &[h, f])?,
                norm: at("output.LayerNorm", &[h])?,
            });
        }
        Ok(Self {
            positions: add(
                "embeddings.position_embeddings.weight",
                &[config.max_position_embeddings, h],
            )?,
            token_types: add(
                "embeddings.token_type_embeddings.weight",
                &[config.type_vocab_size, h],
            )?,
            embedding_norm,
            layers,
        })
    }
}
