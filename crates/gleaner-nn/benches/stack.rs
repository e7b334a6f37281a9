//! Forward and backward passes of whole encoders beside the matrix products they are made of.
//!
//! `cargo bench -p gleaner-nn --bench stack [-- small|base]` prints the median time of a pass, its
//! arithmetic (6 × weights in matrix products × pieces, and attention), and that speed as a share of
//! what the same matrix products reach alone, one after the other, on memory already touched.

use gleaner_nn::{
    Engine, Grads, encoder::EncoderConfig, kernels::matmul, network::HeadKind, rng::Stream,
};
use std::time::Instant;
use support::{VOCABULARY, batch, config, network};

#[path = "../tests/support/network.rs"]
mod support;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    println!("threads: {}", rayon::current_num_threads());
    for (name, hidden, heads) in [("small", 384, 12), ("base", 768, 12)] {
        if chosen.is_empty() || chosen.iter().any(|c| c == name) {
            size(name, hidden, heads);
        }
    }
}

fn size(name: &str, hidden: usize, heads: usize) {
    let config = config(hidden, heads, 4 * hidden, 12, "");
    let mut network = network(&config, 0.04, HeadKind::Crf, 1);
    network.activate(&(0..VOCABULARY as u32).collect::<Vec<_>>()).expect("rows are there");
    let dense = vec![32; 32];
    // As sentences of web text come: most short, few long.
    let ragged: Vec<usize> =
        (0..32).map(|i| 4 + i * i % 29 / 2 + 40 * usize::from(i == 7)).collect();
    for (kind, lengths, engine) in [
        ("dense", &dense, Engine::Fused),
        ("ragged", &ragged, Engine::Fused),
        ("dense", &dense, Engine::Composite),
    ] {
        network = network.with_engine(engine);
        let batch = batch(lengths);
        let pieces = batch.packed.pieces();
        let mut grads = Grads::zeros(&network.params);
        let dropout = Some(Stream::new(1));
        let runs = if engine == Engine::Fused { 7 } else { 3 };
        let train = median(runs, || {
            network.train_pass(&batch, 1.0, dropout, &mut grads).expect("rows are there");
        });
        let infer = median(runs, || drop(network.hidden(&batch.packed).expect("rows are there")));
        let squares: usize = lengths.iter().map(|n| n * n).sum();
        let flops = (6 * config.matrix_parameters() * pieces
            + 12 * config.num_hidden_layers * hidden * squares) as f64;
        let ceiling = matrix_speed(&config, pieces);
        println!(
            "{name} {kind:6} {engine:?}: {pieces} pieces, training pass {:.0} ms, {:.0} GFLOP/s, {:.0} % of {:.0}; \
             inference {:.0} ms, {:.0} GFLOP/s",
            train * 1e3,
            flops / train / 1e9,
            flops / train / ceiling * 100.0,
            ceiling / 1e9,
            infer * 1e3,
            flops / 3.0 / infer / 1e9,
        );
    }
}

/// Operations a second of one layer's matrix products, forward and backward.
fn matrix_speed(config: &EncoderConfig, pieces: usize) -> f64 {
    let (h, f) = (config.hidden_size, config.intermediate_size);
    let shapes = [(h, h), (h, h), (h, h), (h, h), (h, f), (f, h)];
    let mut buffers: Vec<[Vec<f32>; 5]> = shapes
        .iter()
        .map(|&(i, o)| [pieces * i, pieces * i, pieces * o, i * o, i * o].map(|n| vec![0.5; n]))
        .collect();
    let time = median(9, || {
        for (&(i, o), [x, dx, y, w, dw]) in shapes.iter().zip(&mut buffers) {
            let weight = matmul::rows(w, i);
            matmul::multiply(matmul::rows_mut(y, o), matmul::rows(x, i), weight.transpose());
            matmul::multiply(matmul::rows_mut(dx, i), matmul::rows(y, o), weight);
            let (y, x) = (matmul::rows(y, o).transpose(), matmul::rows(x, i));
            matmul::multiply_add(matmul::rows_mut(dw, i), y, x);
        }
    });
    (6 * config.matrix_parameters() / config.num_hidden_layers * pieces) as f64 / time
}

/// The median of the times of `runs` calls after a first one, in seconds.
fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[runs / 2]
}
