//! Exported graphs: their contents, and that they compute what the network computes.

mod decoded;
mod interpreter;

use super::{file, graph, metadata};
use crate::export::{
    source::Source,
    testing::{of_family, sample},
};
use decoded::{Array, Decoded};
use gleaner_base::{
    files::faults::{Fault, sweep},
    model_files::{GRAPH, GRAPH_DATA},
};
use gleaner_nn::{Batch, Packed, network::HeadKind};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};

fn decoded(source: &Source) -> Decoded {
    written(source, file::LARGEST, &[GRAPH])
}

/// The contents of the files of a tagger's graph; the weights are beside the graph if that has more than `largest`
/// bytes.
fn written(source: &Source, largest: usize, files: &[&str]) -> Decoded {
    let tensors = source.network.tensors();
    let graph = graph(source, &tensors);
    let model = file::Model::new(&graph, source.labels.len(), &metadata::of(source), largest);
    assert_eq!(model.files(), files);
    let folder = tempfile::tempdir().unwrap();
    model.write(folder.path()).unwrap();
    Decoded::read(folder.path())
}

/// Compares the graph with the network, on sentences of several lengths in one batch.
fn agrees(source: &Source) {
    let lengths = [4, 9, 1, 6];
    let vocabulary = source.network.encoder_config().vocab_size;
    let sentences: Vec<Vec<u32>> = lengths
        .iter()
        .map(|&n| (0..n).map(|i| ((n * 31 + i * 17) % vocabulary) as u32).collect())
        .collect();
    let packed = Packed::new(sentences.iter().map(Vec::as_slice));
    let tags = vec![0; packed.pieces()];
    let expected = source.network.emissions(&Batch::of_pieces(packed, tags)).unwrap();

    let longest = 9;
    let shape = vec![lengths.len(), longest];
    let padded = |of: &dyn Fn(&[u32], usize) -> f32| {
        let row = |s: &Vec<u32>| (0..longest).map(|i| of(s, i)).collect::<Vec<_>>();
        Array { shape: shape.clone(), values: sentences.iter().flat_map(row).collect() }
    };
    // Padding is not 0, so that a graph that reads it gives other numbers.
    let ids = padded(&|s, i| s.get(i).map_or(3.0, |&id| id as f32));
    let mask = padded(&|s, i| f32::from(u8::from(i < s.len())));
    let graph = decoded(source);
    let found = interpreter::run(&graph, vec![("input_ids", ids), ("attention_mask", mask)]);
    let tags = source.labels.len();
    assert_eq!(found.shape, [lengths.len(), longest, tags]);
    let rows = lengths.iter().zip(found.values.chunks(longest * tags));
    let found: Vec<f32> = rows.flat_map(|(n, row)| &row[..n * tags]).copied().collect();
    assert_eq!(found.len(), expected.len());
    let largest = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(largest < 1e-4, "{largest:e}");
}

#[test]
fn graphs_of_all_heads_compute_what_the_network_computes() {
    for head in [HeadKind::BilstmCrf, HeadKind::Crf, HeadKind::Linear] {
        agrees(&sample(head));
    }
}

#[test]
fn graphs_of_all_families_compute_what_the_network_computes() {
    for family in ["distilbert", "electra", "roberta"] {
        agrees(&of_family(family, family, HeadKind::BilstmCrf));
    }
}

#[test]
fn weights_that_are_too_large_are_in_a_file_of_their_own() {
    let source = sample(HeadKind::BilstmCrf);
    let inside = decoded(&source);
    let beside = written(&source, 100_000, &[GRAPH_DATA, GRAPH]);
    assert_eq!(beside.arrays, inside.arrays);
    assert_eq!(beside.metadata, inside.metadata);
}

