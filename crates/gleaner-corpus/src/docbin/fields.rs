//! The fields of spaCy's files.

use super::message::{Value, damaged};
use crate::error::Problem;

/// The fields of a file.
pub(super) struct Fields<'a>(pub(super) &'a [(Value<'a>, Value<'a>)]);

impl<'a> Fields<'a> {
    fn find(&self, key: &str) -> Option<&'a Value<'a>> {
        self.0.iter().find(|(name, _)| *name == Value::Text(key)).map(|(_, value)| value)
    }

    pub(super) fn list(&self, key: &str) -> Option<&'a [Value<'a>]> {
        match self.find(key) {
            Some(Value::List(list)) => Some(list),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, key: &str) -> Result<&'a [u8], Problem> {
        match self.find(key) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(missing(key)),
        }
    }

    /// Whether a document has groups of spans. Without them, spaCy writes an empty list in MessagePack, or nothing.
    pub(super) fn has_span_groups(&self) -> bool {
        let groups = self.list("span_groups").unwrap_or_default();
        groups.iter().any(|groups| !matches!(groups, Value::Bytes([] | [0x90])))
    }
}

pub(super) fn missing(key: &str) -> Problem {
    damaged(format!("it has no usable `{key}`"))
}

/// The tokens of all documents.
pub(super) struct Tokens<'a> {
    /// Number of tokens of each document.
    pub(super) lengths: Vec<usize>,
    /// A row of the table for each token.
    pub(super) numbers: &'a [[u8; 8]],
    /// Whether a space follows each token.
    pub(super) spaces: &'a [u8],
}

impl<'a> Tokens<'a> {
    /// The tokens of a file whose table has rows of `width` numbers.
    pub(super) fn of(fields: &Fields<'a>, width: usize) -> Result<Self, Problem> {
        let (lengths, rest) = fields.bytes("lengths")?.as_chunks::<4>();
        let (numbers, more) = fields.bytes("tokens")?.as_chunks::<8>();
        let spaces = fields.bytes("spaces")?;
        let length = |bytes: &[u8; 4]| usize::try_from(i32::from_le_bytes(*bytes)).ok();
        let lengths: Option<Vec<usize>> = lengths.iter().map(length).collect();
        let lengths = lengths
            .filter(|_| rest.is_empty() && more.is_empty())
            .ok_or_else(|| missing("lengths"))?;
        let tokens: usize = lengths.iter().sum();
        if spaces.len() != tokens || tokens.checked_mul(width) != Some(numbers.len()) {
            return Err(damaged("its numbers of tokens contradict each other"));
        }
        Ok(Self { lengths, numbers, spaces })
    }
}

/// Whether the flags of a document say that its spaces are unknown.
pub(super) fn unknown_spaces(flags: &Value<'_>) -> bool {
    let wanted = (Value::Text("has_unknown_spaces"), Value::Bool(true));
    matches!(flags, Value::Map(pairs) if pairs.contains(&wanted))
}
