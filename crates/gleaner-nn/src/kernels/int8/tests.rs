//! Products of rounded factors, against plain loops.

use super::{
    Rows, Weights,
    integers::{SUMMED, limit, most_outliers},
    kernel,
};
use crate::{kernels::at_every_level, rng::Stream};

fn numbers(n: usize, seed: u64) -> Vec<f32> {
    let stream = Stream::new(seed);
    (0..n as u64).map(|i| 2.0 * stream.uniform(i) - 1.0).collect()
}

/// The product with plain loops, in the order of operations that kernels promise.
fn plain(x: &[f32], w: &[f32], divisors: &[f32], bias: &[f32]) -> Vec<f32> {
    let inputs = divisors.len();
    let integers = |x: &[f32], factor: f32| -> Vec<i32> {
        x.iter().map(|x| (x * factor).round_ties_even() as i32).collect()
    };
    let largest = |x: &[f32]| x.iter().map(|x| x.abs()).fold(0.0, f32::max);
    let channel = |w: &[f32]| {
        let w: Vec<f32> = w.iter().zip(divisors).map(|(w, d)| w * d).collect();
        let mut scale = largest(&w) / 127.0;
        for first in (0..inputs).step_by(8).flat_map(|first| [first, first + 2]) {
            for sign in [1.0, -1.0] {
                let summed = SUMMED.iter().filter_map(|i| w.get(first + i));
                let sum: f32 = summed.map(|w| (sign * w).max(0.0)).sum();
                scale = scale.max(sum / 126.0);
            }
        }
        let q = integers(&w, 1.0 / scale);
        for eight in q.chunks(8) {
            let at = |i: usize| eight.get(i).copied().unwrap_or(0);
            let sum = |first: usize, sign: i32| -> i32 {
                SUMMED.iter().map(|i| (sign * at(first + i)).max(0)).sum()
            };
            assert!([(0, 1), (0, -1), (2, 1), (2, -1)].iter().all(|&(f, s)| sum(f, s) <= 128));
        }
        (scale, q)
    };
    let weights: Vec<_> = w.chunks(inputs).map(channel).collect();
    let of_row = |x: &[f32]| {
        let x: Vec<f32> = x.iter().zip(divisors).map(|(x, d)| x * (1.0 / d)).collect();
        let limit = limit(&x, most_outliers(inputs));
        let p = integers(&x, if limit > 0.0 { 127.0 / limit } else { 0.0 });
        let output = |((s, q), b): (&(f32, Vec<i32>), &f32)| {
            let sum: i32 = p.iter().zip(q).map(|(p, q)| p * q).sum();
            sum as f32 * (limit / 127.0 * s) + b
        };
        weights.iter().zip(bias).map(output).collect::<Vec<f32>>()
    };
    x.chunks(inputs).flat_map(of_row).collect()
}

fn check(of: impl Fn(&[f32], &[f32]) -> Weights) {
    for (rows, inputs, outputs) in
        [(1, 1, 1), (7, 3, 5), (24, 8, 16), (61, 33, 50), (150, 64, 530), (49, 1537, 35)]
    {
        let (mut x, mut w) = (numbers(rows * inputs, 1), numbers(outputs * inputs, 2));
        x.iter_mut().step_by(97).for_each(|x| *x *= 50.0); // outliers
        w[..inputs].fill(1.0); // the largest sums, with inputs that are all the largest
        x[..inputs].iter_mut().for_each(|x| *x = x.abs());
        x[(rows - 1) * inputs..].fill(0.0);
        let divisors: Vec<f32> = (0..inputs).map(|j| [8.0, 0.5, 1.0][j % 3]).collect();
        let bias = numbers(outputs, 3);
        let weights = of(&w, &divisors);
        let (mut rounded, mut y) = (Rows::default(), vec![f32::NAN; rows * outputs]);
        // Memory of a larger product is used again.
        weights.round(&numbers((rows + 30) * inputs, 4), &mut rounded);
        weights.round(&x, &mut rounded);
        weights.multiply(&rounded, Some(&bias), &mut y);
        assert_eq!(y, plain(&x, &w, &divisors, &bias), "{rows} {inputs} {outputs}");
        weights.multiply(&rounded, None, &mut y);
        let without = plain(&x, &w, &divisors, &vec![0.0; outputs]);
        assert_eq!(y, without, "{rows} {inputs} {outputs}");
    }
}

#[test]
fn products_equal_plain_loops_at_odd_sizes_with_every_instruction_set() {
    at_every_level(|| check(Weights::new));
}

#[test]
fn products_equal_plain_loops_in_every_layout() {
    for kernel in kernel::PLAIN {
        check(|w, divisors| Weights::of_kernel(kernel, w, divisors));
    }
}

#[test]
#[should_panic = "inputs"]
fn rows_for_another_number_of_inputs_are_refused() {
    // As many groups of inputs and as much memory for outliers.
    let rounding = Weights::new(&[1.0; 9], &[1.0; 9]);
    let multiplying = Weights::new(&[1.0; 16], &[1.0; 16]);
    let mut rounded = Rows::default();
    rounding.round(&[1.0; 9], &mut rounded);
    multiplying.multiply(&rounded, None, &mut [0.0]);
}

#[test]
fn few_large_inputs_are_outliers_and_many_are_not() {
    let mut x = vec![1.0; 320];
    assert_eq!(limit(&x, 10), 1.0);
    x[7] = -500.0;
    x[300] = 40.0;
    let mean = (318.0 + 540.0) / 320.0;
    assert!((limit(&x, 10) - 6.0 * mean).abs() < 1e-4);
    assert_eq!(limit(&x, 1), 500.0);
    // The largest integer of an outlier has 16 bits.
    let mut sparse = vec![0.0; 4000];
    sparse[7] = 320.0;
    assert!((limit(&sparse, 10) - 1.27).abs() < 1e-6);
    x[7] = f32::NAN;
    assert!(limit(&x, 10).is_nan());
}

#[test]
fn the_product_of_a_number_that_is_not_finite_is_not_finite() {
    let weights = Weights::new(&[1.0, -2.0, 0.5, 3.0], &[1.0, 1.0]);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let (mut rounded, mut y) = (Rows::default(), [0.0; 4]);
        weights.round(&[1.0, 2.0, bad, 1.0], &mut rounded);
        weights.multiply(&rounded, None, &mut y);
        assert!(y[..2].iter().all(|y| y.is_finite()) && y[2..].iter().all(|y| !y.is_finite()));
    }
}
