use super::*;
use crate::{kernels::at_every_level, rng::Stream};

fn numbers(n: usize, seed: u64) -> Vec<f32> {
    (0..n as u64).map(|i| 2.0 * Stream::new(seed).uniform(i) - 1.0).collect()
}

/// One element of the context by plain loops in double precision.
fn plain(
    a: Attention,
    [q, k, v]: &[Vec<f32>; 3],
    sentence: usize,
    row: usize,
    column: usize,
) -> f64 {
    let width = a.hidden / a.heads;
    let head = column / width;
    let (start, end) = (a.offsets[sentence], a.offsets[sentence + 1]);
    let n = end - start;
    let at = |m: &[f32], row: usize, c: usize| f64::from(m[row * a.hidden + head * width + c]);
    let dot = |x: &[f32], of_x: usize, y: &[f32], of_y: usize| -> f64 {
        (0..width).map(|c| at(x, of_x, c) * at(y, of_y, c)).sum()
    };
    let score = |key: usize| -> f64 {
        let Some(relative) = a.relative else {
            return dot(q, row, k, key) / (width as f64).sqrt();
        };
        let place = relative.rows[relative.rows.len() / 2 + row - key];
        let of_distance = dot(q, row, relative.keys, place) + dot(k, key, relative.queries, place);
        (dot(q, row, k, key) + of_distance) / (3.0 * width as f64).sqrt()
    };
    let sees = |key: &usize| a.window.is_none_or(|window| key.abs_diff(row) <= window);
    let total: f64 = (start..end).filter(sees).map(|key| score(key).exp()).sum();
    let before: usize = a.offsets[..=sentence].windows(2).map(|w| (w[1] - w[0]).pow(2)).sum();
    let first = before * a.heads + head * n * n + (row - start) * n;
    (start..end)
        .filter(sees)
        .map(|key| {
            let index = (first + key - start) as u32;
            let factor = f64::from(a.mask.map_or(1.0, |m| m.factor(index)));
            score(key).exp() / total * factor * at(v, key, column % width)
        })
        .sum()
}

const PLAIN: Attention =
    Attention { offsets: &[], heads: 2, hidden: 8, mask: None, window: None, relative: None };

#[test]
#[should_panic(expected = "offsets of sentences ascend")]
fn sentences_that_overlap_are_refused() {
    let attention = Attention { offsets: &[0, 4, 2, 6], ..PLAIN };
    attention.forward([&[0.0; 48]; 3], &mut [0.0; 48]);
}

#[test]
#[should_panic(expected = "a row for every piece")]
fn sentences_outside_a_matrix_are_refused() {
    let attention = Attention { offsets: &[0, 7], ..PLAIN };
    attention.forward([&[0.0; 56]; 3], &mut [0.0; 48]);
}

/// Writes rows of a head of width 4 to two rows of that width.
fn write(rows: Range<usize>, columns: Range<usize>) {
    let (mut matrix, from) = ([0.0; 8], [[0.0; math::LANES]; 3]);
    let head = Head { rows, columns, first: 0 };
    // SAFETY: nothing else accesses the matrix.
    unsafe { Columns::of(&mut matrix, 4).write(&head, &from) };
}

#[test]
#[should_panic(expected = "rows of the matrix")]
fn rows_behind_a_matrix_are_not_written() {
    write(1..3, 0..4);
}

#[test]
#[should_panic(expected = "columns of the matrix")]
fn columns_of_the_next_row_are_not_written() {
    write(0..1, 2..6);
}

#[test]
fn contexts_equal_plain_loops_and_gradients_are_slopes() {
    at_every_level(|| {
        for (heads, hidden, lengths) in
            [(4, 20, vec![1, 17, 3]), (1, 16, vec![40]), (2, 66, vec![16, 0, 5])]
        {
            let mut offsets = vec![0];
            lengths.iter().for_each(|n| offsets.push(offsets[offsets.len() - 1] + n));
            let plain = Attention { offsets: &offsets, heads, hidden, ..PLAIN };
            let mask = Some(Stream::new(8).dropout(0.4));
            check(plain);
            check(Attention { mask, ..plain });
            check(Attention { window: Some(2), ..plain });
            // Distances of more than 5 share a row, and the longest sentence is shorter than the table.
            let rows: Vec<usize> = (-44i32..45).map(|d| (d.clamp(-6, 6) + 6) as usize).collect();
            let [keys, queries] = [5, 6].map(|seed| numbers(13 * hidden, seed));
            let relative = Relative { keys: &keys, queries: &queries, rows: &rows };
            check(Attention { mask, relative: Some(relative), ..plain });
        }
    });
}

/// Compares contexts with plain loops, and gradients with slopes.
fn check(a: Attention) {
    let rows = a.offsets[a.offsets.len() - 1];
    let n = rows * a.hidden;
    let qkv = [1, 2, 3].map(|seed| numbers(n, seed));
    let context_of = |a: Attention, qkv: &[Vec<f32>; 3]| -> Vec<f32> {
        let mut context = vec![f32::NAN; n];
        a.forward(qkv.each_ref().map(Vec::as_slice), &mut context);
        context
    };
    let sentence_of = |row: usize| a.offsets.iter().rposition(|&o| o <= row).expect("0");
    for (i, found) in context_of(a, &qkv).into_iter().enumerate() {
        let (row, column) = (i / a.hidden, i % a.hidden);
        let expected = plain(a, &qkv, sentence_of(row), row, column);
        assert!((f64::from(found) - expected).abs() < 1e-5, "{found} {expected}");
    }
    let d = numbers(n, 4);
    let mut grads = [vec![f32::NAN; n], vec![f32::NAN; n], vec![f32::NAN; n]];
    let slices = qkv.each_ref().map(Vec::as_slice);
    let of_distances = a.relative.map_or(0, |relative| relative.keys.len());
    let mut of_distances = [vec![0.0; of_distances], vec![0.0; of_distances]];
    let places = of_distances.each_mut().map(Vec::as_mut_slice);
    a.backward(slices, &d, grads.each_mut().map(Vec::as_mut_slice), places);
    let is_slope = |found: f32, context_at: &dyn Fn(f32) -> Vec<f32>| {
        let loss = |by: f32| -> f64 {
            context_at(by).iter().zip(&d).map(|(&c, &d)| f64::from(c) * f64::from(d)).sum()
        };
        let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2;
        assert!((f64::from(found) - slope).abs() < 1e-3, "{found} {slope}");
    };
    for (which, grads) in grads.iter().enumerate() {
        for i in [0, n / 3, n / 2, n - 1] {
            is_slope(grads[i], &|by| {
                let mut moved = qkv.clone();
                moved[which][i] += by;
                context_of(a, &moved)
            });
        }
    }
    let Some(relative) = a.relative else { return };
    for (which, grads) in of_distances.iter().enumerate() {
        for row in [0, 5, 6, 7, 12] {
            let i = row * a.hidden + row % a.hidden;
            is_slope(grads[i], &|by| {
                let mut moved = [relative.keys.to_vec(), relative.queries.to_vec()];
                moved[which][i] += by;
                let [keys, queries] = &moved;
                let relative = Some(Relative { keys, queries, ..relative });
                context_of(Attention { relative, ..a }, &qkv)
            });
        }
    }
}
