//! Tests of masked-language modelling: losses, gradients and files against reference values of transformers, and
//! consistency between passes.

use gleaner_nn::{
    Grads, Group, Packed,
    encoder::EncoderConfig,
    masked::{Masked, MaskedLm},
    optim::{Adam, AdamConfig, OptimizerKind},
    rng::Stream,
    weights::{self, NamedTensor, WeightFile},
};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

const FAMILIES: [&str; 5] = ["bert", "roberta", "electra", "distilbert", "modernbert"];

/// Number of pieces of the reference models' vocabularies.
const VOCABULARY: u32 = 50;

#[derive(Deserialize)]
struct Described {
    config: serde_json::Value,
    class: String,
    sequences: Vec<Sequence>,
}

#[derive(Deserialize)]
struct Sequence {
    ids: Vec<u32>,
    places: Vec<u32>,
    hidden: Vec<u32>,
}

/// Reference values of one model.
struct Oracle {
    described: Described,
    file: WeightFile,
}

/// The path of a file of reference values, described in `oracles/README.md`.
fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles").join(name)
}

fn values(file: &WeightFile, name: &str) -> Vec<f32> {
    file.read(name, file.shape(name).expect(name)).unwrap()
}

impl Oracle {
    fn open(family: &str) -> Self {
        let json = std::fs::read(oracle(&format!("masked_{family}.json"))).unwrap();
        let file = WeightFile::open(&oracle(&format!("masked_{family}.safetensors"))).unwrap();
        Self { described: serde_json::from_slice(&json).unwrap(), file }
    }

    /// The names of the parameters that `keep` accepts, without `param.`.
    fn names(&self, keep: impl Fn(&str) -> bool) -> Vec<&str> {
        let names = self.file.names().filter_map(|name| name.strip_prefix("param."));
        names.filter(|name| keep(name)).collect()
    }

    /// The parameters that `keep` accepts as a file of weights.
    fn weights(&self, keep: impl Fn(&str) -> bool) -> Arc<WeightFile> {
        let tensors: Vec<NamedTensor> = self
            .names(keep)
            .into_iter()
            .map(|name| {
                let full = format!("param.{name}");
                let shape = self.file.shape(&full).unwrap().to_vec();
                NamedTensor::new(name, &shape, move || values(&self.file, &full))
            })
            .collect();
        let bytes = weights::encode(&tensors).unwrap();
        Arc::new(WeightFile::from_bytes("weights", &bytes).unwrap())
    }

    /// The model, with all pieces active.
    fn model(&self) -> MaskedLm {
        let mut model = self.model_of(|_| true);
        model.activate(&(0..VOCABULARY).collect::<Vec<_>>()).unwrap();
        model
    }

    fn model_of(&self, keep: impl Fn(&str) -> bool) -> MaskedLm {
        let text = self.described.config.to_string();
        let config = EncoderConfig::parse(Path::new("config.json"), &text).unwrap();
        MaskedLm::on_encoder(config, self.weights(keep), 1).unwrap()
    }

    fn batch(&self) -> Masked {
        let sequences = &self.described.sequences;
        let packed = Packed::new(sequences.iter().map(|s| s.ids.as_slice()));
        let offsets = packed.offsets().to_vec();
        let places = sequences.iter().zip(offsets);
        let places = places.flat_map(|(s, offset)| s.places.iter().map(move |p| p + offset as u32));
        let hidden = sequences.iter().flat_map(|s| &s.hidden).copied();
        Masked::new(packed, places.collect(), hidden.collect())
    }

    fn loss(&self) -> f64 {
        f64::from(values(&self.file, "loss")[0])
    }
}

/// Whether a tensor belongs to the encoder.
fn is_of_encoder(name: &str) -> bool {
    name.contains("embeddings")
        || name.contains("layer.")
        || name.contains("layers.")
        || name.contains("final_norm")
}

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

#[test]
fn losses_agree_with_transformers() {
    for family in FAMILIES {
        let o = Oracle::open(family);
        let loss = o.model().loss(&o.batch()).unwrap();
        assert!((loss / o.loss() - 1.0).abs() < 1e-5, "{family}: {loss} {}", o.loss());
    }
}

