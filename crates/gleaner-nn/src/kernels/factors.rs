//! Factors of products, copied into panels.
//!
//! A panel holds some columns of a factor, one row after the other, so that a product reads it from front to back.

use super::matrix::Matrix;
use rayon::prelude::*;
use std::ops::Range;

/// Factors `[inner, columns]` of some products. Each is packed once, even if it is used several times.
pub(super) struct Factors<'a> {
    /// Factors, and the indices where their panels start.
    factors: Vec<(Matrix<'a>, usize)>,
    /// Number of rows of all panels.
    total: usize,
    /// Rows of a panel for factors with this inner dimension.
    depth: fn(usize) -> usize,
}

impl<'a> Factors<'a> {
    /// These factors, in panels of N columns and `depth(inner)` rows.
    pub(super) fn of<const N: usize>(
        factors: impl Iterator<Item = Matrix<'a>>,
        depth: fn(usize) -> usize,
    ) -> Self {
        let mut all = Self { factors: Vec::new(), total: 0, depth };
        for b in factors {
            if !all.factors.iter().any(|(other, _)| same(other, &b)) {
                all.factors.push((b, all.total));
                all.total += b.columns().div_ceil(N) * depth(b.rows());
            }
        }
        all
    }

    /// Number of rows of all panels.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// The panels of a factor among all panels.
    pub(super) fn panels<'p, T, const N: usize>(
        &self,
        b: &Matrix,
        panels: &'p [[T; N]],
    ) -> &'p [[T; N]] {
        let found = self.factors.iter().find(|(other, _)| same(other, b));
        let (_, start) = found.expect("all factors were listed");
        &panels[*start..][..b.columns().div_ceil(N) * (self.depth)(b.rows())]
    }

    /// Fills the panels of all factors on all threads. `pack` copies a range of columns, which starts at a
    /// multiple of N, into its panels.
    pub(super) fn pack<T: Send, const N: usize>(
        &self,
        panels: &mut [[T; N]],
        pack: impl Fn(&Matrix, Range<usize>, &mut [[T; N]]) + Sync,
    ) {
        /// Minimum number of panels that one thread packs at a time, to read long runs of memory.
        const GROUP: usize = 3;
        let mut rest = panels;
        let mut groups = Vec::new();
        for (b, _) in &self.factors {
            let (deep, columns) = ((self.depth)(b.rows()), b.columns());
            for group in parts(columns.div_ceil(N), GROUP) {
                let columns = group.start * N..columns.min(group.end * N);
                let panels = rest.split_off_mut(..group.len() * deep);
                groups.push((b, columns, panels.expect("the total is there")));
            }
        }
        groups
            .into_par_iter()
            .with_max_len(1)
            .for_each(|(b, columns, group)| pack(b, columns, group));
    }
}

/// Whether two matrices are the same memory in the same layout.
fn same(a: &Matrix, b: &Matrix) -> bool {
    std::ptr::eq(a.values, b.values) && (a.width, a.transposed) == (b.width, b.transposed)
}

/// Divides `n` items among the threads into parts of nearly equal size: maximum four per thread, each of at
/// least `least` items.
pub(super) fn parts(n: usize, least: usize) -> impl Iterator<Item = Range<usize>> {
    let threads = rayon::current_num_threads();
    let most = (n / least).clamp(1, 4 * threads);
    let count = if most > threads { most / threads * threads } else { most };
    (0..count).map(move |i| i * n / count..(i + 1) * n / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_everything_and_are_nearly_equal() {
        for n in 0..200 {
            for least in 1..4 {
                let all: Vec<Range<usize>> = parts(n, least).collect();
                assert!(all.iter().cloned().flatten().eq(0..n), "{n} {least}");
                let sizes = || all.iter().map(Range::len);
                let (smallest, largest) = (sizes().min().unwrap(), sizes().max().unwrap());
                assert!(largest - smallest <= 1 && (smallest >= least || all.len() == 1));
            }
        }
    }
}
