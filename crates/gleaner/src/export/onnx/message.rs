//! Messages of Protocol Buffers, field by field: what ONNX files consist of.
//!
//! A field is its number and the kind of its value (wire type), then the value: a varint (0), bytes with their number
//! before them (2), or four bytes (5).

/// A message that is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Adds a number. Negative ones take ten bytes, as two's complement.
    pub(super) fn number(mut self, field: u32, value: i64) -> Self {
        self.key(field, 0);
        self.varint(value as u64);
        self
    }

    /// Adds a number in single precision.
    pub(super) fn float(mut self, field: u32, value: f32) -> Self {
        self.key(field, 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Adds bytes.
    pub(super) fn bytes(self, field: u32, value: &[u8]) -> Self {
        let mut opened = self.open(field, value.len());
        opened.0.extend_from_slice(value);
        opened
    }

    /// Adds a text.
    pub(super) fn text(self, field: u32, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    /// Adds a message.
    pub(super) fn message(self, field: u32, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// Adds the beginning of a field of `length` bytes, which the caller appends to the message.
    pub(super) fn open(mut self, field: u32, length: usize) -> Self {
        self.key(field, 2);
        self.varint(length as u64);
        self
    }

    /// Appends the fields of a message, or the rest of an opened field.
    pub(super) fn append(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// The encoded message.
    pub(super) fn encoded(&self) -> &[u8] {
        &self.0
    }

    fn key(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from((field << 3) | wire_type));
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_encoded_as_in_the_documentation_of_protocol_buffers() {
        // The examples of its page on encoding.
        assert_eq!(Message::default().number(1, 150).encoded(), [0x08, 0x96, 0x01]);
        let text = Message::default().text(2, "testing");
        assert_eq!(text.encoded(), [0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
        let inner = Message::default().number(1, 150);
        let outer = Message::default().message(3, &inner);
        assert_eq!(outer.encoded(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let negative = Message::default().number(1, -2);
        let expected = [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(negative.encoded(), expected);
        assert_eq!(Message::default().float(2, 1.0).encoded(), [0x15, 0, 0, 0x80, 0x3f]);
    }
}