#[test]
fn a_graph_is_there_only_once_its_file_of_weights_is_complete() {
    let source = sample(HeadKind::Linear);
    let tensors = source.network.tensors();
    let graph = graph(&source, &tensors);
    let model = file::Model::new(&graph, source.labels.len(), &metadata::of(&source), 100_000);
    let names = [GRAPH_DATA, GRAPH];
    assert_eq!(model.files(), names);
    let place = tempfile::tempdir().unwrap();
    let whole = place.path().join("whole");
    fs::create_dir(&whole).unwrap();
    model.write(&whole).unwrap();
    let expected = names.map(|name| fs::read(whole.join(name)).unwrap());
    let write = |folder: &Path| model.write(folder).is_ok();
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        write,
        |folder, outcome| {
            let [data, graph] = names.map(|name| fs::read(folder.join(name)).ok());
            assert!(graph.is_some() || !outcome.is_success, "{outcome}");
            assert!(graph.is_none() || data.is_some(), "{outcome}: a graph without weights");
            for (found, expected) in [data, graph].iter().zip(&expected) {
                assert!(found.as_ref().is_none_or(|found| found == expected), "{outcome}");
            }
            assert!(write(folder), "{outcome}");
            let found = names.map(|name| fs::read(folder.join(name)).unwrap());
            assert!(found == expected, "{outcome}");
            assert_eq!(fs::read_dir(folder).unwrap().count(), 2, "{outcome}");
        },
    );
    // Two files.
    assert!(faults > 4 * 2 * 5, "{faults}");
}

#[test]
fn the_file_states_inputs_result_versions_and_metadata() {
    let source = sample(HeadKind::BilstmCrf);
    let file = decoded(&source);
    let value = |name: &str, kind: u64, shape: &[&str]| {
        (name.to_owned(), kind, shape.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>())
    };
    let expected = [
        value("input_ids", 7, &["batch", "pieces"]),
        value("attention_mask", 7, &["batch", "pieces"]),
        value("emissions", 1, &["batch", "pieces", "5"]),
    ];
    assert_eq!(file.values, expected);
    assert_eq!(file.versions, [8, 17]);
    let metadata = |key: &str| -> Value {
        serde_json::from_str(&file.metadata[&format!("gleaner.{key}")]).unwrap()
    };
    assert_eq!(metadata("labels"), json!(["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]));
    let crf = source.network.crf();
    let row: Vec<f32> = serde_json::from_value(metadata("transitions")[3].clone()).unwrap();
    assert_eq!(row, crf.transitions[15..20]);
    let start: Vec<f32> = serde_json::from_value(metadata("start")).unwrap();
    let end: Vec<f32> = serde_json::from_value(metadata("end")).unwrap();
    assert_eq!((start, end), (crf.start, crf.end));
    let decoding = metadata("decoding");
    assert_eq!((&decoding["temperature"], &decoding["frame"]), (&json!(1.5), &json!([2, 3])));
    assert_eq!((&decoding["piece_labels"], &decoding["max_pieces"]), (&json!("all"), &json!(20)));
    assert!(!decoded(&sample(HeadKind::Linear)).metadata.contains_key("gleaner.start"));
}

#[test]
fn weights_keep_their_names_and_nodes_their_order() {
    let file = decoded(&sample(HeadKind::BilstmCrf));
    let shape = |name: &str| &file.arrays[name].shape[..];
    assert_eq!(shape("bert.embeddings.word_embeddings.weight"), [1500, 64]);
    // In the order of a product with rows of pieces.
    assert_eq!(shape("bert.encoder.layer.2.intermediate.dense.weight"), [64, 256]);
    assert_eq!(shape("lstm.weight_ih_l0"), [2, 20, 64]);
    assert_eq!(shape("lstm.weight_hh_l1"), [2, 20, 5]);
    assert_eq!(shape("lstm.bias_l1"), [2, 40]);
    assert_eq!(shape("fc.weight"), [10, 5]);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known: Vec<&str> = file.arrays.keys().map(String::as_str).collect();
    known.extend(["input_ids", "attention_mask"]);
    for node in &file.nodes {
        *counts.entry(&node.operator).or_default() += 1;
        assert!(node.inputs.iter().all(|input| known.contains(&input.as_str())), "{node:?}");
        assert!(!known.contains(&node.output.as_str()), "{node:?}");
        known.push(&node.output);
    }
    let count = |operator: &str| counts[operator];
    // Three layers: six linear layers, two products of attention, two normalisations.
    assert_eq!((count("MatMul"), count("Softmax"), count("Erf")), (3 * 8 + 1, 3, 3));
    assert_eq!((count("LayerNormalization"), count("LSTM"), count("Gather")), (7, 2, 1));
}
