//! Files of weights.

use super::support::file;
use gleaner_nn::weights::{NamedTensor, WeightFile, encode};

fn tensors() -> Vec<u8> {
    let tensors = [
        NamedTensor::new("a", &[2, 3], || vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        NamedTensor::new("b.weight", &[4], || vec![0.5; 4]),
        NamedTensor::new("none", &[0, 7], Vec::new),
    ];
    encode(&tensors).expect("tensors in memory")
}

pub(super) fn safetensors_seeds() -> Vec<Vec<u8>> {
    let header = r#"{"__metadata__":{"x":"y"},"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"i":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}"#;
    let half = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0x3c; 12]].concat();
    vec![tensors(), half]
}

pub(super) fn safetensors(input: &[u8]) -> Result<(), String> {
    read_all(&WeightFile::from_bytes("m", input).map_err(|e| e.to_string())?)
}

/// Reads every tensor as a whole and its first row.
fn read_all(file: &WeightFile) -> Result<(), String> {
    let mut refused = None;
    for name in file.names() {
        let shape = file.shape(name).expect("a tensor of this name").to_vec();
        match file.read(name, &shape) {
            Ok(values) => assert_eq!(values.len(), shape.iter().product::<usize>()),
            Err(error) => refused = Some(error.to_string()),
        }
        let mut row = Vec::new();
        if file.read_row(name, 0, &mut row).is_ok() {
            assert_eq!(row.len(), shape[1]);
        }
        assert!(file.read(name, &[shape.len() + 77, 3]).is_err() || shape == [shape.len() + 77, 3]);
    }
    refused.map_or(Ok(()), Err)
}

/// The pickle of a state dict with a tensor and a view of it.
fn pickle() -> Vec<u8> {
    let text =
        |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let tensor = |name: &str, end: &[u8]| {
        [
            text(name),
            b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec(),
            text("storage"),
            b"ctorch\nFloatStorage\n".to_vec(),
            text("0"),
            text("cpu"),
            b"K\x06tQ".to_vec(),
            end.to_vec(),
            b"\x89ccollections\nOrderedDict\n)RtR".to_vec(),
        ]
        .concat()
    };
    let whole = tensor("a", b"K\x00K\x02K\x03\x86K\x03K\x01\x86");
    let part = tensor("b", b"K\x02K\x04\x85K\x01\x85");
    [b"\x80\x02ccollections\nOrderedDict\n)Rq\x00(".to_vec(), whole, part, b"u.".to_vec()].concat()
}

/// An archive of files that are not compressed.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in files {
        let header = (archive.len() as u32).to_le_bytes();
        let (length, of_name) =
            ((bytes.len() as u32).to_le_bytes(), (name.len() as u16).to_le_bytes());
        let fields = [&[0; 12][..], &length, &length, &of_name, &[0; 2]].concat();
        archive.extend([&b"PK\x03\x04\0\0"[..], &fields, name.as_bytes(), bytes].concat());
        list.extend(
            [&b"PK\x01\x02\0\0\0\0"[..], &fields, &[0; 10], &header, name.as_bytes()].concat(),
        );
    }
    let (count, start) = ((files.len() as u16).to_le_bytes(), (archive.len() as u32).to_le_bytes());
    let length = (list.len() as u32).to_le_bytes();
    [&archive[..], &list, b"PK\x05\x06\0\0\0\0", &count, &count, &length, &start, &[0; 2]].concat()
}

pub(super) fn pytorch_seeds() -> Vec<Vec<u8>> {
    let floats = [0x3f; 24];
    let archive =
        zip(&[("m/data.pkl", &pickle()), ("m/byteorder", b"little"), ("m/data/0", &floats)]);
    // The layout before PyTorch 1.6.
    let magic = b"\x80\x02\x8a\x0al\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    let system = b"\x80\x02}(X\x0d\0\0\0little_endian\x88u.";
    let before = [
        &magic[..],
        b"\x80\x02M\xe9\x03.",
        system,
        &pickle(),
        b"\x80\x02](X\x01\0\0\x000e.",
        &6u64.to_le_bytes(),
        &floats,
    ]
    .concat();
    vec![archive, before]
}

pub(super) fn pytorch(input: &[u8]) -> Result<(), String> {
    read_all(&WeightFile::from_bytes("m.bin", input).map_err(|e| e.to_string())?)
}

pub(super) fn index_seeds() -> Vec<Vec<u8>> {
    let index = r#"{"metadata": {"total_size": 40}, "weight_map": {"a": "a.safetensors", "b.weight": "a.safetensors", "none": "a.safetensors"}}"#;
    vec![index.as_bytes().to_vec()]
}

pub(super) fn index(input: &[u8]) -> Result<(), String> {
    let write = |name: &str, bytes: &[u8]| {
        let path = file("index", name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    write("a.safetensors", &tensors());
    let path = write("model.safetensors.index.json", input);
    read_all(&WeightFile::open(&path).map_err(|e| e.to_string())?)
}
