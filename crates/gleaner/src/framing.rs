//! Sentences as the network reads them: cut or spread over windows, and framed by special pieces.

use crate::{
    Labels,
    pieces::{PieceTokenizer, WordPieces},
};
use std::ops::Range;

/// Marks a position that belongs to no word: a special piece.
const NO_WORD: u32 = u32::MAX;

words! {
    /// Which pieces carry a word's tag.
    PieceLabels {
        /// The first piece. The CRF sees one position per word.
        First = "first",
        /// All pieces of a word; a repeated B becomes I.
        All = "all",
        /// All pieces of a word, with the tag repeated unchanged; special pieces are tagged O.
        Repeated = "repeated",
    }
}

/// How sentences become sequences of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    pub(crate) labels: PieceLabels,
    /// Maximum number of word pieces of a sequence; the two special pieces are not counted.
    pub(crate) limit: usize,
}

/// Consecutive words of one sentence as pieces, between two special pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    /// Piece ids, `[pieces]`.
    pub(crate) ids: Vec<u32>,
    /// The positions in `ids` that carry tags, `[labelled]`.
    pub(crate) labelled: Vec<u32>,
    /// The word of the sentence that each labelled position belongs to, or [`NO_WORD`]: `[labelled]`.
    words: Vec<u32>,
}

/// A sequence with its place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The index of the sentence in its text.
    pub(crate) sentence: usize,
    /// The words of the sentence that the sequence covers.
    pub(crate) words: Range<usize>,
    pub(crate) sequence: Sequence,
}

impl Framing {
    /// The end of the words that fit into one sequence from word `from` on; at least one word fits.
    fn fitting(self, pieces: &WordPieces, from: usize) -> usize {
        let end = pieces.starts[from] + self.limit;
        pieces
            .starts
            .partition_point(|&s| s <= end)
            .saturating_sub(1)
            .clamp(from + 1, pieces.words())
    }

    /// A whole sentence, cut to the limit: within a word where labels are repeated as published, else after a word.
    /// Also returns the number of words that keep a labelled position.
    pub(crate) fn cut(self, tokenizer: &PieceTokenizer, pieces: &WordPieces) -> (Sequence, usize) {
        let words = match self.labels {
            PieceLabels::Repeated => {
                pieces.starts[..pieces.words()].partition_point(|&s| s < self.limit)
            }
            PieceLabels::First | PieceLabels::All => self.fitting(pieces, 0),
        };
        (self.sequence(tokenizer, pieces, 0..words), words)
    }

    /// Overlapping windows that cover a sentence; one window where the sentence fits.
    pub(crate) fn windows(
        self,
        tokenizer: &PieceTokenizer,
        pieces: &WordPieces,
    ) -> Vec<(Range<usize>, Sequence)> {
        let mut windows = Vec::new();
        let mut from = 0;
        loop {
            let to = self.fitting(pieces, from);
            windows.push((from..to, self.sequence(tokenizer, pieces, from..to)));
            if to == pieces.words() {
                return windows;
            }
            // The next window starts half a window later, so that every word has context on both sides once.
            let half = pieces.starts[from] + self.limit / 2;
            from = pieces.starts.partition_point(|&s| s < half).clamp(from + 1, to);
        }
    }

    fn sequence(
        self,
        tokenizer: &PieceTokenizer,
        pieces: &WordPieces,
        words: Range<usize>,
    ) -> Sequence {
        let [open, close] = tokenizer.frame();
        let (start, end) = (pieces.starts[words.start], pieces.starts[words.end]);
        let end = end.min(start + self.limit);
        let mut sequence = Sequence { ids: vec![open], labelled: Vec::new(), words: Vec::new() };
        sequence.ids.extend_from_slice(&pieces.ids[start..end]);
        sequence.ids.push(close);
        let mut label = |position: usize, word: u32| {
            sequence.labelled.push(position as u32);
            sequence.words.push(word);
        };
        let special = self.labels == PieceLabels::Repeated;
        if special {
            label(0, NO_WORD);
        }
        for word in words {
            let of_word = pieces.starts[word]..pieces.starts[word + 1].min(end);
            let labelled = if self.labels == PieceLabels::First { 1 } else { of_word.len() };
            for piece in of_word.take(labelled) {
                label(piece - start + 1, word as u32);
            }
        }
        if special {
            label(end - start + 1, NO_WORD);
        }
        sequence
    }
}

impl Sequence {
    /// The tags of the labelled positions, `[labelled]`, from the tags of the sentence's words. A window that starts
    /// within an entity begins with a B tag: IOB2 allows no other start.
    pub(crate) fn tags(&self, framing: Framing, labels: &Labels, of_words: &[u16]) -> Vec<u16> {
        let outside = labels.outside();
        let window = self.words.iter().copied().find(|&w| w != NO_WORD).filter(|&w| w > 0);
        let mut before = NO_WORD;
        let tag = |&word: &u32| {
            let repeated = word == before;
            before = word;
            match word {
                NO_WORD => outside,
                w if repeated && framing.labels == PieceLabels::All => {
                    labels.inside(of_words[w as usize]).unwrap_or(outside)
                }
                w if !repeated && Some(w) == window => labels.begin(of_words[w as usize]),
                w => of_words[w as usize],
            }
        };
        self.words.iter().map(tag).collect()
    }

    /// Which of `tags` tags each labelled position may carry, `[labelled, tags]`: its own tag, or any tag where its
    /// word is one of `unsure` (ascending).
    pub(crate) fn allowed(&self, tags: usize, own: &[u16], unsure: &[usize]) -> Vec<bool> {
        let positions = self.words.iter().zip(own);
        let of_position = |(&word, &own): (&u32, &u16)| {
            let any = word != NO_WORD && unsure.binary_search(&(word as usize)).is_ok();
            (0..tags).map(move |tag| any || tag == usize::from(own))
        };
        positions.flat_map(of_position).collect()
    }

    /// Every word with its first labelled position (an index of `labelled`), in order.
    pub(crate) fn first_labelled(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut before = NO_WORD;
        self.words.iter().enumerate().filter_map(move |(position, &word)| {
            let first = word != NO_WORD && word != before;
            before = word;
            first.then_some((word as usize, position))
        })
    }

    /// The labelled positions of some words of the sentence: those of the words and, where all pieces carry tags, of
    /// the pieces that follow. `None` where the first of the words has no labelled position. Words after the last one
    /// that has a position are left out.
    pub(crate) fn positions(&self, words: Range<usize>) -> Option<Range<usize>> {
        let first = self.first_labelled().find(|(word, _)| *word == words.start)?.1;
        let next = self.first_labelled().find(|(word, _)| *word >= words.end);
        let end = next.map_or_else(|| self.words_end(), |(_, position)| position);
        Some(first..end.max(first + 1))
    }

    /// The index after the last labelled position that belongs to a word.
    pub(crate) fn words_end(&self) -> usize {
        self.words.iter().rposition(|w| *w != NO_WORD).map_or(0, |position| position + 1)
    }
}

#[cfg(test)]
mod tests;
