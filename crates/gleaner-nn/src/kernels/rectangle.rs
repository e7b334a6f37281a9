//! Rectangles of a result, each computed by one thread.

use std::marker::PhantomData;

/// A rectangle of a result that is stored row by row.
pub(super) struct Rectangle<'a> {
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
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
                // Only `row_mut` accesses it, and only where the strip has a whole row.
                start: start.wrapping_add(column),
                stride: width,
                result: PhantomData,
            })
        })
    }

    /// The number of the first row in the result.
    #[inline(always)]
    pub(super) fn row(&self) -> usize {
        self.row
    }

    /// The number of the first column in the result.
    #[inline(always)]
    pub(super) fn column(&self) -> usize {
        self.column
    }

    /// The number of rows.
    #[inline(always)]
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    #[inline(always)]
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// One row of the rectangle, `[columns]`.
    pub(super) fn row_mut(&mut self, i: usize) -> &mut [f32] {
        assert!(i < self.rows);
        // SAFETY: the strip has `rows` whole rows of `stride` numbers, and `column + columns` is at most `stride`, so
        // this row is inside the strip. Rectangles do not overlap, and this one is borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(i * self.stride), self.columns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "i < self.rows")]
    fn a_strip_without_a_whole_row_has_no_rows() {
        let mut result = [0.0; 3];
        let mut rectangles = Rectangle::divide(&mut result, 5, [1, 2]);
        rectangles.nth(2).expect("three rectangles").row_mut(0);
    }

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
