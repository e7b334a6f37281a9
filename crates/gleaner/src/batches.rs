//! Which sequences the network reads together.

mod mixed;

pub(crate) use mixed::mixed;

use crate::framing::Sequence;
use gleaner_nn::{Batch, Packed, rng::Stream};

/// Number of pieces of a batch that one thread labels: few enough that their values stay in the cache.
pub(crate) const PIECES_OF_A_THREAD: usize = 256;
/// Maximum number of pieces of a batch that all threads, or another device, label together.
pub(crate) const PIECES_OF_ALL_THREADS: usize = 2048;

/// Number of batches that length bucketing sorts together: sentences are sorted by length within this many batches
/// of random order.
const BUCKET: usize = 16;

/// Packs sequences into a batch; `tags` holds the tags of all labelled positions, or nothing.
pub(crate) fn assemble<'a>(
    sequences: impl IntoIterator<Item = &'a Sequence> + Clone,
    tags: Vec<u16>,
) -> Batch {
    let packed = Packed::new(sequences.clone().into_iter().map(|s| s.ids.as_slice()));
    let (mut labelled, mut labelled_offsets) = (Vec::new(), vec![0]);
    for (s, &offset) in sequences.into_iter().zip(packed.offsets()) {
        labelled.extend(s.labelled.iter().map(|position| position + offset as u32));
        labelled_offsets.push(labelled.len());
    }
    Batch::new(packed, labelled, labelled_offsets, tags)
}

/// Length-bucketed batches for labelling, each of up to `most` pieces or of one sequence, as indices into `lengths`.
pub(crate) fn by_length(lengths: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| lengths[i]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut pieces = usize::MAX;
    for i in order {
        if pieces.saturating_add(lengths[i]) > most {
            batches.push(Vec::new());
            pieces = 0;
        }
        pieces += lengths[i];
        batches.last_mut().expect("one was just pushed").push(i);
    }
    batches
}

/// Length-bucketed batches for labelling by `threads` threads at a time, as indices into `lengths`. As many for each
/// thread, of about [`PIECES_OF_A_THREAD`] pieces: no thread waits for the last one, and the last batch is not a small
/// one, for which the weights would be read as for a large one.
pub(crate) fn for_threads(lengths: &[usize], threads: usize) -> Vec<Vec<usize>> {
    let total: usize = lengths.iter().sum();
    let of_a_round = PIECES_OF_A_THREAD * threads;
    let rounds = ((total + of_a_round / 2) / of_a_round).max(1);
    let count = rounds * threads;
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| lengths[i]);
    let mut batches: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut before = 0;
    for i in order {
        // The share in which the middle of the sequence lies.
        let at = (2 * before + lengths[i]) * count / (2 * total).max(1);
        batches[at.min(count - 1)].push(i);
        before += lengths[i];
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}

/// The batches of an epoch, each of `size` sentences, as indices: in order, or, with a stream of random numbers,
/// shuffled and length-bucketed.
pub(crate) fn epoch(lengths: &[usize], size: usize, shuffle: Option<Stream>) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    let Some(stream) = shuffle else {
        return order.chunks(size).map(<[usize]>::to_vec).collect();
    };
    stream.named("sentences").shuffle(&mut order);
    for bucket in order.chunks_mut(size.saturating_mul(BUCKET)) {
        bucket.sort_by_key(|&i| lengths[i]);
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(size).map(<[usize]>::to_vec).collect();
    stream.named("batches").shuffle(&mut batches);
    batches
}

#[cfg(test)]
mod tests;
