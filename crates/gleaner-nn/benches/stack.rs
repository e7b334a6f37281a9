//! Times of forward and backward passes of whole encoders, and of training steps, compared with their matrix
//! products alone.
//!
//! `cargo bench -p gleaner-nn --bench stack [-- small|base]` prints the median time of a pass, its speed (6 ×
//! weights in matrix products × pieces, plus attention, per second), and that speed as a percentage of the speed
//! of the same matrix products alone, one after the other, in memory that was used before. A step is a pass with a
//! BiLSTM-CRF, gradient clipping and AdamW. Its parts are timed separately.

use gleaner_nn::{
    Engine, Grads, Precision,
    encoder::EncoderConfig,
    kernels::matmul::{self, Accumulate},
    network::HeadKind,
    optim::{Adam, AdamConfig, OptimizerKind, global_norm},
    rng::Stream,
};
use std::time::Instant;
use support::{VOCABULARY, batch, config, network};
use time::median;

#[path = "../tests/support/network.rs"]
mod support;
#[path = "support/time.rs"]
mod time;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    println!("threads: {}", rayon::current_num_threads());
    for (name, hidden, heads) in [("small", 384, 12), ("base", 768, 12)] {
        if chosen.is_empty() || chosen.iter().any(|c| c == name) {
            for precision in [Precision::F32, Precision::Bf16] {
                encoder(name, hidden, heads, precision);
                step(name, hidden, heads, precision);
            }
        }
    }
}

fn encoder(name: &str, hidden: usize, heads: usize, precision: Precision) {
    let config = config(hidden, heads, 4 * hidden, 12, "");
    let mut network = network(&config, 0.04, HeadKind::Crf, 1).with_precision(precision);
    network.activate(&(0..VOCABULARY as u32).collect::<Vec<_>>()).expect("rows are there");
    let dense = vec![32; 32];
    // Lengths like those of web text: most sentences are short, few are long.
    let ragged: Vec<usize> =
        (0..32).map(|i| 4 + i * i % 29 / 2 + 40 * usize::from(i == 7)).collect();
    for (kind, lengths, engine) in [
        ("dense", &dense, Engine::Fused),
        ("ragged", &ragged, Engine::Fused),
        #[cfg(feature = "composite")]
        ("dense", &dense, Engine::Composite),
    ] {
        if engine != Engine::Fused && precision != Precision::F32 {
            continue;
        }
        network = network.with_engine(engine);
        let batch = batch(lengths);
        let pieces = batch.packed().pieces();
        let mut grads = Grads::zeros(&network.params);
        let dropout = Some(Stream::new(1));
        let runs = if engine == Engine::Fused { 7 } else { 3 };
        let train = median(runs, || {
            network.train_pass(&batch, 1.0, dropout, &mut grads).expect("rows are there");
        });
        let infer = median(runs, || drop(network.hidden(batch.packed()).expect("rows are there")));
        let flops = operations(&config, lengths);
        let ceiling = matrix_speed(&config, pieces, precision);
        println!(
            "{name} {precision:?} {kind:6} {engine:?}: {pieces} pieces, training pass {:.0} ms, {:.0} GFLOP/s, {:.0} % of {:.0}; \
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

fn step(name: &str, hidden: usize, heads: usize, precision: Precision) {
    let config = config(hidden, heads, 4 * hidden, 12, r#", "hidden_dropout_prob": 0.1"#);
    let mut network = network(&config, 0.04, HeadKind::BilstmCrf, 128).with_precision(precision);
    network.activate(&(0..VOCABULARY as u32).collect::<Vec<_>>()).expect("rows are there");
    for lengths in [vec![32; 32], vec![19; 16]] {
        let batch = batch(&lengths);
        let pieces = batch.packed().pieces();
        let mut grads = Grads::zeros(&network.params);
        let mut adam = Adam::new(AdamConfig::new(OptimizerKind::Adamw, 0.01), &network.params);
        let dropout = Some(Stream::new(1));
        let mut parts = [const { Vec::new() }; 4];
        let mut lap = |part: usize, work: &mut dyn FnMut()| {
            let start = Instant::now();
            work();
            parts[part].push(start.elapsed().as_secs_f64());
        };
        for _ in 0..9 {
            lap(0, &mut || grads.clear());
            lap(1, &mut || {
                network.train_pass(&batch, 1.0, dropout, &mut grads).expect("rows are there");
            });
            lap(2, &mut || {
                global_norm(&network.params, &grads);
            });
            lap(3, &mut || adam.step(&mut network.params, &grads, 0.5, |_| Some(1e-6)));
        }
        let parts = parts.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2] * 1e3
        });
        let whole: f64 = parts.iter().sum();
        let hidden_only = 1e3
            * median(5, || {
                network.hidden(batch.packed()).expect("rows are there");
            });
        let emissions = 1e3
            * median(5, || {
                network.emissions(&batch).expect("rows are there");
            });
        let ceiling = matrix_speed(&config, pieces, precision);
        println!(
            "{name} {precision:?} step, {} x {}: {whole:.0} ms, {:.0} % of the ceiling, {:.0} pieces/s: clear {:.1}, pass {:.1}, \
             norm {:.1}, AdamW {:.1} ms; in use, encoder {hidden_only:.1}, with its head {emissions:.1} ms",
            lengths.len(),
            lengths[0],
            operations(&config, &lengths) / whole * 1e3 / ceiling * 100.0,
            pieces as f64 / whole * 1e3,
            parts[0],
            parts[1],
            parts[2],
            parts[3],
        );
    }
}

/// Number of operations of a forward and backward pass over sentences of these lengths.
fn operations(config: &EncoderConfig, lengths: &[usize]) -> f64 {
    let (pieces, squares) =
        (lengths.iter().sum::<usize>(), lengths.iter().map(|n| n * n).sum::<usize>());
    let attention = 12 * config.num_hidden_layers * config.hidden_size * squares;
    (6 * config.matrix_parameters() * pieces + attention) as f64
}

/// Operations per second of one layer's matrix products, forward and backward.
fn matrix_speed(config: &EncoderConfig, pieces: usize, precision: Precision) -> f64 {
    let (h, f) = (config.hidden_size, config.intermediate_size);
    let shapes = [(h, h), (h, h), (h, h), (h, h), (h, f), (f, h)];
    let mut buffers: Vec<[Vec<f32>; 5]> = shapes
        .iter()
        .map(|&(i, o)| [pieces * i, pieces * i, pieces * o, i * o, i * o].map(|n| vec![0.5; n]))
        .collect();
    let time = median(9, || {
        for (&(i, o), [x, dx, y, w, dw]) in shapes.iter().zip(&mut buffers) {
            let weight = matmul::rows(w, i);
            precision.multiply(y, Accumulate::Zero, matmul::rows(x, i), weight.transpose());
            precision.multiply(dx, Accumulate::Zero, matmul::rows(y, o), weight);
            let (y, x) = (matmul::rows(y, o).transpose(), matmul::rows(x, i));
            precision.multiply(dw, Accumulate::Zero, y, x);
        }
    });
    (6 * config.matrix_parameters() / config.num_hidden_layers * pieces) as f64 / time
}
