//! Hidden states and gradients of families of encoders, and checkpoints of PyTorch, against reference values of
//! transformers.

use gleaner_nn::{
    Batch, Compute, Engine, Grads, Packed,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind, Network},
    weights::{self, NamedTensor, WeightFile},
};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// The path of a file of reference values, described in `oracles/README.md`.
fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles").join(name)
}

#[derive(Deserialize)]
struct Described {
    config: serde_json::Value,
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    ids: Vec<u32>,
    tags: Vec<u16>,
}

fn values(file: &WeightFile, name: &str) -> Vec<f32> {
    file.read(name, file.shape(name).expect(name)).unwrap()
}

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

/// The fused engine on the CPU, and the composite engine on every device, with their tolerances.
fn engines() -> impl Iterator<Item = (Compute, Engine, f64)> {
    let fused = std::iter::once((Compute::cpu(), Engine::Fused, 1e-4));
    #[cfg(feature = "composite")]
    let fused = fused.chain(Compute::all().into_iter().map(|c| {
        let tolerance = if c.is_cpu() { 1e-4 } else { 1e-3 };
        (c, Engine::Composite, tolerance)
    }));
    fused
}

/// The parameters of reference values as a file of weights.
fn parameters(file: &WeightFile, path: &Path) -> Arc<WeightFile> {
    let tensors: Vec<NamedTensor> = file
        .names()
        .filter_map(|name| Some((name, name.strip_prefix("param.")?)))
        .map(|(full, name)| {
            NamedTensor::new(name, file.shape(full).unwrap(), move || values(file, full))
        })
        .collect();
    weights::write(path, &tensors).unwrap();
    Arc::new(WeightFile::open(path).unwrap())
}

fn head() -> HeadConfig {
    HeadConfig {
        kind: HeadKind::Linear,
        tags: 7,
        lstm_units: 1,
        lstm_layers: 1,
        lstm_dropout: 0.0,
        rules: None,
    }
}

/// Compares the encoder of this `model_type` with the reference values of this name.
fn agrees(name: &str, model_type: &str) {
    let file = WeightFile::open(&oracle(&format!("{name}.safetensors"))).unwrap();
    let text = std::fs::read(oracle(&format!("{name}.json"))).unwrap();
    let Described { mut config, sentences } = serde_json::from_slice(&text).unwrap();
    config["model_type"] = model_type.into();
    let config = EncoderConfig::parse(Path::new("config.json"), &config.to_string()).unwrap();
    let packed = Packed::new(sentences.iter().map(|s| s.ids.as_slice()));
    let tags = sentences.into_iter().flat_map(|s| s.tags).collect();
    let batch = Batch::of_pieces(packed, tags);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let published = parameters(&file, &at("published.safetensors"));
    for (compute, engine, tolerance) in engines() {
        let network = |file: &Arc<WeightFile>| {
            let mut network =
                Network::saved(config.clone(), head(), Arc::clone(file), compute.clone()).unwrap();
            network.activate(&(0..config.vocab_size as u32).collect::<Vec<_>>()).unwrap();
            network.with_engine(engine)
        };
        let first = network(&published);
        first.save(&at("saved.safetensors")).unwrap();
        let saved = Arc::new(WeightFile::open(&at("saved.safetensors")).unwrap());
        has_published_names(&first, &published, &at("own.safetensors"));
        let hidden = values(&file, "hidden");
        for network in [&first, &network(&saved)] {
            let found = network.hidden(batch.packed()).unwrap();
            let error = distance(&found, &hidden) / norm(&hidden);
            assert!(error < tolerance, "{name} {engine:?}: {error:.1e}");
        }
        let mut grads = Grads::zeros(&first.params);
        let pass = first.train_pass(&batch, 1.0, None, &mut grads).unwrap();
        let loss = f64::from(values(&file, "loss")[0]);
        assert!((pass.losses.iter().sum::<f64>() / loss - 1.0).abs() < tolerance);
        let names: Vec<&str> = file.names().filter_map(|n| n.strip_prefix("grad.")).collect();
        let trained = first.params.ids().filter(|id| !first.params.is_frozen(*id));
        assert_eq!(names.len(), trained.count());
        let of = |name: &str| values(&file, &format!("grad.{name}"));
        let largest = names.iter().map(|name| norm(&of(name))).fold(0.0, f64::max);
        for parameter in names {
            let found = grads.get(first.params.find(parameter).expect(parameter));
            let expected = of(parameter);
            // A key bias adds the same to all scores of a query, so its gradient is zero but for rounding.
            let least = if parameter.ends_with("key.bias") { 1e-5 } else { 1e-6 };
            let error = distance(&found, &expected) / norm(&expected).max(least * largest);
            assert!(error < tolerance, "{name} {engine:?} {parameter}: {error:.1e}");
        }
    }
}

