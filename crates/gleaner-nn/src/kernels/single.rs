//! Large matrix products in f32.
//!
//! The right factors are copied into panels of N columns, once for all rows. A block of the left factor is copied
//! into strips of M rows. M × N sums stay in registers while a strip and a panel stream through (Goto and van de
//! Geijn 2008). The order of summation depends only on the level and the inner dimension.

mod block;

use super::{
    Level,
    matrix::{Accumulate, Matrix, Product},
    rectangle::Rectangle,
    right::Rights,
};
use block::{Kernel, Term};
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
    match Level::current() {
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

/// A right factor of many products, packed once.
pub struct Panels {
    level: Level,
    inner: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Panels {
    /// Packs a factor `[inner, columns]`.
    pub fn new(b: Matrix) -> Self {
        let level = Level::current();
        let values = match level {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: at this level the processor has the instructions.
            Level::Avx512 => unsafe { pack_with(b, block::AVX512) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { pack_with(b, block::AVX2) },
            // SAFETY: every processor has the instructions of its target's baseline.
            _ => unsafe { pack_with(b, block::PORTABLE) },
        };
        Self { level, inner: b.rows(), columns: b.columns(), values }
    }

    /// The inner dimension.
    pub fn inner(&self) -> usize {
        self.inner
    }

    /// `c = initial + a b`, `[rows, columns]`, with this right factor b.
    ///
    /// # Panics
    /// The sizes do not match.
    pub fn multiply(&self, c: &mut [f32], accumulate: Accumulate, a: Matrix) {
        assert_eq!(a.columns(), self.inner, "inner dimensions");
        assert_eq!(Some(c.len()), a.rows().checked_mul(self.columns), "size of the product");
        if let Accumulate::Row(row) = accumulate {
            assert_eq!(row.len(), self.columns, "size of the row");
        }
        match self.level {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: panels of this level are made where the processor has the instructions.
            Level::Avx512 => unsafe { self.multiply_with(c, accumulate, a, block::AVX512) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { self.multiply_with(c, accumulate, a, block::AVX2) },
            // SAFETY: every processor has the instructions of its target's baseline.
            _ => unsafe { self.multiply_with(c, accumulate, a, block::PORTABLE) },
        }
    }

    /// # Safety
    /// The processor has the instructions of the kernel.
    unsafe fn multiply_with<const N: usize>(
        &self,
        c: &mut [f32],
        accumulate: Accumulate,
        a: Matrix,
        kernel: Kernel<N>,
    ) {
        if c.is_empty() {
            return;
        }
        let terms = vec![(a, self.values.as_chunks().0)];
        let packed = Packed { c, rows: a.rows(), columns: self.columns, accumulate, terms };
        // SAFETY: the caller's promise.
        unsafe { multiply_packed(vec![packed], kernel) }
    }
}

/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn pack_with<const N: usize>(b: Matrix, kernel: Kernel<N>) -> Vec<f32> {
    let mut values = vec![0.0; b.columns().div_ceil(N) * b.rows() * N];
    // SAFETY: the caller's promise.
    unsafe { (kernel.pack)(&b, 0..b.columns(), values.as_chunks_mut().0) };
    values
}

/// A product with packed right factors.
struct Packed<'a, const N: usize> {
    c: &'a mut [f32],
    rows: usize,
    columns: usize,
    accumulate: Accumulate<'a>,
    terms: Vec<Term<'a, N>>,
}

/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn multiply_all_with<const N: usize>(products: Vec<Product>, kernel: Kernel<N>) {
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
    let packed = products.into_iter().map(|p| Packed {
        rows: p.rows(),
        columns: p.columns(),
        accumulate: p.accumulate,
        terms: p.terms.iter().map(|(a, b)| (*a, rights.panels(b, panels))).collect(),
        c: p.c,
    });
    // SAFETY: the caller's promise.
    unsafe { multiply_packed(packed.collect(), kernel) };
    PANELS.set(memory);
}

/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn multiply_packed<const N: usize>(mut products: Vec<Packed<N>>, kernel: Kernel<N>) {
    let size = block_size(&products);
    let (mut blocks, mut work) = (Vec::new(), Vec::new());
    for (product, Packed { c, rows, columns, accumulate, terms }) in products.iter_mut().enumerate()
    {
        let size = [even(*rows, size[0], kernel.rows), even(*columns, size[1], N)];
        blocks.extend(Rectangle::divide(c, *columns, size).map(|c| (product, c)));
        work.push((*accumulate, &*terms));
    }
    blocks.into_par_iter().with_max_len(1).for_each(|(product, mut c)| {
        let (accumulate, terms) = &work[product];
        // SAFETY: the caller's promise.
        STRIPS.with_borrow_mut(|strips| unsafe {
            (kernel.compute)(&mut c, *accumulate, terms, strips);
        });
    });
}

/// Maximum rows and columns of blocks: large, but with several blocks for every thread where the products are large
/// enough for that.
fn block_size<const N: usize>(products: &[Packed<N>]) -> [usize; 2] {
    let columns = products.iter().map(|p| p.columns).max().unwrap_or(0);
    let mut most = [ROWS, columns.max(1)];
    let count = |[height, width]: [usize; 2]| -> usize {
        products.iter().map(|p| p.rows.div_ceil(height) * p.columns.div_ceil(width)).sum()
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
    use crate::kernels::{at_every_level, matrix::rows};

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
    fn products_with_a_factor_that_was_packed_before_are_the_same() {
        at_every_level(|| {
            for (m, n, k) in [(1, 1, 1), (25, 33, 7), (83, 129, 901)] {
                let (a, b, row) = (numbers(m * k, 31), numbers(k * n, 37), numbers(n, 5));
                let bt: Vec<f32> = (0..n * k).map(|x| b[x % k * n + x / k]).collect();
                for b in [rows(&b, n), rows(&bt, k).transpose()] {
                    let (mut expected, mut c) = (vec![f32::NAN; m * n], vec![f32::NAN; m * n]);
                    let (a, row) = (rows(&a, k), Accumulate::Row(&row));
                    multiply_all(vec![Product::of(&mut expected, row, a, b)]);
                    Panels::new(b).multiply(&mut c, row, a);
                    assert_eq!(c, expected, "{m} {n} {k}");
                }
            }
        });
    }

    #[test]
    fn products_are_exact_with_sums_of_every_shape() {
        check(block::PORTABLE);
        check(block::WIDE);
    }
}
