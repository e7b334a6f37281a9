//! Sentences, cut and in windows: nothing is lost, doubled or tagged twice.

use super::*;
use crate::testing::{PIECES, begins, labels, sentence};
use gleaner_nn::crf::Rules;
use proptest::prelude::*;

const KINDS: [PieceLabels; 3] = [PieceLabels::First, PieceLabels::All, PieceLabels::Repeated];

fn framing(kind: usize, limit: usize) -> Framing {
    Framing { labels: KINDS[kind], limit }
}

/// What holds for every sequence of `words` of a sentence.
fn is_sound(
    s: &Sequence,
    f: Framing,
    pieces: &WordPieces,
    words: Range<usize>,
) -> Result<(), TestCaseError> {
    let [open, close] = PIECES.frame();
    prop_assert!(s.ids.len() <= f.limit + 2, "{} pieces, limit {}", s.ids.len(), f.limit);
    prop_assert_eq!((s.ids.first(), s.ids.last()), (Some(&open), Some(&close)));
    prop_assert!(
        s.units.is_sorted_by(|a, b| a < b) && (*s.units.last().unwrap() as usize) < s.ids.len()
    );
    let first: Vec<(usize, usize)> = s.first_units().collect();
    prop_assert!(first.iter().map(|(word, _)| *word).eq(words));
    for (word, unit) in first {
        prop_assert_eq!(s.ids[s.units[unit] as usize], pieces.ids[pieces.starts[word]]);
    }
    if f.labels != PieceLabels::First {
        let special = if f.labels == PieceLabels::Repeated { 0 } else { 2 };
        prop_assert_eq!(s.units.len(), s.ids.len() - special, "every piece is a unit");
    }
    Ok(())
}

proptest! {
    #[test]
    fn entities_are_counted_alike_in_words_and_in_pieces(s in sentence(), kind in 0..2usize) {
        let f = framing(kind, 1000);
        let (sequence, words) = f.cut(&PIECES, &s.pieces);
        prop_assert_eq!(words, s.tags.len());
        let tags = sequence.tags(f, &labels(), &s.tags);
        prop_assert_eq!(begins(&tags), s.entities());
        let back: Vec<u16> = sequence.first_units().map(|(_, unit)| tags[unit]).collect();
        prop_assert_eq!(&back, &s.tags);
        // What stands behind the first piece of an entity's word continues it.
        for (tag, word) in tags.iter().zip(&sequence.words) {
            prop_assert!(matches!((tag, s.tags[*word as usize]), (0, 0) | (1 | 2, 1 | 2) | (3 | 4, 3 | 4)));
        }
    }

    #[test]
    fn repeated_labels_are_as_published(s in sentence(), limit in 1..60usize) {
        let f = framing(2, limit);
        let (sequence, _) = f.cut(&PIECES, &s.pieces);
        let mut expected = vec![0];
        for (word, tag) in s.tags.iter().enumerate() {
            expected.resize(expected.len() + s.pieces.of_word(word), *tag);
        }
        expected.truncate(limit + 1);
        expected.push(0);
        prop_assert_eq!(sequence.tags(f, &labels(), &s.tags), expected);
    }

    #[test]
    fn a_cut_keeps_as_many_words_as_fit(s in sentence(), kind in 0..3usize, limit in 1..60usize) {
        let f = framing(kind, limit);
        let (sequence, words) = f.cut(&PIECES, &s.pieces);
        is_sound(&sequence, f, &s.pieces, 0..words)?;
        let starts = &s.pieces.starts;
        if f.labels == PieceLabels::Repeated {
            prop_assert!(starts[words - 1] < limit && (words == s.tags.len() || starts[words] >= limit));
        } else {
            prop_assert!(starts[words] <= limit || words == 1);
            prop_assert!(words == s.tags.len() || starts[words + 1] > limit);
        }
    }

    #[test]
    fn windows_cover_every_word_and_go_on(s in sentence(), kind in 0..3usize, limit in 1..60usize) {
        let f = framing(kind, limit);
        let windows = f.windows(&PIECES, &s.pieces);
        let mut behind = 0;
        for (i, (words, sequence)) in windows.iter().enumerate() {
            is_sound(sequence, f, &s.pieces, words.clone())?;
            prop_assert!(words.start <= behind && words.end >= behind, "a gap at {behind}");
            prop_assert!(i == 0 || words.start > windows[i - 1].0.start);
            behind = words.end;
            // Wherever a window starts, its tags are a sequence that can be.
            if f.labels != PieceLabels::Repeated {
                let tags = sequence.tags(f, &labels(), &s.tags);
                prop_assert!(Rules::iob2(labels().names()).allows(&tags), "{tags:?}");
            }
        }
        prop_assert_eq!(behind, s.tags.len());
        if s.pieces.ids.len() <= limit {
            prop_assert_eq!(windows.len(), 1);
        }
    }

    #[test]
    fn a_batch_holds_its_sequences_one_after_the_other(
        sentences in prop::collection::vec(sentence(), 1..5), kind in 0..3usize
    ) {
        let f = framing(kind, 20);
        let sequences: Vec<Sequence> = sentences.iter().map(|s| f.cut(&PIECES, &s.pieces).0).collect();
        let batch = assemble(&sequences, Vec::new());
        prop_assert_eq!(batch.packed.sentences(), sequences.len());
        for (i, s) in sequences.iter().enumerate() {
            let pieces = batch.packed.offsets[i]..batch.packed.offsets[i + 1];
            prop_assert_eq!(&batch.packed.ids[pieces], &s.ids[..]);
            let units = &batch.units[batch.unit_offsets[i]..batch.unit_offsets[i + 1]];
            let own: Vec<u32> = units.iter().map(|&u| batch.packed.ids[u as usize]).collect();
            let expected: Vec<u32> = s.units.iter().map(|&u| s.ids[u as usize]).collect();
            prop_assert_eq!(own, expected);
        }
    }

    #[test]
    fn labelling_batches_hold_every_sequence_once_and_bounded(lengths in prop::collection::vec(1usize..600, 0..80)) {
        let batches = by_length(&lengths);
        let mut all: Vec<usize> = batches.iter().flatten().copied().collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
        for b in batches {
            prop_assert!(b.len() == 1 || b.iter().map(|&i| lengths[i]).sum::<usize>() <= LABELLING_PIECES);
        }
    }
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
