//! Masked-language modelling: choosing pieces to mask, and batches of sentences with masked pieces.

use gleaner_nn::rng::Stream;
use gleaner_nn::{Batch, Packed};

use crate::vocabulary::{FIRST, MASK};

/// The share of pieces to predict.
const PREDICTED: f32 = 0.15;

/// A batch whose labelled positions are the pieces to predict and whose tags are their ids. 80 % of them are replaced
/// by `[MASK]`, 10 % by a random piece, and 10 % stay (Devlin et al. 2019).
pub(crate) fn batch(sentences: &[&[u32]], vocabulary: usize, stream: Stream) -> Batch {
    let mut packed = Packed::new(sentences.iter().copied());
    let (mut labelled, mut labelled_offsets, mut tags) = (Vec::new(), vec![0], Vec::new());
    let (choice, fate, other) = (stream.child(1), stream.child(2), stream.child(3));
    for sentence in 0..sentences.len() {
        for at in packed.offsets()[sentence]..packed.offsets()[sentence + 1] {
            let (index, piece) = (at as u64, packed.ids()[at]);
            if piece < FIRST || choice.uniform(index) >= PREDICTED {
                continue;
            }
            labelled.push(at as u32);
            tags.push(piece as u16);
            match fate.uniform(index) {
                f if f < 0.8 => packed.ids_mut()[at] = MASK,
                f if f < 0.9 => {
                    let others = vocabulary - FIRST as usize;
                    packed.ids_mut()[at] = FIRST + other.below(others, index) as u32;
                }
                _ => {}
            }
        }
        labelled_offsets.push(labelled.len());
    }
    Batch::new(packed, labelled, labelled_offsets, tags)
}

/// The length-bucketed batches of an epoch in random order: positions of `size` sentences each.
pub(crate) fn epoch(sentences: &[Vec<u32>], size: usize, stream: Stream) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..sentences.len()).collect();
    stream.child(1).shuffle(&mut order);
    for run in order.chunks_mut(32 * size) {
        run.sort_by_key(|&at| sentences[at].len());
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(size).map(<[usize]>::to_vec).collect();
    stream.child(2).shuffle(&mut batches);
    batches
}
