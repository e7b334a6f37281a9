//! The settings of rotary positions and local attention, from the `config.json` of a ModernBERT.

use super::EncoderConfig;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rotary positions (Su et al. 2021), and layers in which a piece sees its neighbours only (Warner et al. 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rotary {
    /// For every layer, whether a piece sees the whole sentence.
    pub global: Vec<bool>,
    /// The base of the wavelengths in global layers.
    pub global_theta: f64,
    /// The base of the wavelengths in local layers.
    pub local_theta: f64,
    /// The largest distance between pieces that see each other in local layers.
    pub window: usize,
}

impl Rotary {
    /// Reads the settings of an encoder whose other settings are `config`.
    ///
    /// # Errors
    /// What is not supported.
    pub(super) fn parse(settings: &Value, config: &EncoderConfig) -> Result<Self, String> {
        for key in ["attention_bias", "mlp_bias", "norm_bias"] {
            if settings[key] == true {
                return Err(format!("`{key}` is true, which is not supported"));
            }
        }
        for key in ["attention_dropout", "embedding_dropout", "mlp_dropout"] {
            if settings[key].as_f64().is_some_and(|p| p != 0.0) {
                return Err(format!("`{key}` is not 0, which is not supported"));
            }
        }
        if !(config.hidden_size / config.num_attention_heads).is_multiple_of(2) {
            return Err("a head of odd width cannot have rotary positions".into());
        }
        let layers = config.num_hidden_layers;
        let global = match &settings["layer_types"] {
            Value::Null => {
                let every = number(settings, "global_attn_every_n_layers", 3)?.max(1);
                (0..layers).map(|layer| layer % every == 0).collect()
            }
            types => global_layers(types).filter(|global| global.len() == layers).ok_or(
                "`layer_types` is not a list of `full_attention` and `sliding_attention`, one for each layer",
            )?,
        };
        let global_theta = theta(settings, "full_attention", "global_rope_theta", 160_000.0)?;
        // Null stands for the base of global layers.
        let default =
            if settings.get("local_rope_theta").is_some() { global_theta } else { 10_000.0 };
        let local_theta = theta(settings, "sliding_attention", "local_rope_theta", default)?;
        let window = number(settings, "local_attention", 128)? / 2;
        Ok(Self { global, global_theta, local_theta, window })
    }
}

impl Rotary {
    /// The largest distance between pieces that see each other in a layer (from 0), if there is one.
    pub(super) fn window(&self, layer: usize) -> Option<usize> {
        (!self.global[layer]).then_some(self.window)
    }
}

fn global_layers(types: &Value) -> Option<Vec<bool>> {
    let is_global = |kind: &Value| match kind.as_str() {
        Some("full_attention") => Some(true),
        Some("sliding_attention") => Some(false),
        _ => None,
    };
    types.as_array()?.iter().map(is_global).collect()
}

fn number(settings: &Value, key: &str, default: usize) -> Result<usize, String> {
    match &settings[key] {
        Value::Null => Ok(default),
        value => value
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .ok_or_else(|| format!("`{key}` is not a number of pieces or layers")),
    }
}

/// The base of the wavelengths of layers of this kind. Version 5 of transformers moved it into `rope_parameters`.
fn theta(settings: &Value, kind: &str, key: &str, default: f64) -> Result<f64, String> {
    let newer = &settings["rope_parameters"][kind];
    for scaled in [&settings["rope_scaling"], newer] {
        let rope = [&scaled["rope_type"], &scaled["type"]].into_iter().find_map(Value::as_str);
        if let Some(rope) = rope.filter(|rope| *rope != "default") {
            return Err(format!("rotary positions of type `{rope}` are not known"));
        }
    }
    let given = [&newer["rope_theta"], &settings[key]].into_iter().find(|v| !v.is_null());
    match given {
        None => Ok(default),
        Some(theta) => theta
            .as_f64()
            .filter(|theta| *theta > 1.0 && theta.is_finite())
            .ok_or_else(|| format!("`{key}` is not a number above 1")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn parse(more: &str) -> Result<Rotary, String> {
        let text = format!(
            r#"{{"model_type": "modernbert", "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 4,
            "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 64 {more}}}"#
        );
        let config = EncoderConfig::parse(Path::new("config.json"), &text);
        config.map(|config| config.rotary.unwrap()).map_err(|e| e.to_string())
    }

    #[test]
    fn settings_have_the_defaults_of_transformers() {
        let every_third = vec![true, false, false, true];
        let (global_theta, local_theta) = (160_000.0, 10_000.0);
        let usual = Rotary { global: every_third, global_theta, local_theta, window: 64 };
        assert_eq!(parse("").unwrap(), usual);
        // As mmBERT, and as transformers 5 writes it.
        for more in [
            r#", "local_rope_theta": 160000.0, "position_embedding_type": "sans_pos""#,
            r#", "local_rope_theta": null"#,
            r#", "rope_parameters": {"sliding_attention": {"rope_type": "default", "rope_theta": 160000.0}}"#,
        ] {
            let both = Rotary { local_theta: global_theta, ..usual.clone() };
            assert_eq!(parse(more).unwrap(), both, "{more}");
        }
        let more = r#", "layer_types": ["sliding_attention", "full_attention", "full_attention",
            "full_attention"], "global_rope_theta": 50, "local_attention": 7"#;
        let global = vec![false, true, true, true];
        assert_eq!(
            parse(more).unwrap(),
            Rotary { global, global_theta: 50.0, local_theta, window: 3 }
        );
        let even = parse(r#", "global_attn_every_n_layers": 2"#).unwrap();
        assert_eq!(even.global, [true, false, true, false]);
    }

    #[test]
    fn settings_that_are_not_supported_are_refused_by_name() {
        for (more, says) in [
            (r#", "mlp_bias": true"#, "`mlp_bias` is true"),
            (r#", "norm_bias": true"#, "`norm_bias` is true"),
            (r#", "mlp_dropout": 0.1"#, "`mlp_dropout` is not 0"),
            (r#", "attention_dropout": 0.1"#, "`attention_dropout` is not 0"),
            (r#", "hidden_activation": "silu""#, "activation `silu`"),
            (r#", "num_attention_heads": 4"#, "odd width"),
            (r#", "layer_types": ["full_attention"]"#, "`layer_types` is not"),
            (r#", "local_attention": -1"#, "`local_attention` is not"),
            (r#", "global_rope_theta": "a""#, "`global_rope_theta` is not a number above 1"),
            (r#", "rope_scaling": {"type": "linear", "factor": 2.0}"#, "type `linear`"),
            (r#", "rope_parameters": {"full_attention": {"rope_type": "yarn"}}"#, "type `yarn`"),
        ] {
            let error = parse(more).expect_err(says);
            assert!(error.contains(says), "{error}");
        }
    }
}
