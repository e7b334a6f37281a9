//! The file of a graph: a message `ModelProto` of `onnx.proto`. Numbers of fields are those of that file.

use super::{
    graph::{FLOAT, Graph, INT64},
    head::EMISSIONS,
    message::Message,
};
use crate::GleanerError;
use gleaner_base::{
    files,
    model_files::{GRAPH, GRAPH_DATA},
};
use gleaner_nn::{NnError, weights::NamedTensor};
use std::{
    io::{self, Write},
    path::Path,
};

/// The version of the format, which has this version of the set of operators: ONNX 1.12 of 2022.
const IR_VERSION: i64 = 8;
/// The version of the set of operators, the first with `LayerNormalization`.
const OPSET: i64 = 17;
/// The largest message of Protocol Buffers, in bytes.
pub(super) const LARGEST: usize = i32::MAX as usize;
/// `DataLocation.EXTERNAL`: the values are in another file.
const EXTERNAL: i64 = 1;
/// Weights in a file of their own start at multiples of this, as ONNX asks for, so that they can be mapped.
const PAGE: usize = 4096;

/// The files of a graph, to be written. Weights are read, and arranged, one at a time.
pub(super) struct Model<'g> {
    /// The fields before the graph, the beginning of the graph, and all its fields but the weights.
    opening: Message,
    /// Each weight with its fields, up to its values.
    weights: Vec<(Message, &'g NamedTensor<'g>)>,
    /// The fields after the graph.
    closing: Message,
    /// Whether the weights have a file of their own.
    beside: bool,
}

impl<'g> Model<'g> {
    /// The files of a graph with emissions of `tags` tags. The weights have a file of their own if one file would have
    /// more than `largest` bytes.
    pub(super) fn new(
        graph: &'g Graph<'g>,
        tags: usize,
        metadata: &[(&str, String)],
        largest: usize,
    ) -> Self {
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
        let opset = Message::default().text(1, "").number(2, OPSET);
        let mut closing = Message::default().message(8, &opset);
        for (key, text) in metadata {
            let entry = Message::default().text(1, &format!("gleaner.{key}")).text(2, text);
            closing = closing.message(14, &entry);
        }
        let bytes: usize = graph.weights.iter().map(bytes_of).sum();
        let heads: Vec<Message> = graph.weights.iter().map(inside).collect();
        let length = bytes + length_of(&heads) + fields.encoded().len();
        let beside = length + closing.encoded().len() + PAGE > largest;
        let (heads, length) = match beside {
            true => {
                let heads = all_beside(&graph.weights);
                let length = length_of(&heads) + fields.encoded().len();
                (heads, length)
            }
            false => (heads, length),
        };
        let opening = Message::default()
            .number(1, IR_VERSION)
            .text(2, "gleaner")
            .text(3, env!("CARGO_PKG_VERSION"))
            .open(7, length)
            .append(&fields);
        Self { opening, weights: heads.into_iter().zip(&graph.weights).collect(), closing, beside }
    }

    /// The names of the files, in the order in which they are written.
    pub(super) fn files(&self) -> &'static [&'static str] {
        if self.beside { &[GRAPH_DATA, GRAPH] } else { &[GRAPH] }
    }

    /// Writes the files to a folder.
    pub(super) fn write(&self, folder: &Path) -> Result<(), GleanerError> {
        if self.beside {
            let path = folder.join(GRAPH_DATA);
            written(&path, files::write_with(&path, |file| self.write_data(&path, file)))?;
        }
        let path = folder.join(GRAPH);
        written(&path, files::write_with(&path, |file| self.write_graph(&path, file)))
    }

    fn write_graph(&self, path: &Path, file: &mut dyn Write) -> io::Result<()> {
        file.write_all(self.opening.encoded())?;
        for (head, weight) in &self.weights {
            file.write_all(head.encoded())?;
            if !self.beside {
                weight.write(path, file).map_err(io::Error::other)?;
            }
        }
        file.write_all(self.closing.encoded())
    }

    fn write_data(&self, path: &Path, file: &mut dyn Write) -> io::Result<()> {
        for (_, weight) in &self.weights {
            weight.write(path, file).map_err(io::Error::other)?;
            let bytes = bytes_of(weight);
            file.write_all(&[0; PAGE][..bytes.next_multiple_of(PAGE) - bytes])?;
        }
        Ok(())
    }
}

/// The result of writing, with an error of the weights as it was.
fn written(path: &Path, result: io::Result<()>) -> Result<(), GleanerError> {
    result.map_err(|error| match error.downcast::<NnError>() {
        Ok(error) => error.into(),
        Err(error) => GleanerError::io(path, error),
    })
}

fn bytes_of(weight: &NamedTensor) -> usize {
    4 * weight.len()
}

fn length_of(messages: &[Message]) -> usize {
    messages.iter().map(|message| message.encoded().len()).sum()
}

/// A vector of integers: a `TensorProto`.
fn integers(name: &str, values: &[i64]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let tensor = Message::default().number(1, values.len() as i64).number(2, INT64);
    tensor.text(8, name).bytes(9, &bytes)
}

/// The fields of a weight before its values.
fn described(weight: &NamedTensor) -> Message {
    let sizes = weight.shape().iter().fold(Message::default(), |all, n| all.number(1, *n as i64));
    sizes.number(2, FLOAT).text(8, weight.name())
}

/// A weight as a field of a graph, up to its values.
fn inside(weight: &NamedTensor) -> Message {
    let bytes = bytes_of(weight);
    let tensor = described(weight).open(9, bytes);
    Message::default().open(5, tensor.encoded().len() + bytes).append(&tensor)
}

/// Weights as fields of a graph, with the places of their values in the file of weights.
fn all_beside(weights: &[NamedTensor]) -> Vec<Message> {
    let mut offset = 0;
    let one = |weight: &NamedTensor| {
        let bytes = bytes_of(weight);
        let numbers = [("offset", offset.to_string()), ("length", bytes.to_string())];
        offset += bytes.next_multiple_of(PAGE);
        let entry = |key: &str, value: &str| Message::default().text(1, key).text(2, value);
        let tensor = described(weight).message(13, &entry("location", GRAPH_DATA));
        let tensor = numbers.iter().fold(tensor, |all, (key, n)| all.message(13, &entry(key, n)));
        Message::default().message(5, &tensor.number(14, EXTERNAL))
    };
    weights.iter().map(one).collect()
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
