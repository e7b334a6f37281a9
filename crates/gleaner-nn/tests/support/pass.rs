//! Networks that train all word embeddings, and training passes with their results.

#![allow(dead_code)] // not every test uses all items

use crate::support::{VOCABULARY, config, deberta, modernbert, network_on};
use gleaner_nn::{
    Batch, Compute, Grads,
    encoder::EncoderConfig,
    network::{HeadKind, Network},
    rng::Stream,
};

pub const DROPOUT: &str = r#", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.3"#;

pub fn active(config: &EncoderConfig) -> Network {
    active_on(Compute::cpu(), config)
}

pub fn active_on(compute: Compute, config: &EncoderConfig) -> Network {
    let mut network = network_on(compute, config, 0.3, HeadKind::BilstmCrf, 20);
    network.activate(&(0..VOCABULARY as u32).collect::<Vec<_>>()).unwrap();
    network
}

/// Losses and gradients of one pass.
pub fn pass(network: &Network, batch: &Batch, dropout: Option<Stream>) -> (Vec<f64>, Grads) {
    let mut grads = Grads::zeros(&network.params);
    let pass = network.train_pass(batch, 0.5, dropout, &mut grads).unwrap();
    (pass.losses, grads)
}

pub fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

pub fn distance(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

/// Cases with unusual sizes: heads of 5 and 24 numbers, feed-forward layers of 28 and 100, sentences of one piece
/// and of almost the maximum length.
pub fn cases() -> Vec<(EncoderConfig, Vec<usize>)> {
    let roberta = format!(r#", "pad_token_id": 1 {DROPOUT}"#);
    let mut roberta = config(20, 4, 28, 2, &roberta);
    roberta.model_type = "xlm-roberta".into();
    let mut distilbert = config(20, 4, 28, 2, DROPOUT);
    distilbert.model_type = "distilbert".into();
    distilbert.type_vocab_size = 0;
    let mut electra = config(20, 4, 28, 2, DROPOUT);
    electra.model_type = "electra".into();
    electra.embedding_size = Some(12);
    vec![
        (config(20, 4, 28, 2, DROPOUT), vec![1, 7, 33, 2, 16, 1]),
        (config(48, 2, 100, 3, DROPOUT), vec![1]),
        (config(16, 1, 16, 1, DROPOUT), vec![511, 3]),
        (roberta, vec![5, 12]),
        (distilbert, vec![9, 1, 40]),
        (electra, vec![3, 35, 2]),
        (modernbert(24, 4, 28, 3), vec![3, 35, 1, 12]),
        (deberta(20, 4, 28, 2, DROPOUT), vec![3, 1, 35, 12]),
    ]
}
