//! Computes a graph by the definitions of ONNX's operators (opset 17), as far as exported graphs use them.

use super::decoded::{Array, Decoded, Node};
use std::collections::BTreeMap;

type Values = BTreeMap<String, Array>;

/// The result of the graph for some inputs.
pub(super) fn run(graph: &Decoded, inputs: Vec<(&str, Array)>) -> Array {
    let mut values: Values = graph.arrays.clone();
    values.extend(inputs.into_iter().map(|(name, array)| (name.to_owned(), array)));
    for node in &graph.nodes {
        let inputs: Vec<&Array> = node.inputs.iter().map(|name| &values[name]).collect();
        let result = compute(node, &inputs);
        assert_eq!(result.values.len(), result.shape.iter().product::<usize>(), "{node:?}");
        values.insert(node.output.clone(), result);
    }
    values.remove("emissions").unwrap()
}

fn compute(node: &Node, inputs: &[&Array]) -> Array {
    let ints = |name: &str| node.attributes[name].clone();
    match (node.operator.as_str(), inputs) {
        ("Add", [a, b]) => broadcast(a, b, |a, b| a + b),
        ("Sub", [a, b]) => broadcast(a, b, |a, b| a - b),
        ("Mul", [a, b]) => broadcast(a, b, |a, b| a * b),
        ("Div", [a, b]) => broadcast(a, b, |a, b| a / b),
        ("Identity" | "Cast", [x]) => (*x).clone(),
        ("Erf", [x]) => {
            Array { values: x.values.iter().map(|&x| erf(x)).collect(), ..(*x).clone() }
        }
        ("Gather", [table, ids]) => {
            let width: usize = table.shape[1..].iter().product();
            let rows = ids.values.iter();
            let values =
                rows.flat_map(|&id| &table.values[id as usize * width..][..width]).copied();
            Array { shape: [&ids.shape[..], &table.shape[1..]].concat(), values: values.collect() }
        }
        ("Shape", [x]) => {
            let sizes = &x.shape[ints("start")[0] as usize..ints("end")[0] as usize];
            vector(sizes.iter().map(|&n| n as f32).collect())
        }
        ("Slice", [x, first, last, axes]) => {
            assert_eq!(axes.values, [0.0]);
            let (first, last) = (first.values[0] as usize, last.values[0] as usize);
            let width: usize = x.shape[1..].iter().product();
            let values = x.values[first * width..last * width].to_vec();
            Array { shape: [&[last - first], &x.shape[1..]].concat(), values }
        }
        ("Unsqueeze", [x, axes]) => {
            let mut shape = x.shape.clone();
            axes.values.iter().for_each(|&axis| shape.insert(axis as usize, 1));
            Array { shape, values: x.values.clone() }
        }
        ("Reshape", [x, shape]) => {
            let size = |(at, &n): (usize, &f32)| if n == 0.0 { x.shape[at] } else { n as usize };
            let shape = shape.values.iter().enumerate().map(size).collect();
            Array { shape, values: x.values.clone() }
        }
        ("Transpose", [x]) => transpose(x, &ints("perm")),
        ("MatMul", [a, b]) => matmul(a, b),
        ("Softmax", [x]) => rows(x, |row| {
            let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let shares: Vec<f32> = row.iter().map(|x| (x - most).exp()).collect();
            let sum: f32 = shares.iter().sum();
            shares.iter().map(|x| x / sum).collect()
        }),
        ("LayerNormalization", [x, scale, bias]) => {
            let epsilon = f32::from_bits(ints("epsilon")[0] as u32);
            rows(x, |row| {
                let n = row.len() as f32;
                let mean = row.iter().sum::<f32>() / n;
                let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
                let parts = row.iter().zip(&scale.values).zip(&bias.values);
                parts.map(|((x, s), b)| (x - mean) / (variance + epsilon).sqrt() * s + b).collect()
            })
        }
        ("ReduceSum", [x, axes]) => {
            assert_eq!((x.shape.len(), axes.values[0], ints("keepdims")[0]), (2, 1.0, 0));
            vector(x.values.chunks(x.shape[1]).map(|row| row.iter().sum()).collect())
        }
        ("LSTM", [x, weight, recurrent, bias, lengths]) => {
            assert_eq!(ints("direction"), b"bidirectional".map(i64::from));
            let units = ints("hidden_size")[0] as usize;
            lstm(x, [weight, recurrent, bias], &lengths.values, units)
        }
        (other, inputs) => panic!("{other} of {} inputs", inputs.len()),
    }
}

fn vector(values: Vec<f32>) -> Array {
    Array { shape: vec![values.len()], values }
}

/// The error function, to about 1e-7 (Numerical Recipes, third edition, section 6.2.2).
fn erf(x: f32) -> f32 {
    const TERMS: [f64; 10] = [
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    ];
    let x = f64::from(x);
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| sum * t + term);
    let tail = t * (-x * x + sum).exp();
    (if x >= 0.0 { 1.0 - tail } else { tail - 1.0 }) as f32
}

