//! Batches with padding, for engines that need sentences of equal length.

use crate::{Packed, rng::Dropout};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use std::ops::Range;

/// Sentences are padded to a multiple of this, so that kernels are compiled for few sizes.
const BUCKET: usize = 8;

/// Part of a batch, with its sentences padded to the same length. Row `s × longest + i` of a tensor `[rows, …]` is
/// piece `i` of sentence `s`, or padding.
pub(crate) struct Dense {
    pub(crate) sentences: usize,
    /// Number of pieces that every sentence is padded to.
    pub(crate) longest: usize,
    /// 1 for pieces, 0 for padding, `[sentences, longest]`.
    pub(crate) exists: Tensor<2>,
    /// Row of every piece of the part, in order.
    rows: Vec<usize>,
    /// Index in the whole batch of every row's piece, `[rows, 1]`; arbitrary for padding.
    pieces: Tensor<2, Int>,
    lengths: Tensor<4, Int>,
    /// Σ length² of the sentences before each, `[sentences, 1, 1, 1]`.
    pairs: Tensor<4, Int>,
    device: Device,
}

impl Dense {
    /// The sentences `part` of a batch, as tensors on `device` without automatic differentiation.
    pub(crate) fn of(packed: &Packed, part: Range<usize>, device: &Device) -> Self {
        let lengths: Vec<usize> = packed.lengths().collect();
        let sentences = part.len();
        let longest = padded(&lengths[part.clone()]);
        let mut exists = vec![0f32; sentences * longest];
        let mut pieces = vec![0i64; sentences * longest];
        let mut rows = Vec::new();
        for (s, sentence) in part.clone().enumerate() {
            for i in 0..lengths[sentence] {
                let row = s * longest + i;
                exists[row] = 1.0;
                pieces[row] = (packed.offsets()[sentence] + i) as i64;
                rows.push(row);
            }
        }
        let squares = |s: usize| lengths[..s].iter().map(|&n| (n * n) as i64).sum();
        let pairs: Vec<i64> = part.clone().map(squares).collect();
        let of_part = lengths[part].iter().map(|&n| n as i64).collect();
        Self {
            sentences,
            longest,
            exists: Tensor::from_data(TensorData::new(exists, [sentences, longest]), device),
            rows,
            pieces: counters(pieces, [sentences * longest, 1], device),
            lengths: counters(of_part, [sentences, 1, 1, 1], device),
            pairs: counters(pairs, [sentences, 1, 1, 1], device),
            device: device.clone(),
        }
    }

    /// Number of rows, padding included.
    pub(crate) fn len(&self) -> usize {
        self.sentences * self.longest
    }

    /// Row of every piece of the part, in order.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The mask that is added to attention scores, `[sentences, 1, 1, longest]`: 0 for pieces, a large negative
    /// number for padding.
    pub(crate) fn attention_mask(&self) -> Tensor<4> {
        ((self.exists.clone() - 1.0) * 1e9).reshape([self.sentences, 1, 1, self.longest])
    }

    /// The dropout indices of a tensor with `columns` columns, `[rows, columns]`: the index of every element in
    /// the whole batch without padding.
    pub(crate) fn elements(&self, columns: usize) -> Tensor<2, Int> {
        self.pieces.clone() * columns as u32 + arange(columns, &self.device).reshape([1, columns])
    }

    /// The dropout indices of attention probabilities, `[sentences, heads, longest, longest]`. They count
    /// sentences of the whole batch, heads, queries and keys, without padding.
    pub(crate) fn probabilities(&self, heads: usize) -> Tensor<4, Int> {
        let n = self.lengths.clone();
        let head = arange(heads, &self.device).reshape([1, heads, 1, 1]);
        let position = arange(self.longest, &self.device);
        let (query, key) = (
            position.clone().reshape([1, 1, self.longest, 1]),
            position.reshape([1, 1, 1, self.longest]),
        );
        self.pairs.clone() * heads as u32 + (head * n.clone() + query) * n + key
    }
}

/// Number of pieces that sentences of these lengths are padded to.
pub(crate) fn padded(lengths: &[usize]) -> usize {
    lengths.iter().max().map_or(0, |n| n.next_multiple_of(BUCKET))
}

/// Row indices as a tensor on a device.
pub(crate) fn indices(
    values: impl ExactSizeIterator<Item = usize>,
    device: &Device,
) -> Tensor<1, Int> {
    let n = values.len();
    let values: Vec<i64> = values.map(|v| v as i64).collect();
    Tensor::from_data(TensorData::new(values, [n]), device)
}