#[test]
fn every_gradient_agrees_with_transformers() {
    for family in FAMILIES {
        let o = Oracle::open(family);
        let model = o.model();
        let mut grads = Grads::zeros(&model.params);
        let loss = model.train_pass(&o.batch(), 1.0, None, &mut grads).unwrap();
        assert!((loss / o.loss() - 1.0).abs() < 1e-5, "{family}: {loss}");
        let names: Vec<&str> =
            o.file.names().filter_map(|name| name.strip_prefix("grad.")).collect();
        let expected = |name: &str| values(&o.file, &format!("grad.{name}"));
        let largest = names.iter().map(|name| norm(&expected(name))).fold(0.0, f64::max);
        assert!(largest > 0.0);
        for name in &names {
            let id = model.params.find(name).unwrap_or_else(|| panic!("{family}: no {name}"));
            let (found, expected) = (grads.get(id), expected(name));
            // A key's bias adds the same to all scores of a query, so its gradient is zero but for rounding.
            let least = if name.ends_with("key.bias") { 1e-4 } else { 1e-6 };
            let error = distance(&found, &expected) / norm(&expected).max(least * largest);
            assert!(error < 1e-4, "{family} {name}: {error:.1e}");
        }
        let trained = model.params.ids().filter(|&id| !model.params.is_frozen(id)).count();
        assert_eq!(trained, names.len(), "{family}");
    }
}

#[test]
fn scores_in_parts_give_the_same_loss_and_gradients() {
    let o = Oracle::open("bert");
    let (whole, batch) = (o.model(), o.batch());
    let hidden = batch.hidden().len();
    assert!(hidden > 8);
    let pass = |model: &MaskedLm| {
        let mut grads = Grads::zeros(&model.params);
        let loss = model.train_pass(&batch, 0.5, Some(Stream::new(3)), &mut grads).unwrap();
        (loss, grads)
    };
    let (loss, grads) = pass(&whole);
    // Room for the scores of 3 pieces, and for those of none.
    for (most, at_a_time) in [(3 * 50 + 7, 3), (0, 1)] {
        let parts = o.model().with_scores(most);
        assert!(parts.scores_at_a_time(hidden) <= 50 * at_a_time);
        let (found, in_parts) = pass(&parts);
        assert!((found / loss - 1.0).abs() < 1e-6, "{found} {loss}");
        for id in whole.params.ids() {
            let (a, b) = (in_parts.get(id), grads.get(id));
            assert!(distance(&a, &b) <= 1e-5 * norm(&b) + 1e-7, "{}", whole.params.name(id));
        }
    }
}

#[test]
fn the_head_alone_has_the_gradients_that_it_has_with_the_encoder() {
    let o = Oracle::open("roberta");
    let (model, batch) = (o.model(), o.batch());
    let mut all = Grads::zeros(&model.params);
    model.train_pass(&batch, 1.0, None, &mut all).unwrap();
    let mut of_head = Grads::zeros(&model.params);
    let loss = model.train_head_pass(&batch, 1.0, &mut of_head).unwrap();
    assert_eq!(loss, model.loss(&batch).unwrap());
    for id in model.params.ids() {
        let name = model.params.name(id);
        match model.params.group(id) {
            Group::Linear => assert_eq!(of_head.get(id), all.get(id), "{name}"),
            _ => assert!(of_head.get(id).iter().all(|&g| g == 0.0), "{name}"),
        }
    }
}

#[test]
fn only_active_pieces_have_scores() {
    let o = Oracle::open("bert");
    let batch = o.batch();
    let mut few = o.model_of(|_| true);
    let mut active: Vec<u32> = batch.packed().ids().iter().chain(batch.hidden()).copied().collect();
    active.sort_unstable();
    active.dedup();
    assert!(active.len() < 45);
    few.activate(&active).unwrap();
    let (all, few) = (o.model().loss(&batch).unwrap(), few.loss(&batch).unwrap());
    assert!(few < all, "{few} {all}");
}

#[test]
fn a_saved_model_has_the_names_of_transformers_and_untrained_values_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for family in FAMILIES {
        let o = Oracle::open(family);
        let mut model = o.model_of(|_| true);
        model.activate(&[2, 7, 30]).unwrap();
        assert!(!model.has_new_head());
        assert_eq!(model.transformers_class(), o.described.class);
        let path = folder.path().join(format!("{family}.safetensors"));
        model.save(&path).unwrap();
        let saved = WeightFile::open(&path).unwrap();
        let names = o.names(|_| true);
        assert_eq!(saved.names().collect::<Vec<_>>(), names, "{family}");
        for name in names {
            let expected = values(&o.file, &format!("param.{name}"));
            assert_eq!(values(&saved, name), expected, "{family} {name}");
        }
    }
}

