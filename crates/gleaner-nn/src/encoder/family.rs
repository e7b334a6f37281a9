//! The families of encoders, and their names of settings and tensors.
//!
//! All but ModernBERT and DeBERTa compute alike (Devlin et al. 2019). In parameters and in saved files, tensors have
//! the names of BERT.

use serde_json::{Value, json};

/// The id of the padding piece of RoBERTa and its relatives, if `config.json` has none.
pub(super) const ROBERTA_PADDING: usize = 1;
/// The width of the embeddings of ELECTRA, if `config.json` has none.
pub(super) const ELECTRA_EMBEDDING: usize = 128;

/// A family of encoders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// BERT, mBERT, E5, MiniLM and LaBSE.
    Bert,
    /// DistilBERT (Sanh et al. 2019): no token types, other names.
    DistilBert,
    /// ELECTRA (Clark et al. 2020): embeddings may be narrower than hidden states.
    Electra,
    /// RoBERTa, XLM-R and CamemBERT: positions count from the padding id.
    Roberta,
    /// ModernBERT (Warner et al. 2024) and mmBERT: rotary positions, local attention, gated units, normalisation
    /// before sublayers, no biases.
    ModernBert,
    /// DeBERTa-v3 and mDeBERTa-v3 (He et al. 2023): relative positions, no token types.
    Deberta,
}

/// A family's own name of a tensor.
pub(super) struct OwnName {
    pub(super) name: String,
    /// Which third of its rows, if it holds queries, keys and values.
    pub(super) third: Option<usize>,
}

impl Family {
    /// The family of a `model_type`.
    pub(super) fn of(model_type: &str) -> Option<Self> {
        Some(match model_type {
            "bert" => Self::Bert,
            "distilbert" => Self::DistilBert,
            "electra" => Self::Electra,
            "roberta" | "xlm-roberta" | "camembert" => Self::Roberta,
            "modernbert" => Self::ModernBert,
            "deberta-v2" => Self::Deberta,
            _ => return None,
        })
    }

    /// Whether linear layers and normalisations have a bias.
    pub(super) fn has_biases(self) -> bool {
        self != Self::ModernBert
    }

    pub(super) fn has_token_types(self) -> bool {
        !matches!(self, Self::DistilBert | Self::ModernBert | Self::Deberta)
    }

    /// The family's own name of a tensor that has another one in BERT.
    pub(super) fn own_name(self, name: &str) -> Option<OwnName> {
        /// Names within a layer: in BERT, in DistilBERT, and in ModernBERT, whose normalisations are before a sublayer.
        const OF_LAYER: [(&str, &str, &str); 8] = [
            ("attention.self.query", "attention.q_lin", "attn.Wqkv"),
            ("attention.self.key", "attention.k_lin", "attn.Wqkv"),
            ("attention.self.value", "attention.v_lin", "attn.Wqkv"),
            ("attention.output.dense", "attention.out_lin", "attn.Wo"),
            ("attention.output.LayerNorm", "sa_layer_norm", "attn_norm"),
            ("intermediate.dense", "ffn.lin1", "mlp.Wi"),
            ("output.dense", "ffn.lin2", "mlp.Wo"),
            ("output.LayerNorm", "output_layer_norm", "mlp_norm"),
        ];
        let layer = name.strip_prefix("encoder.layer.").and_then(|rest| {
            let (layer, rest) = rest.split_once('.')?;
            let (rest, kind) = rest.rsplit_once('.')?;
            let at = OF_LAYER.iter().position(|(of_bert, ..)| *of_bert == rest)?;
            Some((layer, at, kind))
        });
        let whole = |name: String| Some(OwnName { name, third: None });
        match (self, name, layer) {
            (Self::DistilBert, _, Some((layer, at, kind))) => {
                whole(format!("transformer.layer.{layer}.{}.{kind}", OF_LAYER[at].1))
            }
            (Self::ModernBert, _, Some((layer, at, kind))) => Some(OwnName {
                name: format!("layers.{layer}.{}.{kind}", OF_LAYER[at].2),
                third: Some(at).filter(|at| *at < 3),
            }),
            (Self::Deberta, _, Some((_, 0..3, kind))) => {
                let layer = name.strip_suffix(kind)?.strip_suffix('.')?;
                whole(format!("{layer}_proj.{kind}"))
            }
            (Self::ModernBert, super::layout::WORDS, _) => {
                whole("embeddings.tok_embeddings.weight".into())
            }
            (Self::ModernBert, "embeddings.LayerNorm.weight", _) => {
                whole("embeddings.norm.weight".into())
            }
            _ => None,
        }
    }
}

/// Settings with their values.
type Values<'a> = &'a [(&'static str, Value)];
/// Names of settings, and BERT's names for them.
type Keys = &'static [(&'static str, &'static str)];

impl Family {
    /// Gives settings the names that BERT has for them, and a value to those that the family does not have or that have
    /// another default.
    pub(super) fn bert_keys(self, mut config: Value) -> Value {
        let (values, keys): (Values, Keys) = match self {
            Self::DistilBert => (
                &[("type_vocab_size", json!(0)), ("layer_norm_eps", json!(1e-12))],
                &[
                    ("dim", "hidden_size"),
                    ("n_layers", "num_hidden_layers"),
                    ("n_heads", "num_attention_heads"),
                    ("hidden_dim", "intermediate_size"),
                    ("dropout", "hidden_dropout_prob"),
                    ("attention_dropout", "attention_probs_dropout_prob"),
                    ("activation", "hidden_act"),
                ],
            ),
            Self::ModernBert => (
                &[
                    ("type_vocab_size", json!(0)),
                    ("position_embedding_type", json!("absolute")),
                    ("layer_norm_eps", json!(1e-5)),
                    ("hidden_act", json!("gelu")),
                    ("hidden_dropout_prob", json!(0.0)),
                    ("attention_probs_dropout_prob", json!(0.0)),
                ],
                &[
                    ("norm_eps", "layer_norm_eps"),
                    ("hidden_activation", "hidden_act"),
                    ("embedding_dropout", "hidden_dropout_prob"),
                    ("attention_dropout", "attention_probs_dropout_prob"),
                ],
            ),
            Self::Deberta => {
                (&[("type_vocab_size", json!(0)), ("layer_norm_eps", json!(1e-7))], &[])
            }
            _ => return config,
        };
        if let Some(settings) = config.as_object_mut() {
            for (key, value) in values {
                // The other families ignore these settings.
                if self != Self::Deberta || !settings.contains_key(*key) {
                    settings.insert((*key).to_owned(), value.clone());
                }
            }
            for (own, of_bert) in keys {
                if let Some(value) = settings.remove(*own) {
                    settings.insert((*of_bert).to_owned(), value);
                }
            }
        }
        config
    }
}
