//! MessagePack, as far as spaCy's files need it.

use super::NAME;
use crate::error::Problem;

/// A value, borrowed from the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    /// A number that is not negative.
    Number(u64),
    Bool(bool),
    Text(&'a str),
    Bytes(&'a [u8]),
    List(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// Null, or a value that is never used: a negative or fractional number, or an extension.
    Other,
}

impl<'a> Value<'a> {
    pub(super) fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(*text),
            _ => None,
        }
    }
}

/// The deepest list in a list that is read. spaCy's files have four.
const DEEPEST: usize = 64;

/// Reads the only value in `bytes`, in which there are at most `limit` values: a byte can be one, and takes 32 bytes of
/// memory.
pub(super) fn parse(bytes: &[u8], limit: usize) -> Result<Value<'_>, Problem> {
    let mut rest = Rest { bytes, values: limit };
    let value = value(&mut rest, 0)?;
    match rest.bytes {
        [] => Ok(value),
        _ => Err(damaged("it has bytes behind its end")),
    }
}

/// What is not read yet.
struct Rest<'a> {
    bytes: &'a [u8],
    /// Number of values that may still be read.
    values: usize,
}

pub(super) fn damaged(reason: impl Into<String>) -> Problem {
    Problem::Malformed {
        format: NAME,
        reason: format!("{}; write it again with spaCy 3", reason.into()),
    }
}

fn take<'a>(rest: &mut Rest<'a>, length: usize) -> Result<&'a [u8], Problem> {
    let split = rest.bytes.split_at_checked(length);
    let (taken, after) = split.ok_or_else(|| damaged("it is cut short"))?;
    rest.bytes = after;
    Ok(taken)
}

/// A big-endian number of `length` bytes.
fn number(rest: &mut Rest<'_>, length: usize) -> Result<u64, Problem> {
    Ok(take(rest, length)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

fn size(rest: &mut Rest<'_>, length: usize) -> Result<usize, Problem> {
    usize::try_from(number(rest, length)?).map_err(|_| damaged("it states an impossible size"))
}

fn value<'a>(rest: &mut Rest<'a>, depth: usize) -> Result<Value<'a>, Problem> {
    if depth > DEEPEST {
        return Err(damaged("its lists are nested too deeply"));
    }
    rest.values = rest
        .values
        .checked_sub(1)
        .ok_or_else(|| damaged("it has far more values than a file of its length"))?;
    let mark = take(rest, 1)?[0];
    match mark {
        0x00..=0x7f => Ok(Value::Number(u64::from(mark))),
        0x80..=0x8f => map(rest, usize::from(mark & 0x0f), depth),
        0x90..=0x9f => list(rest, usize::from(mark & 0x0f), depth),
        0xa0..=0xbf => text(rest, usize::from(mark & 0x1f)),
        0xc2 | 0xc3 => Ok(Value::Bool(mark == 0xc3)),
        0xc4..=0xc6 => {
            let length = size(rest, 1 << (mark - 0xc4))?;
            Ok(Value::Bytes(take(rest, length)?))
        }
        0xcc..=0xcf => Ok(Value::Number(number(rest, 1 << (mark - 0xcc))?)),
        0xd0..=0xd3 => {
            let length = 1 << (mark - 0xd0);
            let number = number(rest, length)?;
            let negative = number >> (8 * length - 1) & 1 == 1;
            Ok(if negative { Value::Other } else { Value::Number(number) })
        }
        0xd9..=0xdb => {
            let length = size(rest, 1 << (mark - 0xd9))?;
            text(rest, length)
        }
        0xdc | 0xdd => {
            let length = size(rest, 2 << (mark - 0xdc))?;
            list(rest, length, depth)
        }
        0xde | 0xdf => {
            let length = size(rest, 2 << (mark - 0xde))?;
            map(rest, length, depth)
        }
        0xc0 | 0xe0..=0xff => Ok(Value::Other),
        0xca | 0xcb => skip(rest, 4 << (mark - 0xca)),
        // An extension has one byte for its kind.
        0xd4..=0xd8 => skip(rest, 1 + (1 << (mark - 0xd4))),
        0xc7..=0xc9 => {
            let length = size(rest, 1 << (mark - 0xc7))?;
            skip(rest, length.saturating_add(1))
        }
        0xc1 => Err(damaged("it is not MessagePack")),
    }
}

