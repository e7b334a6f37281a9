//! The tensors of an encoder: their names and shapes in Hugging Face files.

use super::{
    EncoderConfig,
    family::{Family, OwnName},
};
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
    /// Its number, from 1.
    pub(crate) depth: usize,
    pub(crate) query: Linear,
    pub(crate) key: Linear,
    pub(crate) value: Linear,
    pub(crate) attention_output: Linear,
    pub(crate) up: Linear,
    pub(crate) down: Linear,
    pub(crate) norms: Norms,
}

/// Where a layer normalises.
#[derive(Clone, Copy)]
pub(crate) enum Norms {
    /// The sum of each sublayer's input and result (Devlin et al. 2019).
    After { attention: Linear, output: Linear },
    /// The input of each sublayer, but not that of the first layer's attention. The feed-forward sublayer has gated
    /// units (Warner et al. 2024).
    Before { attention: Option<Linear>, feed_forward: Linear },
}

impl Layer {
    /// The matrices with their biases.
    pub(crate) fn projections(&self) -> [Linear; 6] {
        [self.query, self.key, self.value, self.attention_output, self.up, self.down]
    }

    /// The normalisation of its attention, unless it has none.
    pub(crate) fn attention_norm(&self) -> Option<Linear> {
        match self.norms {
            Norms::After { attention, .. } => Some(attention),
            Norms::Before { attention, .. } => attention,
        }
    }

    /// The normalisation of its feed-forward sublayer.
    pub(crate) fn feed_forward_norm(&self) -> Linear {
        match self.norms {
            Norms::After { output, .. } => output,
            Norms::Before { feed_forward, .. } => feed_forward,
        }
    }

    /// The normalisations.
    pub(crate) fn normalisations(&self) -> impl Iterator<Item = Linear> {
        self.attention_norm().into_iter().chain([self.feed_forward_norm()])
    }

    /// All parameters of the layer.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ParamId> {
        let all = self.projections().into_iter().chain(self.normalisations());
        all.flat_map(|l| [l.weight, l.bias])
    }
}

/// The parameters of an encoder, except the word embeddings.
pub(crate) struct Layout {
    /// Encoders with rotary or relative positions have none.
    pub(crate) positions: Option<ParamId>,
    /// DistilBERT has none.
    pub(crate) token_types: Option<ParamId>,
    pub(crate) embedding_norm: Linear,
    /// From the embeddings' width to the hidden size, if they differ (ELECTRA).
    pub(crate) projection: Option<Linear>,
    pub(crate) layers: Vec<Layer>,
    /// The embeddings of distances, which all layers share, and their normalisation, if positions are relative.
    pub(crate) distances: Option<(ParamId, Linear)>,
    /// The normalisation of the last layer's result, if layers normalise before their sublayers.
    pub(crate) final_norm: Option<Linear>,
}

/// The names of the encoder tensors in a file, independent of their prefix.
pub(crate) struct Names<'a> {
    file: &'a WeightFile,
    prefix: &'static str,
    family: Family,
    seen: BTreeSet<String>,
}

impl<'a> Names<'a> {
    /// Finds the prefix that `file` uses.
    pub(crate) fn of(config: &EncoderConfig, file: &'a WeightFile) -> Result<Self, NnError> {
        let family = config.family();
        let own = family.own_name(WORDS).map_or(WORDS.to_owned(), |own| own.name);
        let has = |prefix: &str, name: &str| file.shape(&format!("{prefix}{name}")).is_some();
        let prefix = ["", PREFIX, "roberta.", "distilbert.", "electra.", "model.", "deberta."]
            .into_iter()
            .find(|prefix| has(prefix, WORDS) || has(prefix, &own))
            .ok_or_else(|| {
                file.tensor_error(
                    WORDS,
                    "missing under any known prefix".into(),
                    "use the weights of a BERT-family encoder",
                )
            })?;
        Ok(Self { file, prefix, family, seen: BTreeSet::new() })
    }

    /// The full name in the file of the tensor that BERT calls `name`. Files that Gleaner saved have this name, others
    /// that of the family. Old files call the weight and bias of a layer normalisation `gamma` and `beta`.
    pub(crate) fn resolve(&mut self, name: &str) -> String {
        self.find(name).name
    }

    fn find(&mut self, name: &str) -> OwnName {
        let full = format!("{}{name}", self.prefix);
        let old = full
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
        let own = self.family.own_name(name);
        let found = match own {
            _ if self.file.shape(&full).is_some() => OwnName { name: full, third: None },
            _ if self.file.shape(&old).is_some() => OwnName { name: old, third: None },
            Some(own) => OwnName { name: format!("{}{}", self.prefix, own.name), ..own },
            None => OwnName { name: full, third: None },
        };
        self.seen.insert(found.name.clone());
        found
    }

