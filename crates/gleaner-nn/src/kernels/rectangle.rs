//! Rectangles of a result, each computed by one thread.

use std::marker::PhantomData;

/// A rectangle of a result that is stored row by row.
pub(super) struct Rectangle<'a> {
    /// First row in the result.
    pub(super) row: usize,
    /// First column in the result.
    pub(super) column: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    start: *mut f32,
    /// Distance between rows.
    stride: usize,
    result: PhantomData<&'a mut [f32]>,
}

// SAFETY: like a `&mut [f32]`, a rectangle is the only access to its numbers.
unsafe impl Send for Rectangle<'_> {}

impl<'a> Rectangle<'a> {
    /// Divides a result with rows of `width` numbers into rectangles of maximum `[rows, columns]`.
    pub(super) fn divide(
        result: &'a mut [f32],
        width: usize,
        [height, columns]: [usize; 2],
    ) -> impl Iterator<Item = Self> {
        result.chunks_mut(height * width).enumerate().flat_map(move |(i, strip)| {
            let (start, rows) = (strip.as_mut_ptr(), strip.len() / width);
            (0..width).step_by(columns).map(move |column| Self {
                row: i * height,
                column,
                rows,
                columns: columns.min(width - column),
                // SAFETY: `column` is inside the strip's first row.
                start: unsafe { start.add(column) },
                stride: width,
                result: PhantomData,
            })
        })
    }

    /// One row of the rectangle, `[columns]`.
    pub(super) fn row_mut(&mut self, i: usize) -> &mut [f32] {
        assert!(i < self.rows);
        // SAFETY: the row is inside the rectangle, which nothing else accesses.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(i * self.stride), self.columns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_cover_a_result_once() {
        for (height, width, size) in
            [(1, 1, [1, 1]), (7, 5, [3, 2]), (12, 32, [6, 16]), (5, 9, [8, 99])]
        {
            let mut result = vec![0.0; height * width];
            let rectangles: Vec<_> = Rectangle::divide(&mut result, width, size).collect();
            for (n, mut rectangle) in rectangles.into_iter().enumerate() {
                for i in 0..rectangle.rows {
                    let place = (rectangle.row + i) * width + rectangle.column;
                    rectangle.row_mut(i).iter_mut().for_each(|x| *x += (place + 1000 * n) as f32);
                }
            }
            let across = width.div_ceil(size[1]);
            for (x, found) in result.into_iter().enumerate() {
                let (row, column) = (x / width, x % width);
                let n = row / size[0] * across + column / size[1];
                assert_eq!(found as usize, row * width + column / size[1] * size[1] + 1000 * n);
            }
        }
    }
}
