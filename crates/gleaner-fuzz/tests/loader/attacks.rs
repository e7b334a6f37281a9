//! Damage to the files of a model that would take much memory or time if it were believed.

use serde_json::{Value, json};
use std::{fs, path::Path};

fn change(path: &Path, change: impl Fn(&mut Value)) {
    let mut json: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut json);
    fs::write(path, json.to_string()).unwrap();
}

/// A pickle of one-byte instructions in an archive.
fn archive_of(pickle: &[u8]) -> Vec<u8> {
    let name = b"m/data.pkl";
    let length = (pickle.len() as u32).to_le_bytes();
    let fields =
        [&[0; 12][..], &length, &length, &(name.len() as u16).to_le_bytes(), &[0; 2]].concat();
    let local = [&b"PK\x03\x04\0\0"[..], &fields, name, pickle].concat();
    let list = [&b"PK\x01\x02\0\0\0\0"[..], &fields, &[0; 14], name].concat();
    let (size, start) = ((list.len() as u32).to_le_bytes(), (local.len() as u32).to_le_bytes());
    [&local[..], &list, b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &size, &start, &[0; 2]].concat()
}

/// Replaces the weights by a checkpoint of PyTorch.
fn checkpoint(folder: &Path, bytes: &[u8]) {
    fs::remove_file(folder.join("model.safetensors")).unwrap();
    fs::write(folder.join("pytorch_model.bin"), bytes).unwrap();
}

/// What is said of it, and what it does to a folder.
pub type Attack = (&'static str, fn(&Path));

pub const ATTACKS: [Attack; 14] = [
    ("the header is too long", |folder| {
        let bytes = [&u64::MAX.to_le_bytes()[..], &[b'['; 1 << 20]].concat();
        fs::write(folder.join("model.safetensors"), bytes).unwrap();
    }),
    ("invalid type: sequence", |folder| {
        let bytes = [&16_000_000_u64.to_le_bytes()[..], &vec![b'['; 16_000_000]].concat();
        fs::write(folder.join("model.safetensors"), bytes).unwrap();
    }),
    ("its type, shape and place do not match", |folder| {
        // A shape of millions of sizes.
        let header = format!(
            r#"{{"w":{{"dtype":"F32","shape":[{}0],"data_offsets":[0,4]}}}}"#,
            "1,".repeat(7_000_000)
        );
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 4]].concat();
        fs::write(folder.join("model.safetensors"), bytes).unwrap();
    }),
    ("is not a part of this encoder", |folder| {
        // Hundreds of thousands of tensors without a value.
        let path = folder.join("model.safetensors");
        let bytes = fs::read(&path).unwrap();
        let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
        let header = String::from_utf8(bytes[8..8 + length].to_vec()).unwrap();
        let many: String = (0..200_000)
            .map(|at| format!(r#","x{at}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#))
            .collect();
        let header = format!("{}{many}}}", header.trim_end().strip_suffix('}').unwrap());
        let changed =
            [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &bytes[8 + length..]]
                .concat();
        fs::write(path, changed).unwrap();
    }),
    ("more than 262144 instructions", |folder| {
        checkpoint(folder, &archive_of(&[&b"\x80\x02"[..], &vec![b'N'; 8 << 20]].concat()));
    }),
    ("more than 262144 instructions", |folder| {
        checkpoint(folder, &[&b"\x80\x02"[..], &vec![b')'; 8 << 20]].concat());
    }),
    ("the name of a function is too long", |folder| {
        checkpoint(folder, &archive_of(&[&b"\x80\x02c"[..], &vec![b'x'; 8 << 20]].concat()));
    }),
    ("num_hidden_layers 1000000000 is too large", |folder| {
        change(&folder.join("config.json"), |config| {
            config["num_hidden_layers"] = json!(1_000_000_000)
        });
    }),
    ("hidden_size 2147483648 is too large", |folder| {
        change(&folder.join("config.json"), |config| config["hidden_size"] = json!(1_u64 << 31));
    }),
    ("longer than 1 MB", |folder| {
        fs::write(folder.join("config.json"), "[],".repeat(20_000_000)).unwrap();
    }),
    ("not JSON", |folder| {
        fs::write(folder.join("gleaner.json"), "[[],".to_owned() + &"[],".repeat(2_500_000))
            .unwrap();
    }),
    ("id2label: 30000 labels", |folder| {
        change(&folder.join("config.json"), |config| {
            config["id2label"] = (0..30_000).map(|at| (at.to_string(), json!("O"))).collect();
        });
    }),
    ("its rules for the replacement of characters are broken", |folder| {
        change(&folder.join("tokenizer.json"), |tokenizer| {
            tokenizer["normalizer"] =
                json!({"type": "Precompiled", "precompiled_charsmap": "/////w=="});
        });
    }),
    ("it has a piece of 3000000 bytes", |folder| {
        change(&folder.join("tokenizer.json"), |tokenizer| {
            let vocab = json!([["<unk>", 0.0], ["x".repeat(3_000_000), 0.0]]);
            tokenizer["model"] = json!({"type": "Unigram", "unk_id": 0, "vocab": vocab});
        });
    }),
];
