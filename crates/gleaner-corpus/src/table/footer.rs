//! Writing Thrift's compact encoding, in which parquet files describe themselves.

/// A struct whose fields are added in the order of their numbers.
pub(super) struct Fields {
    bytes: Vec<u8>,
    last: u8,
}

/// Numbers of the encoding for types of fields.
const INT32: u8 = 5;
const INT64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Fields {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), last: 0 }
    }

    fn field(&mut self, number: u8, kind: u8) {
        self.bytes.push((number - self.last) << 4 | kind);
        self.last = number;
    }

    /// Adds a number of 32 bits.
    pub(super) fn int(&mut self, number: u8, value: i64) -> &mut Self {
        self.field(number, INT32);
        add_zigzag(&mut self.bytes, value);
        self
    }

    /// Adds a number of 64 bits.
    pub(super) fn number(&mut self, number: u8, value: i64) -> &mut Self {
        self.field(number, INT64);
        add_zigzag(&mut self.bytes, value);
        self
    }

    pub(super) fn text(&mut self, number: u8, text: &str) -> &mut Self {
        self.field(number, BINARY);
        self.add_text(text);
        self
    }

    pub(super) fn part(&mut self, number: u8, part: Self) -> &mut Self {
        self.field(number, STRUCT);
        self.bytes.extend(part.finish());
        self
    }

    pub(super) fn structs(&mut self, number: u8, parts: Vec<Self>) -> &mut Self {
        self.list(number, STRUCT, parts.len());
        for part in parts {
            self.bytes.extend(part.finish());
        }
        self
    }

    /// Adds a list of numbers of 32 bits.
    pub(super) fn numbers(&mut self, number: u8, values: &[i64]) -> &mut Self {
        self.list(number, INT32, values.len());
        values.iter().for_each(|&value| add_zigzag(&mut self.bytes, value));
        self
    }

    pub(super) fn texts(&mut self, number: u8, texts: &[&str]) -> &mut Self {
        self.list(number, BINARY, texts.len());
        texts.iter().for_each(|text| self.add_text(text));
        self
    }

    fn list(&mut self, number: u8, kind: u8, length: usize) {
        self.field(number, LIST);
        match u8::try_from(length).ok().filter(|&length| length < 15) {
            Some(length) => self.bytes.push(length << 4 | kind),
            None => {
                self.bytes.push(0xf0 | kind);
                add_varint(&mut self.bytes, length as u64);
            }
        }
    }

    fn add_text(&mut self, text: &str) {
        add_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    /// The bytes with the mark of the end.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}

fn add_zigzag(bytes: &mut Vec<u8>, value: i64) {
    add_varint(bytes, (value << 1 ^ value >> 63) as u64);
}

/// Adds a number in seven bits a byte, the lowest first.
pub(super) fn add_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Bytes;
    use super::super::thrift::Struct;
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut part = Fields::new();
        part.int(3, -7).number(15, i64::MIN);
        let mut fields = Fields::new();
        let parts = (0..20).map(|number| {
            let mut part = Fields::new();
            part.int(1, number);
            part
        });
        fields
            .text(1, "é")
            .part(3, part)
            .numbers(4, &[1, 2])
            .texts(5, &["a"])
            .structs(6, parts.collect());
        let bytes = fields.finish();
        let mut bytes = Bytes::new(&bytes);
        let read = Struct::read(&mut bytes).unwrap();
        assert_eq!(read.optional_text(1), Some("é"));
        let part = read.part(3).unwrap();
        assert_eq!((part.int(3), part.int(15)), (Ok(-7), Ok(i64::MIN)));
        let parts = read.parts(6).unwrap();
        assert_eq!((parts.len(), parts[19].int(1)), (20, Ok(19)));
        assert_eq!(bytes.left(), 0);
    }
}
