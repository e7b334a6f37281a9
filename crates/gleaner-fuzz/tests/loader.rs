//! What loading a model may take: no more memory than twice the length of its files and 256 MiB, whatever the files say.
//! (A valid tokenizer of the Unigram kind takes more, up to 300 bytes for each byte of its pieces, of which it may have
//! 16 MB.) Everything that is read is read once, so the time is bounded by the files' length as well.

use gleaner::{Dataset, Settings, Splits, Tagger, train};
use gleaner_corpus::Sentence;
use gleaner_fuzz::peak_of;
use serde_json::{Value, json};
use std::{fs, path::Path};

const CONSTANT: usize = 256 << 20;

/// A model that is valid.
fn save(folder: &Path) {
    let sentence = |words: &str, tags: &str| Sentence {
        words: words.split(' ').map(str::to_owned).collect(),
        tags: tags.split(' ').map(str::to_owned).collect(),
        ..Sentence::default()
    };
    let text = vec![sentence("Anna bly in Oslo", "B-PER O O B-LOC"); 8];
    let settings =
        Settings::builder().encoder("sample:tiny").epochs(1).lstm_units(4).drop_leaks(false);
    let settings = settings.build().unwrap();
    let parts = Splits { train: text.clone(), dev: Some(text), test: None };
    let data = Dataset::from_sentences(parts, &settings).unwrap();
    train::fit(&settings, data, None, &mut |_: &train::Event| {}).unwrap().save(folder).unwrap();
}

fn length_of(folder: &Path) -> usize {
    let length = |entry: fs::DirEntry| entry.metadata().map_or(0, |file| file.len() as usize);
    fs::read_dir(folder).unwrap().flatten().map(length).sum()
}

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

type Attack = (&'static str, fn(&Path));

const ATTACKS: [Attack; 14] = [
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

#[test]
fn no_model_takes_more_memory_than_its_files_and_a_constant() {
    let model = tempfile::tempdir().unwrap();
    save(model.path());
    let (tagger, peak) = peak_of(|| Tagger::load(model.path()));
    let length = length_of(model.path());
    assert!(tagger.is_ok() && peak < 2 * length + CONSTANT, "{peak} bytes for {length}");
    drop(tagger);
    for (number, (says, attack)) in ATTACKS.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(model.path()).unwrap().flatten() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        attack(folder.path());
        let length = length_of(folder.path());
        let (loaded, peak) = peak_of(|| Tagger::load(folder.path()));
        let message = loaded.err().unwrap_or_else(|| panic!("{number} is loaded")).to_string();
        assert!(message.contains(says), "{number}: {message}");
        assert!(peak < 2 * length + CONSTANT, "{number}: {peak} bytes for files of {length}");
    }
}
