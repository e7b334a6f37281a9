//! Times of the kernels of one encoder layer, for a batch of 1024 pieces.
//!
//! `cargo bench -p gleaner-nn --bench kernels [-- PART]` prints the median time of each kernel, or of those whose name
//! contains PART, and the elements or operations per second.

use gleaner_nn::{
    Precision,
    kernels::{
        Level,
        attention::Attention,
        gelu,
        matmul::{self, Accumulate},
        norm::{Norm, Residual},
        rows,
    },
    rng::Stream,
};
use time::median;

#[path = "support/time.rs"]
mod time;

const PIECES: usize = 1024;

fn main() {
    println!("threads: {}, {:?}", rayon::current_num_threads(), Level::current());
    for hidden in [384, 768] {
        row_kernels(hidden);
        attention(hidden);
        products(hidden, Precision::F32);
        products(hidden, Precision::Bf16);
    }
}

fn row_kernels(h: usize) {
    let (n, wide) = (PIECES * h, 4 * PIECES * h);
    let mask = Some(Stream::new(1).dropout(0.1));
    let (x, bias) = (numbers(wide), numbers(4 * h));
    let (mut d, mut out) = (numbers(wide), numbers(wide));
    each(h, "gelu forward", wide, || gelu::forward(&x, &bias, &mut out));
    each(h, "gelu backward", wide, || drop(gelu::backward(&x, &bias, &mut d, &mut out)));

    let (weight, bias, input) = (numbers(h), numbers(h), numbers(n));
    let norm = Norm { weight: &weight, bias: &bias, epsilon: 1e-12 };
    let (mut x, mut y, mut scales) = (numbers(n), numbers(n), vec![1.0; PIECES]);
    each(h, "norm forward", n, || {
        let residual = Residual { bias: &bias, mask, input: &input };
        norm.forward(Some(residual), &mut x, &mut scales, &mut y);
    });
    each(h, "norm backward", n, || {
        norm.backward(mask, &x, &scales, &mut d[..n], &mut y);
    });
    each(h, "fill with bias", n, || rows::fill(&mut y, &bias));
    each(h, "column sums", n, || drop(rows::column_sums(&x, h)));
}

fn attention(h: usize) {
    let n = PIECES * h;
    let [q, k, v] = [numbers(n), numbers(n), numbers(n)];
    let (mut c, [mut dq, mut dk, mut dv]) = (numbers(n), [numbers(n), numbers(n), numbers(n)]);
    for length in [8, 32, 512] {
        let offsets: Vec<usize> = (0..=PIECES / length).map(|i| i * length).collect();
        let mask = Some(Stream::new(1).dropout(0.1));
        let (window, relative) = (None, None);
        let attention =
            Attention { offsets: &offsets, heads: 12, hidden: h, mask, window, relative };
        let operations = 4 * PIECES * length * h;
        each(h, &format!("attention forward, length {length}"), operations, || {
            attention.forward([&q, &k, &v], &mut c);
        });
        each(h, &format!("attention backward, length {length}"), 5 * operations / 2, || {
            attention.backward([&q, &k, &v], &c, [&mut dq, &mut dk, &mut dv], [&mut [], &mut []]);
        });
    }
}

fn products(h: usize, precision: Precision) {
    for (name, i, o) in [("square", h, h), ("up", h, 4 * h), ("down", 4 * h, h)] {
        let (mut x, mut y, mut w) = (numbers(PIECES * i), numbers(PIECES * o), numbers(i * o));
        let operations = 2 * PIECES * i * o;
        each(h, &format!("{precision:?} {name}, forward product"), operations, || {
            let weight = matmul::rows(&w, i).transpose();
            precision.multiply(&mut y, Accumulate::Zero, matmul::rows(&x, i), weight);
        });
        y.iter_mut().for_each(|y| *y *= 1e-3);
        each(h, &format!("{precision:?} {name}, product for inputs"), operations, || {
            precision.multiply(&mut x, Accumulate::Zero, matmul::rows(&y, o), matmul::rows(&w, i));
        });
        each(h, &format!("{precision:?} {name}, product for weights"), operations, || {
            let d_out = matmul::rows(&y, o).transpose();
            precision.multiply(&mut w, Accumulate::Zero, d_out, matmul::rows(&x, i));
        });
    }
}

fn numbers(n: usize) -> Vec<f32> {
    let stream = Stream::new(n as u64);
    (0..n as u64).map(|i| 2.0 * stream.uniform(i) - 1.0).collect()
}

/// Prints the median time of `work`, and its `count` elements or operations per second, if the name is wanted.
fn each(hidden: usize, name: &str, count: usize, work: impl FnMut()) {
    let part = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    if part.is_some_and(|part| !name.contains(&part)) {
        return;
    }
    let time = median(15, work);
    println!("{hidden} {name}: {:.3} ms, {:.2} G/s", time * 1e3, count as f64 / time / 1e9);
}
