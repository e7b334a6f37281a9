//! Large matrix products, on all threads.
//!
//! Results are divided into more blocks than there are threads, so that no thread waits for long if the machine
//! has other work. Independent products are computed together, so that threads wait less between them and small
//! products still use all threads.

pub use super::{
    matrix::{Accumulate, Matrix, Product, rows},
    single::Panels,
};

use super::{bf16, single};
use crate::Precision;

impl Precision {
    /// Computes independent products.
    pub fn multiply_all(self, mut products: Vec<Product>) {
        products.iter().for_each(Product::check);
        products.retain(|p| !p.c.is_empty());
        match (self, bf16::Instructions::detect()) {
            (Self::Bf16, Some(instructions)) => bf16::multiply_all(instructions, products),
            _ => single::multiply_all(products),
        }
    }

    /// `c = initial + a b`, with `c` row by row.
    pub fn multiply(self, c: &mut [f32], accumulate: Accumulate, a: Matrix, b: Matrix) {
        self.multiply_all(vec![Product::of(c, accumulate, a, b)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;

    const PRECISIONS: [Precision; 2] = [Precision::F32, Precision::Bf16];

    /// Integers of magnitude 9 or less: their products are exact in every precision.
    fn numbers(n: usize, by: usize) -> Vec<f32> {
        (0..n).map(|i| (i * by % 19) as f32 - 9.0).collect()
    }

    fn plain(a: &[f32], b: &[f32], (n, k): (usize, usize)) -> Vec<f32> {
        let at = |x: usize| (0..k).map(|p| a[x / n * k + p] * b[p * n + x % n]).sum();
        (0..a.len() / k * n).map(at).collect()
    }

    fn transpose(x: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..x.len()).map(|i| x[i % rows * columns + i / rows]).collect()
    }

    #[test]
    fn products_with_all_transposes_equal_plain_loops() {
        at_every_level(check_products);
    }

    fn check_products() {
        for (m, n, k) in
            [(1, 1, 1), (1, 64, 20), (13, 20, 7), (131, 65, 77), (300, 513, 40), (29, 33, 1601)]
        {
            let (a, b, row) = (numbers(m * k, 31), numbers(k * n, 37), numbers(n, 5));
            let (at, bt) = (transpose(&a, m, k), transpose(&b, k, n));
            let once = plain(&a, &b, (n, k));
            let plus = |by: &dyn Fn(usize) -> f32| -> Vec<f32> {
                once.iter().enumerate().map(|(i, x)| x + by(i)).collect()
            };
            let (twice, shifted) = (plus(&|i| once[i]), plus(&|i| row[i % n]));
            for precision in PRECISIONS {
                for a in [rows(&a, k), rows(&at, m).transpose()] {
                    for b in [rows(&b, n), rows(&bt, k).transpose()] {
                        let mut c = vec![f32::NAN; m * n];
                        precision.multiply(&mut c, Accumulate::Zero, a, b);
                        assert_eq!(c, once, "{precision:?} {m} {n} {k}");
                        precision.multiply(&mut c, Accumulate::Result, a, b);
                        assert_eq!(c, twice, "{precision:?} {m} {n} {k}");
                        c.fill(f32::NAN);
                        precision.multiply(&mut c, Accumulate::Row(&row), a, b);
                        assert_eq!(c, shifted, "{precision:?} {m} {n} {k}");
                    }
                }
            }
        }
    }

    #[test]
    fn products_together_are_those_one_by_one_and_terms_add_up() {
        let (m, n) = (45, 70);
        let inner = [33, 64, 5];
        let factors: Vec<(Vec<f32>, Vec<f32>)> =
            inner.iter().map(|k| (numbers(m * k, 7), numbers(k * n, 11 + k))).collect();
        let plains: Vec<Vec<f32>> =
            factors.iter().zip(inner).map(|((a, b), k)| plain(a, b, (n, k))).collect();
        let sum: Vec<f32> = (0..m * n).map(|i| plains.iter().map(|p| p[i]).sum()).collect();
        for precision in PRECISIONS {
            let [mut first, mut last, mut all] = [(); 3].map(|()| vec![f32::NAN; m * n]);
            let terms: Vec<_> =
                factors.iter().zip(inner).map(|((a, b), k)| (rows(a, k), rows(b, n))).collect();
            precision.multiply_all(vec![
                Product::of(&mut first, Accumulate::Zero, terms[0].0, terms[0].1),
                Product { c: &mut all, accumulate: Accumulate::Zero, terms: terms.clone() },
                Product::of(&mut [], Accumulate::Zero, rows(&[], 3), rows(&[0.0; 6], 2)),
                Product::of(&mut last, Accumulate::Zero, terms[2].0, terms[2].1),
            ]);
            assert_eq!(first, plains[0], "{precision:?}");
            assert_eq!(last, plains[2], "{precision:?}");
            assert_eq!(all, sum, "{precision:?}");
        }
    }
}
