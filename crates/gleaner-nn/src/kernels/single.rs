//! Large matrix products in f32.
//!
//! The right factors are copied into panels of N columns, once for all rows. A block of the left factor is copied
//! into strips of M rows. M × N sums stay in registers while a strip and a panel stream through (Goto and van de
//! Geijn 2008). The order of summation depends only on the level and the inner dimension.

mod block;

use super::{Level, matrix::Product, rectangle::Rectangle, right::Rights};
use block::Kernel;
use rayon::prelude::*;
use std::cell::{Cell, RefCell};

/// Maximum rows of a block: with these, strips and a panel stay in the second-level cache.
const ROWS: usize = 72;
/// Minimum rows and columns of a block that is divided to occupy all threads.
const SMALLEST: [usize; 2] = [12, 64];

thread_local! {
    /// Memory for panels, reused by the products started on this thread. A product takes it while it runs,
    /// because another product may start here while the first waits for its blocks.
    static PANELS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    /// Strips of the left factor that this thread works on.
    static STRIPS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Computes independent products.
pub(super) fn multiply_all(products: Vec<Product>) {
    match Level::detect() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: at this level the processor has the instructions.
        Level::Avx512 => unsafe { multiply_all_with(products, block::AVX512) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as above.
        Level::Avx2 => unsafe { multiply_all_with(products, block::AVX2) },
        // SAFETY: every processor has the instructions of its target's baseline.
        _ => unsafe { multiply_all_with(products, block::PORTABLE) },
    }
}

/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn multiply_all_with<const N: usize>(mut products: Vec<Product>, kernel: Kernel<N>) {
    let mut memory = PANELS.take();
    let rights = Rights::of::<N>(&products, |inner| inner);
    if memory.len() < rights.total() * N {
        memory.resize(rights.total() * N, 0.0);
    }
    let (panels, _) = memory.as_chunks_mut::<N>();
    let panels = &mut panels[..rights.total()];
    // SAFETY: the caller's promise.
    rights.pack(panels, |b, columns, panels| unsafe { (kernel.pack)(b, columns, panels) });
    let panels = &*panels;

    let size = block_size(&products);
    let (mut blocks, mut work) = (Vec::new(), Vec::new());
    for (product, p) in products.iter_mut().enumerate() {
        let (rows, columns) = (p.rows(), p.columns());
        let size = [even(rows, size[0], kernel.rows), even(columns, size[1], N)];
        blocks.extend(Rectangle::divide(&mut *p.c, columns, size).map(|c| (product, c)));
        let terms = p.terms.iter().map(|(a, b)| (*a, rights.panels(b, panels)));
        work.push((p.accumulate, terms.collect::<Vec<_>>()));
    }
    blocks.into_par_iter().with_max_len(1).for_each(|(product, mut c)| {
        let (accumulate, terms) = &work[product];
        // SAFETY: the caller's promise.
        STRIPS.with_borrow_mut(|strips| unsafe {
            (kernel.compute)(&mut c, *accumulate, terms, strips);
        });
    });
    PANELS.set(memory);
}

/// Maximum rows and columns of blocks: large, but with several blocks for every thread where the products are large
/// enough for that.
fn block_size(products: &[Product]) -> [usize; 2] {
    let columns = products.iter().map(Product::columns).max().unwrap_or(0);
    let mut most = [ROWS, columns.max(1)];
    let count = |[height, width]: [usize; 2]| -> usize {
        products.iter().map(|p| p.rows().div_ceil(height) * p.columns().div_ceil(width)).sum()
    };
    while count(most) < 4 * rayon::current_num_threads() {
        // Strips are copied once for all columns of a block, so rows are divided first.
        match [0, 1].into_iter().find(|&i| most[i] >= 2 * SMALLEST[i]) {
            Some(i) => most[i] /= 2,
            None => break,
        }
    }
    most
}

/// The size of nearly equal parts of `n`, about `most` or less, in multiples of `unit`.
fn even(n: usize, most: usize, unit: usize) -> usize {
    n.div_ceil(n.div_ceil(most).max(1)).next_multiple_of(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::matrix::{Accumulate, rows};

    /// Integers, so that every order of summation gives the same result.
    fn numbers(n: usize, by: usize) -> Vec<f32> {
        (0..n).map(|i| (i * by % 19) as f32 - 9.0).collect()
    }

    /// Shapes with edges in rows and columns, and an inner dimension of several depths.
    fn check<const N: usize>(kernel: Kernel<N>) {
        let multiply = |product: Product| {
            // SAFETY: the kernel has the instructions of the target's baseline.
            unsafe { multiply_all_with(vec![product], kernel) };
        };
        for (m, n, k) in [(1, 1, 1), (25, 33, 7), (83, 129, 901)] {
            let (a, b, row) = (numbers(m * k, 31), numbers(k * n, 37), numbers(n, 5));
            let at: Vec<f32> = (0..k * m).map(|x| a[x % m * k + x / m]).collect();
            let bt: Vec<f32> = (0..n * k).map(|x| b[x % k * n + x / k]).collect();
            let plain =
                |x: usize| -> f32 { (0..k).map(|p| a[x / n * k + p] * b[p * n + x % n]).sum() };
            let expected: Vec<f32> = (0..m * n).map(|x| row[x % n] + plain(x)).collect();
            for a in [rows(&a, k), rows(&at, m).transpose()] {
                for b in [rows(&b, n), rows(&bt, k).transpose()] {
                    let mut c = vec![f32::NAN; m * n];
                    multiply(Product::of(&mut c, Accumulate::Row(&row), a, b));
                    assert_eq!(c, expected, "{m} {n} {k}");
                }
            }
        }
        // Without an inner dimension only the initial values are left.
        let (mut c, row) = (vec![f32::NAN; 25 * 33], numbers(33, 5));
        multiply(Product::of(
            &mut c,
            Accumulate::Row(&row),
            rows(&[], 25).transpose(),
            rows(&[], 33),
        ));
        assert!(c.chunks(33).all(|c| c == row));
    }

    #[test]
    fn products_are_exact_with_sums_of_every_shape() {
        check(block::PORTABLE);
        check(block::WIDE);
    }
}
