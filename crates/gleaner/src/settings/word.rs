//! Words of enums on the command line.

/// Parses a word of an enum as a file would.
pub(crate) fn word<T: serde::de::DeserializeOwned>(s: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(s.to_owned())).map_err(|e| e.to_string())
}
