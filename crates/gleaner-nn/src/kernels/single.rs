//! Large matrix products in f32.
//!
//! Left factors are copied into panels of M rows and right factors into panels of N columns. M × N sums stay in
//! registers while a panel of each streams through (Goto and van de Geijn 2008). One factor is copied for all blocks of
//! a product, the other in parts by the blocks themselves: the right one, if it is larger and its columns occupy all
//! threads. Then it goes through main memory once, which matters because a layer's weights are often larger than a
//! batch. [`Panels`] are always copied for all blocks. The order of summation depends only on the level and the inner
//! dimension.

mod block;

use super::{
    Level,
    factors::Factors,
    matrix::{Accumulate, Matrix, Product},
    rectangle::Rectangle,
};
use block::{Factor, Kernel, Memory, Term};
use rayon::prelude::*;
use std::cell::{Cell, RefCell};

/// Maximum rows and columns of a block, in the dimension whose factor the block packs.
const MOST: [usize; 2] = [72, 64];
/// Minimum rows and columns of a block that is divided to occupy all threads.
const SMALLEST: [usize; 2] = [12, 32];

thread_local! {
    /// Memory for the panels of all blocks, reused by the products started on this thread. A product takes it while it
    /// runs, because another product may start here while the first waits for its blocks.
    static SHARED: Cell<Memory> = const { Cell::new([Vec::new(), Vec::new()]) };
    /// Panels of the block that this thread works on.
    static OWN: RefCell<Memory> = const { RefCell::new([Vec::new(), Vec::new()]) };
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
    unsafe fn multiply_with<const M: usize, const N: usize>(
        &self,
        c: &mut [f32],
        accumulate: Accumulate,
        a: Matrix,
        kernel: Kernel<M, N>,
    ) {
        if c.is_empty() {
            return;
        }
        let right = Factor::Packed(self.values.as_chunks().0);
        let terms = vec![Term { inner: self.inner, left: Factor::Plain(a.transpose()), right }];
        let work = Work { c, size: [a.rows(), self.columns], packs: Side::Left, accumulate, terms };
        // SAFETY: the caller's promise.
        unsafe { compute(vec![work], wanted(1), kernel) }
    }
}

/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn pack_with<const M: usize, const N: usize>(b: Matrix, kernel: Kernel<M, N>) -> Vec<f32> {
    let mut values = vec![0.0; b.columns().div_ceil(N) * b.rows() * N];
    // SAFETY: the caller's promise.
    unsafe { (kernel.pack_right)(&b, 0..b.columns(), values.as_chunks_mut().0) };
    values
}

/// A side of a product.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

/// A product to compute.
struct Work<'a, const M: usize, const N: usize> {
    c: &'a mut [f32],
    /// Rows and columns.
    size: [usize; 2],
    /// The side whose factors the blocks pack, each block its part. Those of the other side are packed.
    packs: Side,
    accumulate: Accumulate<'a>,
    terms: Vec<Term<'a, M, N>>,
}

/// The side that the blocks of a product pack: the larger one, but the right one only if its columns alone make as many
/// blocks as are `wanted`, so that none packs the same columns as another.
fn packed_by_blocks(product: &Product, wanted: usize) -> Side {
    let (rows, columns) = (product.rows(), product.columns());
    match rows < columns && columns.div_ceil(SMALLEST[1]) >= wanted {
        true => Side::Right,
        false => Side::Left,
    }
}

/// Number of blocks of each of some products that occupy all threads, even if the machine has other work.
fn wanted(products: usize) -> usize {
    (4 * rayon::current_num_threads()).div_ceil(products.max(1))
}

/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn multiply_all_with<const M: usize, const N: usize>(
    products: Vec<Product>,
    kernel: Kernel<M, N>,
) {
    let mut memory = SHARED.take();
    let wanted = wanted(products.len());
    let packs = |p: &Product| packed_by_blocks(p, wanted);
    let terms = |side| products.iter().filter(move |p| packs(p) == side).flat_map(|p| &p.terms);
    let lefts = Factors::of::<M>(terms(Side::Right).map(|(a, _)| a.transpose()), |n| n);
    let rights = Factors::of::<N>(terms(Side::Left).map(|(_, b)| *b), |n| n);
    let [left_panels, right_panels] = &mut memory;
    let left_panels = grown::<M>(left_panels, lefts.total());
    let right_panels = grown::<N>(right_panels, rights.total());
    // SAFETY: the caller's promise.
    lefts.pack(left_panels, |a, columns, to| unsafe { (kernel.pack_left)(a, columns, to) });
    // SAFETY: as above.
    rights.pack(right_panels, |b, columns, to| unsafe { (kernel.pack_right)(b, columns, to) });
    let (left_panels, right_panels) = (&*left_panels, &*right_panels);
    let work = products.into_iter().map(|p| {
        let (size, packs) = ([p.rows(), p.columns()], packs(&p));
        let terms = p.terms.iter().map(|(a, b)| {
            let (left, inner) = (a.transpose(), b.rows());
            match packs {
                Side::Left => Term {
                    inner,
                    left: Factor::Plain(left),
                    right: Factor::Packed(rights.panels(b, right_panels)),
                },
                Side::Right => Term {
                    inner,
                    left: Factor::Packed(lefts.panels(&left, left_panels)),
                    right: Factor::Plain(*b),
                },
            }
        });
        Work { size, packs, accumulate: p.accumulate, terms: terms.collect(), c: p.c }
    });
    // SAFETY: the caller's promise.
    unsafe { compute(work.collect(), wanted, kernel) };
    SHARED.set(memory);
}

