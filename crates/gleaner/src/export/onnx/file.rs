//! The file of a graph: a message `ModelProto` of `onnx.proto`. Numbers of fields are those of that file.

use super::{
    graph::{FLOAT, Graph, INT64},
    head::EMISSIONS,
    message::Message,
};
use crate::GleanerError;
use gleaner_base::files;
use gleaner_nn::{NnError, weights::NamedTensor};
use std::{
    io::{self, Write},
    path::Path,
};

/// The version of the format, which has this version of the set of operators: ONNX 1.12 of 2022.
const IR_VERSION: i64 = 8;
/// The version of the set of operators, the first with `LayerNormalization`.
pub(super) const OPSET: i64 = 17;
/// The largest message that Protocol Buffers allow, in bytes.
const LARGEST: usize = i32::MAX as usize;

/// A file that can be written. Weights are read, and arranged, one at a time.
pub(super) struct Model<'g> {
    /// The fields before the graph, and the beginning of the graph.
    opening: Message,
    /// All fields of the graph but the weights.
    fields: Message,
    /// Each weight with the fields before its values.
    weights: Vec<(Message, &'g NamedTensor<'g>)>,
    /// The fields after the graph.
    closing: Message,
}

impl<'g> Model<'g> {
    /// The file of a graph with emissions of `tags` tags.
    ///
    /// # Errors
    /// The file would be larger than a message of Protocol Buffers can be.
    pub(super) fn new(
        graph: &'g Graph<'g>,
        tags: usize,
        metadata: &[(&str, String)],
    ) -> Result<Self, GleanerError> {
        let mut fields = graph.nodes.iter().fold(Message::default(), |all, n| all.message(1, n));
        fields = fields.text(2, "tagger");
        for (name, values) in &graph.constants {
            fields = fields.message(5, &integers(name, values));
        }
        for input in ["input_ids", "attention_mask"] {
            fields = fields.message(11, &value(input, INT64, &[Err("batch"), Err("pieces")]));
        }
        let shape = [Err("batch"), Err("pieces"), Ok(tags)];
        fields = fields.message(12, &value(EMISSIONS, FLOAT, &shape));
        let weights: Vec<_> = graph.weights.iter().map(|w| (floats(w), w)).collect();
        let length = weights.iter().map(|(head, w)| head.encoded().len() + 4 * w.len());
        let length = fields.encoded().len() + length.sum::<usize>();
        let opening = Message::default()
            .number(1, IR_VERSION)
            .text(2, "gleaner")
            .text(3, env!("CARGO_PKG_VERSION"))
            .open(7, length);
        let opset = Message::default().text(1, "").number(2, OPSET);
        let mut closing = Message::default().message(8, &opset);
        for (key, text) in metadata {
            let entry = Message::default().text(1, &format!("gleaner.{key}")).text(2, text);
            closing = closing.message(14, &entry);
        }
        match length + opening.encoded().len() + closing.encoded().len() <= LARGEST {
            true => Ok(Self { opening, fields, weights, closing }),
            false => Err(GleanerError::Settings(format!(
                "--to onnx: the weights need {:.1} GiB, but an ONNX file is at most 2 GiB; use --to transformers",
                length as f64 / f64::from(1 << 30)
            ))),
        }
    }

    /// Writes the file.
    pub(super) fn write(&self, path: &Path) -> Result<(), GleanerError> {
        files::write_with(path, |file| self.write_to(path, file)).map_err(|error| {
            match error.downcast::<NnError>() {
                Ok(error) => error.into(),
                Err(error) => GleanerError::io(path, error),
            }
        })
    }

    fn write_to(&self, path: &Path, file: &mut dyn Write) -> io::Result<()> {
        file.write_all(self.opening.encoded())?;
        file.write_all(self.fields.encoded())?;
        for (head, weight) in &self.weights {
            file.write_all(head.encoded())?;
            weight.write(path, file).map_err(io::Error::other)?;
        }
        file.write_all(self.closing.encoded())
    }
}

/// A vector of integers: a `TensorProto`.
fn integers(name: &str, values: &[i64]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let tensor = Message::default().number(1, values.len() as i64).number(2, INT64);
    tensor.text(8, name).bytes(9, &bytes)
}

/// A weight as a field of a graph (5), up to its values.
fn floats(weight: &NamedTensor) -> Message {
    let dimensions = weight.shape().iter().fold(Message::default(), |all, n| all.number(1, *n as i64));
    let bytes = 4 * weight.len();
    let tensor = dimensions.number(2, FLOAT).text(8, weight.name()).open(9, bytes);
    Message::default().open(5, tensor.encoded().len() + bytes).append(&tensor)
}

/// An input or output (`ValueInfoProto`) of this type, whose dimensions have a name or a size.
fn value(name: &str, kind: i64, shape: &[Result<usize, &str>]) -> Message {
    let dimension = |all: Message, size: &Result<usize, &str>| {
        let size = match size {
            Ok(size) => Message::default().number(1, *size as i64),
            Err(name) => Message::default().text(2, name),
        };
        all.message(1, &size)
    };
    let shape = shape.iter().fold(Message::default(), dimension);
    let tensor = Message::default().number(1, kind).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}
