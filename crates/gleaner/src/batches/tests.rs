//! Batches hold every sequence once.

use super::*;
use crate::{
    PieceLabels,
    framing::Framing,
    testing::{PIECES, sentence},
};
use proptest::prelude::*;

const KINDS: [PieceLabels; 3] = [PieceLabels::First, PieceLabels::All, PieceLabels::Repeated];

proptest! {
    #[test]
    fn a_batch_holds_its_sequences_in_order(
        sentences in prop::collection::vec(sentence(), 1..5), kind in 0..3usize
    ) {
        let f = Framing { labels: KINDS[kind], limit: 20 };
        let sequences: Vec<Sequence> = sentences.iter().map(|s| f.cut(&PIECES, &s.pieces).0).collect();
        let batch = assemble(&sequences, Vec::new());
        prop_assert_eq!(batch.packed().sentences(), sequences.len());
        for (i, s) in sequences.iter().enumerate() {
            let pieces = batch.packed().offsets()[i]..batch.packed().offsets()[i + 1];
            prop_assert_eq!(&batch.packed().ids()[pieces], &s.ids[..]);
            let labelled = &batch.labelled()[batch.labelled_offsets()[i]..batch.labelled_offsets()[i + 1]];
            let own: Vec<u32> = labelled.iter().map(|&u| batch.packed().ids()[u as usize]).collect();
            let expected: Vec<u32> = s.labelled.iter().map(|&u| s.ids[u as usize]).collect();
            prop_assert_eq!(own, expected);
        }
    }

    #[test]
    fn labelling_batches_hold_every_sequence_once_and_bounded(lengths in prop::collection::vec(1usize..600, 0..80)) {
        let batches = by_length(&lengths, PIECES_OF_A_THREAD);
        let mut all: Vec<usize> = batches.iter().flatten().copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
        for batch in batches {
            prop_assert!(batch.len() == 1 || batch.iter().map(|&i| lengths[i]).sum::<usize>() <= PIECES_OF_A_THREAD);
        }
    }

    #[test]
    fn batches_of_threads_hold_every_sequence_once_and_are_even(
        lengths in prop::collection::vec(1usize..600, 0..200), threads in 1usize..9
    ) {
        let batches = for_threads(&lengths, threads);
        let mut all: Vec<usize> = batches.iter().flatten().copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
        let (total, longest) = (lengths.iter().sum::<usize>(), lengths.iter().max().copied().unwrap_or(0));
        // At most one and a half times what is meant, and a sequence that lies across a border.
        let most = PIECES_OF_A_THREAD * 3 / 2 + longest;
        for batch in &batches {
            let pieces: usize = batch.iter().map(|&i| lengths[i]).sum();
            prop_assert!(!batch.is_empty() && pieces <= most.min(total), "{} of {}", pieces, total);
        }
    }
}

#[test]
fn each_thread_gets_as_many_batches_and_none_is_small() {
    let pieces = |sentences: usize, threads| -> Vec<usize> {
        let lengths = vec![35; sentences];
        for_threads(&lengths, threads).iter().map(|batch| batch.len() * 35).collect()
    };
    assert_eq!(pieces(1, 2), [35]);
    assert_eq!(pieces(2, 2), [35, 35]);
    assert_eq!(pieces(16, 2), [280, 280]);
    assert_eq!(pieces(32, 2), [280; 4]);
    let many = pieces(100, 1);
    assert!(many.len() == 14 && many.iter().all(|&n| n == 245 || n == 280), "{many:?}");
}

#[test]
fn an_epoch_visits_every_sentence_once_and_differs_from_the_next() {
    let lengths: Vec<usize> = (0..103).map(|i| 3 + (i * 37) % 50).collect();
    let run = |seed| epoch(&lengths, 8, Some(Stream::new(seed)));
    let flat = |b: Vec<Vec<usize>>| b.into_iter().flatten().collect::<Vec<_>>();
    let mut all = flat(run(1));
    assert_ne!(all, flat(run(2)));
    assert_eq!(all, flat(run(1)));
    all.sort_unstable();
    assert_eq!(all, (0..103).collect::<Vec<_>>());
    assert_eq!(flat(epoch(&lengths, 8, None)), (0..103).collect::<Vec<_>>());
}

#[test]
fn a_batch_of_any_size_holds_all_sentences() {
    let shuffle = Stream::new(1).named("epoch");
    for size in [usize::MAX, usize::MAX / BUCKET + 1] {
        for shuffle in [None, Some(shuffle)] {
            assert_eq!(epoch(&[3, 1, 2], size, shuffle).concat().len(), 3, "{size}");
        }
    }
}
