//! Whether cut or in windows, no word is lost, repeated or tagged twice.

use super::*;
use crate::testing::{PIECES, begins, labels, sentence};
use gleaner_nn::crf::Rules;
use proptest::prelude::*;

const KINDS: [PieceLabels; 3] = [PieceLabels::First, PieceLabels::All, PieceLabels::Repeated];

fn framing(kind: usize, limit: usize) -> Framing {
    Framing { labels: KINDS[kind], limit }
}

/// Checks what holds for every sequence of `words` of a sentence.
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
        s.labelled.is_sorted_by(|a, b| a < b)
            && (*s.labelled.last().unwrap() as usize) < s.ids.len()
    );
    let first: Vec<(usize, usize)> = s.first_labelled().collect();
    prop_assert!(first.iter().map(|(word, _)| *word).eq(words));
    for (word, position) in first {
        prop_assert_eq!(s.ids[s.labelled[position] as usize], pieces.ids[pieces.starts[word]]);
    }
    if f.labels != PieceLabels::First {
        let special = if f.labels == PieceLabels::Repeated { 0 } else { 2 };
        prop_assert_eq!(s.labelled.len(), s.ids.len() - special, "every piece is labelled");
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
        let back: Vec<u16> = sequence.first_labelled().map(|(_, position)| tags[position]).collect();
        prop_assert_eq!(&back, &s.tags);
        // Later pieces of an entity's word continue it.
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
    fn windows_cover_every_word_and_advance(s in sentence(), kind in 0..3usize, limit in 1..60usize) {
        let f = framing(kind, limit);
        let windows = f.windows(&PIECES, &s.pieces);
        let mut behind = 0;
        for (i, (words, sequence)) in windows.iter().enumerate() {
            is_sound(sequence, f, &s.pieces, words.clone())?;
            prop_assert!(words.start <= behind && words.end >= behind, "a gap at {behind}");
            prop_assert!(i == 0 || words.start > windows[i - 1].0.start);
            behind = words.end;
            // Wherever a window starts, its tags are valid IOB2.
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
}
