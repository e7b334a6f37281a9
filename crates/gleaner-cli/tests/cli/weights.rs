//! The tensors of a saved tagger: named and laid out as in PyTorch, and only the expected ones
//! changed.

use crate::common::Sandbox;
use gleaner_nn::weights::WeightFile;
use safetensors::{Dtype, SafeTensors};
use std::{collections::BTreeSet, fmt::Write};
use tokenizers::Tokenizer;

const WORDS: &str = "embeddings.word_embeddings.weight";

/// Name and shape of every tensor of the head; all tensors are f32, and those of the encoder are
/// named and shaped as in its own file.
fn head(sandbox: &Sandbox, folder: &str) -> String {
    let bytes = sandbox.read(&format!("{folder}/model.safetensors"));
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let mut tensors: Vec<_> = file.tensors();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let encoder = encoder();
    let (mut of_encoder, mut listing) = (0, String::new());
    for (name, view) in tensors {
        assert_eq!(view.dtype(), Dtype::F32, "{name}");
        match name.strip_prefix("bert.") {
            Some(own) => {
                of_encoder += 1;
                assert_eq!(encoder.shape(own), Some(view.shape()), "{name}");
            }
            None => writeln!(listing, "{name} {:?}", view.shape()).unwrap(),
        }
    }
    assert_eq!(of_encoder, encoder.names().count());
    listing.replace(&format!(", {}]", width()), ", hidden]")
}

/// Width of the encoder's hidden states.
fn width() -> usize {
    encoder().shape(WORDS).unwrap()[1]
}

fn saved(sandbox: &Sandbox, folder: &str) -> WeightFile {
    WeightFile::open(&sandbox.path(folder).join("model.safetensors")).unwrap()
}

fn encoder() -> WeightFile {
    WeightFile::from_bytes("encoder", gleaner_sample::encoder().weights).unwrap()
}

#[test]
fn a_bilstm_crf_is_saved_under_pytorchs_names() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --epochs 1 --lstm-layers 2");
    insta::assert_snapshot!("tensors-bilstm-crf", head(&sandbox, "out"));
}

#[test]
fn smaller_heads_have_fewer_tensors() {
    let sandbox = Sandbox::with_data();
    let head = |kind: &str| {
        sandbox.train(kind, &format!("--data data --epochs 1 --head {kind}"));
        sandbox.run(&format!("evaluate {kind} data"));
        head(&sandbox, kind).trim_end().replace('\n', ", ")
    };
    insta::assert_snapshot!(head("crf"), @"crf.end_transitions [7], crf.start_transitions [7], crf.transitions [7, 7], fc.bias [7], fc.weight [7, hidden]");
    insta::assert_snapshot!(head("linear"), @"fc.bias [7], fc.weight [7, hidden]");
}

#[test]
fn frozen_tensors_are_the_encoders() {
    let sandbox = Sandbox::with_data();
    let encoder = encoder();
    let changed = |freeze: &str| -> BTreeSet<String> {
        sandbox.train(freeze, &format!("--data data --epochs 1 --freeze {freeze}"));
        let saved = saved(&sandbox, freeze);
        let differs = |name: &&str| {
            let shape = encoder.shape(name).unwrap();
            encoder.read(name, shape).unwrap()
                != saved.read(&format!("bert.{name}"), shape).unwrap()
        };
        encoder.names().filter(differs).map(str::to_owned).collect()
    };
    let all: BTreeSet<String> = encoder.names().map(str::to_owned).collect();
    let layers = |from: usize| -> BTreeSet<String> {
        let in_layer =
            |name: &&String| (from..9).any(|i| name.starts_with(&format!("encoder.layer.{i}.")));
        all.iter().filter(in_layer).cloned().collect()
    };
    assert_eq!(changed("none"), all);
    assert_eq!(changed("embeddings"), layers(0));
    assert_eq!(changed("1"), layers(1));
    assert_eq!(changed("2"), layers(2));
}

#[test]
fn only_the_word_vectors_of_a_runs_pieces_change() {
    let sandbox = Sandbox::with_data();
    sandbox.train("out", "--data data --epochs 1");
    let (saved, encoder) = (saved(&sandbox, "out"), encoder());
    let [rows, width] = *encoder.shape(WORDS).unwrap() else { panic!("no matrix") };
    let used = pieces_of(&sandbox, &["train", "dev", "test"]);
    let trained = pieces_of(&sandbox, &["train"]);
    assert!(trained.len() < used.len() && used.len() < rows / 2, "the test needs both kinds");
    let before = encoder.read(WORDS, &[rows, width]).unwrap();
    let after = saved.read(&format!("bert.{WORDS}"), &[rows, width]).unwrap();
    for piece in 0..rows {
        let row = piece * width..(piece + 1) * width;
        let same = before[row.clone()] == after[row];
        assert!(same || used.contains(&(piece as u32)), "row {piece} changed and is not used");
        assert!(!same || !trained.contains(&(piece as u32)), "row {piece} is used and the same");
    }
}

/// The pieces of some parts of the folder `data`, special ones included.
fn pieces_of(sandbox: &Sandbox, parts: &[&str]) -> BTreeSet<u32> {
    let tokenizer = Tokenizer::from_bytes(gleaner_sample::encoder().tokenizer).unwrap();
    let mut pieces: BTreeSet<u32> =
        tokenizer.encode("", true).unwrap().get_ids().iter().copied().collect();
    for part in parts {
        let text = sandbox.text(&format!("data/{part}.conll"));
        for word in text.lines().filter_map(|l| l.split('\t').next()).filter(|w| !w.is_empty()) {
            pieces.extend(tokenizer.encode(word, false).unwrap().get_ids());
        }
    }
    pieces
}
