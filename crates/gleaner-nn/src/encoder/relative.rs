//! The settings of relative positions, from the `config.json` of a DeBERTa.

use super::EncoderConfig;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Relative positions of disentangled attention (He et al. 2021). Distances of up to half of the buckets have a bucket
/// each. Larger ones share buckets whose width grows with the distance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RelativePositions {
    /// Number of buckets in each direction.
    pub buckets: usize,
    /// Number of distances in each direction that the buckets cover. Larger ones have the last bucket.
    pub reach: usize,
}

impl RelativePositions {
    /// Reads the settings of an encoder whose other settings are `config`.
    ///
    /// # Errors
    /// What is not supported: the variants of DeBERTa before version 3, which differ in these settings.
    pub(super) fn parse(settings: &Value, config: &EncoderConfig) -> Result<Self, String> {
        let is = |key: &str, value: bool| settings[key].as_bool() == Some(value);
        let width = config.hidden_size;
        let same = |key: &str, expected: usize| {
            settings[key].is_null() || settings[key].as_u64() == Some(expected as u64)
        };
        let needed = [
            ("relative_attention", is("relative_attention", true)),
            ("share_att_key", is("share_att_key", true)),
            ("position_biased_input", is("position_biased_input", false)),
            ("pos_att_type", terms(&settings["pos_att_type"]) == ["c2p", "p2c"]),
            ("norm_rel_ebd", settings["norm_rel_ebd"] == "layer_norm"),
            ("conv_kernel_size", same("conv_kernel_size", 0)),
            ("embedding_size", same("embedding_size", width)),
            (
                "attention_head_size",
                same("attention_head_size", width / config.num_attention_heads),
            ),
        ];
        if let Some((key, _)) = needed.iter().find(|(_, is_met)| !is_met) {
            return Err(format!(
                "`{key}` is not that of DeBERTa-v3, the version that is supported"
            ));
        }
        let buckets = settings["position_buckets"].as_u64().filter(|n| (4..1 << 16).contains(n));
        let buckets = buckets.ok_or("`position_buckets` is not a number from 4 to 65535")? as usize;
        let reach = settings["max_relative_positions"].as_i64().filter(|reach| *reach > 0);
        let reach = reach.map_or(config.max_position_embeddings, |reach| reach as usize);
        if reach < buckets / 2 + 2 {
            return Err(format!("{buckets} `position_buckets` are too many for {reach} positions"));
        }
        Ok(Self { buckets, reach })
    }

    /// Number of rows of the embeddings of distances.
    pub(super) fn rows(&self) -> usize {
        2 * self.buckets
    }

    /// The row of a distance, the position of a query minus that of a key.
    pub(super) fn row(&self, distance: isize) -> usize {
        let (middle, far) = (self.buckets / 2, distance.unsigned_abs());
        let bucket = match far <= middle {
            true => far,
            false => {
                // In single precision, as in transformers.
                let share = |far: usize| (far as f32 / middle as f32).ln();
                let share = share(far) / share(self.reach - 1);
                (share * (middle - 1) as f32).ceil() as usize + middle
            }
        };
        let bucket = bucket.min(self.rows()) as isize * distance.signum();
        (self.buckets as isize + bucket).clamp(0, self.rows() as isize - 1) as usize
    }

    /// The rows of all distances in sentences of up to `longest` pieces, in ascending order of distances.
    pub(super) fn table(&self, longest: usize) -> Vec<usize> {
        let most = longest.max(1) as isize - 1;
        (-most..=most).map(|distance| self.row(distance)).collect()
    }
}

/// The terms of attention that have positions, in alphabetical order: a list, or a text with `|` between them.
fn terms(setting: &Value) -> Vec<String> {
    let mut terms: Vec<String> = match setting {
        Value::String(terms) => terms.to_lowercase().split('|').map(|t| t.trim().into()).collect(),
        list => {
            list.as_array().into_iter().flatten().map(|t| t.as_str().unwrap_or("").into()).collect()
        }
    };
    terms.sort_unstable();
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const V3: &str = r#"{"model_type": "deberta-v2", "vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 1,
        "num_attention_heads": 3, "intermediate_size": 24, "max_position_embeddings": 512, "relative_attention": true,
        "position_buckets": 256, "norm_rel_ebd": "layer_norm", "share_att_key": true, "pos_att_type": "p2c|c2p",
        "max_relative_positions": -1, "position_biased_input": false, "type_vocab_size": 0}"#;

    fn parse(from: &str, to: &str) -> Result<EncoderConfig, String> {
        assert!(V3.contains(from));
        EncoderConfig::parse(Path::new("config.json"), &V3.replace(from, to))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn the_settings_of_version_3_are_read() {
        let config = parse("", "").unwrap();
        let expected = RelativePositions { buckets: 256, reach: 512 };
        assert_eq!(config.relative, Some(expected.clone()));
        assert_eq!((config.layer_norm_eps, config.max_pieces()), (1e-7, 512));
        let list = parse(r#""p2c|c2p""#, r#"["c2p", "p2c"]"#).unwrap();
        assert_eq!(list.relative, Some(expected));
        let reach = parse("-1", "300").unwrap().relative.unwrap().reach;
        assert_eq!(reach, 300);
    }

    #[test]
    fn other_versions_are_refused_by_name() {
        for (from, to, says) in [
            (r#""share_att_key": true"#, r#""share_att_key": false"#, "`share_att_key` is not"),
            ("\"relative_attention\": true", "\"pad_token_id\": 0", "`relative_attention` is not"),
            ("false", "true", "`position_biased_input` is not"),
            ("p2c|c2p", "c2p", "`pos_att_type` is not"),
            ("p2c|c2p", "p2c|c2p|p2p", "`pos_att_type` is not"),
            ("layer_norm", "none", "`norm_rel_ebd` is not"),
            ("256", "-1", "`position_buckets` is not"),
            ("-1", "129", "256 `position_buckets` are too many for 129 positions"),
            ("-1", "-1, \"conv_kernel_size\": 3", "`conv_kernel_size` is not"),
            ("-1", "-1, \"embedding_size\": 8", "`embedding_size` is not"),
        ] {
            let error = parse(from, to).expect_err(says);
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn distances_have_the_buckets_of_transformers() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles/deberta.json");
        let oracle: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        for case in oracle["buckets"].as_array().unwrap() {
            let [buckets, reach] =
                ["buckets", "reach"].map(|key| case[key].as_u64().unwrap() as usize);
            let positions = RelativePositions { buckets, reach };
            for (distance, bucket) in case["of"].as_array().unwrap().iter().enumerate() {
                let (distance, bucket) = (distance as isize, bucket.as_u64().unwrap() as usize);
                let expected =
                    [(buckets + bucket).min(2 * buckets - 1), buckets.saturating_sub(bucket)];
                assert_eq!([distance, -distance].map(|d| positions.row(d)), expected, "{distance}");
            }
        }
    }
}
