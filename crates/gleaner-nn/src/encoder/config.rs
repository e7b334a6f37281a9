//! The configuration of an encoder, from its `config.json`.

use super::{
    check::check,
    family::{self, Family},
    relative::RelativePositions,
    rotary::Rotary,
};
use crate::NnError;
use gleaner_base::bounded;
use serde::{Deserialize, Deserializer, Serialize};
use std::path::Path;

/// The part of a Hugging Face `config.json` that defines the computation of a BERT-family encoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EncoderConfig {
    /// `bert` (BERT, mBERT, E5, MiniLM, LaBSE), `distilbert`, `electra`, `roberta`, `xlm-roberta`, `camembert`,
    /// `modernbert` (ModernBERT, mmBERT) or `deberta-v2` (DeBERTa-v3, mDeBERTa-v3).
    pub model_type: String,
    /// Number of rows of the word embeddings.
    pub vocab_size: usize,
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Width of the embeddings. ELECTRA projects them to the hidden size if the two differ; other families ignore
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<usize>,
    /// Number of layers.
    pub num_hidden_layers: usize,
    /// Number of attention heads per layer.
    pub num_attention_heads: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Number of rows of the position embeddings.
    pub max_position_embeddings: usize,
    /// Number of rows of the token-type embeddings. Only the first is used. DistilBERT, ModernBERT and DeBERTa-v3 have
    /// none.
    #[serde(default = "two")]
    pub type_vocab_size: usize,
    /// Added to the variance in layer normalisation.
    #[serde(default = "epsilon")]
    pub layer_norm_eps: f64,
    /// Dropout probability of embeddings and layer outputs.
    #[serde(default = "tenth")]
    pub hidden_dropout_prob: f32,
    /// Dropout probability of attention probabilities.
    #[serde(default = "tenth")]
    pub attention_probs_dropout_prob: f32,
    /// Standard deviation of the weights of new layers.
    #[serde(default = "fiftieth", skip_serializing)]
    pub initializer_range: f32,
    /// The activation function. Only the exact `gelu` is supported.
    #[serde(default = "gelu")]
    pub hidden_act: String,
    /// The type of position embeddings. Only `absolute` is supported.
    #[serde(default = "absolute")]
    pub position_embedding_type: String,
    /// The id of the padding piece. RoBERTa numbers positions from the next id.
    #[serde(default, deserialize_with = "or_zero")]
    pub pad_token_id: usize,
    /// Rotary positions and local attention, which only ModernBERT has. It has no position embeddings.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub rotary: Option<Rotary>,
    /// Relative positions, which only DeBERTa has. It has no position embeddings.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub relative: Option<RelativePositions>,
}

/// Maximum length of the file in bytes. The names of thousands of labels stay below it.
const MAX_LENGTH: u64 = 1_000_000;

fn two() -> usize {
    2
}
fn epsilon() -> f64 {
    1e-12
}
fn tenth() -> f32 {
    0.1
}
fn fiftieth() -> f32 {
    0.02
}
fn gelu() -> String {
    "gelu".into()
}
fn absolute() -> String {
    "absolute".into()
}

/// A number, or 0 for `null`.
fn or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The keys that tell how to read the others.
#[derive(Deserialize)]
struct Kind {
    model_type: String,
    #[serde(default)]
    is_decoder: bool,
    #[serde(default)]
    pad_token_id: Option<usize>,
}

impl EncoderConfig {
    /// Reads and checks a `config.json`.
    ///
    /// # Errors
    /// The file cannot be read, is not the configuration of an encoder, or has an unsupported setting.
    pub fn read(path: &Path) -> Result<Self, NnError> {
        let text = bounded::read(path, MAX_LENGTH).map_err(|e| NnError::io(path, e))?;
        Self::parse(path, &String::from_utf8_lossy(&text))
    }