/// The encoder's tensors under their own names are those of the published file, value by value, without the layers
/// above the encoder.
fn has_published_names(network: &Network, published: &WeightFile, path: &Path) {
    let prefix = network.encoder_config().prefix();
    weights::write(path, &network.transformers_tensors(prefix)).unwrap();
    let own = WeightFile::open(path).unwrap();
    let names: Vec<&str> = own.names().filter(|n| !n.starts_with("classifier.")).collect();
    assert!(own.shape("classifier.weight").is_some() && own.shape("classifier.bias").is_some());
    assert!(names.iter().all(|name| name.starts_with(prefix)), "{names:?}");
    let bare = |name: &str| name.strip_prefix(prefix).unwrap_or(name).to_owned();
    let above = ["pooler.", "fc."];
    // Of its pre-training, DeBERTa has others that the encoder does not use.
    let unused = match prefix {
        "deberta." => {
            &["position_embeddings.", "._weight", "lm_predictions.", "mask_predictions."][..]
        }
        _ => &[],
    };
    let of_encoder = |name: &&str| !above.iter().chain(unused).any(|p| name.contains(p));
    let expected: Vec<String> = published.names().filter(of_encoder).map(bare).collect();
    assert_eq!(names.iter().map(|name| bare(name)).collect::<Vec<_>>(), expected);
    for name in names {
        let short = bare(name);
        let found = [name, short.as_str()].into_iter().find(|n| published.shape(n).is_some());
        assert_eq!(values(&own, name), values(published, found.expect(name)), "{name}");
    }
}

#[test]
fn distilbert_agrees() {
    agrees("distilbert", "distilbert");
}

#[test]
fn electra_with_narrow_embeddings_agrees() {
    agrees("electra", "electra");
}

/// LaBSE is a BERT with a pooler, which is left out.
#[test]
fn a_bert_with_a_pooler_agrees() {
    agrees("pooler", "bert");
}

#[test]
fn modernbert_agrees() {
    agrees("modernbert", "modernbert");
}

#[test]
fn deberta_agrees() {
    agrees("deberta", "deberta-v2");
}

#[test]
fn roberta_and_its_relatives_agree() {
    for model_type in ["roberta", "xlm-roberta", "camembert"] {
        agrees("roberta", model_type);
    }
}

#[test]
fn checkpoints_of_pytorch_hold_the_same_tensors() {
    let file = WeightFile::open(&oracle("electra.safetensors")).unwrap();
    for name in ["checkpoint.bin", "checkpoint-1.5.bin"] {
        let checkpoint = WeightFile::open(&oracle(name)).unwrap();
        let names: Vec<&str> = file.names().filter_map(|n| n.strip_prefix("param.")).collect();
        assert_eq!(checkpoint.names().collect::<Vec<_>>(), names);
        for tensor in names {
            assert_eq!(checkpoint.shape(tensor), file.shape(&format!("param.{tensor}")));
            assert_eq!(values(&checkpoint, tensor), values(&file, &format!("param.{tensor}")));
        }
    }
}
