//! Encoders and models that are made to harm: a one-line error, exit code 4, nothing written, nothing labelled.

use crate::common::{Sandbox, tagger};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;

/// A copy of a tagger in the folder `model`.
pub fn with_model() -> Sandbox {
    let sandbox = Sandbox::new();
    for entry in fs::read_dir(tagger()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        sandbox.write(&format!("model/{name}"), fs::read(&path).unwrap());
    }
    sandbox
}

/// The error of labelling and of scoring with a changed model.
fn of_model(change: impl Fn(&Sandbox)) -> String {
    let sandbox = with_model();
    change(&sandbox);
    let message = sandbox.fails("evaluate model sample:af", 4);
    let mut predict = sandbox.command("predict model - --output quiet");
    let output = predict.write_stdin("Anna bly in Oslo.\n").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(4), 0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("error: {message}\n"));
    message
}

/// The error of a training on a changed copy of the sample encoder.
fn of_encoder(change: impl Fn(&Sandbox)) -> String {
    let sandbox = Sandbox::with_data().with_encoder();
    change(&sandbox);
    sandbox.refuses("--data data --encoder encoder", 4)
}

/// Replaces values of a tensor, from one on and not beyond its end.
fn put(sandbox: &Sandbox, file: &str, tensor: &str, from: usize, values: &[f32]) {
    let mut bytes = sandbox.read(file);
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let [start, end] =
        [0, 1].map(|i| 8 + length + header[tensor]["data_offsets"][i].as_u64().unwrap() as usize);
    // The sample encoder's tensors are f16, those of taggers f32.
    let of_value = |value: f32| match header[tensor]["dtype"].as_str() {
        Some("F16") if value.is_nan() => 0x7e00_u16.to_le_bytes().to_vec(),
        Some("F16") if value.is_infinite() => {
            (0x7c00 | u16::from(value < 0.0) << 15).to_le_bytes().to_vec()
        }
        Some("F32") => value.to_le_bytes().to_vec(),
        other => panic!("{other:?}, {value}"),
    };
    let new = values.iter().flat_map(|&value| of_value(value)).collect::<Vec<_>>();
    let at = start + new.len() / values.len() * from;
    for (place, byte) in bytes[at..end].iter_mut().zip(new) {
        *place = byte;
    }
    sandbox.write(file, bytes);
}

fn change_json(sandbox: &Sandbox, file: &str, change: impl Fn(&mut Value)) {
    let mut json = sandbox.json(file);
    change(&mut json);
    sandbox.write(file, json.to_string());
}

#[test]
fn weights_that_are_not_finite() {
    let encoder = "encoder/model.safetensors";
    let layer = "encoder.layer.0.output.dense.weight";
    assert_snapshot!(of_encoder(|s| put(s, encoder, layer, 3, &[f32::NAN])), @"encoder/model.safetensors: tensor `encoder.layer.0.output.dense.weight`: value 3 is NaN; fetch the weights again, or use others: these compute no scores");
    let words = "embeddings.word_embeddings.weight";
    let message = of_encoder(|s| put(s, encoder, words, 0, &[f32::NEG_INFINITY; 100_000]));
    assert!(
        message.contains("tensor `embeddings.word_embeddings.weight`: value ")
            && message.contains(" is -inf; "),
        "{message}"
    );
    let model = "model/model.safetensors";
    assert_snapshot!(of_model(|s| put(s, model, "crf.transitions", 1, &[f32::INFINITY])), @"model/model.safetensors: tensor `crf.transitions`: value 1 is inf; fetch the weights again, or use others: these compute no scores");
    let words = "bert.embeddings.word_embeddings.weight";
    let message = of_model(|s| put(s, model, words, 0, &[f32::NAN; 100_000]));
    assert!(
        message.contains("tensor `bert.embeddings.word_embeddings.weight`: value "),
        "{message}"
    );
    // Finite, but their sums are not.
    assert_snapshot!(of_model(|s| put(s, model, "fc.weight", 0, &[f32::MAX; 64])), @"the network computes scores that are NaN or too large; fetch the model again, or train it again with lower learning rates");
}

