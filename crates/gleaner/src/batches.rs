//! Sentences as the network sees them: cut or spread over windows, framed by special pieces, and
//! gathered into batches.

mod mixed;

pub(crate) use mixed::mixed;

use crate::{
    Labels, PieceLabels,
    pieces::{Pieces, WordPieces},
};
use gleaner_nn::{Batch, Packed, rng::Stream};
use std::ops::Range;

/// Pieces that a batch holds at most when nothing is trained.
const LABELLING_PIECES: usize = 2048;

/// Batches of like length are cut from runs of so many batches in random order.
const BUCKET: usize = 16;

/// The unit of no word: a special piece.
const NO_WORD: u32 = u32::MAX;

/// How sentences become sequences of pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    pub(crate) labels: PieceLabels,
    /// Pieces of words at most.
    pub(crate) limit: usize,
}

/// A run of words of one sentence, with special pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sequence {
    pub(crate) ids: Vec<u32>,
    /// Index in `ids` of every unit.
    units: Vec<u32>,
    /// The sentence's word that each unit belongs to, or [`NO_WORD`].
    words: Vec<u32>,
}

impl Framing {
    /// The words that fit into one sequence, from the first; at least one.
    fn fitting(self, pieces: &WordPieces, from: usize) -> usize {
        let end = pieces.starts[from] + self.limit;
        pieces
            .starts
            .partition_point(|&s| s <= end)
            .saturating_sub(1)
            .clamp(from + 1, pieces.words())
    }

    /// A whole sentence, cut to the limit: in the middle of a word where labels are repeated as
    /// published, else after a word. The number is how many words kept a unit.
    pub(crate) fn cut(self, tokenizer: &Pieces, pieces: &WordPieces) -> (Sequence, usize) {
        let words = match self.labels {
            PieceLabels::Repeated => {
                pieces.starts[..pieces.words()].partition_point(|&s| s < self.limit)
            }
            PieceLabels::First | PieceLabels::All => self.fitting(pieces, 0),
        };
        (self.sequence(tokenizer, pieces, 0..words), words)
    }

    /// Overlapping windows that cover a sentence; one where it fits.
    pub(crate) fn windows(
        self,
        tokenizer: &Pieces,
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
            // Half a window further on, so that every word has context on both sides once.
            let half = pieces.starts[from] + self.limit / 2;
            from = pieces.starts.partition_point(|&s| s < half).clamp(from + 1, to);
        }
    }

    fn sequence(self, tokenizer: &Pieces, pieces: &WordPieces, words: Range<usize>) -> Sequence {
        let [open, close] = tokenizer.frame();
        let (start, end) = (pieces.starts[words.start], pieces.starts[words.end]);
        let end = end.min(start + self.limit);
        let mut sequence = Sequence { ids: vec![open], units: Vec::new(), words: Vec::new() };
        sequence.ids.extend_from_slice(&pieces.ids[start..end]);
        sequence.ids.push(close);
        let mut unit = |index: usize, word: u32| {
            sequence.units.push(index as u32);
            sequence.words.push(word);
        };
        let special = self.labels == PieceLabels::Repeated;
        if special {
            unit(0, NO_WORD);
        }
        for word in words {
            let of_word = pieces.starts[word]..pieces.starts[word + 1].min(end);
            let labelled = if self.labels == PieceLabels::First { 1 } else { of_word.len() };
            for piece in of_word.take(labelled) {
                unit(piece - start + 1, word as u32);
            }
        }
        if special {
            unit(end - start + 1, NO_WORD);
        }
        sequence
    }
}

impl Sequence {
    /// The tags of the units, given those of the sentence's words. A window that starts within an entity
    /// begins with what is left of it: the rules of IOB2 allow no other start.
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

    /// Which of the network's `tags` each unit may carry, `[units, tags]`: that of `of_units`, or any
    /// where its word is among `unsure` (ascending).
    pub(crate) fn allowed(&self, tags: usize, of_units: &[u16], unsure: &[usize]) -> Vec<bool> {
        let units = self.words.iter().zip(of_units);
        let of_unit = |(&word, &own): (&u32, &u16)| {
            let any = word != NO_WORD && unsure.binary_search(&(word as usize)).is_ok();
            (0..tags).map(move |tag| any || tag == usize::from(own))
        };
        units.flat_map(of_unit).collect()
    }

    /// Words and their unit (the first), in order.
    pub(crate) fn first_units(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let mut before = NO_WORD;
        self.words.iter().enumerate().filter_map(move |(unit, &word)| {
            let first = word != NO_WORD && word != before;
            before = word;
            first.then_some((word as usize, unit))
        })
    }

    /// Behind the last unit that belongs to a word.
    pub(crate) fn units_of_words_end(&self) -> usize {
        self.words.iter().rposition(|w| *w != NO_WORD).map_or(0, |u| u + 1)
    }
}

/// Packs sequences into a batch; `tags` are those of each sequence's units, or nothing.
pub(crate) fn assemble<'a>(
    sequences: impl IntoIterator<Item = &'a Sequence> + Clone,
    tags: Vec<u16>,
) -> Batch {
    let packed = Packed::new(sequences.clone().into_iter().map(|s| s.ids.as_slice()));
    let mut batch = Batch { packed, units: Vec::new(), unit_offsets: vec![0], tags };
    for (i, s) in sequences.into_iter().enumerate() {
        let offset = batch.packed.offsets[i] as u32;
        batch.units.extend(s.units.iter().map(|u| u + offset));
        batch.unit_offsets.push(batch.units.len());
    }
    batch
}

/// Batches for labelling: sequences of like length together, few enough pieces to stay in cache.
/// Gives indices into `lengths`.
pub(crate) fn by_length(lengths: &[usize]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| lengths[i]);
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut pieces = usize::MAX;
    for i in order {
        if pieces.saturating_add(lengths[i]) > LABELLING_PIECES {
            batches.push(Vec::new());
            pieces = 0;
        }
        pieces += lengths[i];
        batches.last_mut().expect("one was just pushed").push(i);
    }
    batches
}

/// An epoch's batches of `size` sentences, as indices: in order, or, with a stream, shuffled in
/// batches of like length.
pub(crate) fn epoch(lengths: &[usize], size: usize, shuffle: Option<Stream>) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    let Some(stream) = shuffle else {
        return order.chunks(size).map(<[usize]>::to_vec).collect();
    };
    stream.named("sentences").shuffle(&mut order);
    for bucket in order.chunks_mut(size * BUCKET) {
        bucket.sort_by_key(|&i| lengths[i]);
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(size).map(<[usize]>::to_vec).collect();
    stream.named("batches").shuffle(&mut batches);
    batches
}

#[cfg(test)]
mod tests;
