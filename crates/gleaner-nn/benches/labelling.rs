//! Times of labelling a text with encoders of the usual sizes: with the parameters as they are, with weights packed
//! once, and with weights of 8 bits.
//!
//! `cargo bench -p gleaner-nn --bench labelling [-- small|base] [-- parameters|packed|int8]` prints the pieces per
//! second, the median of several runs that alternate, for several sizes of batches. The threads work on different
//! batches.

use gleaner_nn::{
    Batch, Level,
    network::{HeadKind, Network, Prepared},
};
use rayon::prelude::*;
use std::time::Instant;
use support::{batch, config, network};

#[path = "../tests/support/network.rs"]
mod support;

/// Pieces of the text.
const PIECES: usize = 4096;
const RUNS: usize = 5;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    println!("threads: {}, {:?}", rayon::current_num_threads(), Level::current());
    for (name, hidden) in [("small", 384), ("base", 768)] {
        if wanted(&chosen, &["small", "base"], name) {
            let network =
                network(&config(hidden, 12, 4 * hidden, 12, ""), 0.04, HeadKind::BilstmCrf, 128);
            label(name, &network, &chosen);
        }
    }
}

/// Whether a name is among the chosen ones, or none of its kind is chosen.
fn wanted(chosen: &[String], kind: &[&str], name: &str) -> bool {
    !chosen.iter().any(|c| kind.contains(&c.as_str())) || chosen.iter().any(|c| c == name)
}

fn label(name: &str, network: &Network, chosen: &[String]) {
    let text = batches(256);
    let sample: Vec<_> = text[..2].iter().map(|batch| batch.packed().clone()).collect();
    let rounding = network.balanced_rounding(&sample).expect("pieces have rows");
    let packed = network.prepare(None).expect("the processor computes");
    let rounded = network.prepare(Some(&rounding)).expect("the rounding fits");
    for size in [128, 256, 512, 2048] {
        let text = batches(size);
        let mut ways =
            vec![("parameters", None), ("packed", Some(&packed)), ("int8", Some(&rounded))];
        ways.retain(|(way, _)| wanted(chosen, &["parameters", "packed", "int8"], way));
        let mut times = vec![Vec::new(); ways.len()];
        for _ in 0..RUNS {
            for (times, (_, prepared)) in times.iter_mut().zip(&ways) {
                times.push(seconds(network, *prepared, &text));
            }
        }
        for (mut times, (way, _)) in times.into_iter().zip(ways) {
            times.sort_by(f64::total_cmp);
            let speed = PIECES as f64 / times[RUNS / 2];
            println!("{name}, batches of {size} pieces, {way}: {speed:.0} pieces/s");
        }
    }
}

/// Sentences like those of web text, in batches of about `size` pieces: short ones are the most frequent.
fn batches(size: usize) -> Vec<Batch> {
    let length = |i: usize| 6 + i * i % 29 / 2 + 40 * usize::from(i % 16 == 7);
    let (mut all, mut lengths, mut pieces) = (Vec::new(), Vec::new(), 0);
    for i in 0.. {
        let length = length(i);
        if lengths.iter().sum::<usize>() + length > size || pieces + length > PIECES {
            all.push(batch(&lengths));
            lengths.clear();
        }
        if pieces + length > PIECES {
            return all;
        }
        lengths.push(length);
        pieces += length;
    }
    all
}

fn seconds(network: &Network, prepared: Option<&Prepared>, text: &[Batch]) -> f64 {
    let start = Instant::now();
    text.par_iter().for_each(|batch| {
        let emissions = match prepared {
            Some(prepared) => network.emissions_of(prepared, batch),
            None => network.emissions(batch),
        };
        std::hint::black_box(emissions.expect("pieces have rows"));
    });
    start.elapsed().as_secs_f64()
}
