//! Small matrix products on one thread, for attention heads and LSTM steps.

use super::{
    math::{LANES, mul_add},
    multiversion,
};

/// The numbers of one vector.
pub type Lanes = [f32; LANES];

/// The left factor: element (i, p) is `data[i * row + p * column]`.
#[derive(Clone, Copy)]
pub struct Left<'a> {
    /// The elements.
    pub data: &'a [f32],
    /// Distance between rows.
    pub row: usize,
    /// Distance between columns.
    pub column: usize,
}

multiversion! {
    /// `c = a b`, where `b` is `[depth, width]` and `c` is `[rows, width]`, both with rows of `width`
    /// whole vectors.
    pub fn product(a: Left, b: &[Lanes], width: usize, c: &mut [Lanes]) {
        // The sums of a tile, a row of `b` and one number of `a` fill the registers.
        match VECTORS {
            32.. => strips::<FMA, 6, 2>(a, b, width, c),
            8.. => strips::<FMA, 6, 1>(a, b, width, c),
            _ => strips::<FMA, 2, 1>(a, b, width, c),
        }
    }
}

/// The product in tiles of M rows and W vectors.
#[inline(always)]
fn strips<const FMA: bool, const M: usize, const W: usize>(
    a: Left,
    b: &[Lanes],
    width: usize,
    c: &mut [Lanes],
) {
    for first in (0..width).step_by(W) {
        for (i, c) in c.chunks_mut(M * width).enumerate() {
            let a = Left { data: &a.data[i * M * a.row..], ..a };
            let rows = c.len() / width;
            if rows == M && first + W <= width {
                tile::<FMA, M, W>(a, b, first, width, c);
                continue;
            }
            for first in first..width.min(first + W) {
                match rows {
                    1 => tile::<FMA, 1, 1>(a, b, first, width, c),
                    2 => tile::<FMA, 2, 1>(a, b, first, width, c),
                    3 => tile::<FMA, 3, 1>(a, b, first, width, c),
                    4 => tile::<FMA, 4, 1>(a, b, first, width, c),
                    5 => tile::<FMA, 5, 1>(a, b, first, width, c),
                    _ => tile::<FMA, 6, 1>(a, b, first, width, c),
                }
            }
        }
    }
}

#[inline(always)]
fn tile<const FMA: bool, const M: usize, const W: usize>(
    a: Left,
    b: &[Lanes],
    first: usize,
    width: usize,
    c: &mut [Lanes],
) {
    let mut sums = [[[0.0; LANES]; W]; M];
    for (p, b) in b.chunks_exact(width).enumerate() {
        let b: &[Lanes; W] = b[first..first + W].try_into().expect("W vectors");
        for (i, sums) in sums.iter_mut().enumerate() {
            let x = a.data[i * a.row + p * a.column];
            for (sums, b) in sums.iter_mut().zip(b) {
                for (sum, &b) in sums.iter_mut().zip(b) {
                    *sum = mul_add::<FMA>(x, b, *sum);
                }
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        c[i * width + first..][..W].copy_from_slice(sums);
    }
}

/// Number of vectors that `n` numbers need.
pub fn vectors(n: usize) -> usize {
    n.div_ceil(LANES)
}

/// Copies `rows` rows of `n` numbers, `stride` apart, into rows of whole vectors, padded with zeros.
pub fn pack_rows(from: &[f32], rows: usize, n: usize, stride: usize, to: &mut [Lanes]) {
    let width = vectors(n) * LANES;
    for (row, to) in to.as_flattened_mut().chunks_exact_mut(width).enumerate().take(rows) {
        to[..n].copy_from_slice(&from[row * stride..][..n]);
        to[n..].fill(0.0);
    }
}

multiversion! {
    /// Like [`pack_rows`], but transposed: `rows` rows of `n` numbers become `n` rows of whole vectors.
    pub fn pack_columns(from: &[f32], rows: usize, n: usize, stride: usize, to: &mut [Lanes]) {
        let width = vectors(rows) * LANES;
        let to = &mut to.as_flattened_mut()[..n * width];
        for (p, to) in to.chunks_exact_mut(width).enumerate() {
            for (row, to) in to[..rows].iter_mut().enumerate() {
                *to = from[row * stride + p];
            }
            to[rows..].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;

    /// Integers, so that every order of summation gives the same result.
    fn numbers(n: usize, seed: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 31 + seed) % 17) as f32 - 8.0).collect()
    }

    #[test]
    fn products_equal_plain_loops_at_odd_sizes() {
        at_every_level(|| {
            for (m, n, k) in [(1, 1, 1), (7, 5, 3), (13, 16, 20), (6, 33, 9), (17, 50, 511)] {
                let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
                let plain = |i: usize, j: usize| -> f32 {
                    (0..k).map(|p| a[i * k + p] * b[p * n + j]).sum::<f32>()
                };
                let width = vectors(n);
                let (mut packed, mut c) =
                    (vec![[9.0; LANES]; k * width], vec![[9.0; LANES]; m * width]);
                pack_rows(&b, k, n, n, &mut packed);
                product(Left { data: &a, row: k, column: 1 }, &packed, width, &mut c);
                for i in 0..m {
                    let row = c[i * width..(i + 1) * width].as_flattened();
                    assert!((0..n).all(|j| row[j] == plain(i, j)), "{m} {n} {k}");
                    assert!(row[n..].iter().all(|&x| x == 0.0));
                }
                // The left factor is transposed, and the right factor is packed from its transpose.
                let at: Vec<f32> = (0..k * m).map(|x| a[x % m * k + x / m]).collect();
                let bt: Vec<f32> = (0..n * k).map(|x| b[x % k * n + x / k]).collect();
                packed.fill([9.0; LANES]);
                pack_columns(&bt, n, k, k, &mut packed);
                let mut again = vec![[9.0; LANES]; m * width];
                product(Left { data: &at, row: 1, column: m }, &packed, width, &mut again);
                assert_eq!(again, c);
            }
        });
    }
}