#[test]
fn a_member_of_an_ensemble_whose_scores_are_not_finite() {
    let sandbox = with_model();
    sandbox.run("ensemble model model --out all");
    sandbox.write("text.txt", "Anna bly in Oslo.\n");
    put(&sandbox, "all/2/model.safetensors", "fc.weight", 0, &[f32::MAX; 64]);
    let refused = |args: &str| sandbox.fails(args, 4);
    assert_snapshot!(refused("evaluate all sample:af"), @"the network computes scores that are NaN or too large; fetch the model again, or train it again with lower learning rates");
    assert_eq!(refused("predict all text.txt --output quiet"), refused("evaluate all sample:af"));
}

#[test]
fn labels_that_are_not_tags() {
    let label = |name: &'static str| {
        move |s: &Sandbox| {
            change_json(s, "model/config.json", |config| config["id2label"]["1"] = json!(name))
        }
    };
    assert_snapshot!(of_model(label("PER")), @r#"model/config.json: id2label: the label "PER" is not O, B-TYPE or I-TYPE; use the config.json that was saved with the model"#);
    assert_snapshot!(of_model(label("B-")), @r#"model/config.json: id2label: the label "B-" is not O, B-TYPE or I-TYPE; use the config.json that was saved with the model"#);
    // They would control the terminal, or break the lines of a file.
    assert_snapshot!(of_model(label("B-\u{1b}[2J")), @r#"model/config.json: id2label: the label "B-\u{1b}[2J" is not O, B-TYPE or I-TYPE; use the config.json that was saved with the model"#);
    assert_snapshot!(of_model(label("B-A\nB-B")), @r#"model/config.json: id2label: the label "B-A\nB-B" is not O, B-TYPE or I-TYPE; use the config.json that was saved with the model"#);
    assert_snapshot!(of_model(label("B-\u{202e}A")), @r#"model/config.json: id2label: the label "B-\u{202e}A" is not O, B-TYPE or I-TYPE; use the config.json that was saved with the model"#);
    assert_snapshot!(of_model(label("O")), @"model/config.json: id2label: no label O, or a label twice; use the config.json that was saved with the model");
    let many = |s: &Sandbox| {
        change_json(s, "model/config.json", |config| {
            config["id2label"] =
                (0..5000).map(|i| (i.to_string(), json!(format!("B-{i}")))).collect();
        });
    };
    assert_snapshot!(of_model(many), @"model/config.json: id2label: 5000 labels (at most 4096); use the config.json that was saved with the model");
}

#[test]
fn sizes_that_nothing_has() {
    let size = |key: &'static str, value: u64| {
        move |s: &Sandbox| {
            change_json(s, "encoder/config.json", |config| config[key] = json!(value))
        }
    };
    let end = "; use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder";
    for (key, value, says) in [
        ("hidden_size", 1 << 31, "hidden_size 2147483648 is too large (at most 65535)"),
        (
            "num_hidden_layers",
            1_000_000_000,
            "num_hidden_layers 1000000000 is too large (at most 1024)",
        ),
        (
            "intermediate_size",
            1 << 63,
            "intermediate_size 9223372036854775808 is too large (at most 65535)",
        ),
    ] {
        assert_eq!(of_encoder(size(key, value)), format!("encoder/config.json: {says}{end}"));
    }
    let setting = |key: &'static str, value: u64| {
        move |s: &Sandbox| {
            change_json(s, "model/gleaner.json", |model| model["settings"][key] = json!(value))
        }
    };
    assert_snapshot!(of_model(setting("lstm-units", 1 << 62)), @"model/gleaner.json: lstm-units, lstm-layers: use at most 65536 units and 64 layers; use the gleaner.json that was saved with the model");
    assert_snapshot!(of_model(setting("max-pieces", 0)), @"model/gleaner.json: max-pieces: 0 leaves no sentence; use 1 or more; use the gleaner.json that was saved with the model");
}

#[test]
fn files_of_any_length_and_depth() {
    let padded = |name: &'static str, length: usize| {
        move |s: &Sandbox| {
            let text = s.text(name);
            s.write(name, format!("{}{text}", " ".repeat(length)));
        }
    };
    assert_snapshot!(of_model(padded("model/config.json", 1_000_000)), @"model/config.json: longer than 1 MB; fetch or copy the file again");
    assert_snapshot!(of_model(padded("model/gleaner.json", 8_000_000)), @"model/gleaner.json: longer than 8 MB; fetch or copy the file again");
    let deep = "[".repeat(200_000);
    assert_snapshot!(of_model(|s| s.write("model/gleaner.json", &deep)), @"model/gleaner.json: not JSON (invalid type: sequence, expected u64 at line 1 column 1); use the gleaner.json that was saved with the model");
    let message = of_encoder(|s| s.write("encoder/config.json", &deep));
    assert!(
        message.starts_with("encoder/config.json: not an encoder's config.json ("),
        "{message}"
    );
    let message = of_encoder(|s| s.write("encoder/tokenizer.json", &deep));
    assert!(message.starts_with("encoder/tokenizer.json: not a tokenizer ("), "{message}");
}

#[test]
fn names_of_files_that_leave_the_folder() {
    let index = |name: &'static str| {
        move |s: &Sandbox| {
            fs::rename(s.path("encoder/model.safetensors"), s.path("other.safetensors")).unwrap();
            let index = json!({"weight_map": {"embeddings.word_embeddings.weight": name}});
            s.write("encoder/model.safetensors.index.json", index.to_string());
        }
    };
    assert_snapshot!(of_encoder(index("../other.safetensors")), @"encoder/model.safetensors.index.json: `../other.safetensors` is not the name of a file beside it; fetch or copy the file again");
    assert_snapshot!(of_encoder(index("/etc/passwd")), @"encoder/model.safetensors.index.json: `/etc/passwd` is not the name of a file beside it; fetch or copy the file again");
    assert_snapshot!(of_encoder(index("a\0b")), @r"encoder/model.safetensors.index.json: `a\u{0}b` is not the name of a file beside it; fetch or copy the file again");
}

