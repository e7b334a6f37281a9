//! The part of an address after `?`.

use gleaner_serve::Refusal;
use percent_encoding::percent_decode_str;

/// Names and their values, decoded.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Parses `name=value&…`.
    ///
    /// # Errors
    /// A name or value is not UTF-8.
    pub(super) fn parse(query: Option<&str>) -> Result<Self, Refusal> {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let decoded = |text: &str| {
            let text = text.replace('+', " ");
            let decoded = percent_decode_str(&text).decode_utf8();
            decoded.map(String::from).map_err(|_| Refusal::malformed("the address is not UTF-8"))
        };
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?, decoded(value)?))
        };
        pairs.map(pair).collect::<Result<_, _>>().map(Self)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A value that must be given.
    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name)
            .ok_or_else(|| Refusal::malformed(format!("`{name}` is missing in the address")))
    }

    /// Numbers separated by commas; none if the name is not given.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<usize>, Refusal> {
        let values =
            self.get(name).unwrap_or_default().split(',').filter(|value| !value.is_empty());
        let bad = |value: &str| Refusal::malformed(format!("{name}: `{value}` is not a number"));
        values.map(|value| value.parse().map_err(|_| bad(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded() {
        let query = Query::parse(Some("annotator=%C3%86tla+%26%2B&after=1,22,&take=5")).unwrap();
        assert_eq!(query.text("annotator").unwrap(), "Ætla &+");
        assert_eq!(query.numbers("after").unwrap(), [1, 22]);
        assert!(query.numbers("other").unwrap().is_empty());
        assert!(query.text("other").is_err());
        assert!(Query::parse(Some("a=%FF")).is_err());
        assert!(Query::parse(Some("a=x")).unwrap().numbers("a").is_err());
    }
}
