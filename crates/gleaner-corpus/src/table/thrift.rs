//! The compact protocol of Apache Thrift, in which parquet writes its metadata.
//!
//! Every read is checked against the end of the input, so that damaged bytes are an error.

use super::bytes::{Bytes, Damaged, damaged};

/// Structs in structs that are accepted; parquet's metadata needs fewer.
const MAX_DEPTH: usize = 16;

/// A decoded value.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Bool(bool),
    Int(i64),
    /// Eight bytes, which no field used here has.
    Double,
    Binary(&'a [u8]),
    List(Vec<Value<'a>>),
    Struct(Struct<'a>),
}

/// The fields of a struct with their ids.
#[derive(Debug)]
pub(super) struct Struct<'a>(Vec<(i16, Value<'a>)>);

impl<'a> Struct<'a> {
    /// Reads a struct.
    pub(super) fn read(bytes: &mut Bytes<'a>) -> Result<Self, Damaged> {
        Self::nested(bytes, 0)
    }

    fn nested(bytes: &mut Bytes<'a>, depth: usize) -> Result<Self, Damaged> {
        if depth > MAX_DEPTH {
            return damaged("its metadata is nested too deeply");
        }
        let mut fields = Vec::new();
        let mut id = 0_i16;
        loop {
            let head = bytes.byte()?;
            let kind = head & 0x0f;
            if kind == 0 {
                return Ok(Self(fields));
            }
            id = match head >> 4 {
                0 => bytes.zigzag()? as i16,
                delta => id.wrapping_add(i16::from(delta)),
            };
            let value = match kind {
                1 => Value::Bool(true),
                2 => Value::Bool(false),
                _ => value(bytes, kind, depth)?,
            };
            fields.push((id, value));
        }
    }

    fn field(&self, id: i16) -> Option<&Value<'a>> {
        self.0.iter().find(|(found, _)| *found == id).map(|(_, value)| value)
    }

    /// An optional number.
    pub(super) fn optional_int(&self, id: i16) -> Option<i64> {
        match self.field(id) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        }
    }

    /// A required number.
    pub(super) fn int(&self, id: i16) -> Result<i64, Damaged> {
        self.optional_int(id).map_or_else(|| damaged("its metadata lacks a number"), Ok)
    }

    /// A required number that is not negative.
    pub(super) fn size(&self, id: i16) -> Result<usize, Damaged> {
        usize::try_from(self.int(id)?).or_else(|_| damaged("its metadata has a negative size"))
    }

    /// An optional truth value.
    pub(super) fn optional_bool(&self, id: i16) -> Option<bool> {
        match self.field(id) {
            Some(Value::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// An optional string.
    pub(super) fn optional_text(&self, id: i16) -> Option<&'a str> {
        match self.field(id) {
            Some(Value::Binary(bytes)) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// A required struct.
    pub(super) fn part(&self, id: i16) -> Result<&Self, Damaged> {
        match self.field(id) {
            Some(Value::Struct(part)) => Ok(part),
            _ => damaged("its metadata lacks a part"),
        }
    }

    /// The structs of a list; none if the field is absent.
    pub(super) fn parts(&self, id: i16) -> Result<Vec<&Self>, Damaged> {
        let Some(value) = self.field(id) else { return Ok(Vec::new()) };
        let Value::List(values) = value else { return damaged("its metadata lacks a list") };
        let mut parts = Vec::with_capacity(values.len());
        for value in values {
            let Value::Struct(part) = value else { return damaged("its metadata lacks a part") };
            parts.push(part);
        }
        Ok(parts)
    }
}

fn value<'a>(bytes: &mut Bytes<'a>, kind: u8, depth: usize) -> Result<Value<'a>, Damaged> {
    Ok(match kind {
        // In lists a truth value takes a byte.
        1 | 2 => Value::Bool(bytes.byte()? == 1),
        3 => Value::Int(i64::from(bytes.byte()? as i8)),
        4..=6 => Value::Int(bytes.zigzag()?),
        7 => {
            bytes.take(8)?;
            Value::Double
        }
        8 => {
            let length = bytes.varint_size()?;
            Value::Binary(bytes.take(length)?)
        }
        9 | 10 => Value::List(list(bytes, depth + 1)?),
        12 => Value::Struct(Struct::nested(bytes, depth + 1)?),
        _ => return damaged("its metadata has an unknown kind of field"),
    })
}

fn list<'a>(bytes: &mut Bytes<'a>, depth: usize) -> Result<Vec<Value<'a>>, Damaged> {
    if depth > MAX_DEPTH {
        return damaged("its metadata is nested too deeply");
    }
    let head = bytes.byte()?;
    let length = match head >> 4 {
        15 => bytes.varint_size()?,
        short => usize::from(short),
    };
    // Every element takes a byte or more, so a damaged length cannot ask for much memory.
    if length > bytes.left() {
        return damaged("a list in its metadata is longer than the file");
    }
    (0..length).map(|_| value(bytes, head & 0x0f, depth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind_of_field() {
        let bytes = [
            0x11, // field 1, true
            0x15, 0x03, // field 2, i32 -2
            0x18, 0x02, b'a', b'b', // field 3, "ab"
            0x19, 0x2c, 0x15, 0x02, 0x00, 0x00, // field 4, two structs, the first with 1 = 1
            0x1c, 0x12, 0x00, // field 5, a struct with 1 = false
            0x05, 0x28, 0x08, // field 20 by its id, i32 4
            0x00,
        ];
        let read = Struct::read(&mut Bytes::new(&bytes)).unwrap();
        assert_eq!(read.optional_bool(1), Some(true));
        assert_eq!(read.int(2).unwrap(), -2);
        assert!(read.size(2).is_err());
        assert_eq!(read.optional_text(3), Some("ab"));
        let parts = read.parts(4).unwrap();
        assert_eq!(
            (parts.len(), parts[0].size(1).unwrap(), parts[1].optional_int(1)),
            (2, 1, None)
        );
        assert_eq!(read.part(5).unwrap().optional_bool(1), Some(false));
        assert_eq!(read.optional_int(20), Some(4));
        assert!(read.parts(9).unwrap().is_empty());
        for end in 0..bytes.len() {
            assert!(Struct::read(&mut Bytes::new(&bytes[..end])).is_err(), "{end}");
        }
    }

    #[test]
    fn damage_needs_neither_stack_nor_memory() {
        assert!(Struct::read(&mut Bytes::new(&[0x1c; 100_000])).is_err());
        assert!(Struct::read(&mut Bytes::new(&[0x19; 100_000])).is_err());
        let long_list = [0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00];
        assert!(Struct::read(&mut Bytes::new(&long_list)).is_err());
    }
}