/// Memory for a number of rows of panels.
fn grown<const W: usize>(memory: &mut Vec<f32>, rows: usize) -> &mut [[f32; W]] {
    if memory.len() < rows * W {
        memory.resize(rows * W, 0.0);
    }
    &mut memory.as_chunks_mut().0[..rows]
}

/// Computes products in blocks, of which each product gets as many as are `wanted` if it is large enough.
///
/// # Safety
/// The processor has the instructions of the kernel.
unsafe fn compute<const M: usize, const N: usize>(
    mut products: Vec<Work<M, N>>,
    wanted: usize,
    kernel: Kernel<M, N>,
) {
    let (mut blocks, mut shared) = (Vec::new(), Vec::new());
    for (product, Work { c, size, packs, accumulate, terms }) in products.iter_mut().enumerate() {
        let most = block_size(*size, *packs, wanted);
        let most = [even(size[0], most[0], M), even(size[1], most[1], N)];
        blocks.extend(Rectangle::divide(c, size[1], most).map(|c| (product, c)));
        shared.push((*accumulate, &*terms));
    }
    blocks.into_par_iter().with_max_len(1).for_each(|(product, mut c)| {
        let (accumulate, terms) = &shared[product];
        // SAFETY: the caller's promise.
        OWN.with_borrow_mut(|memory| unsafe {
            (kernel.compute)(&mut c, *accumulate, terms, memory);
        });
    });
}

/// Maximum rows and columns of a product's blocks: large, but with enough blocks to occupy all threads where the
/// product is large enough for that.
fn block_size(size: [usize; 2], packs: Side, wanted: usize) -> [usize; 2] {
    // Blocks that reach across the other dimension pack each part once, so the other dimension is divided last.
    let order = if packs == Side::Left { [0, 1] } else { [1, 0] };
    let mut most = size.map(|n| n.max(1));
    most[order[0]] = most[order[0]].min(MOST[order[0]]);
    while size[0].div_ceil(most[0]) * size[1].div_ceil(most[1]) < wanted {
        match order.into_iter().find(|&i| most[i] >= 2 * SMALLEST[i]) {
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
    fn check<const M: usize, const N: usize>(kernel: Kernel<M, N>) {
        let multiply = |product: Product| {
            // SAFETY: the kernel has the instructions of the target's baseline.
            unsafe { multiply_all_with(vec![product], kernel) };
        };
        for (m, n, k) in [(1, 1, 1), (25, 33, 7), (83, 129, 901), (149, 71, 901)] {
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
    fn products_are_the_same_with_any_number_of_threads_and_beside_others() {
        // Fractions, whose sums differ if their order does.
        let fractions = |n, by| -> Vec<f32> {
            numbers(n, by).iter().enumerate().map(|(i, x)| x / (3.0 + (i % 7) as f32)).collect()
        };
        let inner = [0, 5, 901];
        let (shared, more) = (fractions(901 * 140, 31), fractions(901 * 140, 37));
        let compute = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let mut results: Vec<Vec<f32>> =
                [(25, 133), (133, 25), (70, 70), (133, 140)].map(|(m, n)| vec![1.0; m * n]).into();
            let sizes = [(25, 133), (133, 25), (70, 70), (133, 140)];
            let products = results.iter_mut().zip(sizes).map(|(c, (m, n))| {
                let factors =
                    inner.map(|k| (rows(&shared[..k * m], m).transpose(), rows(&more[..k * n], n)));
                Product { c, accumulate: Accumulate::Result, terms: factors.into() }
            });
            pool.expect("some threads").install(|| multiply_all(products.collect()));
            results
        };
        let expected = compute(1);
        for (c, (m, n)) in expected.iter().zip([(25, 133), (133, 25), (70, 70), (133, 140)]) {
            for (i, j) in [(0, 0), (m - 1, n - 1), (m / 2, n / 3)] {
                let term = |k: usize| -> f64 {
                    (0..k).map(|p| f64::from(shared[p * m + i]) * f64::from(more[p * n + j])).sum()
                };
                let plain = 1.0 + inner.map(term).iter().sum::<f64>();
                let found = f64::from(c[i * n + j]);
                assert!(
                    (found - plain).abs() < 1e-3 * plain.abs().max(10.0),
                    "{m} {n}: {found} {plain}"
                );
            }
        }
        for threads in [2, 3, 16] {
            assert!(compute(threads) == expected, "{threads} threads");
        }
    }

    #[test]
    fn products_are_exact_with_sums_of_every_shape() {
        check(block::PORTABLE);
        check(block::WIDE);
    }
}
