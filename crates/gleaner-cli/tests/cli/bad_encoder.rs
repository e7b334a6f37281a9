//! Encoders and models that are damaged or do not fit: one line, exit code 4, nothing written.

use crate::common::{Sandbox, tagger};
use insta::assert_snapshot;
use safetensors::{SafeTensors, tensor::TensorView};
use std::fs;

/// A damaged copy of the sample encoder, and what is said of it.
fn of(damage: impl Fn(&Sandbox)) -> String {
    let sandbox = Sandbox::with_data().with_encoder();
    damage(&sandbox);
    let options = "--data data --encoder encoder";
    let message = sandbox.refuses(options, 4);
    assert_eq!(sandbox.fails(&format!("doctor {options}"), 4), message);
    message
}

fn config(from: &'static str, to: &'static str) -> impl Fn(&Sandbox) {
    replace("encoder/config.json", from, to)
}

fn replace(name: &'static str, from: &'static str, to: &'static str) -> impl Fn(&Sandbox) {
    move |sandbox| {
        let text = String::from_utf8(sandbox.read(name)).unwrap();
        assert!(text.contains(from), "{from}");
        sandbox.write(name, text.replace(from, to));
    }
}

fn truncate(name: &'static str, keep: usize) -> impl Fn(&Sandbox) {
    move |sandbox| sandbox.write(name, &sandbox.read(name)[..keep])
}

/// Writes the encoder's weights again, as `change` makes them.
fn tensors(sandbox: &Sandbox, change: impl Fn(&mut Vec<(String, TensorView<'_>)>)) {
    let name = "encoder/model.safetensors";
    let bytes = sandbox.read(name);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut list: Vec<_> = file.tensors();
    change(&mut list);
    sandbox.write(name, safetensors::serialize(list, None).unwrap());
}

#[test]
fn weights_that_are_cut_or_no_weights() {
    let file = "encoder/model.safetensors";
    assert_snapshot!(of(truncate(file, 0)), @"");
    assert_snapshot!(of(truncate(file, 5)), @"");
    assert_snapshot!(of(truncate(file, 1000)), @"");
    assert_snapshot!(of(truncate(file, 500_000)), @"");
    assert_snapshot!(of(|s| s.write(file, "<html>not found</html>")), @"");
}

#[test]
fn shapes_that_do_not_fit_the_configuration() {
    assert_snapshot!(of(config("\"hidden_size\": 80", "\"hidden_size\": 96")), @"");
    assert_snapshot!(of(config("\"intermediate_size\": 320", "\"intermediate_size\": 160")), @"");
    assert_snapshot!(of(config("\"vocab_size\": 1500", "\"vocab_size\": 1501")), @"");
    assert_snapshot!(of(config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")), @"");
    assert_snapshot!(of(config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1")), @"");
    assert_snapshot!(of(config("\"max_position_embeddings\": 128", "\"max_position_embeddings\": 512")), @"");
}

#[test]
fn configurations_that_are_none() {
    assert_snapshot!(of(truncate("encoder/config.json", 40)), @"");
    assert_snapshot!(of(config("\"bert\"", "\"gpt2\"")), @"");
    assert_snapshot!(of(config("\"hidden_size\": 80", "\"hidden_size\": 81")), @"");
    assert_snapshot!(of(config("\"hidden_size\": 80", "\"hidden_size\": -80")), @"");
    assert_snapshot!(of(|s| s.write("encoder/config.json", b"\xff\xfe{}")), @"");
}

#[test]
fn missing_and_surplus_tensors() {
    let missing = "encoder.layer.1.output.dense.bias";
    assert_snapshot!(of(|s| tensors(s, |list| list.retain(|(name, _)| name != missing))), @"");
    assert_snapshot!(of(|s| tensors(s, |list| list.retain(|(name, _)| !name.contains("word_embeddings")))), @"");
    let surplus = |list: &mut Vec<(String, TensorView<'_>)>| {
        let (_, view) = list.iter().find(|(name, _)| name == missing).unwrap().clone();
        list.push(("encoder.layer.1.adapter.bias".to_owned(), view));
    };
    assert_snapshot!(of(|s| tensors(s, surplus)), @"");
}

#[test]
fn missing_files_and_tokenizers_of_another_kind() {
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        let message = of(|s| fs::remove_file(s.path("encoder").join(name)).unwrap());
        let expected =
            "; name a folder that holds config.json, tokenizer.json and model.safetensors";
        assert_eq!(message, format!("encoder: no {name} in it{expected}"));
    }
    assert_snapshot!(of(|s| fs::remove_dir_all(s.path("encoder")).unwrap()), @"");
    assert_snapshot!(of(truncate("encoder/tokenizer.json", 300)), @"");
    assert_snapshot!(of(|s| s.write("encoder/tokenizer.json", "{}")), @"");
}

/// A damaged copy of a tagger, and what is said of it.
fn of_tagger(damage: impl Fn(&Sandbox)) -> String {
    let sandbox = Sandbox::new();
    for entry in fs::read_dir(tagger()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        sandbox.write(&format!("model/{name}"), fs::read(&path).unwrap());
    }
    damage(&sandbox);
    let message = sandbox.fails("predict model -", 4);
    assert_eq!(sandbox.fails("evaluate model sample:af", 4), message);
    message
}

#[test]
fn taggers() {
    let manifest = "model/gleaner.json";
    assert_snapshot!(of_tagger(|s| fs::remove_file(s.path(manifest)).unwrap()), @"");
    assert_snapshot!(of_tagger(|s| fs::remove_dir_all(s.path("model")).unwrap()), @"");
    assert_snapshot!(of_tagger(truncate(manifest, 400)), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"format\": 1", "\"format\": 9")), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"format\": 1,", "")), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"batch\": 16", "\"batch\": 0")), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"lstm-units\": 16", "\"lstm-units\": 32")), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"lstm-layers\": 1", "\"lstm-layers\": 2")), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"head\": \"bilstm-crf\"", "\"head\": \"crf\"")), @"");
    assert_snapshot!(of_tagger(replace(manifest, "\"head\": \"bilstm-crf\"", "\"head\": \"linear\"")), @"");
    assert_snapshot!(of_tagger(replace("model/config.json", "\"id2label\"", "\"labels\"")), @"");
    assert_snapshot!(of_tagger(replace("model/config.json", "\"6\": \"I-PER\"", "\"7\": \"I-PER\"")), @"");
    assert_snapshot!(of_tagger(replace("model/config.json", "\"0\": \"O\",", "")), @"");
    assert_snapshot!(of_tagger(truncate("model/model.safetensors", 9000)), @"");
}
