//! The contents of an ONNX file, read field by field.

use crate::tokenizer_files::protobuf::{Field, Fields};
use std::{collections::BTreeMap, fs, path::Path};

/// An array, row by row. Integers are numbers in single precision here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) operator: String,
    pub(super) inputs: Vec<String>,
    pub(super) output: String,
    /// Integers, or the bits of a number in single precision.
    pub(super) attributes: BTreeMap<String, Vec<i64>>,
}

#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) nodes: Vec<Node>,
    pub(super) arrays: BTreeMap<String, Array>,
    /// Inputs and the output: the name, the type, and the dimensions.
    pub(super) values: Vec<(String, u64, Vec<String>)>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) versions: [u64; 2],
}

fn fields(bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    Fields::of(bytes).map(Result::unwrap).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The only field with this number.
fn only<'a>(bytes: &'a [u8], number: u64) -> Field<'a> {
    let found: Vec<Field> =
        fields(bytes).into_iter().filter(|f| f.0 == number).map(|f| f.1).collect();
    assert_eq!(found.len(), 1, "field {number}");
    found[0]
}

fn bytes_of(field: Field<'_>) -> &[u8] {
    match field {
        Field::Bytes(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}

fn number_of(field: Field) -> u64 {
    match field {
        Field::Number(number) => number,
        other => panic!("{other:?}"),
    }
}

impl Decoded {
    pub(super) fn read(folder: &Path) -> Self {
        let mut model = Self::default();
        let bytes = fs::read(folder.join("model.onnx")).unwrap();
        for (number, field) in fields(&bytes) {
            match number {
                1 => model.versions[0] = number_of(field),
                2 | 3 => {}
                7 => model.graph(bytes_of(field), folder),
                8 => {
                    assert_eq!(bytes_of(only(bytes_of(field), 1)), b"");
                    model.versions[1] = number_of(only(bytes_of(field), 2));
                }
                14 => {
                    let part = |number| text(bytes_of(only(bytes_of(field), number)));
                    model.metadata.insert(part(1), part(2));
                }
                other => panic!("field {other} of a model"),
            }
        }
        model
    }

    fn graph(&mut self, bytes: &[u8], folder: &Path) {
        for (number, field) in fields(bytes) {
            let bytes = bytes_of(field);
            match number {
                1 => self.nodes.push(node(bytes)),
                2 => assert_eq!(bytes, b"tagger"),
                5 => {
                    let (name, array) = tensor(bytes, folder);
                    assert!(self.arrays.insert(name.clone(), array).is_none(), "{name} twice");
                }
                11 | 12 => self.values.push(value(bytes)),
                other => panic!("field {other} of a graph"),
            }
        }
    }
}

fn node(bytes: &[u8]) -> Node {
    let mut node = Node::default();
    for (number, field) in fields(bytes) {
        let bytes = bytes_of(field);
        match number {
            1 => node.inputs.push(text(bytes)),
            2 => node.output = text(bytes),
            3 => assert_eq!(text(bytes), node.output),
            4 => node.operator = text(bytes),
            5 => {
                let (name, values) = attribute(bytes);
                node.attributes.insert(name, values);
            }
            other => panic!("field {other} of a node"),
        }
    }
    node
}

fn attribute(bytes: &[u8]) -> (String, Vec<i64>) {
    let (mut name, mut values, mut kind) = (String::new(), Vec::new(), 0);
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Bytes(bytes)) => name = text(bytes),
            (2, Field::Four(bits)) => values.push(i64::from(u32::from_le_bytes(bits))),
            (3 | 8, Field::Number(value)) => values.push(value as i64),
            (4, Field::Bytes(bytes)) => values.extend(bytes.iter().map(|b| i64::from(*b))),
            (20, Field::Number(value)) => kind = value,
            other => panic!("{other:?} of an attribute"),
        }
    }
    assert!([1, 2, 3, 7].contains(&kind), "type {kind} of {name}");
    (name, values)
}

fn tensor(bytes: &[u8], folder: &Path) -> (String, Array) {
    let (mut shape, mut kind, mut name, mut raw) = (Vec::new(), 0, String::new(), Vec::new());
    let mut place = BTreeMap::new();
    for (number, field) in fields(bytes) {
        match (number, field) {
            (1, Field::Number(size)) => shape.push(size as usize),
            (2, Field::Number(value)) => kind = value,
            (8, Field::Bytes(bytes)) => name = text(bytes),
            (9, Field::Bytes(bytes)) => raw = bytes.to_vec(),
            (13, Field::Bytes(entry)) => {
                let part = |number| text(bytes_of(only(entry, number)));
                place.insert(part(1), part(2));
            }
            (14, Field::Number(1)) => {
                let number = |key: &str| place[key].parse::<usize>().unwrap();
                let (offset, length) = (number("offset"), number("length"));
                assert_eq!(offset % 4096, 0);
                let data = fs::read(folder.join(&place["location"])).unwrap();
                raw = data[offset..offset + length].to_vec();
            }
            other => panic!("{other:?} of a tensor"),
        }
    }
    let values: Vec<f32> = match kind {
        1 => raw.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        7 => raw.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b) as f32).collect(),
        other => panic!("type {other} of {name}"),
    };
    assert_eq!(values.len(), shape.iter().product::<usize>(), "{name}");
    (name, Array { shape, values })
}

fn value(bytes: &[u8]) -> (String, u64, Vec<String>) {
    let tensor = bytes_of(only(bytes_of(only(bytes, 2)), 1));
    let dimension = |(_, field): (u64, Field)| match fields(bytes_of(field))[..] {
        [(1, Field::Number(size))] => size.to_string(),
        [(2, Field::Bytes(name))] => text(name),
        ref other => panic!("{other:?}"),
    };
    let shape = fields(bytes_of(only(tensor, 2))).into_iter().map(dimension).collect();
    (text(bytes_of(only(bytes, 1))), number_of(only(tensor, 1)), shape)
}
