//! The presets' values as text, for help and documentation.

use super::{Protocol, Settings, Stage};
use serde_json::Value;

/// The protocols and stages whose presets differ, each with its name in help texts. The preset `sound`
/// is the same at every stage.
const COLUMNS: [(&str, Protocol, Stage); 4] = [
    ("", Protocol::Sound, Stage::Fresh),
    ("published", Protocol::Published, Stage::Fresh),
    ("published with start", Protocol::Published, Stage::FineTune),
    ("published with pool", Protocol::Published, Stage::PseudoLabel),
];

impl Settings {
    /// The defaults of a key of settings files: `20` where the presets agree, otherwise such as
    /// `16; published: 32`. `None` for an unknown key.
    pub fn defaults(key: &str) -> Option<String> {
        let mut values = COLUMNS.iter().map(|(name, protocol, stage)| {
            let preset = serde_json::to_value(Self::preset(*protocol, *stage)).ok()?;
            let value = shown(preset.get(key)?).unwrap_or_else(|| "none".into());
            Some((*name, value))
        });
        let (_, sound) = values.next()??;
        let (name, published) = values.next()??;
        let mut text = sound.clone();
        let differing = values.flatten().filter(|(_, value)| *value != published);
        let differing: Vec<_> = differing.collect();
        if sound != published || !differing.is_empty() {
            text += &format!("; {name}: {published}");
        }
        for (name, value) in differing {
            text += &format!("; {name}: {value}");
        }
        Some(text)
    }
}

/// A value as files write it, text without quotes; `None` for an absent value and an empty list.
pub(super) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Array(list) if list.is_empty() => None,
        Value::String(word) => Some(word.clone()),
        Value::Number(n) => Some(n.as_f64().map_or_else(
            || n.to_string(),
            |n| if n > 0.0 && n < 1e-3 { format!("{n:e}") } else { n.to_string() },
        )),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_name_the_presets_that_differ() {
        let of = |key| Settings::defaults(key).unwrap();
        assert_eq!(of("seed"), "42");
        assert_eq!(of("encoder"), "none");
        assert_eq!(of("batch"), "16; published: 32");
        assert_eq!(of("rate-crf"), "0.005; published: 5e-5; published with pool: 3e-5");
        assert_eq!(
            of("epochs"),
            "20; published: 20; published with start: 15; published with pool: 25"
        );
        assert_eq!(of("train-score"), "false; published: true");
        assert_eq!(Settings::defaults("epoch"), None);
    }
}
