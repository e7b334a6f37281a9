//! Trains the tiny encoder on text from the grammars of the sample corpus.
//!
//! `cargo run --release -p gleaner-sample --example pretrain` writes `config.json`, `tokenizer.json` and
//! `model.safetensors` to `crates/gleaner-sample/encoder`. A number after `--` sets the number of epochs (default: 6);
//! with 0 the encoder is not trained.

mod bert;
mod masking;
mod vocabulary;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Instant;

use gleaner_nn::crf::{self, Supervision};
use gleaner_nn::encoder::EncoderConfig;
use gleaner_nn::network::{HeadConfig, HeadKind, Network};
use gleaner_nn::optim::{Adam, AdamConfig, OptimizerKind, clip_factor, global_norm};
use gleaner_nn::rng::Stream;
use gleaner_nn::weights::WeightFile;
use gleaner_nn::{Batch, Compute, Grads, NnError};
use tokenizers::Tokenizer;

const SEED: u64 = 1;
/// Number of training sentences.
const SENTENCES: usize = 40_000;
/// Number of held-out sentences.
const HELD_OUT: usize = 500;
/// Size of the vocabulary.
const VOCABULARY: usize = 1_500;
const EPOCHS: u64 = 6;
/// Sentences per step.
const BATCH: usize = 32;
/// The peak learning rate, after a twentieth of all steps.
const RATE: f64 = 4e-3;
const DECAY: f64 = 0.01;
/// Decay of the second moment, lower than usual because training is short.
const BETA2: f64 = 0.98;
const CLIP: f64 = 1.0;
/// Steps between lines of progress.
const REPORT: u64 = 250;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let epochs = std::env::args().nth(1).map_or(Ok(EPOCHS), |n| n.parse())?;
    let text: Vec<Vec<String>> =
        gleaner_sample::pretraining_text(SENTENCES + HELD_OUT, SEED).collect();
    let pieces = vocabulary::grow(&counts(&text[..SENTENCES]), VOCABULARY);
    let tokenizer_json = serde_json::to_string(&vocabulary::tokenizer_json(&pieces))?;
    let sentences = encode(&Tokenizer::from_str(&tokenizer_json)?, &text)?;
    let (training, held_out) = sentences.split_at(SENTENCES);
    println!(
        "{} pieces; {SENTENCES} sentences of {:.1} pieces",
        pieces.len(),
        training.iter().map(Vec::len).sum::<usize>() as f64 / SENTENCES as f64
    );

    let stream = Stream::new(SEED);
    let config_json = serde_json::to_string_pretty(&bert::config(pieces.len()))? + "\n";
    let start = bert::file(&bert::random(pieces.len(), stream.named("start")))?;
    let mut network = language_model(&config_json, &start)?;
    let held_out: Vec<Batch> = held_out
        .chunks(BATCH)
        .zip(0..)
        .map(|(chunk, i)| {
            let chunk: Vec<&[u32]> = chunk.iter().map(Vec::as_slice).collect();
            masking::batch(&chunk, pieces.len(), stream.named("held out").child(i))
        })
        .collect();
    println!("loss on held-out text before: {:.3}", loss(&network, &held_out)?);
    train(&mut network, training, epochs, stream)?;
    println!("loss on held-out text after: {:.3}", loss(&network, &held_out)?);

    let weights = bert::file(&encoder_tensors(&network))?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("encoder");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("config.json"), &config_json)?;
    std::fs::write(folder.join("tokenizer.json"), &tokenizer_json)?;
    std::fs::write(folder.join("model.safetensors"), &weights)?;
    let bytes = config_json.len() + tokenizer_json.len() + weights.len();
    println!("{} KiB in encoder/", bytes.div_ceil(1024));
    Ok(())
}

/// The number of occurrences of each word.
fn counts(text: &[Vec<String>]) -> BTreeMap<&str, i64> {
    let mut counts = BTreeMap::new();
    for word in text.iter().flatten() {
        *counts.entry(word.as_str()).or_default() += 1;
    }
    counts
}

