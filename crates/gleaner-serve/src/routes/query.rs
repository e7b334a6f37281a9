//! Parameters of an address.

use crate::{Refusal, text::Unit};
use axum::http::Uri;
use percent_encoding::percent_decode_str;

/// `?model=NAME&offsets=UNIT`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Query {
    pub(super) model: Option<String>,
    pub(super) offsets: Option<Unit>,
}

impl Query {
    pub(super) fn of(uri: &Uri) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8().map_err(|_| {
                Refusal::malformed(format!("the value of `{key}` in the address is not UTF-8"))
            })?;
            match key {
                "model" => query.model = Some(value.into_owned()),
                "offsets" => query.offsets = Some(Unit::named(&value)?),
                _ => {
                    let what = format!("unknown parameter `{key}` in the address; use `model` and `offsets`");
                    return Err(Refusal::malformed(what));
                }
            }
        }
        Ok(query)
    }

    /// The one value of a parameter that the address and the body can have.
    pub(super) fn one<T: PartialEq>(name: &str, address: Option<T>, body: Option<T>) -> Result<Option<T>, Refusal> {
        match (address, body) {
            (Some(address), Some(body)) if address != body => {
                Err(Refusal::malformed(format!("`{name}` in the address is not that in the body; leave one out")))
            }
            (address, body) => Ok(body.or(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_checked() {
        let query = |text: &str| Query::of(&text.parse().unwrap());
        assert_eq!(query("/predict").unwrap(), Query::default());
        let both = query("/?offsets=utf16&model=a%20b+c").unwrap();
        assert_eq!(both, Query { model: Some("a b c".into()), offsets: Some(Unit::Utf16) });
        for bad in ["/?modle=a", "/?offsets=bytes", "/?model=%ff"] {
            assert!(query(bad).is_err(), "{bad}");
        }
        assert_eq!(Query::one("model", Some("a"), None).unwrap(), Some("a"));
        assert_eq!(Query::one("model", Some("a"), Some("a")).unwrap(), Some("a"));
        assert!(Query::one("model", Some("a"), Some("b")).is_err());
    }
}