/// The dropout indices of a tensor that does not depend on the batch.
pub(crate) fn grid([rows, columns]: [usize; 2], device: &Device) -> Tensor<2, Int> {
    arange(rows * columns, device).reshape([rows, columns])
}

/// The dropout factors of the elements with these indices, equal to [`Dropout::factor`].
pub(crate) fn factors<const D: usize>(mask: &Dropout, elements: Tensor<D, Int>) -> Tensor<D> {
    let (keys, threshold, scale) = mask.parts();
    let mixed = keys.into_iter().fold(elements, |h, key| finalise(h.bitwise_xor_scalar(key)));
    mixed.greater_equal_elem(threshold).float() * scale
}

/// MurmurHash3's 32-bit finaliser.
fn finalise<const D: usize>(h: Tensor<D, Int>) -> Tensor<D, Int> {
    let shifted =
        |h: Tensor<D, Int>, bits: u32| h.clone().bitwise_xor(h.bitwise_right_shift_scalar(bits));
    // Keep the lower 32 bits of the product. 64-bit integers would keep more.
    let times = |h: Tensor<D, Int>, factor: u32| h.mul_scalar(factor).bitwise_and_scalar(u32::MAX);
    let h = times(shifted(h, 16), 0x85eb_ca6b);
    let h = times(shifted(h, 13), 0xc2b2_ae35);
    shifted(h, 16)
}

/// The type of dropout indices. 32-bit products must wrap, and burn's CPU backend guarantees that only with 64-bit
/// unsigned integers.
fn counter_type(device: &Device) -> DType {
    match *device == Device::flex() {
        true => DType::U64,
        false => DType::U32,
    }
}

fn counters<const D: usize>(
    values: Vec<i64>,
    shape: [usize; D],
    device: &Device,
) -> Tensor<D, Int> {
    Tensor::from_data(TensorData::new(values, shape), (device, counter_type(device)))
}

fn arange(n: usize, device: &Device) -> Tensor<1, Int> {
    counters((0..n as i64).collect(), [n], device)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compute, rng::Stream};

    fn packed(lengths: &[usize]) -> Packed {
        let sentences: Vec<Vec<u32>> = lengths.iter().map(|&n| vec![0; n]).collect();
        Packed::new(sentences.iter().map(Vec::as_slice))
    }

    fn host<const D: usize>(t: Tensor<D, Int>) -> Vec<usize> {
        t.into_data().iter::<i64>().map(|v| v as usize).collect()
    }

    #[test]
    fn a_part_counts_its_pieces_and_probabilities_as_the_whole_batch_does() {
        let (packed, heads) = (packed(&[3, 9, 1, 2]), 2);
        for compute in Compute::all() {
            let whole = Dense::of(&packed, 0..4, &compute.device());
            assert_eq!((whole.longest, whole.len(), whole.rows().len()), (16, 64, 15));
            let elements = host(whole.elements(5));
            let counted: Vec<usize> =
                whole.rows().iter().flat_map(|&r| elements[r * 5..][..5].to_vec()).collect();
            assert_eq!(counted, (0..75).collect::<Vec<_>>());
            let all = host(whole.probabilities(heads));
            let mut expected = 0;
            for (s, n) in packed.lengths().enumerate() {
                for (head, query, key) in (0..heads)
                    .flat_map(|h| (0..n).flat_map(move |q| (0..n).map(move |k| (h, q, k))))
                {
                    assert_eq!(all[((s * heads + head) * 16 + query) * 16 + key], expected);
                    expected += 1;
                }
            }
            let part = Dense::of(&packed, 2..4, &compute.device());
            assert_eq!(part.longest, 8);
            assert_eq!(host(part.elements(1))[0], 12);
            assert_eq!(host(part.probabilities(heads))[0], 2 * (9 + 81));
        }
    }

    #[test]
    fn dropout_on_tensors_is_that_of_numbers() {
        let mask = Stream::new(3).child(9).dropout(0.3);
        for compute in Compute::all() {
            let device = compute.device();
            let numbers: Vec<i64> =
                (0..2000).map(|i| i64::from(u32::MAX) - i).chain(0..3000).collect();
            let n = numbers.len();
            let found = factors(&mask, counters(numbers.clone(), [n], &device));
            let expected: Vec<f32> = numbers.iter().map(|&i| mask.factor(i as u32)).collect();
            assert_eq!(found.into_data().try_into_vec::<f32>().unwrap(), expected, "{compute}");
        }
    }
}