/// The pieces of each sentence with `[CLS]` and `[SEP]`; words are tokenized one by one.
fn encode(tokenizer: &Tokenizer, text: &[Vec<String>]) -> tokenizers::Result<Vec<Vec<u32>>> {
    let frame = tokenizer.encode("", true)?.get_ids().to_vec();
    let sentence = |words: &Vec<String>| {
        let mut ids = vec![frame[0]];
        for word in words {
            ids.extend_from_slice(tokenizer.encode(word.as_str(), false)?.get_ids());
        }
        ids.push(frame[1]);
        Ok(ids)
    };
    text.iter().map(sentence).collect()
}

/// The encoder with a linear layer over the vocabulary.
fn language_model(config: &str, weights: &[u8]) -> Result<Network, NnError> {
    let config = EncoderConfig::parse(Path::new("config.json"), config)?;
    let vocabulary = config.vocab_size;
    let head = HeadConfig {
        kind: HeadKind::Linear,
        tags: vocabulary,
        lstm_units: 0,
        lstm_layers: 0,
        lstm_dropout: 0.0,
        rules: None,
    };
    let weights = Arc::new(WeightFile::from_bytes("start", weights)?);
    let mut network = Network::on_encoder(config, head, weights, SEED, Compute::cpu())?;
    network.activate(&(0..vocabulary as u32).collect::<Vec<_>>())?;
    Ok(network)
}

fn train(
    network: &mut Network,
    sentences: &[Vec<u32>],
    epochs: u64,
    stream: Stream,
) -> Result<(), NnError> {
    let vocabulary = network.tags();
    let total = epochs * sentences.len().div_ceil(BATCH) as u64;
    let config = AdamConfig { beta2: BETA2, ..AdamConfig::new(OptimizerKind::Adamw, DECAY) };
    let mut adam = Adam::new(config, &network.params);
    let mut grads = Grads::zeros(&network.params);
    let (began, mut step, mut sum) = (Instant::now(), 0, (0.0, 0));
    for epoch in 0..epochs {
        for chosen in masking::epoch(sentences, BATCH, stream.named("order").child(epoch)) {
            let chosen: Vec<&[u32]> = chosen.iter().map(|&at| sentences[at].as_slice()).collect();
            let batch = masking::batch(&chosen, vocabulary, stream.named("masks").child(step));
            let weight = 1.0 / batch.labelled().len().max(1) as f64;
            grads.clear();
            // No dropout: an encoder of this size underfits.
            let pass = network.train_pass(&batch, weight, None, &mut grads)?;
            let scale = clip_factor(global_norm(&network.params, &grads), CLIP);
            let rate = RATE * gleaner_nn::schedule::warmup_linear(step, total / 20, total);
            adam.step(&mut network.params, &grads, scale, |_| Some(rate));
            sum = (sum.0 + pass.losses.iter().sum::<f64>(), sum.1 + batch.labelled().len());
            step += 1;
            if step % REPORT == 0 || step == total {
                let mean = sum.0 / sum.1 as f64;
                println!(
                    "step {step:>5} of {total}: loss {mean:.3}, {:.0} s",
                    began.elapsed().as_secs_f64()
                );
                sum = (0.0, 0);
            }
        }
    }
    Ok(())
}

/// The mean negative log-likelihood of a masked piece.
fn loss(network: &Network, batches: &[Batch]) -> Result<f64, NnError> {
    let (mut sum, mut positions) = (0.0, 0);
    for batch in batches {
        let emissions = network.emissions(batch)?;
        let supervision = Supervision::of_tags(batch.tags(), batch.labelled_offsets());
        let tags = network.tags();
        let gradient =
            crf::softmax_gradient(tags, &emissions, &supervision, batch.labelled_offsets(), 1.0);
        sum += gradient.losses.iter().sum::<f64>();
        positions += batch.tags().len();
    }
    Ok(sum / positions as f64)
}

/// The tensors of the encoder, with Hugging Face's names without prefix.
fn encoder_tensors(network: &Network) -> Vec<bert::Named> {
    let params = &network.params;
    let tensor = |id| {
        let name = params.name(id).strip_prefix("bert.")?;
        Some((name.to_owned(), params.shape(id).to_vec(), params.values(id).into_owned()))
    };
    params.ids().filter_map(tensor).collect()
}
