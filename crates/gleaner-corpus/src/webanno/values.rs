//! The values of a cell.

use super::malformed;
use crate::error::Problem;

/// An annotation of a token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// `None` if the annotation has no value.
    pub(super) text: Option<String>,
    /// What the annotation is called in other tokens and cells.
    pub(super) number: Option<u64>,
}

/// Reads the annotations in a cell, such as `PER[1]|LOC[2]`.
pub(super) fn values(cell: &str) -> Result<Vec<Value>, Problem> {
    if cell == "_" {
        return Ok(Vec::new());
    }
    let bad = || malformed(format!("invalid cell {cell:?}; export the document again"));
    let mut values = Vec::new();
    let mut rest = cell;
    loop {
        let start = rest;
        let mut text = String::new();
        let mut chars = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, char)) = chars.next() {
            match char {
                '|' | '[' => {
                    end = at;
                    break;
                }
                '\\' => text.push(match chars.next().ok_or_else(bad)?.1 {
                    't' => '\t',
                    'n' => '\n',
                    other => other,
                }),
                _ => text.push(char),
            }
        }
        let bare = &start[..end];
        rest = &start[end..];
        let mut number = None;
        if let Some(inner) = rest.strip_prefix('[') {
            let (digits, after) = inner.split_once(']').ok_or_else(bad)?;
            number = Some(digits.parse().map_err(|_| bad())?);
            rest = after;
        }
        if bare.is_empty() {
            return Err(bad());
        }
        values.push(Value { text: (bare != "*").then_some(text), number });
        match rest.strip_prefix('|') {
            Some(next) => rest = next,
            None if rest.is_empty() => return Ok(values),
            None => return Err(bad()),
        }
    }
}

/// A value as it is written.
pub(super) fn escaped(value: &str) -> String {
    let mut escaped = String::new();
    for char in value.chars() {
        match char {
            '\\' | '[' | ']' | '|' | '_' | ';' | '*' => escaped.extend(['\\', char]),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            _ => escaped.push(char),
        }
    }
    escaped.replace("->", "\\->")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_any_number_of_values() {
        let value = |text: &str, number| Value { text: Some(text.to_owned()), number };
        assert_eq!(values("_").unwrap(), []);
        assert_eq!(values("PER").unwrap(), [value("PER", None)]);
        assert_eq!(
            values("PER[1]|LOC[22]").unwrap(),
            [value("PER", Some(1)), value("LOC", Some(22))]
        );
        assert_eq!(values("*[3]").unwrap(), [Value { text: None, number: Some(3) }]);
        assert_eq!(values("\\_|\\*").unwrap(), [value("_", None), value("*", None)]);
        for text in ["_", "*", "A_B", "a->b", "[1]", "x|y", "\\", "t\\n", "é;"] {
            assert_eq!(values(&escaped(text)).unwrap(), [value(text, None)], "{text}");
        }
        for cell in ["", "PER[1", "PER[x]", "PER[1]x", "|", "PER|", "PER\\"] {
            assert!(values(cell).is_err(), "{cell}");
        }
    }
}
