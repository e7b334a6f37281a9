//! Rotary positions (Su et al. 2021): the halves of every head are rotated against each other, by angles that grow with
//! the position.

use super::{multiversion, rows::BLOCK};
use rayon::prelude::*;

/// The cosines and sines of the angles of all positions.
pub struct Rotations {
    /// Half the width of a head.
    half: usize,
    /// Angle from one position to the next, `[half]`.
    steps: Vec<f32>,
    /// Cosines, then sines, for every position: `[positions, 2 half]`.
    turns: Vec<f32>,
}

impl Rotations {
    /// Angles for heads of this (even) width, from the base of the wavelengths.
    pub fn new(width: usize, theta: f64) -> Self {
        let step = |i: usize| theta.powf(-((2 * i) as f64) / width as f64) as f32;
        let half = width / 2;
        Self { half, steps: (0..half).map(step).collect(), turns: Vec::new() }
    }

    /// Computes the angles of the first `positions` positions, unless they are known.
    pub fn reserve(&mut self, positions: usize) {
        for position in self.turns.len() / (2 * self.half)..positions {
            let angles = self.steps.iter().map(|step| position as f32 * step);
            self.turns.extend(angles.clone().map(f32::cos));
            self.turns.extend(angles.map(f32::sin));
        }
    }

    /// Cosines and sines of the angles that are known, `[positions, width]`: a half of each row.
    #[cfg(feature = "composite")]
    pub(crate) fn turns(&self) -> &[f32] {
        &self.turns
    }

    /// Rotates rows of `hidden` numbers in place, each by the angles of its position, or back.
    ///
    /// # Panics
    /// The angles of a position are not known.
    pub fn rotate(&self, rows: &mut [f32], hidden: usize, positions: &[usize], back: bool) {
        let sign = if back { -1.0 } else { 1.0 };
        rows.par_chunks_mut(BLOCK * hidden).zip(positions.par_chunks(BLOCK)).for_each(
            |(rows, positions)| {
                for (row, position) in rows.chunks_exact_mut(hidden).zip(positions) {
                    turn(row, &self.turns[position * 2 * self.half..][..2 * self.half], sign);
                }
            },
        );
    }
}

multiversion! {
    /// Rotates the heads of one row.
    fn turn(row: &mut [f32], turns: &[f32], sign: f32) {
        let half = turns.len() / 2;
        let (cosines, sines) = turns.split_at(half);
        for head in row.chunks_exact_mut(2 * half) {
            let (first, second) = head.split_at_mut(half);
            let pairs = first.iter_mut().zip(second);
            for ((x, y), (cosine, sine)) in pairs.zip(cosines.iter().zip(sines)) {
                let sine = sign * sine;
                (*x, *y) = (*x * cosine - *y * sine, *y * cosine + *x * sine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::at_every_level;

    #[test]
    fn pairs_turn_by_their_angles_and_back() {
        at_every_level(|| {
            let (heads, width, theta) = (3, 10, 100.0);
            let hidden = heads * width;
            let positions: Vec<usize> = (0..35).chain(0..40).collect();
            let rows: Vec<f32> =
                (0..positions.len() * hidden).map(|i| (i as f32 * 0.7).sin()).collect();
            let mut rotations = Rotations::new(width, theta);
            rotations.reserve(3);
            rotations.reserve(40);
            let mut turned = rows.clone();
            rotations.rotate(&mut turned, hidden, &positions, false);
            for (row, position) in positions.iter().enumerate() {
                for (head, i) in (0..heads).flat_map(|head| (0..5).map(move |i| (head, i))) {
                    let at = row * hidden + head * width + i;
                    let [x, y] = [rows[at], rows[at + 5]].map(f64::from);
                    let angle = *position as f64 / theta.powf(2.0 * i as f64 / width as f64);
                    let (sine, cosine) = angle.sin_cos();
                    let close =
                        |found: f32, expected: f64| (f64::from(found) - expected).abs() < 1e-5;
                    assert!(close(turned[at], x * cosine - y * sine), "{row} {i}");
                    assert!(close(turned[at + 5], y * cosine + x * sine), "{row} {i}");
                }
            }
            rotations.rotate(&mut turned, hidden, &positions, true);
            assert!(turned.iter().zip(&rows).all(|(a, b)| (a - b).abs() < 1e-6));
        });
    }
}
