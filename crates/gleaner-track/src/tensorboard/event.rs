//! TensorBoard's events, as protobuf messages. The names and numbers of fields are those of `event.proto`,
//! `summary.proto` and `tensor.proto` in TensorBoard's repository. `time` is in seconds since 1970.

/// The first event of every file: the version of its format.
pub(super) fn version(time: f64) -> Vec<u8> {
    event(time, 0).bytes(3, b"brain.Event:2").0
}

/// Values of a step. TensorBoard holds them in single precision.
pub(super) fn scalars(time: f64, step: u64, values: &[(&str, f64)]) -> Vec<u8> {
    let mut summary = Message::default();
    for (name, value) in values {
        let value = Message::default().bytes(1, name.as_bytes()).float(2, *value as f32);
        summary = summary.bytes(1, &value.0);
    }
    event(time, step).bytes(5, &summary.0).0
}

/// A text in Markdown, at step 0: a tensor of one string, for the plug-in that shows texts.
pub(super) fn text(time: f64, name: &str, text: &str) -> Vec<u8> {
    /// `DT_STRING` of `types.proto`.
    const STRING: u64 = 7;
    let plugin = Message::default().bytes(1, b"text");
    let metadata = Message::default().bytes(1, &plugin.0);
    // A shape without dimensions.
    let tensor = Message::default().varint(1, STRING).bytes(2, &[]).bytes(8, text.as_bytes());
    let value = Message::default().bytes(1, name.as_bytes()).bytes(8, &tensor.0);
    let summary = Message::default().bytes(1, &value.bytes(9, &metadata.0).0);
    event(time, 0).bytes(5, &summary.0).0
}

fn event(time: f64, step: u64) -> Message {
    Message::default().double(1, time).varint(2, step)
}

/// A message in protobuf's encoding: each field is a key, which is its number and its wire type, and a value.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn key(&mut self, field: u8, wire_type: u8) {
        // Fields up to 15 need one byte.
        self.0.push((field << 3) | wire_type);
    }

    fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn varint(mut self, field: u8, value: u64) -> Self {
        self.key(field, 0);
        self.number(value);
        self
    }

    fn double(mut self, field: u8, value: f64) -> Self {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u8, value: &[u8]) -> Self {
        self.key(field, 2);
        self.number(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    fn float(mut self, field: u8, value: f32) -> Self {
        self.key(field, 5);
        self.0.extend(value.to_le_bytes());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    // Encoded by hand. `scripts/check-tracking` reads such files with TensorBoard itself.
    #[test]
    fn events_have_the_bytes_of_their_messages() {
        assert_eq!(hex(&version(1.5)), "09000000000000f83f10001a0d627261696e2e4576656e743a32");
        assert_eq!(
            hex(&scalars(1.5, 300, &[("dev/f1", 0.5), ("x", -2.0)])),
            "09000000000000f83f10ac022a190a0d0a066465762f6631150000003f0a080a017815000000c0"
        );
        assert_eq!(
            hex(&text(0.0, "p", "é")),
            "090000000000000000 1000 2a19 0a17 0a0170 4208 0807 1200 4202c3a9 4a08 0a06 0a0474657874".replace(' ', "")
        );
    }
}
