//! Damaged or incompatible encoders and models: a one-line error, exit code 4, nothing written.

use crate::common::{Sandbox, tagger};
use insta::assert_snapshot;
use safetensors::{SafeTensors, tensor::TensorView};
use std::fs;

/// The error of a training on a damaged copy of the sample encoder.
fn of(damage: impl Fn(&Sandbox)) -> String {
    let sandbox = Sandbox::with_data().with_encoder();
    damage(&sandbox);
    let options = "--data data --encoder encoder";
    let message = sandbox.refuses(options, 4);
    assert_eq!(sandbox.fails(&format!("doctor {options}"), 4), message);
    message
}

/// Changes a size of the configuration.
fn size(key: &'static str, change: impl Fn(i64) -> i64) -> impl Fn(&Sandbox) {
    move |sandbox| {
        let mut config = sandbox.json("encoder/config.json");
        config[key] = change(config[key].as_i64().unwrap()).into();
        sandbox.write("encoder/config.json", config.to_string());
    }
}

/// Hides the sample encoder's sizes in messages.
fn any_sizes() -> insta::internals::SettingsBindDropGuard {
    let mut settings = insta::Settings::clone_current();
    for (from, to) in [
        (r"\[\d+(, \d+)?\]", "[shape]"),
        (r"layer\.\d+", "layer.[n]"),
        (
            r"\d+ heads do not divide a hidden size of \d+",
            "[n] heads do not divide a hidden size of [n]",
        ),
        (r"`-\d+`", "`-[n]`"),
        (r"line \d+ column \d+", "line [n] column [n]"),
    ] {
        settings.add_filter(from, to);
    }
    settings.bind_to_scope()
}

fn replace(name: &'static str, from: &'static str, to: &'static str) -> impl Fn(&Sandbox) {
    move |sandbox| {
        let text = sandbox.text(name);
        assert!(text.contains(from), "{from}");
        sandbox.write(name, text.replace(from, to));
    }
}

fn truncate(name: &'static str, keep: usize) -> impl Fn(&Sandbox) {
    move |sandbox| sandbox.write(name, &sandbox.read(name)[..keep])
}