fn skip<'a>(rest: &mut Rest<'a>, length: usize) -> Result<Value<'a>, Problem> {
    take(rest, length)?;
    Ok(Value::Other)
}

fn text<'a>(rest: &mut Rest<'a>, length: usize) -> Result<Value<'a>, Problem> {
    let bytes = take(rest, length)?;
    std::str::from_utf8(bytes).map(Value::Text).map_err(|_| damaged("a string is not UTF-8"))
}

// The lists grow as values are read, because a damaged size must not use up the memory.

fn list<'a>(rest: &mut Rest<'a>, length: usize, depth: usize) -> Result<Value<'a>, Problem> {
    let mut values = Vec::new();
    for _ in 0..length {
        values.push(value(rest, depth + 1)?);
    }
    Ok(Value::List(values))
}

fn map<'a>(rest: &mut Rest<'a>, length: usize, depth: usize) -> Result<Value<'a>, Problem> {
    let mut pairs = Vec::new();
    for _ in 0..length {
        pairs.push((value(rest, depth + 1)?, value(rest, depth + 1)?));
    }
    Ok(Value::Map(pairs))
}

/// Appends the head of a list.
pub(super) fn add_list(message: &mut Vec<u8>, length: usize) {
    add_sized(message, 0xdd, length);
}

/// Appends the head of a map of at most 15 pairs.
pub(super) fn add_map(message: &mut Vec<u8>, pairs: usize) {
    message.push(0x80 | pairs as u8);
}

pub(super) fn add_number(message: &mut Vec<u8>, number: u64) {
    message.push(0xcf);
    message.extend(number.to_be_bytes());
}

pub(super) fn add_text(message: &mut Vec<u8>, text: &str) {
    add_sized(message, 0xdb, text.len());
    message.extend(text.as_bytes());
}

pub(super) fn add_bytes(message: &mut Vec<u8>, bytes: &[u8]) {
    add_sized(message, 0xc6, bytes.len());
    message.extend(bytes);
}

/// Appends a mark and a length of four bytes.
fn add_sized(message: &mut Vec<u8>, mark: u8, length: usize) {
    message.push(mark);
    message.extend((length as u32).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind_of_value() {
        let bytes = [
            &[0x9c, 0x05, 0xcc, 0xff, 0xcd, 1, 0, 0xd0, 0xff, 0xd1, 0, 7, 0xff, 0xc0, 0xc3][..],
            &[0xcb, 0, 0, 0, 0, 0, 0, 0, 0, 0xd4, 1, 2, 0xa1, b'a', 0xc4, 2, 8, 9],
        ]
        .concat();
        let expected = vec![
            Value::Number(5),
            Value::Number(255),
            Value::Number(256),
            Value::Other,
            Value::Number(7),
            Value::Other,
            Value::Other,
            Value::Bool(true),
            Value::Other,
            Value::Other,
            Value::Text("a"),
            Value::Bytes(&[8, 9]),
        ];
        assert_eq!(parse(&bytes, 99).unwrap(), Value::List(expected));
        assert_eq!(
            parse(&[0x81, 0xa1, b'k', 0x90], 3).unwrap(),
            Value::Map(vec![(Value::Text("k"), Value::List(vec![]))])
        );
        for length in 0..bytes.len() {
            assert!(parse(&bytes[..length], 99).is_err(), "{length}");
        }
        assert!(parse(&[0x91; 1000], 9999).is_err());
        assert!(parse(&[0xdd, 0xff, 0xff, 0xff, 0xff, 1], 9999).is_err());
        assert!(parse(&[1, 1], 9999).is_err());
        assert!(parse(&[0x81, 0xa1, b'k', 0x90], 2).is_err());
    }
}