/// The cache of the hub is made of symbolic links, so links are followed; what they point to is never shown.
#[cfg(unix)]
#[test]
fn links_to_other_files_show_nothing_of_them() {
    use std::os::unix::fs::symlink;
    for name in ["config.json", "tokenizer.json", "model.safetensors", "pytorch_model.bin"] {
        let message = of_encoder(|s| {
            s.write("secret", "root:x:0:0:hunter2\nline two\n");
            if name == "pytorch_model.bin" {
                fs::remove_file(s.path("encoder/model.safetensors")).unwrap();
            } else {
                fs::remove_file(s.path("encoder").join(name)).unwrap();
            }
            symlink("../secret", s.path("encoder").join(name)).unwrap();
        });
        assert!(message.starts_with(&format!("encoder/{name}: not a")), "{message}");
        assert!(!message.contains("root") && !message.contains("hunter2"), "{message}");
    }
    let message = of_encoder(|s| {
        fs::remove_file(s.path("encoder/config.json")).unwrap();
        symlink("/dev/zero", s.path("encoder/config.json")).unwrap();
    });
    assert!(message.starts_with("encoder: no config.json in it; "), "{message}");
}

#[test]
fn a_tokenizer_with_a_catastrophic_pattern() {
    let split = json!({
        "type": "Split", "pattern": {"Regex": "(a+)+(?=b)"}, "behavior": "Isolated", "invert": false
    });
    let message = of_encoder(|s| {
        change_json(s, "encoder/tokenizer.json", |t| t["pre_tokenizer"] = split.clone())
    });
    assert_snapshot!(message, @"encoder/tokenizer.json: the pattern `(a+)+(?=b)` repeats alternatives or a repetition, so that some words would take years; use the tokenizer.json of a BERT-family encoder");
}