#[test]
fn trained_rows_and_biases_are_saved_at_their_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let o = Oracle::open("bert");
    let mut model = o.model_of(|_| true);
    model.activate(&[2, 7, 30]).unwrap();
    let bias = model.params.find("cls.predictions.bias").unwrap();
    let words = model.params.find("bert.embeddings.word_embeddings.weight").unwrap();
    model.params.update(bias, |values| values[1] = 5.0);
    model.params.update(words, |values| values[12] = 6.0);
    let path = folder.path().join("model.safetensors");
    model.save(&path).unwrap();
    let saved = WeightFile::open(&path).unwrap();
    let mut expected = values(&o.file, "param.cls.predictions.bias");
    expected[7] = 5.0;
    assert_eq!(values(&saved, "cls.predictions.bias"), expected);
    let mut expected = values(&o.file, "param.bert.embeddings.word_embeddings.weight");
    expected[7 * 12] = 6.0;
    assert_eq!(values(&saved, "bert.embeddings.word_embeddings.weight"), expected);
}

#[test]
fn added_pieces_start_as_the_mean_of_their_parts_and_are_trained_and_saved() {
    const WORDS: &str = "bert.embeddings.word_embeddings.weight";
    let folder = tempfile::tempdir().unwrap();
    let o = Oracle::open("bert");
    let old_words = values(&o.file, &format!("param.{WORDS}"));
    let old_bias = values(&o.file, "param.cls.predictions.bias");
    let width = old_words.len() / VOCABULARY as usize;
    // The last two rows of the file belong to no piece.
    for (first, rows) in [(50, 53), (48, 51), (40, 50)] {
        let mut model = o.model_of(|_| true);
        let parts = [vec![7, 30], vec![2], vec![7, 7, 30]];
        assert_eq!(model.add_pieces(first, &parts).unwrap(), rows);
        assert_eq!(model.encoder_config().vocab_size, rows);
        model.activate(&[2, 7, first as u32, first as u32 + 2]).unwrap();
        let words = model.params.find(WORDS).unwrap();
        model.params.update(words, |values| values[3 * width] = 6.0);
        let path = folder.path().join("model.safetensors");
        model.save(&path).unwrap();

        let (mut words, mut bias) = (old_words.clone(), old_bias.clone());
        words.resize(rows * width, 0.0);
        bias.resize(rows, 0.0);
        for (id, parts) in (first..).zip(&parts) {
            let mean = |of: &dyn Fn(usize) -> f32| {
                parts.iter().map(|&part| of(part as usize)).sum::<f32>() / parts.len() as f32
            };
            bias[id] = mean(&|part| old_bias[part]);
            for at in 0..width {
                words[id * width + at] = mean(&|part| old_words[part * width + at]);
            }
        }
        words[(first + 2) * width] = 6.0; // trained
        let saved = WeightFile::open(&path).unwrap();
        assert_eq!(saved.shape(WORDS), Some(&[rows, width][..]));
        assert!(distance(&values(&saved, WORDS), &words) < 1e-5);
        assert!(distance(&values(&saved, "cls.predictions.bias"), &bias) < 1e-5);
        // The file is an encoder of the new size.
        let mut config = o.described.config.clone();
        config["vocab_size"] = rows.into();
        let config = EncoderConfig::parse(Path::new("config.json"), &config.to_string()).unwrap();
        MaskedLm::on_encoder(config, Arc::new(saved), 1).unwrap();
    }
}

#[test]
fn an_encoder_without_a_head_gets_a_new_one_that_learns() {
    for family in FAMILIES {
        let o = Oracle::open(family);
        let mut model = o.model_of(is_of_encoder);
        assert!(model.has_new_head(), "{family}");
        model.activate(&(0..VOCABULARY).collect::<Vec<_>>()).unwrap();
        let batch = o.batch();
        let first = model.loss(&batch).unwrap();
        let mut adam = Adam::new(AdamConfig::new(OptimizerKind::Adamw, 0.0), &model.params);
        let mut grads = Grads::zeros(&model.params);
        for _ in 0..20 {
            grads.clear();
            model.train_head_pass(&batch, 1.0, &mut grads).unwrap();
            let rate = |group| (group == Group::Linear).then_some(5e-2);
            adam.step(&mut model.params, &grads, 1.0, rate);
        }
        let last = model.loss(&batch).unwrap();
        assert!(last < 0.9 * first, "{family}: {first} {last}");
    }
}

#[test]
fn a_batch_without_hidden_pieces_has_no_loss_and_no_gradient() {
    let o = Oracle::open("bert");
    let model = o.model();
    let batch = Masked::new(Packed::new([&[5, 6, 7][..]]), Vec::new(), Vec::new());
    let mut grads = Grads::zeros(&model.params);
    assert_eq!(model.train_pass(&batch, 1.0, None, &mut grads).unwrap(), 0.0);
    assert_eq!(model.train_head_pass(&batch, 1.0, &mut grads).unwrap(), 0.0);
    for id in model.params.ids() {
        assert!(grads.get(id).iter().all(|&g| g == 0.0), "{}", model.params.name(id));
    }
}