/// Rewrites the encoder's weights with `change` applied.
fn tensors(sandbox: &Sandbox, change: impl Fn(&mut Vec<(String, TensorView<'_>)>)) {
    let name = "encoder/model.safetensors";
    let bytes = sandbox.read(name);
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut list: Vec<_> = file.tensors();
    change(&mut list);
    sandbox.write(name, safetensors::serialize(list, None).unwrap());
}

#[test]
fn truncated_and_invalid_weight_files() {
    let file = "encoder/model.safetensors";
    assert_snapshot!(of(truncate(file, 0)), @"encoder/model.safetensors: not a complete safetensors file (no header); fetch or copy the file again");
    assert_snapshot!(of(truncate(file, 5)), @"encoder/model.safetensors: not a complete safetensors file (no header); fetch or copy the file again");
    assert_snapshot!(of(truncate(file, 1000)), @"encoder/model.safetensors: not a complete safetensors file (the header is not complete); fetch or copy the file again");
    assert_snapshot!(of(truncate(file, 100_000)), @"encoder/model.safetensors: not a complete safetensors file (94432 bytes of data, expected 508672); fetch or copy the file again");
    assert_snapshot!(of(|s| s.write(file, "<html>not found</html>")), @"encoder/model.safetensors: not a complete safetensors file (the header is too long); fetch or copy the file again");
}

#[test]
fn shapes_that_do_not_fit_the_configuration() {
    let _guard = any_sizes();
    assert_snapshot!(of(size("hidden_size", |n| 2 * n)), @"encoder/model.safetensors: tensor `embeddings.LayerNorm.weight`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
    assert_snapshot!(of(size("intermediate_size", |n| n / 2)), @"encoder/model.safetensors: tensor `encoder.layer.[n].intermediate.dense.weight`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
    assert_snapshot!(of(size("vocab_size", |n| n + 1)), @"encoder/model.safetensors: tensor `embeddings.word_embeddings.weight`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
    assert_snapshot!(of(size("num_hidden_layers", |n| n + 1)), @"encoder/model.safetensors: tensor `encoder.layer.[n].attention.self.query.weight`: missing; use the config.json that belongs to these weights");
    assert_snapshot!(of(size("num_hidden_layers", |n| n - 1)), @"encoder/model.safetensors: tensor `encoder.layer.[n].attention.output.LayerNorm.bias`: is not a part of this encoder; use the config.json that belongs to these weights");
    assert_snapshot!(of(size("max_position_embeddings", |n| 4 * n)), @"encoder/model.safetensors: tensor `embeddings.position_embeddings.weight`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
}

#[test]
fn invalid_configurations() {
    let _guard = any_sizes();
    assert_snapshot!(of(truncate("encoder/config.json", 40)), @"encoder/config.json: not an encoder's config.json (EOF while parsing a list at line [n] column [n]); use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder");
    assert_snapshot!(of(replace("encoder/config.json", "\"bert\"", "\"gpt2\"")), @"encoder/config.json: model_type `gpt2` is not known; use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder");
    assert_snapshot!(of(size("hidden_size", |n| n + 1)), @"encoder/config.json: [n] heads do not divide a hidden size of [n], or a size is zero; use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder");
    assert_snapshot!(of(size("hidden_size", |n| -n)), @"encoder/config.json: not an encoder's config.json (invalid value: integer `-[n]`, expected usize at line [n] column [n]); use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder");
    assert_snapshot!(of(|s| s.write("encoder/config.json", b"\xff\xfe{}")), @"encoder/config.json: not an encoder's config.json (expected value at line [n] column [n]); use a BERT, mBERT, E5, MiniLM, LaBSE, DistilBERT, ELECTRA, RoBERTa, CamemBERT, XLM-R, ModernBERT, mmBERT, DeBERTa-v3 or mDeBERTa-v3 encoder");
}

#[test]
fn missing_and_surplus_tensors() {
    let missing = "encoder.layer.1.output.dense.bias";
    assert_snapshot!(of(|s| tensors(s, |list| list.retain(|(name, _)| name != missing))), @"encoder/model.safetensors: tensor `encoder.layer.1.output.dense.bias`: missing; use the config.json that belongs to these weights");
    assert_snapshot!(of(|s| tensors(s, |list| list.retain(|(name, _)| !name.contains("word_embeddings")))), @"encoder/model.safetensors: tensor `embeddings.word_embeddings.weight`: missing under any known prefix; use the weights of a BERT-family encoder");
    let surplus = |list: &mut Vec<(String, TensorView<'_>)>| {
        let (_, view) = list.iter().find(|(name, _)| name == missing).unwrap().clone();
        list.push(("encoder.layer.1.adapter.bias".to_owned(), view));
    };
    assert_snapshot!(of(|s| tensors(s, surplus)), @"encoder/model.safetensors: tensor `encoder.layer.1.adapter.bias`: is not a part of this encoder; use the config.json that belongs to these weights");
}

#[test]
fn missing_files_and_tokenizers_of_another_kind() {
    for name in ["config.json", "model.safetensors"] {
        let message = of(|s| fs::remove_file(s.path("encoder").join(name)).unwrap());
        let expected = "; name a folder with config.json, tokenizer.json and model.safetensors";
        assert_eq!(message, format!("encoder: no {name} in it{expected}"));
    }
    let message = of(|s| fs::remove_file(s.path("encoder/tokenizer.json")).unwrap());
    assert!(
        message.starts_with("encoder: no tokenizer.json and no vocab.txt in it; "),
        "{message}"
    );
    assert_snapshot!(of(|s| fs::remove_dir_all(s.path("encoder")).unwrap()), @"encoder: no such folder; name a folder with config.json, tokenizer.json and model.safetensors, or an encoder on the hub with its owner, such as intfloat/multilingual-e5-small");
    assert_snapshot!(of(truncate("encoder/tokenizer.json", 300)), @"encoder/tokenizer.json: not a tokenizer (EOF while parsing a string at line 1 column 300); use the tokenizer.json of a BERT-family encoder");
    assert_snapshot!(of(|s| s.write("encoder/tokenizer.json", "{}")), @"encoder/tokenizer.json: not a tokenizer (Model missing. at line 1 column 2); use the tokenizer.json of a BERT-family encoder");
}

/// Copies the tagger of tests to the folder `model`.
fn copy_tagger(sandbox: &Sandbox) {
    for entry in fs::read_dir(tagger()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        sandbox.write(&format!("model/{name}"), fs::read(&path).unwrap());
    }
}

/// The error of labelling with a damaged copy of a tagger.
fn of_tagger(damage: impl Fn(&Sandbox)) -> String {
    let sandbox = Sandbox::new();
    copy_tagger(&sandbox);
    damage(&sandbox);
    let message = sandbox.fails("predict model -", 4);
    assert_eq!(sandbox.fails("evaluate model sample:af", 4), message);
    message
}

#[test]
fn taggers() {
    let _guard = any_sizes();
    let manifest = "model/gleaner.json";
    assert_snapshot!(of_tagger(|s| fs::remove_file(s.path(manifest)).unwrap()), @"model: no gleaner.json in it; name a folder with a finished training of `gleaner train`");
    assert_snapshot!(of_tagger(|s| fs::remove_dir_all(s.path("model")).unwrap()), @"model: no such folder; name a folder with a finished training of `gleaner train`");
    assert_snapshot!(of_tagger(truncate(manifest, 30)), @"model/gleaner.json: not JSON (EOF while parsing a value at line [n] column [n]); use the gleaner.json that was saved with the model");
    assert_snapshot!(of_tagger(replace(manifest, "\"format\": 3", "\"format\": 9")), @"model/gleaner.json: format 9, but this program reads format 3; a newer version of Gleaner wrote it: update Gleaner");
    assert_snapshot!(of_tagger(replace(manifest, "\"format\": 3", "\"format\": 2")), @"model/gleaner.json: format 2, but this program reads format 3; use the gleaner.json that was saved with the model");
    assert_snapshot!(of_tagger(replace(manifest, "\"format\": 3,", "")), @"model/gleaner.json: no format in it; use the gleaner.json that was saved with the model");
    assert_snapshot!(of_tagger(replace(manifest, "\"batch\": 16", "\"batch\": 0")), @"model/gleaner.json: batch, accumulate: a step needs 1 or more sentences; use 1 or more; use the gleaner.json that was saved with the model");
    assert_snapshot!(of_tagger(replace(manifest, "\"lstm-units\": 16", "\"lstm-units\": 32")), @"model/model.safetensors: tensor `lstm.weight_ih_l0`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
    assert_snapshot!(of_tagger(replace(manifest, "\"lstm-layers\": 1", "\"lstm-layers\": 2")), @"model/model.safetensors: tensor `lstm.weight_ih_l1`: missing; use the config.json that belongs to these weights");
    assert_snapshot!(of_tagger(replace(manifest, "\"head\": \"bilstm-crf\"", "\"head\": \"crf\"")), @"model/model.safetensors: tensor `fc.weight`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
    assert_snapshot!(of_tagger(replace(manifest, "\"head\": \"bilstm-crf\"", "\"head\": \"linear\"")), @"model/model.safetensors: tensor `fc.weight`: shape [shape], expected [shape]; use the config.json that belongs to these weights");
    assert_snapshot!(of_tagger(replace("model/config.json", "\"id2label\"", "\"labels\"")), @"model/config.json: no id2label in it; use the config.json that was saved with the model");
    assert_snapshot!(of_tagger(replace("model/config.json", "\"6\": \"I-PER\"", "\"7\": \"I-PER\"")), @"model/config.json: id2label does not number its names from 0; use the config.json that was saved with the model");
    assert_snapshot!(of_tagger(replace("model/config.json", "\"0\": \"O\",", "")), @"model/config.json: id2label does not number its names from 0; use the config.json that was saved with the model");
    assert_snapshot!(of_tagger(truncate("model/model.safetensors", 9000)), @"model/model.safetensors: not a complete safetensors file (2080 bytes of data, expected 1060504); fetch or copy the file again");
}

#[test]
fn files_of_two_models_are_not_used_together() {
    let not = "not the file that the gleaner.json beside it names";
    let fix = "copy or fetch the whole model folder again";
    let spaced = of_tagger(|s| {
        s.write("model/tokenizer.json", s.text("model/tokenizer.json").replacen('{', "{ ", 1));
    });
    assert!(spaced.starts_with(&format!("model/tokenizer.json: {not} (")), "{spaced}");
    // Weights of the same shapes are found by their hash, wherever a model is passed on.
    let sandbox = Sandbox::with_data();
    copy_tagger(&sandbox);
    let mut weights = sandbox.read("model/model.safetensors");
    *weights.last_mut().unwrap() ^= 1;
    sandbox.write("model/model.safetensors", weights);
    sandbox.run_with("predict model -", "Anna sings\n");
    for args in [
        "train --data data --start model --epochs 1 --out out",
        "export model --to transformers --out out",
        "export model --to onnx --out out",
        "ensemble model model --dev data --out out",
        "push model me/tagger --dry-run",
    ] {
        let expected =
            format!("model/model.safetensors: {not} (its SHA-256 is another one); {fix}");
        assert_eq!(sandbox.fails(args, 4), expected, "{args}");
        assert!(!sandbox.path("out").exists(), "{args}");
    }
}
