//! The tiny BERT-BiLSTM-CRF against values that PyTorch and pytorch-crf computed.

use gleaner_nn::{
    Batch, Compute, Engine, Grads, Group, Packed, Params,
    crf::Crf,
    encoder::EncoderConfig,
    network::{HeadConfig, HeadKind, Network},
    optim::{Adam, AdamConfig, OptimizerKind},
    weights::{self, NamedTensor, WeightFile},
};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc};

/// Both engines on the processor, and the composite one on every other device.
fn engines() -> impl Iterator<Item = (Compute, Engine)> {
    let others = Compute::all().into_iter().map(|compute| (compute, Engine::Composite));
    std::iter::once((Compute::cpu(), Engine::Fused)).chain(others)
}

/// A tolerance of relative errors; GPUs take short cuts in functions.
fn tolerance(compute: &Compute) -> f64 {
    if compute.is_cpu() { 1e-4 } else { 1e-3 }
}

fn oracles() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/oracles")
}

struct Oracle {
    file: WeightFile,
    json: Value,
}

impl Oracle {
    fn open() -> Self {
        let json = std::fs::read_to_string(oracles().join("tiny_bert_bilstm_crf.json")).unwrap();
        let file = WeightFile::open(&oracles().join("tiny_bert_bilstm_crf.safetensors")).unwrap();
        Self { file, json: serde_json::from_str(&json).unwrap() }
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        self.file.read(name, self.file.shape(name).unwrap()).unwrap()
    }

    fn lengths(&self, name: &str) -> Vec<usize> {
        self.json[name].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
    }

    fn paths(&self, name: &str) -> Vec<Vec<u16>> {
        serde_json::from_value(self.json[name].clone()).unwrap()
    }

    /// Integer tensors are read from the raw file, which our reader refuses by design.
    fn integers(&self, name: &str) -> Vec<u32> {
        let bytes = std::fs::read(oracles().join("tiny_bert_bilstm_crf.safetensors")).unwrap();
        let all = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let data = all.tensor(name).unwrap().data().to_vec();
        data.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b) as u32).collect()
    }

    /// The parameters as a saved model, every row of the embeddings active.
    fn network(&self, compute: Compute, engine: Engine) -> Network {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let tensors: Vec<NamedTensor> = self
            .file
            .names()
            .filter_map(|n| n.strip_prefix("param."))
            .map(|n| {
                let full = format!("param.{n}");
                NamedTensor::new(n, self.file.shape(&full).unwrap(), move || self.floats(&full))
            })
            .collect();
        weights::write(&path, &tensors).unwrap();
        let config = self.json["config"].to_string();
        let encoder = EncoderConfig::parse(&path, &config).unwrap();
        let head = HeadConfig {
            kind: HeadKind::BilstmCrf,
            tags: 7,
            lstm_units: 16,
            lstm_layers: 2,
            lstm_dropout: 0.0,
            rules: None,
        };
        let file = Arc::new(WeightFile::open(&path).unwrap());
        let mut network = Network::saved(encoder, head, file, compute).unwrap();
        network = network.with_engine(engine);
        network.activate(&(0..120).collect::<Vec<_>>()).unwrap();
        network
    }

    /// The batch: every piece is a unit.
    fn batch(&self) -> Batch {
        let (ids, tags) = (self.integers("in.ids"), self.integers("in.tags"));
        let rows: Vec<(usize, usize)> =
            self.lengths("lengths").into_iter().enumerate().map(|(i, n)| (i * 11, n)).collect();
        let packed = Packed::new(rows.iter().map(|&(at, n)| &ids[at..at + n]));
        let tags =
            rows.iter().flat_map(|&(at, n)| tags[at..at + n].iter().map(|&t| t as u16)).collect();
        Batch {
            units: (0..packed.pieces() as u32).collect(),
            unit_offsets: packed.offsets.clone(),
            packed,
            tags,
        }
    }

    /// The real positions of a padded tensor `[3, 11, width]`.
    fn unpadded(&self, name: &str, width: usize) -> Vec<f32> {
        let all = self.floats(name);
        let rows = self.lengths("lengths").into_iter().enumerate();
        rows.flat_map(|(i, n)| all[i * 11 * width..(i * 11 + n) * width].to_vec()).collect()
    }
}

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let d: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    norm(&d)
}

