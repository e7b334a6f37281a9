//! The sequences that an encoder reads: consecutive sentences between two special pieces.

use super::text::PieceText;
use std::ops::Range;

/// The ranges of a text's pieces that form a sequence each: as many consecutive sentences of a file as have `most`
/// pieces or fewer. A longer sentence is cut before a word, or within a word that is longer still.
pub(super) fn pack(text: &PieceText, most: usize) -> Vec<Range<usize>> {
    let mut sequences = Vec::new();
    let mut files = text.files.iter().peekable();
    let (mut from, mut to) = (0, 0);
    for &end in &text.ends {
        // Files without a sentence end where the one before ends.
        let mut is_new_file = false;
        while files.next_if(|&&file| file <= to).is_some() {
            is_new_file = true;
        }
        if from < to && (is_new_file || end - from > most) {
            sequences.push(from..to);
            from = to;
        }
        to = end;
        while to - from > most {
            let cut = (from + 1..=from + most).rev().find(|&at| text.starts[at]);
            let cut = cut.unwrap_or(from + most);
            sequences.push(from..cut);
            from = cut;
        }
    }
    if from < to {
        sequences.push(from..to);
    }
    sequences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::WordPieces;
    use proptest::prelude::*;

    /// A text of one file, with the numbers of pieces of every word of every sentence.
    fn text(sentences: &[&[usize]]) -> PieceText {
        let mut text = PieceText::default();
        for words in sentences {
            let mut starts = vec![0];
            starts.extend(words.iter().scan(0, |end, n| {
                *end += n;
                Some(*end)
            }));
            let ids = vec![7; *starts.last().unwrap()];
            text.push(&WordPieces { ids, starts });
        }
        text.files = vec![text.ids.len()];
        text
    }

    #[test]
    fn sentences_share_a_sequence_until_it_is_full() {
        let text = text(&[&[2, 1], &[1, 1, 1], &[4], &[1]]);
        assert_eq!(pack(&text, 6), [0..6, 6..11]);
        assert_eq!(pack(&text, 5), [0..3, 3..6, 6..11]);
        assert_eq!(pack(&text, 100).as_slice(), std::slice::from_ref(&(0..11)));
    }

    #[test]
    fn a_sequence_does_not_cross_files() {
        let mut text = text(&[&[2], &[2], &[2]]);
        text.files = vec![0, 2, 2, 6];
        assert_eq!(pack(&text, 100), [0..2, 2..6]);
    }

    #[test]
    fn long_sentences_are_cut_before_a_word_if_possible() {
        assert_eq!(pack(&text(&[&[1], &[2, 2, 2], &[1]]), 5), [0..1, 1..5, 5..8]);
        assert_eq!(pack(&text(&[&[1, 9]]), 4), [0..1, 1..5, 5..9, 9..10]);
    }

    proptest! {
        #[test]
        fn sequences_cover_the_text_and_none_is_too_long(
            sentences in prop::collection::vec(prop::collection::vec(1..6usize, 1..9), 1..20),
            most in 1..30usize
        ) {
            let sentences: Vec<&[usize]> = sentences.iter().map(Vec::as_slice).collect();
            let text = text(&sentences);
            let sequences = pack(&text, most);
            let mut at = 0;
            for sequence in &sequences {
                prop_assert_eq!(sequence.start, at);
                prop_assert!(sequence.len() <= most && !sequence.is_empty());
                at = sequence.end;
            }
            prop_assert_eq!(at, text.ids.len());
        }
    }
}