/// A function of every row of the last dimension.
fn rows(x: &Array, of: impl Fn(&[f32]) -> Vec<f32>) -> Array {
    let width = *x.shape.last().unwrap();
    Array { shape: x.shape.clone(), values: x.values.chunks(width).flat_map(of).collect() }
}

/// The steps of each dimension of `x` in an array of this shape: 0 where it is repeated.
fn steps(x: &[usize], shape: &[usize]) -> Vec<usize> {
    let mut steps = vec![0; shape.len()];
    let (mut step, missing) = (1, shape.len() - x.len());
    for (at, &size) in x.iter().enumerate().rev() {
        assert!(size == 1 || size == shape[missing + at], "{x:?} {shape:?}");
        steps[missing + at] = if size == 1 { 0 } else { step };
        step *= size;
    }
    steps
}

/// The places of all elements of an array of this shape, by steps.
fn places(shape: &[usize], steps: &[usize]) -> Vec<usize> {
    shape.iter().zip(steps).fold(vec![0], |places, (&size, &step)| {
        places.iter().flat_map(|place| (0..size).map(move |i| place + i * step)).collect()
    })
}

fn broadcast(a: &Array, b: &Array, of: impl Fn(f32, f32) -> f32) -> Array {
    let dimensions = a.shape.len().max(b.shape.len());
    let size = |x: &Array, at: usize| {
        let missing = dimensions - x.shape.len();
        if at < missing { 1 } else { x.shape[at - missing] }
    };
    let shape: Vec<usize> = (0..dimensions).map(|at| size(a, at).max(size(b, at))).collect();
    let of_both = |x: &Array| places(&shape, &steps(&x.shape, &shape));
    let pairs = of_both(a).into_iter().zip(of_both(b));
    let values = pairs.map(|(i, j)| of(a.values[i], b.values[j])).collect();
    Array { shape, values }
}

fn transpose(x: &Array, order: &[i64]) -> Array {
    let own = steps(&x.shape, &x.shape);
    let shape: Vec<usize> = order.iter().map(|&at| x.shape[at as usize]).collect();
    let turned: Vec<usize> = order.iter().map(|&at| own[at as usize]).collect();
    let values = places(&shape, &turned).into_iter().map(|place| x.values[place]).collect();
    Array { shape, values }
}

/// Products of the matrices of the last two dimensions; a matrix `b` is shared by all of `a`.
fn matmul(a: &Array, b: &Array) -> Array {
    let &[.., n, k] = a.shape.as_slice() else { panic!("{:?}", a.shape) };
    let &[.., of_b, m] = b.shape.as_slice() else { panic!("{:?}", b.shape) };
    assert_eq!(k, of_b);
    let product = |(at, a): (usize, &[f32])| {
        let b = if b.shape.len() == 2 { &b.values[..] } else { &b.values[at * k * m..][..k * m] };
        let cell = |i: usize, j: usize| (0..k).map(|x| a[i * k + x] * b[x * m + j]).sum::<f32>();
        (0..n * m).map(|at| cell(at / m, at % m)).collect::<Vec<f32>>()
    };
    let values = a.values.chunks(n * k).enumerate().flat_map(product).collect();
    let mut shape = a.shape.clone();
    *shape.last_mut().unwrap() = m;
    Array { shape, values }
}

/// A bidirectional LSTM of `x`, `[pieces, batch, width]`: `[pieces, 2, batch, units]`, and 0 behind the end of a
/// sentence.
fn lstm(x: &Array, parameters: [&Array; 3], lengths: &[f32], units: usize) -> Array {
    let &[pieces, batch, width] = x.shape.as_slice() else { panic!("{:?}", x.shape) };
    let mut out = vec![0.0; pieces * 2 * batch * units];
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    for (direction, sentence) in (0..2 * batch).map(|at| (at / batch, at % batch)) {
        let [weight, recurrent, bias] = parameters.map(|p| {
            let size = p.values.len() / 2;
            &p.values[direction * size..][..size]
        });
        let (mut hidden, mut cell) = (vec![0.0; units], vec![0.0; units]);
        let length = lengths[sentence] as usize;
        for step in 0..length {
            let at = if direction == 0 { step } else { length - 1 - step };
            let input = &x.values[(at * batch + sentence) * width..][..width];
            // The rows of the gates: input, output, forget, cell.
            let gate = |row: usize| {
                let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
                dot(&weight[row * width..][..width], input)
                    + dot(&recurrent[row * units..][..units], &hidden)
                    + bias[row]
                    + bias[4 * units + row]
            };
            let gates: Vec<f32> = (0..4 * units).map(gate).collect();
            for u in 0..units {
                let [i, o, f, c] = [0, 1, 2, 3].map(|kind| gates[kind * units + u]);
                cell[u] = sigmoid(f) * cell[u] + sigmoid(i) * c.tanh();
                hidden[u] = sigmoid(o) * cell[u].tanh();
                out[((at * 2 + direction) * batch + sentence) * units + u] = hidden[u];
            }
        }
    }
    Array { shape: vec![pieces, 2, batch, units], values: out }
}