    /// Reads the tensor that BERT calls `name`.
    fn read(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, NnError> {
        match self.find(name) {
            OwnName { name, third: None } => self.file.read_finite(&name, shape, 0, 1),
            OwnName { name, third: Some(third) } => self.file.read_finite(&name, shape, third, 3),
        }
    }

    /// Returns an error if the file has tensors that were not resolved. Pre-training heads and names that `extra`
    /// accepts are allowed.
    pub(crate) fn refuse_surplus(&self, extra: impl Fn(&str) -> bool) -> Result<(), NnError> {
        let allowed = |name: &str| {
            let bare = name.strip_prefix(self.prefix).unwrap_or(name);
            HEADS.iter().any(|p| bare.starts_with(p) || name.starts_with(p))
                || bare == "embeddings.position_ids"
                || (self.family == Family::Deberta && OF_PRE_TRAINING.contains(&bare))
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

/// The starts of the names of what published encoders have above the last layer.
const HEADS: [&str; 16] = [
    "pooler.",
    "lm_predictions.",
    "mask_predictions.",
    "head.",
    "decoder.",
    "cls.",
    "lm_head.",
    "classifier.",
    "pre_classifier.",
    "qa_outputs.",
    "vocab_transform.",
    "vocab_layer_norm.",
    "vocab_projector.",
    "discriminator_predictions.",
    "generator_predictions.",
    "generator_lm_head.",
];

/// What published DeBERTas have besides the encoder: the part of the embeddings that they do not share with the second
/// encoder of pre-training (He et al. 2023, section 3.2), and positions, which the encoder does not add to its input.
const OF_PRE_TRAINING: [&str; 3] =
    ["embeddings.word_embeddings._weight", "embeddings.position_embeddings._weight", POSITIONS];

/// The name of the position embeddings, without a prefix.
const POSITIONS: &str = "embeddings.position_embeddings.weight";

/// The name of the word embeddings, without a prefix.
pub(crate) const WORDS: &str = "embeddings.word_embeddings.weight";

impl Layout {
    /// Reads all parameters except the word embeddings from a file into `params`.
    pub(crate) fn load(
        config: &EncoderConfig,
        names: &mut Names,
        params: &mut Params,
    ) -> Result<Self, NnError> {
        let (h, f, e) = (config.hidden_size, config.intermediate_size, config.embedding_width());
        let family = config.family();
        let mut add = |name: &str, shape: &[usize]| -> Result<ParamId, NnError> {
            let saved = format!("{PREFIX}{name}");
            if name.ends_with(".bias") && !family.has_biases() {
                return Ok(params.add_zeros(saved, shape, Group::Encoder));
            }
            let values = names.read(name, shape)?;
            Ok(params.add(saved, shape, Group::Encoder, values))
        };
        let mut linear = |name: &str, shape: &[usize]| -> Result<Linear, NnError> {
            Ok(Linear {
                weight: add(&format!("{name}.weight"), shape)?,
                bias: add(&format!("{name}.bias"), &shape[..1])?,
            })
        };
        let embedding_norm = linear("embeddings.LayerNorm", &[e])?;
        let projection = if e == h { None } else { Some(linear("embeddings_project", &[h, e])?) };
        let normalises_before = config.rotary.is_some();
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for i in 0..config.num_hidden_layers {
            let mut at =
                |name: &str, shape: &[usize]| linear(&format!("encoder.layer.{i}.{name}"), shape);
            layers.push(Layer {
                depth: i + 1,
                query: at("attention.self.query", &[h, h])?,
                key: at("attention.self.key", &[h, h])?,
                value: at("attention.self.value", &[h, h])?,
                attention_output: at("attention.output.dense", &[h, h])?,
                up: at("intermediate.dense", &[config.up_width(), h])?,
                down: at("output.dense", &[h, f])?,
                norms: match normalises_before {
                    false => Norms::After {
                        attention: at("attention.output.LayerNorm", &[h])?,
                        output: at("output.LayerNorm", &[h])?,
                    },
                    true => Norms::Before {
                        attention: match i {
                            0 => None,
                            _ => Some(at("attention.output.LayerNorm", &[h])?),
                        },
                        feed_forward: at("output.LayerNorm", &[h])?,
                    },
                },
            });
        }
        let final_norm = normalises_before.then(|| linear("final_norm", &[h])).transpose()?;
        let distance_norm =
            config.relative.as_ref().map(|_| linear("encoder.LayerNorm", &[h])).transpose()?;
        let distances = match (&config.relative, distance_norm) {
            (Some(relative), Some(norm)) => {
                Some((add("encoder.rel_embeddings.weight", &[relative.rows(), h])?, norm))
            }
            _ => None,
        };
        let positions = match config.has_position_embeddings() {
            true => Some(add(POSITIONS, &[config.max_position_embeddings, e])?),
            false => None,
        };
        let token_types = match config.type_vocab_size {
            0 => None,
            rows => Some(add("embeddings.token_type_embeddings.weight", &[rows, e])?),
        };
        Ok(Self {
            positions,
            token_types,
            embedding_norm,
            projection,
            layers,
            distances,
            final_norm,
        })
    }
}