fn relative(a: &[f32], b: &[f32]) -> f64 {
    distance(a, b) / norm(b).max(1e-12)
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn forward_values_and_loss_agree() {
    engines().for_each(|(compute, engine)| forward_agrees(compute, engine));
}

fn forward_agrees(compute: Compute, engine: Engine) {
    let o = Oracle::open();
    let (tolerance, batch) = (tolerance(&compute), o.batch());
    let network = o.network(compute, engine);
    let hidden = network.hidden(&batch.packed).unwrap();
    assert!(relative(&hidden, &o.unpadded("packed.hidden", 32)) < tolerance);
    let emissions = network.emissions(&batch).unwrap();
    assert!(relative(&emissions, &o.unpadded("packed.emissions", 7)) < tolerance);
    let crf = network.crf();
    let mut marginals = Vec::new();
    for (i, w) in batch.unit_offsets.windows(2).enumerate() {
        let (e, tags) = (&emissions[w[0] * 7..w[1] * 7], &batch.tags[w[0]..w[1]]);
        let lattice = crf.lattice(e);
        let likelihood = f64::from(o.floats("packed.log_likelihood")[i]);
        let partition = f64::from(o.floats("packed.log_partition")[i]);
        assert!((lattice.log_likelihood(tags) / likelihood - 1.0).abs() < tolerance);
        assert!((lattice.log_partition() / partition - 1.0).abs() < tolerance);
        assert_eq!(crf.best(e), o.paths("packed.viterbi")[i]);
        marginals.extend(lattice.marginals().into_iter().map(|m| m as f32));
    }
    assert!(relative(&marginals, &o.unpadded("packed.marginals", 7)) < tolerance);
    let mut grads = Grads::zeros(&network.params);
    let pass = network.train_pass(&batch, 1.0 / 3.0, None, &mut grads).unwrap();
    let loss = pass.losses.iter().sum::<f64>() / 3.0;
    assert!((loss / f64::from(o.floats("packed.loss")[0]) - 1.0).abs() < tolerance);
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn every_gradient_agrees() {
    engines().for_each(|(compute, engine)| gradients_agree(compute, engine));
}

fn gradients_agree(compute: Compute, engine: Engine) {
    let o = Oracle::open();
    let tolerance = tolerance(&compute);
    let network = o.network(compute, engine);
    let mut grads = Grads::zeros(&network.params);
    network.train_pass(&o.batch(), 1.0 / 3.0, None, &mut grads).unwrap();
    let names: Vec<&str> = o.file.names().filter_map(|n| n.strip_prefix("packed.grad.")).collect();
    assert_eq!(names.len(), network.params.ids().count());
    let largest =
        names.iter().map(|n| norm(&o.floats(&format!("packed.grad.{n}")))).fold(0.0, f64::max);
    for name in names {
        let expected = o.floats(&format!("packed.grad.{name}"));
        let found = grads.get(network.params.find(name).expect(name));
        let error = distance(&found, &expected) / norm(&expected).max(1e-6 * largest);
        assert!(error < tolerance, "{name}: {error}");
    }
}

/// Five steps on one batch with the learning rates of the study times `factor`.
fn trajectory(
    o: &Oracle,
    (compute, engine): (Compute, Engine),
    kind: OptimizerKind,
    decay: f64,
    factor: f64,
) -> (Network, Vec<f64>) {
    let (mut network, batch) = (o.network(compute, engine), o.batch());
    let mut adam = Adam::new(AdamConfig::new(kind, decay), &network.params);
    let mut losses = Vec::new();
    for _ in 0..5 {
        let mut grads = Grads::zeros(&network.params);
        let pass = network.train_pass(&batch, 1.0 / 3.0, None, &mut grads).unwrap();
        losses.push(pass.losses.iter().sum::<f64>() / 3.0);
        adam.step(&mut network.params, &grads, 1.0, |group| match group {
            Group::Encoder => Some(3e-5 * factor),
            Group::Lstm => Some(5e-3 * factor),
            Group::Crf => Some(5e-5 * factor),
            Group::Linear => (kind == OptimizerKind::Adamw).then_some(1e-3 * factor),
        });
    }
    (network, losses)
}

fn displacement(params: &Params, name: &str, start: &[f32]) -> Vec<f32> {
    let now = params.values(params.find(name).expect(name));
    now.iter().zip(start).map(|(a, b)| a - b).collect()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn optimiser_trajectories_agree() {
    engines().for_each(|(compute, engine)| trajectories_agree(compute, engine));
}

fn trajectories_agree(compute: Compute, engine: Engine) {
    let o = Oracle::open();
    // Steps of 0.5 saturate the LSTM: from there on the last trajectory multiplies rounding. In single
    // tensors, the same model in PyTorch in double precision ends 6e-3 away from these reference values,
    // and PyTorch in single precision on another processor 2e-3.
    let strong = match engine {
        Engine::Fused => (1e-3, 1e-2),
        Engine::Composite if compute.is_cpu() => (2e-3, 1e-2),
        Engine::Composite => (5e-3, 3e-2),
    };
    let tight = if compute.is_cpu() { 1e-5 } else { 1e-3 };
    // Tolerances of the displacement of all parameters together, and of each by itself.
    for (label, kind, decay, factor, (of_all, of_each)) in [
        ("adam_l2", OptimizerKind::Adam, 0.02, 1.0, (tight, 1e-3)),
        ("adamw", OptimizerKind::Adamw, 0.01, 1.0, (tight, 1e-3)),
        ("adam_l2_strong", OptimizerKind::Adam, 0.5, 100.0, (tight, 1e-3)),
        ("adamw_strong", OptimizerKind::Adamw, 0.5, 100.0, strong),
    ] {
        let (network, losses) = trajectory(&o, (compute.clone(), engine), kind, decay, factor);
        for (ours, theirs) in
            losses.iter().zip(o.json[format!("{label}.losses")].as_array().unwrap())
        {
            assert!((ours / theirs.as_f64().unwrap() - 1.0).abs() < 1e-3, "{label}: {losses:?}");
        }
        let prefix = format!("{label}.after5.");
        let names: Vec<&str> = o.file.names().filter_map(|n| n.strip_prefix(&prefix)).collect();
        assert_eq!(names.len(), network.params.ids().count());
        let moves = |name: &str| -> (Vec<f32>, Vec<f32>) {
            let start = o.floats(&format!("param.{name}"));
            let end = o.floats(&format!("{prefix}{name}"));
            let expected = end.iter().zip(&start).map(|(a, b)| a - b).collect();
            (displacement(&network.params, name, &start), expected)
        };
        let largest = names.iter().map(|n| norm(&moves(n).1)).fold(0.0, f64::max);
        let gradient = |n: &&str| norm(&o.floats(&format!("packed.grad.{n}")));
        let largest_gradient = names.iter().map(gradient).fold(0.0, f64::max);
        let (mut squares, mut all) = (0.0, 0.0);
        for name in names {
            // A key's bias cancels in the softmax, so its gradient is zero up to rounding, and
            // Adam scales rounding to full steps: no two programs agree there.
            if name.ends_with("key.bias") {
                assert!(norm(&o.floats(&format!("packed.grad.{name}"))) < 1e-6 * largest_gradient);
                continue;
            }
            let (found, expected) = moves(name);
            let error = distance(&found, &expected) / norm(&expected).max(1e-6 * largest);
            assert!(error < of_each, "{label} {name}: {error:.1e} of {:.1e}", norm(&expected));
            squares += distance(&found, &expected).powi(2);
            all += norm(&expected).powi(2);
        }
        let error = (squares / all).sqrt();
        assert!(error < of_all, "{compute} {engine:?} {label}: {error:.1e}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn the_crf_alone_agrees() {
    let o = Oracle::open();
    let mut crf = Crf::zeros(7);
    crf.start = o.floats("crf.param.start_transitions");
    crf.end = o.floats("crf.param.end_transitions");
    crf.transitions = o.floats("crf.param.transitions");
    let (emissions, tags) = (o.floats("crf.emissions"), o.integers("crf.tags"));
    let likelihoods = o.floats("crf.log_likelihood");
    let paths = o.paths("crf.viterbi");
    for (i, n) in o.lengths("crf.lengths").into_iter().enumerate() {
        let e = &emissions[i * 12 * 7..(i * 12 + n) * 7];
        let y: Vec<u16> = tags[i * 12..i * 12 + n].iter().map(|&t| t as u16).collect();
        let ours = crf.lattice(e).log_likelihood(&y);
        assert!((ours / f64::from(likelihoods[i]) - 1.0).abs() < 1e-4, "{ours}");
        assert_eq!(crf.best(e), paths[i]);
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn hidden_states_of_a_real_encoder_agree() {
    let folder = oracles().join("../models/multilingual-e5-small-trim");
    let config = EncoderConfig::read(&folder.join("config.json")).unwrap();
    let file = Arc::new(WeightFile::open(&folder.join("model.safetensors")).unwrap());
    let head = HeadConfig {
        kind: HeadKind::Linear,
        tags: 1,
        lstm_units: 1,
        lstm_layers: 1,
        lstm_dropout: 0.0,
        rules: None,
    };
    let inputs: Value = serde_json::from_str(
        &std::fs::read_to_string(oracles().join("encoder_inputs.json")).unwrap(),
    )
    .unwrap();
    let ids: Vec<Vec<u32>> = inputs
        .as_array()
        .unwrap()
        .iter()
        .map(|s| serde_json::from_value(s["input_ids"].clone()).unwrap())
        .collect();
    let expected = WeightFile::open(&oracles().join("encoder_hidden.safetensors")).unwrap();
    for (compute, engine) in engines() {
        let (config, head, file) = (config.clone(), head.clone(), file.clone());
        let network = Network::on_encoder(config, head, file, 1, compute.clone()).unwrap();
        let network = network.with_engine(engine);
        let together = network.hidden(&Packed::new(ids.iter().map(Vec::as_slice))).unwrap();
        let mut at = 0;
        for (i, sentence) in ids.iter().enumerate() {
            let wanted = expected.read(&format!("hidden.{i}"), &[sentence.len(), 384]).unwrap();
            let found = &together[at * 384..(at + sentence.len()) * 384];
            at += sentence.len();
            let error = relative(found, &wanted);
            assert!(error < 1e-3, "{compute}, {engine:?}, sentence {i}: {error}");
        }
    }
}