    /// Parses and checks the text of a `config.json`. `path` appears in error messages.
    ///
    /// # Errors
    /// Same as [`EncoderConfig::read`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, NnError> {
        let bad = |what: String| NnError::Malformed {
            path: path.to_owned(),
            what,
            fix: "use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder",
        };
        let not_a_config =
            |e: serde_json::Error| bad(format!("not an encoder's config.json ({e})"));
        // First the family: those that are not known have other keys.
        let kind: Kind = serde_json::from_str(text).map_err(not_a_config)?;
        let Some(family) = Family::of(&kind.model_type) else {
            return Err(bad(format!("model_type `{}` is not known", kind.model_type)));
        };
        if kind.is_decoder {
            return Err(bad(
                "it is a decoder (`is_decoder`), which sees no word to its right".into()
            ));
        }
        let mut config: Self = match family {
            Family::DistilBert | Family::ModernBert | Family::Deberta => serde_json::from_str(text)
                .map(|settings| family.bert_keys(settings))
                .and_then(serde_json::from_value)
                .map_err(not_a_config)?,
            _ => serde_json::from_str(text).map_err(not_a_config)?,
        };
        if family == Family::Roberta && kind.pad_token_id.is_none() {
            config.pad_token_id = family::ROBERTA_PADDING;
        }
        check(&config, family).map_err(bad)?;
        let settings = || serde_json::from_str(text).map_err(not_a_config);
        match family {
            Family::ModernBert => {
                config.rotary = Some(Rotary::parse(&settings()?, &config).map_err(bad)?);
            }
            Family::Deberta => {
                let relative = RelativePositions::parse(&settings()?, &config).map_err(bad)?;
                config.relative = Some(relative);
            }
            _ => {}
        }
        Ok(config)
    }

    /// The row of the position embeddings for a sentence's first piece.
    pub fn first_position(&self) -> usize {
        if self.family() == Family::Roberta { self.pad_token_id + 1 } else { 0 }
    }

    /// Width of the embeddings.
    pub fn embedding_width(&self) -> usize {
        match self.family() {
            Family::Electra => self.embedding_size.unwrap_or(family::ELECTRA_EMBEDDING),
            _ => self.hidden_size,
        }
    }

    /// Whether positions have embeddings that are added to those of words.
    pub fn has_position_embeddings(&self) -> bool {
        self.rotary.is_none() && self.relative.is_none()
    }

    /// The family, by which tensors are named.
    pub(super) fn family(&self) -> Family {
        Family::of(&self.model_type).unwrap_or(Family::Bert)
    }

    /// Maximum number of pieces of a sentence, special pieces included.
    pub fn max_pieces(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }

    /// Width of the first feed-forward layer's result. With gated units, it has the units and their gates.
    pub fn up_width(&self) -> usize {
        self.intermediate_size * if self.rotary.is_some() { 2 } else { 1 }
    }

    /// Number of weights in the matrix products of all layers, to estimate the number of operations.
    pub fn matrix_parameters(&self) -> usize {
        let (h, f) = (self.hidden_size, self.intermediate_size + self.up_width());
        self.num_hidden_layers * (4 * h * h + h * f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: (&str, &str)) -> Result<EncoderConfig, NnError> {
        let text = r#"{"model_type": "bert", "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 1,
            "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64, "pad_token_id": 1}"#;
        assert!(text.contains(change.0));
        EncoderConfig::parse(Path::new("config.json"), &text.replace(change.0, change.1))
    }

    #[test]
    fn roberta_counts_positions_after_the_padding_id() {
        let bert = parse(("bert", "bert")).unwrap();
        assert_eq!((bert.first_position(), bert.max_pieces()), (0, 64));
        let roberta = parse(("bert", "xlm-roberta")).unwrap();
        assert_eq!((roberta.first_position(), roberta.max_pieces()), (2, 62));
    }

    #[test]
    fn roberta_pads_with_1_unless_it_says_otherwise() {
        let other = |family: &str| parse(("\"bert\"", family)).unwrap().pad_token_id;
        assert_eq!(other("\"roberta\""), 1);
        let text = r#"{"model_type": "FAMILY", "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 1,
            "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64}"#;
        for (family, expected) in [("camembert", 1), ("bert", 0), ("electra", 0)] {
            let text = text.replace("FAMILY", family);
            let null = text.replace("64}", "64, \"pad_token_id\": null}");
            assert_ne!(text, null);
            for text in [text, null] {
                let config = EncoderConfig::parse(Path::new("config.json"), &text).unwrap();
                assert_eq!(config.pad_token_id, expected, "{text}");
            }
        }
    }

    #[test]
    fn distilbert_has_names_of_its_own() {
        let text = r#"{"model_type": "distilbert", "vocab_size": 30, "dim": 12, "n_layers": 1, "n_heads": 3,
            "hidden_dim": 24, "max_position_embeddings": 64, "dropout": 0.2, "attention_dropout": 0.3,
            "activation": "gelu", "pad_token_id": 0}"#;
        let config = EncoderConfig::parse(Path::new("config.json"), text).unwrap();
        let sizes = [config.hidden_size, config.num_hidden_layers, config.num_attention_heads];
        assert_eq!((sizes, config.intermediate_size, config.type_vocab_size), ([12, 1, 3], 24, 0));
        let dropout = (config.hidden_dropout_prob, config.attention_probs_dropout_prob);
        assert_eq!((dropout, config.max_pieces()), ((0.2, 0.3), 64));
        let relu = text.replace("\"gelu\"", "\"relu\"");
        let error = EncoderConfig::parse(Path::new("config.json"), &relu).unwrap_err().to_string();
        assert!(error.contains("activation `relu`"), "{error}");
    }

    #[test]
    fn electra_has_embeddings_of_another_width() {
        let electra =
            |change: &str| parse(("\"bert\"", &format!("\"electra\", {change}"))).unwrap();
        assert_eq!(electra("\"embedding_size\": 8").embedding_width(), 8);
        assert_eq!(electra("\"is_decoder\": false").embedding_width(), 128);
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (from, to, says) in [
            ("bert", "deberta", "model_type `deberta`"),
            ("bert", "deberta-v2", "`relative_attention` is not"),
            ("\"pad_token_id\": 1", "\"is_decoder\": true", "`is_decoder`"),
            ("\"num_attention_heads\": 3", "\"num_attention_heads\": 5", "5 heads do not divide"),
            ("\"pad_token_id\": 1", "\"hidden_act\": \"relu\"", "activation `relu`"),
            (
                "\"pad_token_id\": 1",
                "\"position_embedding_type\": \"relative_key\"",
                "relative_key",
            ),
            ("\"pad_token_id\": 1", "\"hidden_dropout_prob\": 1.5", "1.5"),
            ("64", "2", "no room"),
            // Sizes that would overflow, or that would reserve memory which no weights fill.
            ("12", "2147483648", "hidden_size 2147483648 is too large (at most 65535)"),
            (
                "\"num_hidden_layers\": 1",
                "\"num_hidden_layers\": 1000000000",
                "num_hidden_layers 1000000000 is too",
            ),
            ("24", "9223372036854775807", "intermediate_size 9223372036854775807 is too large"),
            ("30", "18446744073709551615", "vocab_size 18446744073709551615 is too large"),
            (
                "64",
                "18446744073709551615",
                "max_position_embeddings 18446744073709551615 is too large",
            ),
            (
                "\"pad_token_id\": 1",
                "\"pad_token_id\": 18446744073709551615",
                "pad_token_id 18446744073709551615 is too large",
            ),
            (
                "\"pad_token_id\": 1",
                "\"type_vocab_size\": 100000",
                "type_vocab_size 100000 is too large",
            ),
            ("\"num_attention_heads\": 3", "\"num_attention_heads\": 0", "0 heads do not divide"),
            (
                "\"pad_token_id\": 1",
                "\"layer_norm_eps\": 0.0",
                "a layer_norm_eps of 0 is outside 0 to 1",
            ),
            ("\"pad_token_id\": 1", "\"layer_norm_eps\": 1e999", "number out of range"),
            (
                "\"pad_token_id\": 1",
                "\"initializer_range\": -0.02",
                "an initializer_range of -0.02 is outside 0 to 1",
            ),
            (
                "\"pad_token_id\": 1",
                "\"x\": 1, \"hidden_size\": 12",
                "duplicate field `hidden_size`",
            ),
        ] {
            let error = parse((from, to)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
