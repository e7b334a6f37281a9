//! Batches of two texts, with a share of the first in each.

use super::{BUCKET, epoch};
use gleaner_nn::rng::Stream;

/// The batches of an epoch, each of up to `size` sentences, as indices. The first `own` sentences make up at least the
/// part `share` of every batch, but never all of it. The other sentences occur once; the first ones occur at least once
/// and are repeated as needed. In order, or, with a stream of random numbers, shuffled and length-bucketed.
pub(crate) fn mixed(
    lengths: &[usize],
    own: usize,
    size: usize,
    share: f64,
    shuffle: Option<Stream>,
) -> Vec<Vec<usize>> {
    let rest = lengths.len() - own;
    let least = ((share * size as f64).ceil() as usize).min(size - 1);
    if least == 0 || rest == 0 {
        return epoch(lengths, size, shuffle);
    }
    let mut batches = lengths.len().div_ceil(size).max(rest.div_ceil(size - least));
    let of_own = |batches: usize| own.max(batches * least);
    while of_own(batches).div_ceil(batches) + rest.div_ceil(batches) > size {
        batches += 1;
    }
    let ordered = |mut indices: Vec<usize>, stream: Option<Stream>| {
        if let Some(stream) = stream {
            stream.shuffle(&mut indices);
        }
        indices
    };
    let pass = |number: usize| {
        let stream = shuffle.map(|s| s.named("own").child(number as u64));
        ordered((0..own).collect(), stream)
    };
    let mut first: Vec<usize> = (0..).flat_map(pass).take(of_own(batches)).collect();
    let mut second = ordered((own..lengths.len()).collect(), shuffle.map(|s| s.named("rest")));
    let part = |all: usize, from: usize, to: usize| from * all / batches..to * all / batches;
    if shuffle.is_some() {
        for bucket in (0..batches).step_by(BUCKET) {
            for indices in [&mut first, &mut second] {
                let range = part(indices.len(), bucket, (bucket + BUCKET).min(batches));
                indices[range].sort_by_key(|&i| lengths[i]);
            }
        }
    }
    let batch = |number: usize| {
        let of = |indices: &[usize]| indices[part(indices.len(), number, number + 1)].to_vec();
        [of(&first), of(&second)].concat()
    };
    let mut all: Vec<Vec<usize>> = (0..batches).map(batch).collect();
    if let Some(stream) = shuffle {
        stream.named("batches").shuffle(&mut all);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_batch_holds_its_share_and_nothing_is_lost(
            own in 1..60usize, rest in 0..200usize, size in 1..20usize, share in 0.0..0.99f64,
            shuffled: bool
        ) {
            let lengths: Vec<usize> = (0..own + rest).map(|i| i * 7 % 31).collect();
            let stream = shuffled.then(|| Stream::new(3));
            let batches = mixed(&lengths, own, size, share, stream);
            let least = ((share * size as f64).ceil() as usize).min(size - 1);
            let mut seen = vec![0; own + rest];
            for batch in &batches {
                prop_assert!(!batch.is_empty() && batch.len() <= size);
                let of_own = batch.iter().filter(|&&i| i < own).count();
                prop_assert!(rest == 0 || of_own >= least, "{of_own} of {batch:?}");
                batch.iter().for_each(|&i| seen[i] += 1);
            }
            prop_assert!(seen[..own].iter().all(|&n| n >= 1));
            prop_assert!(seen[own..].iter().all(|&n| n == 1));
            // Repeated evenly.
            let (low, high) = (seen[..own].iter().min(), seen[..own].iter().max());
            prop_assert!(high.unwrap() - low.unwrap() <= 1);
        }
    }

    #[test]
    fn without_a_share_batches_are_as_they_come() {
        let lengths: Vec<usize> = (0..50).map(|i| i * 7 % 31).collect();
        for stream in [None, Some(Stream::new(5))] {
            assert_eq!(mixed(&lengths, 20, 8, 0.0, stream), epoch(&lengths, 8, stream));
            assert_eq!(mixed(&lengths, 50, 8, 0.5, stream), epoch(&lengths, 8, stream));
        }
    }

    #[test]
    fn a_stream_decides_the_order() {
        let lengths: Vec<usize> = (0..90).map(|i| i * 7 % 31).collect();
        let of = |seed| mixed(&lengths, 20, 8, 0.25, Some(Stream::new(seed)));
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        assert_ne!(of(1), mixed(&lengths, 20, 8, 0.25, None));
    }
}
